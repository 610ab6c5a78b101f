//! Why the agent did not do what it was asked, and why a verdict cannot be given.

use std::sync::Arc;
use std::time::Duration;

use crate::oprf::OprfError;
use crate::protocol::chain::ChainFault;
use crate::protocol::record::RecordFault;
use crate::protocol::watch::HeadFault;
use crate::protocol::{BucketFault, ErrorCode, SignatureError};

use super::door::DoorError;
use super::home::HomeError;

/// Why nothing can be said of a person, or nothing was done: never a verdict.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The registry gave no answer, or refused.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// An epoch record is refused: forged, older, or not the pinned one's successor.
    #[error("the list's record is refused: {0}")]
    Record(#[from] RecordFault),
    /// The registry has no record of the list, or offers another list's.
    #[error("the registry shows no record of this list")]
    NoRecord,
    /// The list's epoch has ended or not begun by the local clock.
    #[error("the list's epoch is not in force by the local clock")]
    EpochNotInForce,
    /// The keys the registry shows are not those that the invitation vouches for.
    #[error("WRONG KEY: the registry shows other keys than the invitation vouches for")]
    WrongKey,
    /// The invitation is for another organisation, or does not parse.
    #[error("the invitation does not fit")]
    Invitation,
    /// The answer's steps are no chain.
    #[error("the evaluation's steps are refused: {0}")]
    Steps(#[from] ChainFault),
    /// The chain does not hold: another factor, a repeated index, a swapped element.
    #[error("the evaluation is refused: {0}")]
    Chain(#[from] OprfError),
    /// A receipt is not signed by the registry or is not for this order.
    #[error("the registry's receipt is not for this order")]
    Receipt,
    /// A head is refused: older, forged, or one of two that contradict each other.
    #[error(transparent)]
    Head(#[from] HeadFault),
    /// A bucket is no evidence of anything.
    #[error("the bucket is refused: {0}")]
    Bucket(#[from] BucketFault),
    /// There is no copy of the list on this machine: it has to be synced first.
    #[error("there is no copy of this list on this machine: sync it first")]
    NoCopy,
    /// The copy on this machine is not what was verified when it was made.
    #[error("the list's copy on this machine was changed or cut short")]
    CopyDamaged,
    /// A delta takes away what the copy does not have.
    #[error("the registry's delta does not fit the copy that it is for")]
    DeltaUnfit,
    /// A snapshot's index, a chunk of it or a delta is not what was signed, or does not parse.
    #[error("what the registry sent of the snapshot is not what it signed, or does not parse")]
    Snapshot,
    /// The registry's answer has another shape than the question.
    #[error("the registry's answer does not fit the question")]
    Answer,
    /// This home does not hold the key of a keyed-hash list.
    #[error("this home does not hold the list's hash key")]
    NoHashKey,
    /// More than the limit in one call.
    #[error("more than {limit} in one call")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The file cannot be read, or not to its end.
    #[error(transparent)]
    File(#[from] crate::intake::FileProblem),
    /// What came of it cannot be written down.
    #[error("the results cannot be written")]
    Output(#[from] std::io::Error),
    /// The content cannot be written as JSON.
    #[error("the content cannot be written as JSON")]
    Content,
    /// The computing thread ended without a result.
    #[error("the computation was interrupted")]
    Interrupted,
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Randomness,
    /// One fault that concerns several people alike.
    #[error(transparent)]
    Shared(Arc<AgentError>),
}

impl AgentError {
    /// The stable `snake_case` code that JSON and files carry.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Door(DoorError::Unreachable) => "unreachable",
            Self::Door(DoorError::Address) => "address_unusable",
            Self::Door(DoorError::Untrusted) => "certificate_untrusted",
            Self::Door(DoorError::NoAnswer) => "no_answer",
            Self::Door(DoorError::Malformed) => "malformed_answer",
            Self::Door(DoorError::Refused { code, .. }) => code.as_str(),
            Self::Home(HomeError::Busy) => "home_busy",
            Self::Home(_) => "home_unusable",
            Self::Record(_) => "record_refused",
            Self::NoRecord => "no_record",
            Self::EpochNotInForce => "epoch_not_in_force",
            Self::WrongKey => "wrong_key",
            Self::Invitation => "invitation_unfit",
            Self::Steps(_) | Self::Chain(_) => "evaluation_refused",
            Self::Receipt => "receipt_refused",
            Self::Head(fault) => head_code(fault),
            Self::Bucket(_) => "bucket_refused",
            Self::NoCopy => "no_copy",
            Self::CopyDamaged => "copy_damaged",
            Self::DeltaUnfit => "delta_unfit",
            Self::Snapshot => "snapshot_refused",
            Self::Answer => "answer_unfit",
            Self::NoHashKey => "no_hash_key",
            Self::TooMany { .. } => "too_many",
            Self::File(fault) => fault.code(),
            Self::Output(_) => "results_unwritable",
            Self::Content => "content_unfit",
            Self::Interrupted => "interrupted",
            Self::Randomness => "no_randomness",
            Self::Shared(fault) => fault.code(),
        }
    }

    /// The code of the registry's refusal, if it was one.
    #[must_use]
    pub fn refusal(&self) -> Option<ErrorCode> {
        match self {
            Self::Door(fault) => fault.code(),
            Self::Shared(fault) => fault.refusal(),
            _ => None,
        }
    }

    /// When the registry wishes to be asked again, if it says.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Door(fault) => fault.retry_after(),
            Self::Shared(fault) => fault.retry_after(),
            _ => None,
        }
    }

    /// Whether this is what a registry does that cheats or was tampered with, not one that is down.
    #[must_use]
    pub fn is_suspicious(&self) -> bool {
        match self {
            Self::Record(_)
            | Self::WrongKey
            | Self::Steps(_)
            | Self::Chain(_)
            | Self::Receipt
            | Self::Bucket(_)
            | Self::Snapshot
            | Self::DeltaUnfit
            | Self::Answer => true,
            Self::Head(fault) => !matches!(
                fault,
                HeadFault::TooOld { .. } | HeadFault::ClockBehind { .. }
            ),
            Self::Shared(fault) => fault.is_suspicious(),
            _ => false,
        }
    }
}

const fn head_code(fault: &HeadFault) -> &'static str {
    match fault {
        HeadFault::TwoBodies(_) => "two_bodies",
        HeadFault::WentBack { .. } => "head_went_back",
        HeadFault::TooOld { .. } => "head_too_old",
        HeadFault::ClockBehind { .. } => "clock_behind",
        HeadFault::Signature(_) | HeadFault::Body | HeadFault::Record | HeadFault::Subject => {
            "head_refused"
        }
    }
}

impl From<SignatureError> for AgentError {
    fn from(_: SignatureError) -> Self {
        Self::Receipt
    }
}
