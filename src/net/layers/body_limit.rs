//! A bound on request bodies whose refusal always reaches the client.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Version, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::net::Problem;
use crate::protocol::ErrorCode;

/// Bounds the request bodies of `router` at `max_bytes` bytes: 413 at once if the length is
/// announced, otherwise as soon as one byte more came, whatever the handler made of it.
///
/// The rest of the body is not read by us; the connection lingers after the answer
/// ([`crate::net::Deadlines::linger`]), so that a client that is still sending can read it.
/// Replaces axum's own limit of 2 MB.
pub fn body_limit<S>(router: Router<S>, max_bytes: u64) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(max_bytes, limit))
}

async fn limit(State(max_bytes): State<u64>, request: Request, next: Next) -> Response {
    let version = request.version();
    if request.body().size_hint().lower() > max_bytes {
        return too_large(max_bytes, version);
    }
    let exceeded = Arc::new(AtomicBool::new(false));
    let request = request.map(|inner| {
        Body::new(LimitedBody {
            inner,
            left: max_bytes,
            exceeded: Arc::clone(&exceeded),
        })
    });
    let response = next.run(request).await;
    if exceeded.load(Ordering::Relaxed) {
        too_large(max_bytes, version)
    } else {
        response
    }
}

fn too_large(max_bytes: u64, version: Version) -> Response {
    let problem = Problem::of(ErrorCode::TooLarge).with("max_bytes", max_bytes);
    let mut response = problem.into_response();
    if version < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the request body is too large")]
struct TooLarge;

struct LimitedBody {
    inner: Body,
    left: u64,
    exceeded: Arc<AtomicBool>,
}

impl HttpBody for LimitedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.exceeded.load(Ordering::Relaxed) {
            return Poll::Ready(Some(Err(TooLarge.into())));
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let data = frame
            .as_ref()
            .and_then(|frame| frame.as_ref().ok()?.data_ref());
        match self
            .left
            .checked_sub(data.map_or(0, |data| data.len() as u64))
        {
            Some(left) => self.left = left,
            None => {
                self.exceeded.store(true, Ordering::Relaxed);
                return Poll::Ready(Some(Err(TooLarge.into())));
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
