//! Why a home cannot be used.

use crate::keys::KeyError;

/// Why a home cannot be used. No variant shows what a file holds.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The folder holds no profile: nobody joined from it.
    #[error("this folder is no home of an agent: join first")]
    NotAHome,
    /// The folder is a home already.
    #[error("this folder is the home of an agent already")]
    Exists,
    /// Another process is at the same upload, job or copy.
    #[error("another process does the same work from this home")]
    Busy,
    /// Others than the owner can look into the folder.
    #[error("others than the owner can look into this folder: it must have mode 0700")]
    TooOpen,
    /// A key is missing, readable by others, or is not what it should be.
    #[error("a key of the home cannot be used: {0}")]
    Key(#[from] KeyError),
    /// A file does not open under its key or does not parse: it was changed or is another home's.
    #[error("a file of the home was changed or belongs to another home")]
    Damaged,
    /// A record is larger than a file of the home takes.
    #[error("a record is larger than a file of the home takes")]
    TooLarge,
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Randomness,
    /// Reading or writing failed.
    #[error("a file of the home cannot be read or written")]
    Io(#[from] std::io::Error),
}

impl HomeError {
    /// Of a folder that could not be made or is open to others.
    pub(in crate::agent) fn of_folder(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::PermissionDenied => Self::TooOpen,
            _ => Self::Io(error),
        }
    }
}
