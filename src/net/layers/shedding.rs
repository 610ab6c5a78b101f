//! Load shedding: what cannot run now is refused now, and bulk work never takes the places of
//! health checks and removals. A place is taken once the request's body is there, so that whoever
//! sends slowly holds none.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::net::Problem;
use crate::protocol::ErrorCode;
use crate::protocol::limits::MAX_ARRIVING_BYTES;

/// What a refused caller is told to wait, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Classes of routes. Each has places of its own, so none can starve another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RouteClass {
    /// Liveness, readiness, metrics.
    Health,
    /// Removals, disputes, withdrawals: what takes a person off a list.
    Removal,
    /// Single checks, records, quota: somebody is waiting at a desk.
    Interactive,
    /// Buckets: the second half of a check whose first half is done and charged. With places of its
    /// own, so that under load checks that were begun are ended before others are begun.
    LookUp,
    /// Evaluation chunks, submissions, snapshots.
    Bulk,
}

/// Requests at once in each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permits {
    /// Default 16.
    pub health: usize,
    /// Default 64.
    pub removal: usize,
    /// Default 512.
    pub interactive: usize,
    /// Default 512.
    pub look_up: usize,
    /// Default 64.
    pub bulk: usize,
}

impl Default for Permits {
    fn default() -> Self {
        Self {
            health: 16,
            removal: 64,
            interactive: 512,
            look_up: 512,
            bulk: 64,
        }
    }
}

/// The places of one server, by class. Clones share them.
#[derive(Clone)]
pub struct Gate(pub(super) Arc<Places>);

pub(super) struct Places {
    classes: [Class; 5],
    /// Bytes of bodies that may still arrive.
    pub(super) arriving: Arc<Semaphore>,
}

struct Class {
    places: Arc<Semaphore>,
    total: usize,
    shed: AtomicU64,
}

impl Gate {
    /// A gate with these places.
    pub fn new(permits: &Permits) -> Self {
        let class = |total: usize| {
            let total = total.min(Semaphore::MAX_PERMITS);
            Class {
                places: Arc::new(Semaphore::new(total)),
                total,
                shed: AtomicU64::new(0),
            }
        };
        Self(Arc::new(Places {
            classes: [
                class(permits.health),
                class(permits.removal),
                class(permits.interactive),
                class(permits.look_up),
                class(permits.bulk),
            ],
            arriving: Arc::new(Semaphore::new(MAX_ARRIVING_BYTES)),
        }))
    }

    /// Requests of `class` that are running.
    pub fn running(&self, class: RouteClass) -> usize {
        let class = self.class(class);
        class.total.saturating_sub(class.places.available_permits())
    }

    /// Requests of `class` refused since the start.
    pub fn shed(&self, class: RouteClass) -> u64 {
        self.class(class).shed.load(Ordering::Relaxed)
    }

    fn class(&self, class: RouteClass) -> &Class {
        let [health, removal, interactive, look_up, bulk] = &self.0.classes;
        match class {
            RouteClass::Health => health,
            RouteClass::Removal => removal,
            RouteClass::Interactive => interactive,
            RouteClass::LookUp => look_up,
            RouteClass::Bulk => bulk,
        }
    }

    fn is_full(&self, class: RouteClass) -> bool {
        self.class(class).places.available_permits() == 0
    }

    fn enter(&self, class: RouteClass) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.class(class).places)
            .try_acquire_owned()
            .ok()
    }

    fn refuse(&self, class: RouteClass) -> Response {
        self.class(class).shed.fetch_add(1, Ordering::Relaxed);
        Problem::of(ErrorCode::Overloaded)
            .retry_after(RETRY_AFTER_SECONDS)
            .into_response()
    }
}

/// Puts the routes of `router` into `class`: a request that finds no place gets 503 with
/// `Retry-After` at once, before its body is read. A place is taken when the body is there and held
/// until the answer's last byte. The whole body is kept meanwhile: bound it by
/// [`body_limit()`](super::body_limit()) outside.
pub fn shed<S>(router: Router<S>, gate: &Gate, class: RouteClass) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    shed_by(router, gate, move |_| class)
}

/// As [`shed`], where the class depends on the request's head, such as the announced length.
pub fn shed_by<S>(
    router: Router<S>,
    gate: &Gate,
    class: impl Fn(&Parts) -> RouteClass + Clone + Send + Sync + 'static,
) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let gate = gate.clone();
    router.layer(from_fn(move |request: Request, next: Next| {
        let (gate, class) = (gate.clone(), class.clone());
        async move {
            let (head, body) = request.into_parts();
            let class = class(&head);
            pass(&gate, class, Request::from_parts(head, body), next).await
        }
    }))
}

async fn pass(gate: &Gate, class: RouteClass, request: Request, next: Next) -> Response {
    if gate.is_full(class) {
        return gate.refuse(class);
    }
    let (head, body) = request.into_parts();
    let body = match gather(&gate.0.arriving, body).await {
        Ok(body) => body,
        Err(NotGathered::TooMuch) => return gate.refuse(class),
        // Why it broke off, the layers around know: too large, too slow, gone.
        Err(NotGathered::Broken) => return Problem::of(ErrorCode::Malformed).into_response(),
    };
    let Some(place) = gate.enter(class) else {
        return gate.refuse(class);
    };
    let request = Request::from_parts(head, Body::from(body));
    let response = next.run(request).await;
    response.map(|inner| {
        Body::new(PlacedBody {
            inner,
            _place: place,
        })
    })
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
