//! The registry's routes: every path of [`paths`], and the operator's own.
//!
//! | file | story |
//! |---|---|
//! | `signed`, `content` | requests: orders, signed reads, media types, bodies |
//! | `refusal`, `language` | refusals: problem documents with a stable code, a text in two languages |
//! | `acts`, `evaluation`, `listings`, `versions`, `look_up` | the verbs |
//! | `classes` | which requests take places from which others |
//! | `health`, `metrics` | readiness with reasons, Prometheus |
//! | `document` | OpenAPI 3.1, generated, and its page |

mod acts;
mod classes;
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
use axum::routing::{get, post};

use crate::custodian::EmbeddedCustodian;
use crate::net::layers::{Gate, body_limit, dress, shed_by};
use crate::net::{ConnectionCounters, Door};
use crate::protocol::limits::{
    MAX_EVALUATION_BYTES, MAX_REMOVAL_BYTES, MAX_REQUEST_BYTES, MAX_SUBMISSION_BYTES,
};
use crate::protocol::paths;
use crate::registry::Registry;
use crate::store::Store;
use classes::class_of;
use health::Readiness;
use metrics::Metrics;

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
        let routes = self
            .open()
            .merge(self.health())
            .merge(self.interactive())
            .merge(self.look_ups())
            .merge(self.evaluations())
            .merge(self.bulk())
            .merge(self.removals());
        self.dressed(routes.fallback(refusal::not_found))
    }

    /// Who stands before [`Service::routes`], and turns away while a class is full.
    pub fn door(&self) -> Door {
        dressing::turn_away(&self.gate, class_of)
    }

    /// What the operator reaches on the admin listener: health and metrics.
    pub fn admin_routes(self: &Arc<Self>) -> Router {
        let metrics = Router::new().route(paths::METRICS, get(metrics::show::<S>));
        let routes = self.small(metrics).merge(self.health());
        self.dressed(routes.fallback(refusal::not_found))
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
        self.small(router)
    }

    fn health(&self) -> Router<Arc<Self>> {
        let router = Router::new()
            .route(paths::LIVE, get(health::live))
            .route(paths::READY, get(health::ready::<S>));
        self.small(router)
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
        self.small(router)
    }

    fn look_ups(&self) -> Router<Arc<Self>> {
        let router = Router::new().route(paths::BUCKET, get(look_up::bucket::<S>));
        self.small(router)
    }

    fn evaluations(&self) -> Router<Arc<Self>> {
        let router = Router::new().route(paths::EVALUATIONS, post(evaluation::evaluate::<S>));
        self.bounded(router, MAX_EVALUATION_BYTES)
    }

    fn bulk(&self) -> Router<Arc<Self>> {
        let submissions = Router::new().route(paths::SUBMISSIONS, post(listings::submit::<S>));
        let snapshots = Router::new()
            .route(paths::SNAPSHOT, get(look_up::snapshot::<S>))
            .route(paths::SNAPSHOT_KEYS, get(look_up::snapshot_keys::<S>))
            .route(paths::DELTA, get(look_up::delta::<S>))
            .route(paths::VERSION_DIFF, get(versions::diff::<S>));
        let submissions = self.bounded(submissions, MAX_SUBMISSION_BYTES);
        submissions.merge(self.small(snapshots))
    }

    fn removals(&self) -> Router<Arc<Self>> {
        let router = Router::new().route(paths::REMOVALS, post(listings::remove::<S>));
        self.bounded(router, MAX_REMOVAL_BYTES)
    }

    fn small(&self, router: Router<Arc<Self>>) -> Router<Arc<Self>> {
        self.bounded(router, MAX_REQUEST_BYTES)
    }

    /// Bodies of at most `bytes`; each request takes a place of its class.
    fn bounded(&self, router: Router<Arc<Self>>, bytes: usize) -> Router<Arc<Self>> {
        body_limit(shed_by(router, &self.gate, class_of), bytes as u64)
    }
}
