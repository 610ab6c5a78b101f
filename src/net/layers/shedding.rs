//! Load shedding: what cannot run now is refused now, and bulk work never takes the places of
//! health checks and removals. A place is taken once the request's body is there, so that whoever
//! sends slowly holds none.

use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::gate::{Gate, RouteClass};
use crate::net::Problem;
use crate::protocol::ErrorCode;

/// An answer of known length up to this is ready: a bucket is 64 KiB, the OpenAPI document more.
const READY_BYTES: u64 = 256 << 10;

/// As many requests of a class at work are few: whoever listens may as well do them.
const FEW: usize = 2;

/// Puts the routes of `router` into `class`: a request that finds no place gets 503 with
/// `Retry-After` at once, before its body is read. A place is taken when the body is there and held
/// until the answer is ready, or, of a large one, until its last byte. The whole body is kept meanwhile: bound it by
/// [`body_limit()`](super::body_limit()) outside.
pub fn shed<S>(router: Router<S>, gate: &Gate, class: RouteClass) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    shed_by(router, gate, move |_, _| class)
}

/// As [`shed`], where the class depends on the request's path and headers, such as the announced
/// length.
pub fn shed_by<S>(
    router: Router<S>,
    gate: &Gate,
    class: impl Fn(&str, &HeaderMap) -> RouteClass + Clone + Send + Sync + 'static,
) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let gate = gate.clone();
    router.layer(from_fn(move |request: Request, next: Next| {
        let (gate, class) = (gate.clone(), class.clone());
        async move {
            let class = class(request.uri().path(), request.headers());
            pass(&gate, class, request, next).await
        }
    }))
}

async fn pass(gate: &Gate, class: RouteClass, request: Request, next: Next) -> Response {
    if gate.is_full(class) {
        return gate.refuse(class);
    }
    let (head, body) = request.into_parts();
    let body = match gather(gate.arriving(), body).await {
        Ok(body) => body,
        Err(NotGathered::TooMuch) => return gate.refuse(class),
        // Why it broke off, the layers around know: too large, too slow, gone.
        Err(NotGathered::Broken) => return Problem::of(ErrorCode::Malformed).into_response(),
    };
    let Some(place) = gate.enter(class) else {
        return gate.refuse(class);
    };
    let request = Request::from_parts(head, Body::from(body));
    let response = work(gate, class, next.run(request)).await;
    // What is ready and small is no work any more: whoever does not read it must not keep a place.
    let size = response.body().size_hint().exact();
    if size.is_some_and(|bytes| bytes <= READY_BYTES) {
        return response;
    }
    response.map(|inner| {
        Body::new(PlacedBody {
            inner,
            _place: place,
        })
    })
}

/// Runs the handler on the gate's workers, if it has any, and here otherwise, or where so few are at
/// work that handing it over and back would be the longer part. Whoever leaves takes the handler
/// with it.
async fn work(
    gate: &Gate,
    class: RouteClass,
    handler: impl Future<Output = Response> + Send + 'static,
) -> Response {
    let is_calm = match class {
        RouteClass::Open => true,
        RouteClass::Bulk => false,
        _ => gate.running(class) <= FEW,
    };
    let Some(workers) = gate.workers().filter(|_| !is_calm) else {
        return handler.await;
    };
    let done = AbortOnDropHandle::new(workers.spawn(handler.in_current_span())).await;
    match done {
        Ok(response) => response,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The workers are closed: the server stops.
            Err(_) => Problem::of(ErrorCode::Unavailable).into_response(),
        },
    }
}

/// Why there is no whole body.
enum NotGathered {
    TooMuch,
    Broken,
}

/// The whole body; what has arrived counts against `arriving` until all of it is there.
async fn gather(arriving: &Arc<Semaphore>, mut body: Body) -> Result<Bytes, NotGathered> {
    let mut whole = BytesMut::new();
    let mut held: Option<OwnedSemaphorePermit> = None;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| NotGathered::Broken)?.into_data() else {
            continue;
        };
        let bytes = u32::try_from(data.len()).map_err(|_| NotGathered::TooMuch)?;
        let more = Arc::clone(arriving).try_acquire_many_owned(bytes);
        let more = more.map_err(|_| NotGathered::TooMuch)?;
        match &mut held {
            Some(held) => held.merge(more),
            None => held = Some(more),
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// An answer's body that keeps its place until it ends.
struct PlacedBody {
    inner: Body,
    _place: OwnedSemaphorePermit,
}

impl HttpBody for PlacedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
