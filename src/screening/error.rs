//! Why a job does not start or cannot be written down.

use crate::agent::AgentError;
use crate::intake::FileProblem;

/// Why a job has no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// No list was named.
    #[error("no list to screen against")]
    NoList,
    /// The folder holds the results of another job.
    #[error("the folder holds the results of another job")]
    Exists,
    /// More applicants than this form takes.
    #[error("more than {limit} applicants in one file: split it")]
    TooMany {
        /// The limit.
        limit: u64,
    },
    /// The file cannot be read, or not to its end.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// The agent cannot work.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The results cannot be written.
    #[error("the results cannot be written")]
    Output(#[from] std::io::Error),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Randomness,
}
