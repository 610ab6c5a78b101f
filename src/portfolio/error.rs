//! Why a portfolio is not watched.

use crate::agent::{AgentError, HomeError};
use crate::intake::FileProblem;
use crate::protocol::Epoch;

/// Why a portfolio is not watched.
#[derive(Debug, thiserror::Error)]
pub enum PortfolioError {
    /// There is no portfolio of this list in this epoch: the file of borrowers is needed, the first
    /// time and after the list's key was rotated.
    #[error("the file of borrowers is needed for epoch {epoch}")]
    FileNeeded {
        /// The epoch in force.
        epoch: Epoch,
    },
    /// The file names more people than are watched.
    #[error("more than {limit} borrowers")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The file cannot be read, or not to its end.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// The agent cannot work, or the registry cannot be believed.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// What is kept was not written by this home.
    #[error("the portfolio kept in the home is damaged: forget it, and give the file again")]
    Damaged,
    /// Whoever is told of changes cannot be told.
    #[error("the changes cannot be told")]
    Output(#[from] std::io::Error),
}

impl From<HomeError> for PortfolioError {
    fn from(fault: HomeError) -> Self {
        match fault {
            HomeError::Damaged => Self::Damaged,
            other => Self::Agent(other.into()),
        }
    }
}
