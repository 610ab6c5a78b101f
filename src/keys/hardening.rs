//! A process that holds keys or NIKs leaves no core dump and lets nobody trace it.

use std::io;

/// Why the process could not be hardened.
#[derive(Debug, thiserror::Error)]
pub enum HardeningError {
    /// `RLIMIT_CORE` could not be set to 0.
    #[error("core dumps cannot be turned off (RLIMIT_CORE): {0}")]
    CoreLimit(#[source] io::Error),
    /// `PR_SET_DUMPABLE` could not be set to 0.
    #[error("the process cannot be made undumpable (PR_SET_DUMPABLE): {0}")]
    Dumpable(#[source] io::Error),
}

/// Sets `RLIMIT_CORE` to 0 for good and, on Linux, `PR_SET_DUMPABLE` to 0, which also keeps other
/// processes of the same user from tracing this one. Call it first in everything that holds keys
/// or NIKs.
///
/// # Errors
/// [`HardeningError::CoreLimit`], [`HardeningError::Dumpable`] when the kernel refuses; then hold no key.
pub fn harden_process() -> Result<(), HardeningError> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(|error| HardeningError::CoreLimit(error.into()))?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(|error| HardeningError::Dumpable(error.into()))?;
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_that_no_core_is_dumped() {
        harden_process().unwrap();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"))
            .unwrap();
        let numbers: Vec<_> = line
            .split_whitespace()
            .filter(|word| *word == "0")
            .collect();
        assert_eq!(numbers.len(), 2, "{line}");
        let dumpable = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
    }
}
