//! What goes into the store and comes out of it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::protocol::limits::{MAX_CLOCK_LEAP, ROW_BYTES};
use crate::protocol::listing::Person;
use crate::protocol::order::ChargeKey;
use crate::protocol::organisation::{Grant, Organisation};
use crate::protocol::policy::ListPolicy;
use crate::protocol::record::SignedRecord;
use crate::protocol::submission::Removal;
use crate::protocol::{
    AnswerClass, ContentDigest, Date, Digest32, Epoch, ListId, ListKind, Locator, OrderId, OrgId,
    PublicKey, Reasons, Timestamp,
};

/// One epoch's people of one list. While epochs overlap a list has two views.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct View {
    /// The list.
    pub list: ListId,
    /// The epoch.
    pub epoch: Epoch,
}

/// A list as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredList {
    /// Its id.
    pub list: ListId,
    /// Its kind.
    pub kind: ListKind,
    /// For keyed kinds: which hash key the members hold.
    pub hash_key: Option<Digest32>,
    /// Its rules.
    pub policy: ListPolicy,
    /// Length of an epoch, days.
    pub epoch_days: u16,
    /// The epoch in force.
    pub epoch: Epoch,
    /// The sequence number of its last change.
    pub sequence: u64,
    /// How many people it holds in the epoch in force.
    pub people: u64,
}

/// Why something was written and by whom; also what makes a repeated write the same write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Who ordered.
    pub organisation: OrgId,
    /// The order's id: with the organisation, the key of exactly-once.
    pub order: OrderId,
    /// The digest of the order's content.
    pub content: ContentDigest,
    /// The signed order's bytes; empty for the registry's own acts (expiry).
    pub signed_order: Vec<u8>,
    /// The registry's time of the act.
    pub at: Timestamp,
}

impl Evidence {
    /// The last committed time after this write. A write more than [`MAX_CLOCK_LEAP`] ahead does
    /// not move it, so that a clock that leapt is not made good by its own writes: only
    /// [`Change::AcceptClock`] is the operator's word for that.
    pub(super) fn advance(&self, last: Timestamp) -> Timestamp {
        let first = last == Timestamp::default();
        if first || self.at.since(last) <= MAX_CLOCK_LEAP {
            last.max(self.at)
        } else {
            last
        }
    }
}

/// One administrative change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new organisation with its invitation; an organisation that was invited but has not
    /// joined may be invited again, which voids the earlier code.
    Invite(Organisation, Invitation),
    /// A code is redeemed: the organisation becomes active under the key, the code is used up.
    Join {
        /// The digest of the code.
        code: Digest32,
        /// Who joins.
        organisation: OrgId,
        /// Its key.
        key: PublicKey,
    },
    /// An organisation's whole record, in place of what stands, if anything does.
    Organisation(Organisation),
    /// A grant, replaced; one without roles is taken away. Organisation and list must be there.
    Grant(Grant),
    /// A new list with its first epoch record. The store sets the list's sequence, and 0 people.
    CreateList(Box<StoredList>, Box<SignedRecord>),
    /// A list's next record of the same epoch (new buckets).
    Record(Box<SignedRecord>),
    /// The operator confirmed the clock: [`last_committed_time`](super::Store::last_committed_time)
    /// becomes this order's time.
    AcceptClock,
}

/// A code that was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The code's digest.
    pub code: Digest32,
    /// Who was invited.
    pub organisation: OrgId,
    /// When the code dies.
    pub expires: Timestamp,
}

/// Elements to count against an organisation's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What is charged, once.
    pub key: ChargeKey,
    /// The digest of the content.
    pub content: ContentDigest,
    /// How many elements.
    pub count: u64,
    /// The UTC day.
    pub day: Date,
    /// How many the organisation may have evaluated that day.
    pub allowed: u64,
}

/// What became of a charge. `used` is the day's total after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// Counted now.
    Fresh {
        /// The day's total.
        used: u64,
    },
    /// Counted before, with the same content: free.
    Again {
        /// The day's total.
        used: u64,
    },
    /// The same charge key came with other content; nothing was counted.
    Conflict,
    /// It would pass the quota; nothing was counted.
    OverQuota {
        /// The day's total.
        used: u64,
    },
}

/// What stands before a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The sequence number that this change will have if it changes anything.
    pub sequence: u64,
    /// The people at the locators, in their order.
    pub people: Vec<Option<Person>>,
}

/// What is to become of people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The people that change; each locator is one of those asked for, at most once.
    pub changes: Vec<PersonChange>,
    /// What to answer, now and whenever the same order comes again.
    pub reply: Vec<u8>,
}

impl Decision {
    /// Checks a decision against the locators that were asked for.
    ///
    /// # Errors
    /// [`StoreError::BadDecision`] if it names a locator twice or one that was not asked for, or
    /// gives a row, a section or a due time to nobody.
    pub(super) fn check(&self, asked: &[Locator]) -> Result<(), StoreError> {
        let mut open: HashSet<&Locator> = asked.iter().collect();
        let fits = self.changes.iter().all(|change| {
            let person = match &change.person {
                Some(person) => person.locator == change.locator,
                None => change.row.is_none() && change.section.is_none() && change.due.is_none(),
            };
            open.remove(&change.locator) && person
        });
        if fits {
            Ok(())
        } else {
            Err(StoreError::BadDecision)
        }
    }
}

/// One person after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonChange {
    /// Where.
    pub locator: Locator,
    /// The person; none: gone, with the row and every index entry.
    pub person: Option<Person>,
    /// The sealed row; none: the person has listings, but none that is answered (suspended).
    pub row: Option<[u8; ROW_BYTES]>,
    /// Where the person's filter key stands in snapshots; none: nowhere.
    pub section: Option<Section>,
    /// When the person's state next changes by time alone; none: never.
    pub due: Option<Timestamp>,
}

/// Where a person's filter key stands in snapshots: in the section of each reason, under one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Section {
    /// Listed or previously.
    pub class: AnswerClass,
    /// Every reason that counts in that class.
    pub reasons: Reasons,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amended {
    /// The list's sequence after it.
    pub sequence: u64,
    /// The decision's reply: this one's, or the first one's if the order had come before.
    pub reply: Vec<u8>,
    /// Whether the order had come before.
    pub replayed: bool,
}

impl Amended {
    /// The answer where there is nobody to change.
    pub(super) const fn of_nobody(sequence: u64) -> Self {
        Self {
            sequence,
            reply: Vec::new(),
            replayed: false,
        }
    }
}

/// A removal as the journal outside the database keeps it: enough to carry it out again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournaledRemoval {
    /// The list.
    pub list: ListId,
    /// The removal's content.
    pub removal: Removal,
    /// The signed order's bytes.
    pub signed_order: Vec<u8>,
    /// The registry's time of the act.
    pub at: Timestamp,
}
