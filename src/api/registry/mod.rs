//! The registry's routes: every path of [`paths`], and the operator's own.
//!
//! | file | story |
//! |---|---|
//! | `signed`, `content` | requests: orders, signed reads, media types, bodies |
//! | `refusal`, `language` | refusals: problem documents with a stable code, a text in two languages |
//! | `acts`, `evaluation`, `listings`, `versions`, `look_up` | the verbs |
//! | `health`, `metrics` | readiness with reasons, Prometheus |
//! | `document` | OpenAPI 3.1, generated, and its page |

mod acts;
mod content;
pub mod document;
mod dressing;
mod evaluation;
mod health;
mod language;
mod listings;
mod look_up;
mod metrics;
mod ranges;
mod refusal;
mod signed;
#[cfg(test)]
mod tests;
mod versions;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::routing::{get, post};

use crate::custodian::EmbeddedCustodian;
use crate::net::ConnectionCounters;
use crate::net::layers::{Gate, RouteClass, body_limit, dress, shed, shed_by};
use crate::protocol::limits::{
    MAX_EVALUATION_BYTES, MAX_REMOVAL_BYTES, MAX_REQUEST_BYTES, MAX_SUBMISSION_BYTES,
};
use crate::protocol::paths;
use crate::registry::Registry;
use crate::store::Store;
use dressing::turn_away;
use health::Readiness;
use metrics::Metrics;

/// Bytes of an evaluation above which it is bulk work: about a thousand elements.
const SMALL_EVALUATION_BYTES: u64 = 32 << 10;

/// A registry with its embedded custodian, as served.
pub struct Service<S> {
    registry: Arc<Registry<S>>,
    custodian: Arc<EmbeddedCustodian>,
    gate: Gate,
    connections: Arc<ConnectionCounters>,
    metrics: Metrics,
    readiness: Readiness,
    stopping: AtomicBool,
}

impl<S: Store> Service<S> {
    /// A service of `registry` behind `gate`; `connections` are counted by whoever accepts them.
    #[must_use]
    pub fn new(
        registry: Arc<Registry<S>>,
        custodian: Arc<EmbeddedCustodian>,
        gate: Gate,
        connections: Arc<ConnectionCounters>,
    ) -> Arc<Self> {
        let trust = registry.info().trust;
        Arc::new(Self {
            gate,
            metrics: Metrics::new(&trust),
            readiness: Readiness::default(),
            stopping: AtomicBool::new(false),
            registry,
            custodian,
            connections,
        })
    }

    /// From now on the service says that it is not ready: it is about to stop.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// What members and clients reach.
    pub fn routes(self: &Arc<Self>) -> Router {
        let nowhere = Router::new().fallback(refusal::not_found);
        let evaluations = self.dressed(self.evaluations());
        self.dressed(nowhere)
            .merge(self.guarded(self.open(), RouteClass::Interactive))
            .merge(self.guarded(self.health(), RouteClass::Health))
            .merge(self.guarded(self.interactive(), RouteClass::Interactive))
            .merge(self.guarded(self.look_ups(), RouteClass::LookUp))
            .merge(turn_away(evaluations, &self.gate, class_of_evaluation))
            .merge(self.guarded(self.bulk(), RouteClass::Bulk))
            .merge(self.guarded(self.removals(), RouteClass::Removal))
    }

    /// What the operator reaches on the admin listener: health and metrics.
    pub fn admin_routes(self: &Arc<Self>) -> Router {
        let metrics = Router::new().route(paths::METRICS, get(metrics::show::<S>));
        let metrics = shed(metrics, &self.gate, RouteClass::Health);
        self.dressed(metrics.merge(self.health()).fallback(refusal::not_found))
    }

    /// Dressed, and turned away first of all while the class is full.
    fn guarded(self: &Arc<Self>, router: Router<Arc<Self>>, class: RouteClass) -> Router {
        turn_away(self.dressed(router), &self.gate, move |_| class)
    }

    fn dressed(self: &Arc<Self>, router: Router<Arc<Self>>) -> Router {
        let router = router
            .method_not_allowed_fallback(refusal::method_not_allowed)
            .with_state(Arc::clone(self));
        dressing::wear(dress(router, Some(self.metrics.observer())))
    }

