//! How far a job is: told by the threads that work, read by the task that waits for them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Phase, Progress, ScreenError};

/// Between two words about progress.
const EVERY: Duration = Duration::from_millis(100);

/// Shared by a job's threads.
pub(super) struct Meter {
    phase: Mutex<Phase>,
    done: AtomicU64,
    total: AtomicU64,
    stopped: AtomicBool,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            phase: Mutex::new(Phase::Reading),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        }
    }

    /// Enters a phase of `total` steps.
    pub(super) fn enter(&self, phase: Phase, total: u64) {
        let mut now = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        *now = phase;
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// `done` of `total` steps.
    pub(super) fn at(&self, done: u64, total: u64) -> Result<(), ScreenError> {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
        self.go_on()
    }

    /// `steps` more.
    pub(super) fn add(&self, steps: u64) -> Result<(), ScreenError> {
        self.done.fetch_add(steps, Ordering::Relaxed);
        self.go_on()
    }

    /// Whether anybody still waits for the job.
    pub(super) fn go_on(&self) -> Result<(), ScreenError> {
        match self.stopped.load(Ordering::Relaxed) {
            true => Err(ScreenError::Interrupted),
            false => Ok(()),
        }
    }

    fn tell(&self, progress: &mut dyn Progress) {
        let phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        let phase = phase.clone();
        let (done, total) = (&self.done, &self.total);
        progress.at(
            &phase,
            done.load(Ordering::Relaxed),
            total.load(Ordering::Relaxed),
        );
    }
}

/// Stops the job's threads when the task that waits for them goes away.
struct Waiting(Arc<Meter>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }
}

/// Waits for `work`, telling `progress` how far it is.
pub(super) async fn watched<T>(
    meter: &Arc<Meter>,
    progress: &mut dyn Progress,
    work: impl Future<Output = T>,
) -> T {
    let _waiting = Waiting(Arc::clone(meter));
    let mut ticks = tokio::time::interval(EVERY);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                meter.tell(progress);
                return done;
            }
            _ = ticks.tick() => meter.tell(progress),
        }
    }
}

/// Runs what takes long off the threads that serve the network.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ScreenError> + Send + 'static,
) -> Result<T, ScreenError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ScreenError::Interrupted)?
}
