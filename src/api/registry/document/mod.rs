//! The OpenAPI 3.1 document of the registry's routes, and its page. It is generated from the table
//! of operations and the protocol's own types; the copy in `docs/openapi.json` is compared by a test.

mod copies;
mod operations;
mod page;
mod shape;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    PathsBuilder, Required,
};

use self::operations::{OPERATIONS, Operation, Signed};
use self::shape::{Body, Shape};
use super::content::JSON;
use crate::net::{PROBLEM_JSON, Problem};
use crate::protocol::order::ORDER_HEADER;
use crate::protocol::read::READ_HEADER;
use crate::protocol::{ErrorCode, paths};

const ABOUT: &str = "A shared borrower blacklist that answers without learning who is listed or \
    who was asked about. Writes are signed orders, reads are signed reads; the bytes that are \
    signed are in docs/PROTOCOL.md. Every refusal is a problem document (RFC 9457) with a stable \
    `code`, and a `text` in the language of `Accept-Language` (id by default). Numbers of \
    milliseconds count from 1970-01-01T00:00:00Z. No NIK ever travels here.";

/// What the operations are about.
const TAGS: &[(&str, &str)] = &[
    ("registry", "Registri / The registry itself"),
    (
        "lists",
        "Daftar dan catatan epok / Lists and their epoch records",
    ),
    ("evaluation", "Evaluasi dan kuota / Evaluation and quotas"),
    (
        "listings",
        "Entri: kirim, hapus, milik sendiri / Listings: submit, remove, one's own",
    ),
    (
        "versions",
        "Versi utuh daftar program / Whole versions of a programme's list",
    ),
    ("look-up", "Pencarian pribadi / Private look-up"),
    ("administration", "Administrasi / Administration"),
    ("custodian", "Kustodian / The custodian's own roll"),
    ("health", "Kesehatan layanan / Health"),
];

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&value()).unwrap_or_default();
    text.push('\n');
    text
});

static PAGE: LazyLock<String> = LazyLock::new(|| page::render(&value()));

/// The document as JSON text, the same on every machine.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

pub(super) async fn json() -> Response {
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, text()).into_response()
}

pub(super) async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, page::POLICY),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, PAGE.as_str()).into_response()
}

/// The document with its descriptions freed of links that only rustdoc follows.
fn value() -> Value {
    let mut value = serde_json::to_value(document()).unwrap_or_default();
    shape::plain_descriptions(&mut value);
    value
}

fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Saring registry")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    let mut paths = PathsBuilder::new().build();
    for operation in OPERATIONS {
        paths.add_path_operation(
            operation.path,
            vec![operation.method.clone()],
            describe(operation),
        );
    }
    let tags = TAGS.iter().map(|(name, about)| {
        let tag = TagBuilder::new().name(*name).description(Some(*about));
        tag.build()
    });
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths)
        .components(Some(components()))
        .tags(Some(tags.collect::<Vec<_>>()))
        .build()
}

fn components() -> utoipa::openapi::Components {
    let mut schemas = BTreeMap::new();
    Shape::one::<Problem>().register(&mut schemas);
    Shape::one::<ErrorCode>().register(&mut schemas);
    for operation in OPERATIONS {
        for body in operation.takes.iter().chain(operation.gives) {
            if let Body::Json(shape) = body {
                shape.register(&mut schemas);
            }
        }
    }
    let key = |name, about| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, about)))
    };
    ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme(
            "order",
            key(
                ORDER_HEADER,
                "A signed order: base64url without padding of the order's bytes and its Ed25519 \
                 signature (64 bytes). The order carries the SHA-512 of the request's body; for an \
                 evaluation, of the elements' binary form.",
            ),
        )
        .security_scheme(
            "read",
            key(
                READ_HEADER,
                "A signed read: base64url without padding of {method, path with query as sent, \
                 body digest, time, nonce} and its Ed25519 signature (64 bytes).",
            ),
        )
        .build()
}