    fn open(&self) -> Router<Arc<Self>> {
        let router = Router::new()
            .route(paths::REGISTRY, get(look_up::info::<S>))
            .route(paths::OPENAPI, get(document::json))
            .route(paths::API_PAGE, get(document::page));
        self.small(router, RouteClass::Interactive)
    }

    fn health(&self) -> Router<Arc<Self>> {
        let router = Router::new()
            .route(paths::LIVE, get(health::live))
            .route(paths::READY, get(health::ready::<S>));
        self.small(router, RouteClass::Health)
    }

    fn interactive(&self) -> Router<Arc<Self>> {
        let router = Router::new()
            .route(paths::JOIN, post(acts::join::<S>))
            .route(
                paths::LISTS,
                get(look_up::lists::<S>).post(acts::create_list::<S>),
            )
            .route(paths::RECORDS, get(look_up::records::<S>))
            .route(paths::OWN, get(listings::own::<S>))
            .route(
                paths::VERSIONS,
                get(versions::show::<S>).post(versions::open::<S>),
            )
            .route(paths::VERSION_CLOSE, post(versions::close::<S>))
            .route(paths::VERSION_SWITCH, post(versions::switch::<S>))
            .route(paths::VERSION_DROP, post(versions::discard::<S>))
            .route(paths::QUOTA, get(look_up::quota::<S>))
            .route(
                paths::ORGANISATIONS,
                get(acts::organisations::<S>).post(acts::invite::<S>),
            )
            .route(paths::STANDING, post(acts::set_standing::<S>))
            .route(paths::GRANTS, post(acts::set_grant::<S>))
            .route(paths::CLOCK, post(acts::accept_clock::<S>))
            .route(paths::ROLL, post(acts::admit::<S>));
        self.small(router, RouteClass::Interactive)
    }

    fn look_ups(&self) -> Router<Arc<Self>> {
        let router = Router::new().route(paths::BUCKET, get(look_up::bucket::<S>));
        self.small(router, RouteClass::LookUp)
    }

    fn evaluations(&self) -> Router<Arc<Self>> {
        let router = Router::new().route(paths::EVALUATIONS, post(evaluation::evaluate::<S>));
        let router = shed_by(router, &self.gate, class_of_evaluation);
        body_limit(router, MAX_EVALUATION_BYTES as u64)
    }

    fn bulk(&self) -> Router<Arc<Self>> {
        let submissions = Router::new().route(paths::SUBMISSIONS, post(listings::submit::<S>));
        let submissions = shed(submissions, &self.gate, RouteClass::Bulk);
        let submissions = body_limit(submissions, MAX_SUBMISSION_BYTES as u64);
        let snapshots = Router::new()
            .route(paths::SNAPSHOT, get(look_up::snapshot::<S>))
            .route(paths::SNAPSHOT_KEYS, get(look_up::snapshot_keys::<S>))
            .route(paths::DELTA, get(look_up::delta::<S>))
            // A difference reads two versions through.
            .route(paths::VERSION_DIFF, get(versions::diff::<S>));
        let snapshots = shed(snapshots, &self.gate, RouteClass::Bulk);
        submissions.merge(body_limit(snapshots, MAX_REQUEST_BYTES as u64))
    }

    fn removals(&self) -> Router<Arc<Self>> {
        let router = Router::new().route(paths::REMOVALS, post(listings::remove::<S>));
        let router = shed(router, &self.gate, RouteClass::Removal);
        body_limit(router, MAX_REMOVAL_BYTES as u64)
    }

    fn small(&self, router: Router<Arc<Self>>, class: RouteClass) -> Router<Arc<Self>> {
        body_limit(shed(router, &self.gate, class), MAX_REQUEST_BYTES as u64)
    }
}

/// A few elements are somebody at a desk; many, or an unknown number, are bulk work.
fn class_of_evaluation(headers: &HeaderMap) -> RouteClass {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) if length <= SMALL_EVALUATION_BYTES => RouteClass::Interactive,
        _ => RouteClass::Bulk,
    }
}
