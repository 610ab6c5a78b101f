//! The document as one page of HTML: no scripts, nothing fetched from elsewhere.

use std::fmt::Write;

use serde_json::Value;

use crate::protocol::ErrorCode;

/// What the page may do: show its own style, nothing else.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;\
    color:#1a1a1a;background:#fff}code{font:14px/1.4 ui-monospace,monospace;background:#f2f2f2;\
    padding:0 .2em}h2{border-bottom:1px solid #ccc;margin-top:2.5rem}h3{margin-bottom:.2rem}\
    table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;padding:.25rem .5rem;\
    text-align:left;vertical-align:top}details{margin:.3rem 0}summary{cursor:pointer}\
    nav li{list-style:none}.m{font-weight:700}.q{color:#555}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#161616}code{background:#2a2a2a}\
    a{color:#8ab4f8}.q{color:#aaa}}";

/// Renders the document. It is ours, and yet everything in it is escaped.
pub(super) fn render(document: &Value) -> String {
    let mut html = String::with_capacity(128 << 10);
    // Writing to a string does not fail.
    let _ = write_page(&mut html, document);
    html
}

fn write_page(html: &mut String, document: &Value) -> std::fmt::Result {
    let title = text(&document["info"]["title"]);
    write!(
        html,
        "<!doctype html><html lang=\"id\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title} {}</h1>{}\
         <p><a href=\"/v1/openapi.json\">openapi.json</a></p>",
        text(&document["info"]["version"]),
        paragraphs(&document["info"]["description"]),
    )?;
    contents(html, document)?;
    html.push_str("<h2>Tanda tangan / Signatures</h2><dl>");
    for (name, scheme) in members(&document["components"]["securitySchemes"]) {
        write!(
            html,
            "<dt><code>{}</code> ({})</dt><dd>{}</dd>",
            text(&scheme["name"]),
            escape(name),
            paragraphs(&scheme["description"]),
        )?;
    }
    html.push_str("</dl>");
    for tag in items(&document["tags"]) {
        write!(html, "<h2>{}</h2>", text(&tag["description"]))?;
        for (path, method, operation) in operations(document) {
            if operation["tags"][0] == tag["name"] {
                write_operation(html, path, method, operation)?;
            }
        }
    }
    write_codes(html)?;
    html.push_str("<h2>Bentuk data / Schemas</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        write_schema(html, name, schema)?;
    }
    html.push_str("</body></html>\n");
    Ok(())
}

fn contents(html: &mut String, document: &Value) -> std::fmt::Result {
    html.push_str("<nav><ul>");
    for (path, method, operation) in operations(document) {
        write!(
            html,
            "<li><a href=\"#{}\"><span class=\"m\">{}</span> <code>{}</code></a> {}</li>",
            text(&operation["operationId"]),
            escape(&method.to_uppercase()),
            escape(path),
            text(&operation["summary"]),
        )?;
    }
    html.push_str("</ul></nav>");
    Ok(())
}

fn write_operation(
    html: &mut String,
    path: &str,
    method: &str,
    operation: &Value,
) -> std::fmt::Result {
    write!(
        html,
        "<h3 id=\"{}\"><span class=\"m\">{}</span> <code>{}</code></h3><p><b>{}</b></p>{}",
        text(&operation["operationId"]),
        escape(&method.to_uppercase()),
        escape(path),
        text(&operation["summary"]),
        paragraphs(&operation["description"]),
    )?;
    let signed = items(&operation["security"]).filter_map(Value::as_object);
    for name in signed.flat_map(|one| one.keys()) {
        write!(
            html,
            "<p>Ditandatangani / Signed: <code>{}</code></p>",
            escape(name)
        )?;
    }
    for parameter in items(&operation["parameters"]) {
        write!(
            html,
            "<p>{}: <code>{}</code> {}</p>",
            text(&parameter["in"]),
            text(&parameter["name"]),
            shape(&parameter["schema"]),
        )?;
    }
    for (media, content) in members(&operation["requestBody"]["content"]) {
        write!(
            html,
            "<p>Isi / Body: <code>{}</code> {}</p>",
            escape(media),
            shape(&content["schema"]),
        )?;
    }
    for (status, response) in members(&operation["responses"]) {
        write!(html, "<details><summary>{}", escape(status))?;
        for (media, content) in members(&response["content"]) {
            write!(
                html,
                " <code>{}</code> {}",
                escape(media),
                shape(&content["schema"])
            )?;
        }
        write!(
            html,
            "</summary>{}</details>",
            paragraphs(&response["description"])
        )?;
    }
    Ok(())
}

fn write_codes(html: &mut String) -> std::fmt::Result {
    html.push_str(
        "<h2>Kode galat / Error codes</h2><table><tr><th>code</th><th>status</th><th>ulangi / \
         retry</th><th>Bahasa Indonesia</th><th>English</th></tr>",
    );
    for code in ErrorCode::ALL {
        write!(
            html,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            code.as_str(),
            code.status(),
            if code.retryable() { "ya / yes" } else { "" },
            escape(code.text_id()),
            escape(code.text_en()),
        )?;
    }
    html.push_str("</table>");
    Ok(())
}

fn write_schema(html: &mut String, name: &str, schema: &Value) -> std::fmt::Result {
    write!(
        html,
        "<h3 id=\"schema-{0}\">{0}</h3>{1}",
        escape(name),
        paragraphs(&schema["description"])
    )?;
    if schema["properties"].is_object() {
        html.push_str("<table>");
        for (name, property) in members(&schema["properties"]) {
            let needed = items(&schema["required"]).any(|required| required == name);
            write!(
                html,
                "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
                escape(name),
                if needed {
                    ""
                } else {
                    " <span class=\"q\">?</span>"
                },
                shape(property),
                text(&property["description"]),
            )?;
        }
        html.push_str("</table>");
    } else {
        write!(html, "<p>{}</p>", shape(schema))?;
    }
    Ok(())
}

/// A schema in a few words, with links to those it names.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escape(name));
    }
    for among in ["oneOf", "anyOf", "allOf"] {
        if schema[among].is_array() {
            let parts: Vec<_> = items(&schema[among]).map(shape).collect();
            return parts.join(if among == "allOf" { " + " } else { " | " });
        }
    }
    if schema["enum"].is_array() {
        let names: Vec<_> = items(&schema["enum"])
            .map(|name| format!("<code>{}</code>", escape(&plain(name))))
            .collect();
        return names.join(" ");
    }
    if schema["items"].is_object() {
        return format!("[{}]", shape(&schema["items"]));
    }
    if schema["properties"].is_object() {
        let parts: Vec<_> = members(&schema["properties"])
            .map(|(name, property)| format!("<code>{}</code>: {}", escape(name), shape(property)))
            .collect();
        return format!("{{{}}}", parts.join(", "));
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(plain).collect::<Vec<_>>().join(" | "),
        kind => plain(kind),
    };
    match schema["pattern"].as_str() {
        Some(pattern) => format!("{} <code>{}</code>", escape(&kind), escape(pattern)),
        None => escape(&kind),
    }
}

/// Every operation as (path, method, operation), paths in their order.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    members(&document["paths"]).flat_map(|(path, methods)| {
        members(methods)
            .filter(|(_, operation)| operation["operationId"].is_string())
            .map(move |(method, operation)| (path, method, operation))
    })
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, member)| (name.as_str(), member))
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn text(value: &Value) -> String {
    code_spans(value.as_str().unwrap_or_default())
}

fn paragraphs(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let parts = text.split("\n\n").filter(|part| !part.trim().is_empty());
    parts
        .map(|part| format!("<p>{}</p>", code_spans(part)))
        .collect()
}

/// Escaped text, with `this` as code.
fn code_spans(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 1 {
            html.push_str("<code>");
            html.push_str(&escape(part));
            html.push_str("</code>");
        } else {
            html.push_str(&escape(part));
        }
    }
    html
}

fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}
