//! Load shedding: what cannot run now is refused now, and bulk work never takes the places of
//! health checks and removals.

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
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::net::Problem;
use crate::protocol::ErrorCode;

/// What a refused caller is told to wait, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Classes of routes. Each has places of its own, so none can starve another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RouteClass {
    /// Liveness, readiness, metrics.
    Health,
    /// Removals, disputes, withdrawals: what takes a person off a list.
    Removal,
    /// Single checks, buckets, quota: somebody is waiting at a desk.
    Interactive,
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
    /// Default 64.
    pub bulk: usize,
}

impl Default for Permits {
    fn default() -> Self {
        Self {
            health: 16,
            removal: 64,
            interactive: 512,
            bulk: 64,
        }
    }
}

/// The places of one server, by class. Clones share them.
#[derive(Clone)]
pub struct Gate(Arc<[Class; 4]>);

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
        Self(Arc::new([
            class(permits.health),
            class(permits.removal),
            class(permits.interactive),
            class(permits.bulk),
        ]))
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
        let [health, removal, interactive, bulk] = &*self.0;
        match class {
            RouteClass::Health => health,
            RouteClass::Removal => removal,
            RouteClass::Interactive => interactive,
            RouteClass::Bulk => bulk,
        }
    }

    fn enter(&self, class: RouteClass) -> Option<OwnedSemaphorePermit> {
        let class = self.class(class);
        let place = Arc::clone(&class.places).try_acquire_owned().ok();
        if place.is_none() {
            class.shed.fetch_add(1, Ordering::Relaxed);
        }
        place
    }
}

/// Puts the routes of `router` into `class`: a request that finds no place gets 503 with
/// `Retry-After` at once, before its body is read. A place is held until the answer's last byte.
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
    let Some(place) = gate.enter(class) else {
        return Problem::of(ErrorCode::Overloaded)
            .retry_after(RETRY_AFTER_SECONDS)
            .into_response();
    };
    let response = next.run(request).await;
    response.map(|inner| {
        Body::new(PlacedBody {
            inner,
            _place: place,
        })
    })
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
