//! Encoded request bodies are refused: nothing here decompresses, so nothing can be bombed.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::net::Problem;
use crate::protocol::ErrorCode;

/// 415 for any `Content-Encoding` but `identity` (RFC 9110 sections 8.4 and 15.5.16).
pub(super) async fn refuse(request: Request, next: Next) -> Response {
    if is_encoded(request.headers()) {
        Problem::of(ErrorCode::UnsupportedMedia)
            .detail("send the body without Content-Encoding")
            .into_response()
    } else {
        next.run(request).await
    }
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| {
            !value
                .as_bytes()
                .trim_ascii()
                .eq_ignore_ascii_case(b"identity")
        })
}
