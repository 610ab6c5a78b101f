//! Threads that listen and speak, and apart from them threads that do what requests ask for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use super::layers::Gate;

/// How far workers give way to those who listen, as `nice` counts: whoever is to be refused learns
/// it while the cores are busy. A busy core gives a worker a sixth of what it gives a listener.
const GIVES_WAY: i32 = 8;

/// Workers for each core: a work that waits for the disk leaves its core to others.
const EACH_CORE: usize = 2;

/// While requests are turned away, how long arrivals gather before somebody looks: one look at many
/// costs less of a busy core than many looks.
const GATHER: Duration = Duration::from_millis(1);

/// Threads with a runtime of their own.
pub struct Threads {
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
}

impl Threads {
    /// Listeners, one a core. While `gate` turns requests away they look for arrivals once a
    /// millisecond at most.
    ///
    /// # Errors
    /// [`std::io::Error`] when the system gives no threads.
    pub fn listeners(gate: &Gate) -> std::io::Result<Self> {
        let gate = gate.clone();
        let let_gather = move || {
            if gate.turned_away_since_asked() {
                std::thread::sleep(GATHER);
            }
        };
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(cores()).thread_name("listener");
        Self::of(builder.on_thread_park(let_gather))
    }

    /// Workers, two a core, which give way to listeners.
    ///
    /// # Errors
    /// [`std::io::Error`] when the system gives no threads.
    pub fn workers() -> std::io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(EACH_CORE * cores())
            .thread_name("worker");
        // Absolute: a worker's own threads begin with what it has, and must not give way twice.
        let own = rustix::process::getpriority_process(None).unwrap_or(0);
        Self::of(builder.on_thread_start(move || give_way(own + GIVES_WAY)))
    }

    fn of(builder: &mut Builder) -> std::io::Result<Self> {
        let runtime = builder.enable_all().build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
        })
    }

    /// Where work is handed to them.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends them and drops what they had not finished; blocks for `patience` at most.
    pub fn close(&self, patience: Duration) {
        if let Some(runtime) = self.take() {
            runtime.shutdown_timeout(patience);
        }
    }

    fn take(&self) -> Option<Runtime> {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.take()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Not blocking: whoever drops may be a task.
        if let Some(runtime) = self.take() {
            runtime.shutdown_background();
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Lowers this thread's priority; where that is not allowed it keeps its own.
fn give_way(nice: i32) {
    // On Linux process 0 of `setpriority` is the calling thread alone.
    let _kept = rustix::process::setpriority_process(None, nice);
}
