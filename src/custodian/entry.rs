//! What the ledger's entries say, in postcard.

use serde::{Deserialize, Serialize};

use crate::protocol::order::ChargeKey;
use crate::protocol::record::SignedRecord;
use crate::protocol::{ContentDigest, Date, Epoch, JobId, ListId, OrgId, PublicKey, Timestamp};

/// One act of the custodian. Variants are only ever added at the end: old ledgers must read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Entry {
    /// A list's hard cap, elements a UTC day.
    Capped {
        /// The list.
        list: ListId,
        /// Elements a UTC day.
        cap: u64,
    },
    /// An organisation entered the roll of a list, changed there, or was struck (quota 0).
    Admitted(Box<Admission>),
    /// Elements were charged.
    Charged(Box<Charge>),
    /// A record was countersigned.
    Countersigned(Box<SignedRecord>),
    /// The ledger takes writes again after it had not.
    Resumed {
        /// When.
        at: Timestamp,
    },
}

/// One line of the roll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Admission {
    /// On which list.
    pub list: ListId,
    /// Who.
    pub organisation: OrgId,
    /// Its key, as the custodian's administrator checked it.
    pub key: PublicKey,
    /// Elements a UTC day; 0: struck from the roll.
    pub daily_quota: u64,
    /// When the administrator ordered it: a later order wins, whatever order they arrive in.
    pub ordered_at: Timestamp,
    /// The signed order's bytes: the evidence.
    pub signed_order: Vec<u8>,
}

/// One charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Charge {
    /// Who is charged.
    pub organisation: OrgId,
    /// The list.
    pub list: ListId,
    /// The list's epoch.
    pub epoch: Epoch,
    /// The job.
    pub job: JobId,
    /// The chunk within the job.
    pub chunk: u32,
    /// The digest of the elements.
    pub content: ContentDigest,
    /// How many elements.
    pub count: u32,
    /// The UTC day they count for.
    pub day: Date,
}

impl Charge {
    pub(super) fn new(key: ChargeKey, content: ContentDigest, count: u32, day: Date) -> Self {
        Self {
            organisation: key.organisation,
            list: key.list,
            epoch: key.epoch,
            job: key.job,
            chunk: key.chunk,
            content,
            count,
            day,
        }
    }
}
