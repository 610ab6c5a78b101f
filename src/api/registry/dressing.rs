//! What every answer carries: headers that keep it out of caches and frames, and on problems a text
//! in the caller's language.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::language;
use crate::net::layers::{self, Gate, RouteClass, refusal};
use crate::net::{Door, PROBLEM_JSON, Problem};
use crate::protocol::ErrorCode;
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

/// A door that turns away with an answer that is made once for each language, as [`wear`] would
/// dress it.
pub(super) fn turn_away(gate: &Gate, class: fn(&str, &HeaderMap) -> RouteClass) -> Door {
    let made = Lang::ALL.map(|lang| {
        let mut response = in_language(refusal(), ErrorCode::Overloaded, lang).into_response();
        add_headers(response.headers_mut());
        let body = in_language(refusal(), ErrorCode::Overloaded, lang).to_bytes();
        (lang, response.headers().clone(), Bytes::from(body))
    });
    layers::turn_away(gate, class, move |headers| {
        let lang = language::of(headers);
        let [default, other] = &made;
        let (_, headers, body) = if other.0 == lang { other } else { default };
        let mut response = Response::new(Body::from(body.clone()));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        *response.headers_mut() = headers.clone();
        response
    })
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
    add_headers(headers);
    if unauthorized {
        // RFC 9110 section 11.6.1 wants the scheme named.
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Saring"));
    }
    response
}

fn add_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}

/// A problem with a member `text` for people.
fn in_language(problem: Problem, code: ErrorCode, lang: Lang) -> Problem {
    let text = lang.pick(code.text_id(), code.text_en());
    problem.with("text", text).with("lang", lang.as_str())
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
    let (fresh, body) = in_language(problem, code, lang)
        .into_response()
        .into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in fresh.headers {
        if let Some(name) = name {
            head.headers.insert(name, value);
        }
    }
    Response::from_parts(head, body)
}
