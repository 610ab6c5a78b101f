//! Why a job does not start, or stops before its results are written down.

use crate::agent::{AgentError, HomeError};
use crate::intake::FileProblem;

/// Why a job has no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// No list was named.
    #[error("no list to screen against")]
    NoList,
    /// More lists than one job takes.
    #[error("more than {limit} lists in one job")]
    TooManyLists {
        /// The limit.
        limit: usize,
    },
    /// A list was named twice.
    #[error("a list was named twice")]
    RepeatedList,
    /// The folder holds the results of another job.
    #[error("the folder holds the results of another job")]
    Exists,
    /// The folder holds an unfinished job with other lists or options.
    #[error("the folder holds an unfinished job with other lists or options")]
    OtherJob,
    /// The file is not the one that the unfinished job in the folder began with, or it changed
    /// while it was read.
    #[error("the file is not the one this job began with")]
    InputChanged,
    /// What the job kept on disk is not what it wrote.
    #[error("the job's own files are damaged")]
    Damaged,
    /// Whoever waited for the job went away; it can be resumed.
    #[error("the job was interrupted")]
    Interrupted,
    /// The file cannot be read, or not to its end.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// The agent cannot work.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The results or the job's files cannot be written.
    #[error("the results cannot be written")]
    Output(#[from] std::io::Error),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Randomness,
}

impl From<HomeError> for ScreenError {
    fn from(fault: HomeError) -> Self {
        match fault {
            HomeError::Damaged => Self::Damaged,
            HomeError::Randomness => Self::Randomness,
            HomeError::Io(error) => Self::Output(error),
            other => Self::Agent(other.into()),
        }
    }
}
