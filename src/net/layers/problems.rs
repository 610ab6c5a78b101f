//! Every refusal is a problem document: what a library refuses in words of its own is said again
//! in ours, without the input that such words may repeat.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::net::{PROBLEM_JSON, Problem};
use crate::protocol::ErrorCode;

/// Replaces the body of any 4xx and 5xx that is no problem document; other headers, such as
/// `Allow` and `Retry-After`, stay.
pub(super) async fn only(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let ours = HeaderValue::from_static(PROBLEM_JSON);
    let said = response.headers().get(header::CONTENT_TYPE);
    if !(status.is_client_error() || status.is_server_error()) || said == Some(&ours) {
        return response;
    }
    let (mut parts, _replaced) = response.into_parts();
    let (replacement, body) = problem(status.as_u16()).into_response().into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(replacement.headers);
    Response::from_parts(parts, body)
}

fn problem(status: u16) -> Problem {
    let code = match status {
        400 => ErrorCode::Malformed,
        401 => ErrorCode::Unsigned,
        403 => ErrorCode::NotGranted,
        404 => ErrorCode::NotFound,
        405 => ErrorCode::MethodNotAllowed,
        408 => ErrorCode::RequestTimeout,
        413 => ErrorCode::TooLarge,
        415 => ErrorCode::UnsupportedMedia,
        422 => ErrorCode::InvalidField,
        431 => ErrorCode::HeadersTooLarge,
        503 => ErrorCode::Unavailable,
        507 => ErrorCode::StorageFull,
        500.. => ErrorCode::Internal,
        _ => ErrorCode::Malformed,
    };
    Problem::new(status, code.as_str(), code.text_en())
}
