//! A panic in a handler is one failed request, not a failed server.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::net::Problem;
use crate::protocol::ErrorCode;

/// 500 for a handler that panicked. The payload may hold anything, so it is dropped unread.
pub(super) async fn catch(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_payload) => {
            tracing::error!("a request handler panicked");
            Problem::of(ErrorCode::Internal).into_response()
        }
    }
}
