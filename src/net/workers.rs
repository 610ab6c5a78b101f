//! Threads that do what requests ask for, apart from those that listen and speak.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

/// How far workers give way to those who listen, as `nice` counts: whoever is to be refused learns
/// it while the cores are busy. A busy core gives a worker a sixth of what it gives a listener.
const GIVES_WAY: i32 = 8;

/// Workers for each core: a work that waits for the disk leaves its core to others.
const EACH_CORE: usize = 2;
/// Threads with a runtime of their own.
pub struct Workers {
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
}

impl Workers {
    /// Two a core.
    ///
    /// # Errors
    /// [`std::io::Error`] when the system gives no threads.
    pub fn new() -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(EACH_CORE * cores)
            .thread_name("worker")
            .on_thread_start(give_way)
            .enable_all()
            .build()?;
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

impl Drop for Workers {
    fn drop(&mut self) {
        // Not blocking: whoever drops may be a task.
        if let Some(runtime) = self.take() {
            runtime.shutdown_background();
        }
    }
}

/// Lowers this thread's priority; where that is not allowed it keeps its own.
fn give_way() {
    // On Linux process 0 of `setpriority` is the calling thread alone.
    let own = rustix::process::getpriority_process(None).unwrap_or(0);
    let _kept = rustix::process::setpriority_process(None, own + GIVES_WAY);
}
