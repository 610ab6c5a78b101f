use std::path::Path;

use utoipa::openapi::path::HttpMethod;

use super::*;

/// Every path constant of the protocol with its methods, from the source itself.
fn promised() -> Vec<(HttpMethod, String)> {
    let source = include_str!("../../../protocol/paths.rs");
    let mut promised = Vec::new();
    let mut methods = Vec::new();
    for line in source.lines() {
        if let Some(doc) = line.strip_prefix("/// ") {
            if doc.starts_with("GET") {
                methods.push(HttpMethod::Get);
            } else if doc.starts_with("POST") {
                methods.push(HttpMethod::Post);
            }
        } else if line.starts_with("pub const") {
            let value = line.split('"').nth(1).unwrap_or_default();
            if value.starts_with('/') {
                promised.extend(methods.drain(..).map(|method| (method, value.to_owned())));
            }
            methods.clear();
        }
    }
    promised
}

#[test]
fn the_document_and_the_paths_promise_the_same() {
    let promised = promised();
    assert!(promised.len() > 20, "{}", promised.len());
    for (method, path) in &promised {
        let same = |operation: &Operation| operation.method == *method && operation.path == path;
        assert!(OPERATIONS.iter().any(same), "{path} is not in the document");
    }
    assert_eq!(OPERATIONS.len(), promised.len());
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    if std::env::var_os("SARING_BLESS").is_some() {
        std::fs::write(&path, text()).expect("written");
    }
    let committed = std::fs::read_to_string(&path).expect("docs/openapi.json is there");
    assert!(
        committed == text(),
        "docs/openapi.json differs; run: SARING_BLESS=1 cargo test --lib document::"
    );
}

#[test]
fn the_document_is_whole() {
    let value = value();
    assert!(
        value["openapi"]
            .as_str()
            .expect("a version")
            .starts_with("3.")
    );
    let schemas = &value["components"]["schemas"];
    let mut names = Vec::new();
    references(&value, &mut names);
    assert!(names.len() > 50);
    for name in names {
        let name = name
            .strip_prefix("#/components/schemas/")
            .expect("a schema");
        assert!(schemas[name].is_object(), "{name} is named and not there");
    }
    let listed = schemas["ErrorCode"]["enum"].as_array().expect("codes");
    assert_eq!(listed.len(), ErrorCode::ALL.len());
    assert!(!text().contains("](super"), "a link of rustdoc is left");
    let signature = &schemas["Signature"];
    assert_eq!(signature["pattern"], "^[0-9a-fA-F]{128}$");
}

fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "$ref" => names.push(text.clone()),
                    other => references(other, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

#[test]
fn the_page_shows_every_operation_and_runs_nothing() {
    let page = page::render(&value());
    for operation in OPERATIONS {
        assert!(
            page.contains(&format!("id=\"{}\"", operation.id)),
            "{}",
            operation.id
        );
    }
    for code in ErrorCode::ALL {
        assert!(page.contains(code.as_str()));
    }
    for forbidden in ["<script", "src=", "http-equiv", "@import", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let hostile = serde_json::json!({"info": {"title": "<script>alert('x')</script>\""}});
    assert!(!page::render(&hostile).contains("<script"));
}
