//! Submissions and removals: the content of their orders and what the registry answers, as JSON;
//! submissions also in a binary form.

mod bytes;

use serde::{Deserialize, Serialize};

use super::codes::RemovalCause;
use super::ids::Digest32;
use super::ids::EntryId;
use super::listing::{Element32, ListingContent};
use super::policy::PolicyFault;
use super::receipt::SignedReceipt;
use super::version::Version;

/// One borrower in a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionRow {
    /// N, or the keyed hash on a keyed-hash list.
    pub element: Element32,
    /// The digest of the organisation's own reference under the organisation's own salt.
    pub reference: Digest32,
    /// What is said.
    pub content: ListingContent,
    /// Whether other content under the same natural key is to be replaced; otherwise it is a
    /// conflict.
    #[serde(default)]
    pub update: bool,
}

/// The content of a submission: at most [`MAX_SUBMISSION_ROWS`](super::limits::MAX_SUBMISSION_ROWS).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The staged version that the rows are for; none: the one that answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The rows, answered by their index.
    pub rows: Vec<SubmissionRow>,
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RowOutcome {
    /// A new listing.
    Accepted {
        /// The new listing's id.
        entry: EntryId,
        /// Whether the person was already listed by another organisation.
        also_listed_by_another: bool,
    },
    /// The same content was there already; nothing changed.
    Unchanged {
        /// The listing's id.
        entry: EntryId,
    },
    /// Other content replaced what was there.
    Updated {
        /// The listing's id.
        entry: EntryId,
    },
    /// Nothing was kept.
    Refused {
        /// Why.
        reason: RowRefusal,
    },
}

/// Why a row was refused.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RowRefusal {
    /// The element is not a canonical encoding of a group element other than the identity.
    #[error("the element does not decode")]
    BadElement,
    /// Other content stands under the same natural key and the row is not an update.
    #[error("other content stands under this reference")]
    Conflict,
    /// The same natural key comes twice in one submission.
    #[error("the reference comes twice for this person in one submission")]
    Repeated,
    /// The person has as many listings as are kept.
    #[error("the person has too many listings")]
    TooManyListings,
    /// The list does not take this reason.
    #[error("the list does not take this reason")]
    Reason,
    /// The reason and the collectibility do not fit.
    #[error("the reason and the collectibility do not fit")]
    Collectibility,
    /// Below the list's least collectibility.
    #[error("below the list's least collectibility")]
    BelowGrade,
    /// The reason and the amount band do not fit.
    #[error("the reason and the amount band do not fit")]
    Plafond,
    /// Below the list's least amount.
    #[error("below the list's least amount")]
    BelowAmount,
    /// The day of default is in the future or too long ago.
    #[error("the day of default is in the future or too long ago")]
    DefaultedOn,
    /// The listing's end is past or too far away.
    #[error("the listing's end is past or too far away")]
    ExpiresOn,
    /// The person was taken off the list while this version was staged.
    #[error("the person was taken off the list while this version was staged")]
    Withdrawn,
}

impl From<PolicyFault> for RowRefusal {
    fn from(fault: PolicyFault) -> Self {
        match fault {
            PolicyFault::Reasons | PolicyFault::Reason => Self::Reason,
            PolicyFault::Collectibility => Self::Collectibility,
            PolicyFault::BelowGrade => Self::BelowGrade,
            PolicyFault::Plafond => Self::Plafond,
            PolicyFault::BelowAmount => Self::BelowAmount,
            PolicyFault::DefaultedOn => Self::DefaultedOn,
            PolicyFault::Life | PolicyFault::ExpiresOn => Self::ExpiresOn,
        }
    }
}

/// The registry's answer to a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SubmissionReply {
    /// One outcome a row, in the rows' order.
    pub rows: Vec<RowOutcome>,
    /// The registry's receipt.
    pub receipt: SignedReceipt,
}

/// The content of a removal: at most [`MAX_REMOVALS`](super::limits::MAX_REMOVALS) entries, one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Why: decides what becomes of the listings.
    pub cause: RemovalCause,
    /// The listings.
    pub entries: Vec<EntryId>,
}

/// What became of one entry of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemovalOutcome {
    /// The listing changed or is gone.
    Done,
    /// It already was as ordered.
    Unchanged,
    /// No such listing of this organisation (one that is gone included).
    NotFound,
    /// The listing does not allow it: a victim's (`KORBAN`) has no debt that could be paid.
    NotPossible,
}

/// The registry's answer to a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RemovalReply {
    /// One outcome an entry, in the entries' order.
    pub entries: Vec<RemovalOutcome>,
    /// The registry's receipt.
    pub receipt: SignedReceipt,
}

/// One of an organisation's own listings, as its own page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OwnEntry {
    /// The listing's id.
    pub entry: EntryId,
    /// The digest of the organisation's own reference.
    pub reference: Digest32,
    /// What was said.
    pub content: ListingContent,
    /// Active, suspended or previously.
    pub status: super::codes::ListingStatus,
    /// The element the organisation submitted: lets it verify that its entry is served.
    pub element: Element32,
}

/// A page of [`OwnEntry`], by entry id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OwnPage {
    /// At most [`MAX_PAGE`](super::limits::MAX_PAGE).
    pub entries: Vec<OwnEntry>,
    /// What to pass for the next page; none after the last.
    pub next: Option<String>,
}
