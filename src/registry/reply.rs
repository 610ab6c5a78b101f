//! What the store keeps of an answer, so that the same order again gets the same one: outcomes,
//! time and record, in postcard. Sequence and signature are made again from them.

use serde::{Deserialize, Serialize};

use crate::protocol::submission::{RemovalOutcome, RowOutcome, RowRefusal};
use crate::protocol::{Digest32, EntryId, ErrorCode, Timestamp};

/// An answer as it is kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept<T> {
    /// The registry's time of the act.
    pub(super) time: Timestamp,
    /// The digest of the record then in force.
    pub(super) record: Digest32,
    /// One a row or entry, in their order.
    pub(super) outcomes: Vec<T>,
}

impl<T: Serialize> Kept<T> {
    /// The bytes to keep.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain values always serialise")
    }
}

impl<T: for<'de> Deserialize<'de>> Kept<T> {
    /// Reads what [`Kept::to_bytes`] made.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ErrorCode> {
        postcard::from_bytes(bytes).map_err(|_| ErrorCode::Internal)
    }
}

/// A [`RowOutcome`] in a form without names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum KeptRow {
    Accepted(EntryId, bool),
    Unchanged(EntryId),
    Updated(EntryId),
    Refused(RowRefusal),
}

/// An entry's outcome has no fields and needs no form of its own.
pub(super) type KeptEntry = RemovalOutcome;

impl From<KeptRow> for RowOutcome {
    fn from(row: KeptRow) -> Self {
        match row {
            KeptRow::Accepted(entry, also_listed_by_another) => Self::Accepted {
                entry,
                also_listed_by_another,
            },
            KeptRow::Unchanged(entry) => Self::Unchanged { entry },
            KeptRow::Updated(entry) => Self::Updated { entry },
            KeptRow::Refused(reason) => Self::Refused { reason },
        }
    }
}
