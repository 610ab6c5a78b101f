//! Why a custodian does not do what it is asked.

use crate::keys::KeyError;
use crate::protocol::ErrorCode;
use crate::store::StoreError;

/// Why a custodian does not start.
#[derive(Debug, thiserror::Error)]
pub enum CustodianError {
    /// The ledger does not open or read.
    #[error("the custodian's ledger cannot be read: {0}")]
    Ledger(#[from] StoreError),
    /// An entry of the ledger is of no form this program knows.
    #[error("entry {position} of the custodian's ledger does not read")]
    Entry {
        /// Its position, from 0.
        position: u64,
    },
    /// The thread that writes the ledger does not start.
    #[error("the ledger's writer does not start")]
    Thread,
}

/// Which of the custodian's rules an act breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// The organisation is not on the roll of this list.
    #[error("the organisation is not on the roll")]
    NotOnRoll,
    /// The organisation's daily quota here would be passed.
    #[error("the daily quota is used up")]
    OverQuota,
    /// The list's hard cap for the day would be passed.
    #[error("the list's cap for the day is reached")]
    CapReached,
    /// The same charge key came with other content.
    #[error("the charge key came with other content")]
    OtherContent,
    /// A newer admission stands, or another one of the same time.
    #[error("a newer admission stands on the roll")]
    OlderAdmission,
    /// Another record was signed for this list, epoch and revision.
    #[error("another record was signed in this place")]
    OtherRecord,
    /// The record does not follow the last one signed.
    #[error("the record does not follow the last one signed")]
    NotSuccessor,
    /// The ledger takes nothing.
    #[error("the ledger takes nothing")]
    Blocked,
    /// More acts wait for the ledger than it takes.
    #[error("too many acts wait for the ledger")]
    Overloaded,
}

impl From<Fault> for ErrorCode {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotOnRoll => Self::NotOnRoll,
            Fault::OverQuota => Self::QuotaExceeded,
            Fault::CapReached => Self::CapReached,
            Fault::OtherContent => Self::OrderConflict,
            Fault::OlderAdmission | Fault::OtherRecord | Fault::NotSuccessor => Self::AlreadyExists,
            Fault::Blocked => Self::Unavailable,
            Fault::Overloaded => Self::Overloaded,
        }
    }
}

/// The public code of a key that cannot be had: the file and the rule broken are for the log.
pub(super) fn key_fault(error: &KeyError) -> ErrorCode {
    match error {
        KeyError::Different(_) => ErrorCode::AlreadyExists,
        KeyError::Scalar(_) => ErrorCode::Internal,
        _ => ErrorCode::Unavailable,
    }
}
