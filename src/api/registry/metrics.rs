//! Prometheus metrics: what happened, in numbers. Labels are routes' patterns, statuses, classes and
//! fixed words; no list, no organisation, no person.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::{Service, health};
use crate::net::Problem;
use crate::net::layers::{Observer, RequestRecord, RouteClass};
use crate::protocol::ErrorCode;
use crate::store::Store;

/// The media type of the answer.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds between which latencies are counted: 1 ms, four times as much each, to 65 s.
const BUCKETS: [f64; 9] = [
    0.001, 0.004, 0.016, 0.064, 0.256, 1.024, 4.096, 16.384, 65.536,
];

const CLASSES: [(RouteClass, &str); 6] = [
    (RouteClass::Health, "health"),
    (RouteClass::Removal, "removal"),
    (RouteClass::Open, "open"),
    (RouteClass::Interactive, "interactive"),
    (RouteClass::LookUp, "look_up"),
    (RouteClass::Bulk, "bulk"),
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByClass {
    class: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: &'static str,
}

/// What the process counts of requests, and what it says of itself.
pub(super) struct Metrics {
    kept: Arc<Registry>,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
}

impl Metrics {
    /// Metrics of a service under which `trust` holds.
    pub(super) fn new(trust: &str) -> Self {
        let mut kept = Registry::with_prefix("saring");
        let requests = Family::default();
        let seconds: Family<_, _, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        kept.register(
            "requests",
            "Requests answered, by route and status",
            requests.clone(),
        );
        kept.register(
            "request_seconds",
            "Time from a request's head to the last byte of its answer",
            seconds.clone(),
        );
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        kept.register("build", "The program that runs", build);
        let trust = Info::new(vec![("trust", trust.to_owned())]);
        kept.register("trust", "Whom members trust, in words", trust);
        Self {
            kept: Arc::new(kept),
            requests,
            seconds,
        }
    }

    /// Counts every finished request.
    pub(super) fn observer(&self) -> Observer {
        let (requests, seconds) = (self.requests.clone(), self.seconds.clone());
        Arc::new(move |record: &RequestRecord| {
            let route = record.route.clone();
            let answered = Answered {
                route: route.clone(),
                status: record.status,
            };
            requests.get_or_create(&answered).inc();
            let latency = record.latency.as_secs_f64();
            seconds.get_or_create(&Route { route }).observe(latency);
        })
    }
}

pub(super) async fn show<S: Store>(
    State(service): State<Arc<Service<S>>>,
) -> Result<Response, Problem> {
    let reasons = service.not_ready_because().await;
    let mut text = String::with_capacity(16 << 10);
    let kept = Arc::clone(&service.metrics.kept);
    let written = encode_now(&mut text, &service, &reasons, &kept);
    written.map_err(|_| Problem::of(ErrorCode::Internal))?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response())
}

/// The readings of this moment, then what was kept since the start.
fn encode_now<S: Store>(
    text: &mut String,
    service: &Service<S>,
    reasons: &[&'static str],
    kept: &Registry,
) -> std::fmt::Result {
    let mut now = Registry::with_prefix("saring");
    for (name, help, count) in counted(service) {
        now.register(name, help, ConstCounter::new(count));
    }
    let open = service.connections.read().open;
    now.register("connections_open", "Connections open", gauge(open));
    now.register(
        "running",
        "Requests at work, by class",
        by_class(|class| service.gate.running(class) as u64),
    );
    now.register(
        "shed",
        "Requests told to come back, by class, so far",
        by_class(|class| service.gate.shed(class)),
    );
    now.register(
        "not_ready",
        "1: the service is not ready, for this reason",
        by_reason(reasons),
    );
    encode_registry(text, &now)?;
    encode_registry(text, kept)?;
    encode_eof(text)
}

fn by_class(read: impl Fn(RouteClass) -> u64) -> Family<ByClass, Gauge> {
    let family = Family::<ByClass, Gauge>::default();
    for (class, name) in CLASSES {
        family
            .get_or_create(&ByClass { class: name })
            .set(signed(read(class)));
    }
    family
}

fn by_reason(reasons: &[&'static str]) -> Family<ByReason, Gauge> {
    let family = Family::<ByReason, Gauge>::default();
    for reason in health::REASONS {
        let holds = i64::from(reasons.contains(&reason));
        family.get_or_create(&ByReason { reason }).set(holds);
    }
    family
}

fn counted<S: Store>(service: &Service<S>) -> [(&'static str, &'static str, u64); 17] {
    let did = service.registry.counters().now();
    let connections = service.connections.read();
    [
        ("evaluations", "Evaluation chunks answered", did.evaluations),
        ("elements", "Elements evaluated", did.elements),
        ("submissions", "Submissions answered", did.submissions),
        ("rows_accepted", "Listings that are new", did.rows_accepted),
        (
            "rows_unchanged",
            "Rows that changed nothing",
            did.rows_unchanged,
        ),
        ("rows_updated", "Listings replaced", did.rows_updated),
        ("rows_refused", "Rows refused", did.rows_refused),
        ("removals", "Removals answered", did.removals),
        (
            "entries_removed",
            "Listings removals changed",
            did.entries_removed,
        ),
        ("buckets", "Buckets served", did.buckets),
        ("snapshots", "Indexes of snapshots served", did.snapshots),
        ("deltas", "Deltas served", did.deltas),
        (
            "people_expired",
            "People changed by time alone",
            did.people_expired,
        ),
        (
            "revisions",
            "Records opened for finer buckets",
            did.revisions,
        ),
        (
            "connections_accepted",
            "Connections accepted",
            connections.accepted,
        ),
        (
            "connections_refused",
            "Connections too many",
            connections.refused,
        ),
        (
            "connections_cut",
            "Connections cut by a deadline",
            connections.cut,
        ),
    ]
}

fn gauge(value: u64) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(signed(value));
    gauge
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
