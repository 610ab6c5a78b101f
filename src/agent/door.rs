//! The agent's door to a registry: one method a verb. Orders and reads arrive signed; answers are
//! values that nobody has believed yet, the agent verifies them.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

use crate::protocol::evaluation::{BlindedElements, Evaluated};
use crate::protocol::order::SignedOrder;
use crate::protocol::organisation::{Done, Organisation, Quota, QuotaOf, RegistryInfo};
use crate::protocol::policy::ListInfo;
use crate::protocol::read::SignedRead;
use crate::protocol::record::SignedRecord;
use crate::protocol::submission::{OwnPage, RemovalReply, SubmissionReply};
use crate::protocol::version::{VersionDiff, VersionInfo};
use crate::protocol::{Digest32, Epoch, ErrorCode, ListId, SignedHead, Timestamp};

/// An answer to come.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, DoorError>> + Send + 'a>>;

/// Bytes that are served with a signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The head, which nobody has verified yet.
    pub head: SignedHead,
    /// The bytes of the bucket, the snapshot's index or the delta.
    pub body: Vec<u8>,
}

/// What a refusal tells besides its code. Nobody has signed it: it is shown, never acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusalDetail {
    /// The server's time, with `stale_order`.
    pub server_time: Option<Timestamp>,
    /// Where the quota stands, with `quota_exceeded`.
    pub quota: Option<Quota>,
    /// The digest of the record in force, with `record_mismatch`.
    pub record: Option<Digest32>,
    /// When to come back, seconds.
    pub retry_after_seconds: Option<u64>,
}

/// Why a registry gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// No connection: nothing was sent.
    #[error("the registry cannot be reached")]
    Unreachable,
    /// The registry's address is no URL, or plain HTTP beyond loopback that was not allowed.
    #[error("the registry's address cannot be used")]
    Address,
    /// TLS does not believe the registry's certificate: nothing was sent.
    #[error("the registry's certificate is not trusted")]
    Untrusted,
    /// It may have arrived, and no answer came in time or whole.
    #[error("the registry did not answer")]
    NoAnswer,
    /// The registry refused.
    #[error("the registry refused: {code}")]
    Refused {
        /// Why.
        code: ErrorCode,
        /// What it told besides.
        detail: Box<RefusalDetail>,
    },
    /// The answer is not of the form agreed on, or over its limit.
    #[error("the registry's answer does not parse")]
    Malformed,
}

impl DoorError {
    /// A refusal that tells nothing besides its code.
    #[must_use]
    pub fn refused(code: ErrorCode) -> Self {
        Self::Refused {
            code,
            detail: Box::default(),
        }
    }

    /// The code of a refusal.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// When the registry wishes to be asked again, if it says.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { detail, .. } => detail.retry_after_seconds.map(Duration::from_secs),
            _ => None,
        }
    }

    /// Whether the same call, unchanged, may succeed later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable | Self::NoAnswer => true,
            Self::Refused { code, .. } => code.retryable(),
            Self::Address | Self::Untrusted | Self::Malformed => false,
        }
    }
}

/// A registry, as an agent sees it. `content` is always the bytes whose SHA-512 the order carries.
pub trait RegistryDoor: Send + Sync {
    /// What the registry says of itself.
    fn info(&self) -> Answering<'_, RegistryInfo>;
    /// Joins with an invitation; `content` is a [`Join`](crate::protocol::organisation::Join) as JSON.
    fn join<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done>;
    /// The lists on which the organisation has a grant.
    fn lists<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<ListInfo>>;
    /// A list's records, oldest first.
    fn records<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
    ) -> Answering<'a, Vec<SignedRecord>>;
    /// Evaluates one chunk.
    fn evaluate<'a>(
        &'a self,
        order: &'a SignedOrder,
        elements: &'a BlindedElements,
    ) -> Answering<'a, Evaluated>;
    /// Submits; `content` is a [`Submission`](crate::protocol::submission::Submission) in the binary
    /// form or as JSON.
    fn submit<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, SubmissionReply>;
    /// Removes; `content` is a [`Removal`](crate::protocol::submission::Removal) as JSON.
    fn remove<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, RemovalReply>;
    /// One bucket with its signed head.
    fn bucket<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        bucket: u32,
    ) -> Answering<'a, Served>;
    /// The index of the newest snapshot with its signed head.
    fn snapshot<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
    ) -> Answering<'a, Served>;
    /// Bytes of the keys of the snapshot of a sequence: at most as many as the range asks for.
    fn snapshot_keys<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        sequence: u64,
        range: Range<u64>,
    ) -> Answering<'a, Vec<u8>>;
    /// What changed after a sequence, with its signed head.
    fn delta<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        from: u64,
    ) -> Answering<'a, Served>;
    /// Where the organisation's quotas stand, one a list.
    fn quota<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<QuotaOf>>;
    /// A page of the organisation's own listings, at most `limit`, after a cursor.
    fn own<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answering<'a, OwnPage>;
    /// The page of organisations that the read's path asks for, by id: for the operator.
    fn organisations<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<Organisation>>;
    /// Creates a list; `content` is a [`CreateList`](crate::protocol::organisation::CreateList) as JSON.
    fn create_list<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, ListInfo>;
    /// Begins a version of a list; `content` is an
    /// [`OpenVersion`](crate::protocol::version::OpenVersion) as JSON.
    fn open_version<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, VersionInfo>;
    /// The versions of the list that the read's path names: the answering one first.
    fn versions<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<VersionInfo>>;
    /// The difference that the read's path asks for.
    fn version_diff<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, VersionDiff>;
    /// Every other administrative act, told by the order's kind: `Invite`, `SetStanding`,
    /// `SetGrant`, `AcceptClock`, `CloseVersion`, `SwitchVersion`, `DropVersion`, `Admit`; `content`
    /// is the value of that name as JSON.
    fn administer<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done>;
}
