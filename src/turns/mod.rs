//! Whose arithmetic runs next.
//!
//! Somebody at a desk waits for one element; a programme has millions. A few elements are worked on
//! where they are, some hundred at once, on
//! threads of their own. Bulk work runs on other threads that give way to every other thread of the
//! machine, a few pieces at a time, and the organisations take turns: whoever brings one piece waits
//! for one piece of each other organisation, however many these have brought.
//!
//! While somebody at a desk waits ([`Turns::desk_waits`]), bulk threads leave their cores for a moment
//! every few hundred microseconds. A low priority is not enough: a check waits for the disk three
//! times, the system's own threads work for the disk, and Linux can keep these waiting for a busy
//! thread's whole slice of milliseconds, whatever its priority.

mod queue;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;

use crate::machine::pause_between_pieces;
use crate::protocol::limits::{BULK_AT_ONCE, BULK_EACH, MAX_CHECKED};
use crate::protocol::{ErrorCode, OrgId};
use queue::Queue;

/// How far bulk threads give way, as `nice` counts: at 14 a busy machine gives them a
/// twentieth of a core beside a thread that has not given way, and a quarter of one beside a worker.
const GIVES_WAY: i32 = 14;

/// Elements whose work is done where it is asked for: handing it to a thread, and back, would cost
/// more than the wait that it spares others.
const AT_ONCE: usize = 4;

/// What is told about turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnOptions {
    /// Threads for arithmetic; 0: one a core.
    pub threads: usize,
    /// Pieces of bulk work of one organisation at once, running or waiting.
    pub bulk_each: usize,
}

impl Default for TurnOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            bulk_each: BULK_EACH,
        }
    }
}

/// How long a bulk thread leaves its core. The system adds about as much.
const BREATH: Duration = Duration::from_micros(30);

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTurn {
    /// The organisation has as much bulk work running and waiting as one may.
    #[error("the organisation has too much work waiting")]
    Crowded,
    /// The work panicked.
    #[error("the work did not end")]
    Broken,
}

impl From<NoTurn> for ErrorCode {
    fn from(no: NoTurn) -> Self {
        match no {
            NoTurn::Crowded => Self::Overloaded,
            NoTurn::Broken => Self::Internal,
        }
    }
}

/// The threads and whose turn it is. Clones share them.
#[derive(Clone)]
pub struct Turns(Arc<Threads>);

struct Threads {
    small: ThreadPool,
    bulk: ThreadPool,
    queue: Arc<Queue>,
    /// Who wait at desks now.
    desks: Arc<AtomicUsize>,
}

/// Somebody at a desk waits as long as this lives.
pub struct DeskWaits(Arc<AtomicUsize>);

impl Drop for DeskWaits {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turns {
    /// Threads of their own.
    ///
    /// # Errors
    /// [`std::io::Error`] when the system gives no threads.
    pub fn new(options: &TurnOptions) -> std::io::Result<Self> {
        let cores = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        // More than cores: one element gets a thread while others are at work on a few hundred.
        let small = ThreadPoolBuilder::new()
            .num_threads(2 * cores)
            .thread_name(|number| format!("small-{number}"));
        let desks = Arc::new(AtomicUsize::new(0));
        let bulk = ThreadPoolBuilder::new()
            .num_threads(cores)
            .thread_name(|number| format!("bulk-{number}"))
            .start_handler({
                let desks = Arc::clone(&desks);
                move |_| give_way(&desks)
            });
        Ok(Self(Arc::new(Threads {
            small: small.build().map_err(std::io::Error::other)?,
            bulk: bulk.build().map_err(std::io::Error::other)?,
            queue: Queue::new(BULK_AT_ONCE, options.bulk_each),
            desks,
        })))
    }

    /// The threads that everybody in this process shares who was told nothing else.
    ///
    /// # Panics
    /// When the system gives no threads.
    #[must_use]
    pub fn shared() -> Self {
        static SHARED: OnceLock<Turns> = OnceLock::new();
        let made = || Self::new(&TurnOptions::default()).expect("the system gives threads");
        SHARED.get_or_init(made).clone()
    }

    /// Somebody at a desk waits until what is returned is dropped.
    #[must_use]
    pub fn desk_waits(&self) -> DeskWaits {
        self.0.desks.fetch_add(1, Ordering::Relaxed);
        DeskWaits(Arc::clone(&self.0.desks))
    }

    /// Does work on `elements` elements for an organisation: more than [`MAX_CHECKED`] are bulk and
    /// wait for a turn. Work that has begun goes on if nobody waits for it any more.
    ///
    /// # Errors
    /// [`NoTurn`].
    pub async fn run<T: Send + 'static>(
        &self,
        whose: &OrgId,
        elements: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoTurn> {
        if elements <= AT_ONCE {
            return catch_unwind(AssertUnwindSafe(work)).map_err(|_| NoTurn::Broken);
        }
        let (pool, turn) = match elements {
            ..=MAX_CHECKED => (&self.0.small, None),
            _ => (&self.0.bulk, Some(self.0.queue.turn(whose).await?)),
        };
        let (done, doing) = oneshot::channel();
        pool.spawn(move || {
            let worked = catch_unwind(AssertUnwindSafe(work));
            // Before the answer: whoever has it may come with the next piece at once.
            drop(turn);
            if let Ok(result) = worked {
                let _nobody_waits = done.send(result);
            }
        });
        doing.await.map_err(|_| NoTurn::Broken)
    }
}

/// Lowers this thread's priority, or where that is not allowed keeps its own, and lets it pause for
/// desks.
fn give_way(desks: &Arc<AtomicUsize>) {
    let desks = Arc::clone(desks);
    pause_between_pieces(move || {
        if desks.load(Ordering::Relaxed) > 0 {
            std::thread::sleep(BREATH);
        }
    });
    // On Linux process 0 of `setpriority` is the calling thread alone.
    let _kept = rustix::process::setpriority_process(None, GIVES_WAY);
}
