//! The places of a server: how many requests of each class are at work, and how many were refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::net::Problem;
use crate::protocol::ErrorCode;
use crate::protocol::limits::MAX_ARRIVING_BYTES;

/// What a refused caller is told to wait, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// How often the log says how many were refused, while any are.
const SAID_EVERY: Duration = Duration::from_secs(1);

/// Classes of routes. Each has places of its own, so none can starve another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RouteClass {
    /// Liveness, readiness, metrics.
    Health,
    /// Removals, disputes, withdrawals: what takes a person off a list.
    Removal,
    /// What anybody may read without being known: the registry's own description and its
    /// documentation. With places of its own, so that strangers take none from members.
    Open,
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
    /// Default 16.
    pub open: usize,
    /// Default 512.
    pub interactive: usize,
    /// Default 2,048: each follows an evaluation that had a place, and one that is refused was
    /// evaluated for nothing.
    pub look_up: usize,
    /// Default 64.
    pub bulk: usize,
}

impl Default for Permits {
    fn default() -> Self {
        Self {
            health: 16,
            removal: 64,
            open: 16,
            interactive: 512,
            look_up: 2_048,
            bulk: 64,
        }
    }
}

/// The places of one server, by class, and who works on what has one. Clones share them.
#[derive(Clone)]
pub struct Gate {
    places: Arc<Places>,
    workers: Option<Handle>,
}

struct Places {
    classes: [Class; 6],
    /// Bytes of bodies that may still arrive.
    arriving: Arc<Semaphore>,
    /// Whether somebody is about to log refusals.
    saying: AtomicBool,
    /// Whether anybody was refused since [`Gate::turned_away_since_asked`].
    refused: AtomicBool,
}

struct Class {
    free: Arc<Semaphore>,
    total: usize,
    shed: AtomicU64,
    /// Of `shed`, what the log has said.
    said: AtomicU64,
}

impl Gate {
    /// A gate with these places. Requests are worked on where they arrive.
    pub fn new(permits: &Permits) -> Self {
        let class = |total: usize| {
            let total = total.min(Semaphore::MAX_PERMITS);
            Class {
                free: Arc::new(Semaphore::new(total)),
                total,
                shed: AtomicU64::new(0),
                said: AtomicU64::new(0),
            }
        };
        Self {
            places: Arc::new(Places {
                classes: [
                    class(permits.health),
                    class(permits.removal),
                    class(permits.open),
                    class(permits.interactive),
                    class(permits.look_up),
                    class(permits.bulk),
                ],
                arriving: Arc::new(Semaphore::new(MAX_ARRIVING_BYTES)),
                saying: AtomicBool::new(false),
                refused: AtomicBool::new(false),
            }),
            workers: None,
        }
    }

    /// The same gate; what has a place is worked on by others than those who listen, so that
    /// listening and refusing wait for no work.
    #[must_use]
    pub fn with_workers(mut self, workers: Handle) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Requests of `class` that are running.
    pub fn running(&self, class: RouteClass) -> usize {
        let class = self.places.class(class);
        class.total.saturating_sub(class.free.available_permits())
    }

    /// Requests of `class` refused since the start.
    pub fn shed(&self, class: RouteClass) -> u64 {
        self.places.class(class).shed.load(Ordering::Relaxed)
    }

    /// Whether any request was refused since this was last asked.
    pub(crate) fn turned_away_since_asked(&self) -> bool {
        let refused = &self.places.refused;
        refused.load(Ordering::Relaxed) && refused.swap(false, Ordering::Relaxed)
    }

    pub(super) fn workers(&self) -> Option<&Handle> {
        self.workers.as_ref()
    }

    pub(super) fn arriving(&self) -> &Arc<Semaphore> {
        &self.places.arriving
    }

    pub(super) fn is_full(&self, class: RouteClass) -> bool {
        self.places.class(class).free.available_permits() == 0
    }

    pub(super) fn enter(&self, class: RouteClass) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places.class(class).free)
            .try_acquire_owned()
            .ok()
    }

    /// Counts a refusal; the log says how many there were, once a second.
    pub(super) fn count_shed(&self, class: RouteClass) {
        self.places
            .class(class)
            .shed
            .fetch_add(1, Ordering::Relaxed);
        self.places.refused.store(true, Ordering::Relaxed);
        if !self.places.saying.swap(true, Ordering::Relaxed) {
            tokio::spawn(say_shed(Arc::clone(&self.places)));
        }
    }

    pub(super) fn refuse(&self, class: RouteClass) -> Response {
        self.count_shed(class);
        refusal().into_response()
    }
}

/// What whoever finds no place is told.
pub fn refusal() -> Problem {
    Problem::of(ErrorCode::Overloaded).retry_after(RETRY_AFTER_SECONDS)
}

impl Places {
    fn class(&self, class: RouteClass) -> &Class {
        let [health, removal, open, interactive, look_up, bulk] = &self.classes;
        match class {
            RouteClass::Health => health,
            RouteClass::Removal => removal,
            RouteClass::Open => open,
            RouteClass::Interactive => interactive,
            RouteClass::LookUp => look_up,
            RouteClass::Bulk => bulk,
        }
    }
}

impl Class {
    /// Refusals that the log has not said yet; it is about to.
    fn unsaid(&self) -> u64 {
        let shed = self.shed.load(Ordering::Relaxed);
        shed - self.said.swap(shed, Ordering::Relaxed)
    }
}

/// One line a second until nobody is refused any more.
async fn say_shed(places: Arc<Places>) {
    loop {
        tokio::time::sleep(SAID_EVERY).await;
        let unsaid = places.classes.each_ref().map(Class::unsaid);
        let [health, removal, open, interactive, look_up, bulk] = unsaid;
        if unsaid.iter().sum::<u64>() == 0 {
            // Whoever is refused from here on begins anew; nothing is lost, at most said later.
            places.saying.store(false, Ordering::Relaxed);
            return;
        }
        tracing::warn!(
            health,
            removal,
            open,
            interactive,
            look_up,
            bulk,
            "requests were told to come back"
        );
    }
}
