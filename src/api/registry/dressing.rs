//! What every answer carries: headers that keep it out of caches and frames, and on problems a text
//! in the caller's language.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use super::language;
use crate::net::{PROBLEM_JSON, Problem};
use crate::protocol::limits::MAX_PROBLEM_BYTES;
use crate::texts::Lang;

/// Headers that an answer gets unless it has them.
const HEADERS: [(HeaderName, &str); 5] = [
    // Answers are about people, quotas and keys in force.
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Dresses every answer of `router`. Call it last, outside all other layers.
pub(super) fn wear(router: Router) -> Router {
    router.layer(from_fn(dress))
}

async fn dress(request: Request, next: Next) -> Response {
    let lang = language::of(request.headers());
    let response = next.run(request).await;
    let mut response = if is_problem(&response) {
        translated(response, lang).await
    } else {
        response
    };
    let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if unauthorized {
        // RFC 9110 section 11.6.1 wants the scheme named.
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Saring"));
    }
    response
}

fn is_problem(response: &Response) -> bool {
    let media = response.headers().get(header::CONTENT_TYPE);
    media.is_some_and(|media| media == PROBLEM_JSON)
}

/// The same problem with a member `text` for people.
async fn translated(response: Response, lang: Lang) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_PROBLEM_BYTES).await else {
        return Response::from_parts(head, Body::empty());
    };
    let known = Problem::parse(head.status.as_u16(), &bytes)
        .and_then(|problem| Some((problem.error_code()?, problem)));
    let Some((code, problem)) = known else {
        return Response::from_parts(head, Body::from(bytes));
    };
    let text = lang.pick(code.text_id(), code.text_en());
    let problem = problem.with("text", text).with("lang", lang.as_str());
    let (fresh, body) = problem.into_response().into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in fresh.headers {
        if let Some(name) = name {
            head.headers.insert(name, value);
        }
    }
    Response::from_parts(head, body)
}
