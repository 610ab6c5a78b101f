//! Why a rehearsal ended before its end.

use std::path::Path;

use crate::agent::AgentError;
use crate::store::StoreError;

/// Why a rehearsal ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// A step was taken and does not hold.
    #[error("does not hold: {0}")]
    NotHeld(&'static str),
    /// A command of this executable ended otherwise than expected.
    #[error("`saring {command}` ended with {code:?}, expected {expected}: {said}")]
    Command {
        /// The subcommand.
        command: String,
        /// Its exit code; none if a signal ended it.
        code: Option<i32>,
        /// The exit code that was expected.
        expected: i32,
        /// What it said on standard error, NIKs are never in it.
        said: String,
    },
    /// The registry did not become ready.
    #[error("the registry did not become ready; its log says why")]
    NotReady,
    /// A command's answer is not JSON of the expected form.
    #[error("a command's answer is not of the expected form")]
    Answer,
    /// The agent failed where it must not.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The stopped database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or a process fails.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A connection to the registry cannot be prepared.
    #[error(transparent)]
    Setup(#[from] crate::net::SetupError),
    /// A folder holds another rehearsal than the one asked for.
    #[error("the folder holds another rehearsal: {0}")]
    Another(&'static str),
    /// Any of the above, with the folder that is left to be looked at.
    #[error("{fault} (the rehearsal's folder is {folder})")]
    At {
        /// The fault.
        fault: Box<RehearsalError>,
        /// The folder.
        folder: String,
    },
}

impl RehearsalError {
    pub(super) fn at(self, folder: &Path) -> Self {
        Self::At {
            fault: Box::new(self),
            folder: folder.display().to_string(),
        }
    }
}

/// Ends the rehearsal unless something holds.
pub(super) fn hold(holds: bool, what: &'static str) -> Result<(), RehearsalError> {
    if holds {
        Ok(())
    } else {
        Err(RehearsalError::NotHeld(what))
    }
}