fn describe(operation: &Operation) -> utoipa::openapi::path::Operation {
    let about = format!("{}\n\n{}", operation.title_id, operation.about);
    let mut builder = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(operation.tag)
        .summary(Some(operation.title_en))
        .description(Some(about.trim_end()));
    for parameter in parameters(operation) {
        builder = builder.parameter(parameter);
    }
    builder = match operation.signed {
        Signed::No => builder,
        Signed::Read => builder.security(SecurityRequirement::new::<_, [&str; 0], _>("read", [])),
        Signed::Order => builder.security(SecurityRequirement::new::<_, [&str; 0], _>("order", [])),
    };
    if !operation.takes.is_empty() {
        let mut body = RequestBodyBuilder::new().required(Some(Required::True));
        for taken in operation.takes {
            body = body.content(taken.media(), content(taken));
        }
        builder = builder.request_body(Some(body.build()));
    }
    let status = if operation.ranged { "206" } else { "200" };
    builder = builder.response(status, success(operation));
    for (status, codes) in by_status(&operation.codes()) {
        builder = builder.response(status.to_string(), refusal(&codes));
    }
    builder.build()
}

fn success(operation: &Operation) -> utoipa::openapi::Response {
    let mut response = ResponseBuilder::new().description(operation.answer);
    for given in operation.gives {
        response = response.content(given.media(), content(given));
    }
    if operation.headed {
        let head = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
            .description(Some(
                "The signed head of the body, base64url without padding",
            ));
        response = response.header(paths::HEAD_HEADER, head.build());
    }
    response.build()
}

fn refusal(codes: &[ErrorCode]) -> utoipa::openapi::Response {
    let lines = codes.iter().map(|code| {
        let again = if code.retryable() {
            "; may succeed later"
        } else {
            ""
        };
        format!(
            "`{}`: {} ({}){again}",
            code.as_str(),
            code.text_en(),
            code.text_id()
        )
    });
    let problem = Body::Json(Shape::one::<Problem>());
    ResponseBuilder::new()
        .description(lines.collect::<Vec<_>>().join("\n\n"))
        .content(PROBLEM_JSON, content(&problem))
        .build()
}

fn content(body: &Body) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(body.schema())).build()
}

fn by_status(codes: &[ErrorCode]) -> BTreeMap<u16, Vec<ErrorCode>> {
    let mut statuses = BTreeMap::<_, Vec<_>>::new();
    for code in codes {
        statuses.entry(code.status()).or_default().push(*code);
    }
    statuses
}

/// The parameters in the path's braces, then those of the query.
fn parameters(operation: &Operation) -> Vec<utoipa::openapi::path::Parameter> {
    let named = |name: &str, place, required, schema| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .schema(Some(schema))
            .build()
    };
    let braces = operation.path.split('{').skip(1);
    let names = braces.filter_map(|rest| rest.split('}').next());
    let mut all: Vec<_> = names
        .map(|name| {
            named(
                name,
                ParameterIn::Path,
                Required::True,
                shape::of_parameter(name),
            )
        })
        .collect();
    let asked = operation.query.iter();
    all.extend(asked.map(|name| {
        named(
            name,
            ParameterIn::Query,
            Required::False,
            shape::of_parameter(name),
        )
    }));
    if operation.ranged {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("`bytes=FIRST-LAST`, one range (RFC 9110, section 14)"));
        all.push(named(
            "range",
            ParameterIn::Header,
            Required::True,
            text.into(),
        ));
    }
    all
}

/// Every operation's method, path and whether it is signed.
#[cfg(test)]
pub(super) fn promised_operations() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    use utoipa::openapi::path::HttpMethod;

    OPERATIONS.iter().map(|operation| {
        let method = match operation.method {
            HttpMethod::Post => "POST",
            _ => "GET",
        };
        (method, operation.path, operation.signed != Signed::No)
    })
}
