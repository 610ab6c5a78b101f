//! Whether the process lives, and whether the service can do its work.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::Service;
use crate::net::Problem;
use crate::protocol::ErrorCode;
use crate::registry::{ClockState, Health, StoreState};
use crate::store::Store;

/// How long an examination is good: each one costs the store a write.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// What readiness answers when all is well.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Ready {
    /// Always true; otherwise a problem is answered.
    ready: bool,
    /// Why not: none.
    reasons: Vec<&'static str>,
}

/// The last examination.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Health)>>);

pub(super) async fn live() -> Json<serde_json::Value> {
    Json(json!({"live": true}))
}

pub(super) async fn ready<S: Store>(
    State(service): State<Arc<Service<S>>>,
) -> Result<Json<Ready>, Problem> {
    let reasons = service.not_ready_because().await;
    if reasons.is_empty() {
        return Ok(Json(Ready {
            ready: true,
            reasons,
        }));
    }
    Err(Problem::of(ErrorCode::Unavailable)
        .with("ready", false)
        .with("reasons", reasons)
        .retry_after(5))
}

impl<S: Store> Service<S> {
    /// Why the service is not ready, as stable codes; empty when it is.
    pub(super) async fn not_ready_because(&self) -> Vec<&'static str> {
        let mut last = self.readiness.0.lock().await;
        let good = last.filter(|(at, _)| at.elapsed() < GOOD_FOR);
        let (at, health) = match good {
            Some(examined) => examined,
            None => (Instant::now(), self.registry.health().await),
        };
        *last = Some((at, health));
        reasons(&health, self.stopping.load(Ordering::Relaxed))
    }
}

/// Every code that readiness may give as a reason.
pub(super) const REASONS: [&str; 7] = [
    "disk_full",
    "store_unavailable",
    "ledger_blocked",
    "clock_behind",
    "clock_leapt",
    "clock_unknown",
    "shutting_down",
];

fn reasons(health: &Health, stopping: bool) -> Vec<&'static str> {
    let store = match health.store {
        StoreState::TakesWrites => None,
        StoreState::Full => Some("disk_full"),
        StoreState::Unavailable => Some("store_unavailable"),
    };
    let ledger = (!health.ledger_takes_writes).then_some("ledger_blocked");
    let clock = match health.clock {
        Some(ClockState::Sane) => None,
        Some(ClockState::Behind) => Some("clock_behind"),
        Some(ClockState::Leapt) => Some("clock_leapt"),
        None => Some("clock_unknown"),
    };
    let stopping = stopping.then_some("shutting_down");
    [store, ledger, clock, stopping]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_its_reason() {
        let well = Health {
            store: StoreState::TakesWrites,
            ledger_takes_writes: true,
            clock: Some(ClockState::Sane),
        };
        assert!(well.is_ready() && reasons(&well, false).is_empty());
        let mut seen = reasons(&well, true);
        let stores = [StoreState::Full, StoreState::Unavailable];
        let clocks = [Some(ClockState::Behind), Some(ClockState::Leapt), None];
        for store in stores {
            seen.extend(reasons(&Health { store, ..well }, false));
        }
        for clock in clocks {
            seen.extend(reasons(&Health { clock, ..well }, false));
        }
        let blocked = Health {
            ledger_takes_writes: false,
            ..well
        };
        seen.extend(reasons(&blocked, false));
        seen.sort_unstable();
        let mut all = REASONS;
        all.sort_unstable();
        assert_eq!(seen, all);
    }
}
