//! What goes into the store and comes out of it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::protocol::limits::{MAX_CLOCK_LEAP, ROW_BYTES};
use crate::protocol::listing::Person;
use crate::protocol::order::ChargeKey;
use crate::protocol::organisation::{Grant, Organisation};
use crate::protocol::policy::ListPolicy;
use crate::protocol::record::{EpochRecord, SignedRecord};
use crate::protocol::submission::Removal;
use crate::protocol::version::{Handover, StagedBy, Validity, Version};
use crate::protocol::{
    AnswerClass, ContentDigest, Date, Digest32, Epoch, ListId, ListKind, Locator, OrderId, OrgId,
    PublicKey, Reasons, Timestamp,
};

/// One version's people of one list in one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct View {
    /// The list.
    pub list: ListId,
    /// The epoch.
    pub epoch: Epoch,
    /// The version. Which one answers, the store decides at the moment of each call, so that no
    /// answer is of two.
    pub which: Which,
}

/// Which version of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// The one that answers.
    Answering,
    /// This one, answering or staged.
    Numbered(Version),
}

impl View {
    /// The people whom a list answers about.
    #[must_use]
    pub const fn answering(list: ListId, epoch: Epoch) -> Self {
        Self {
            list,
            epoch,
            which: Which::Answering,
        }
    }

    /// The people of one version.
    #[must_use]
    pub const fn numbered(list: ListId, epoch: Epoch, version: Version) -> Self {
        Self {
            list,
            epoch,
            which: Which::Numbered(version),
        }
    }

    /// Where the view's people stand in a list; none where it has no such epoch or version.
    pub(super) fn place(&self, list: Option<&StoredList>) -> Option<Place> {
        let list = list.filter(|list| list.list == self.list && list.epoch == self.epoch)?;
        let answering = list.versions.answering.version;
        let version = match self.which {
            Which::Answering => answering,
            Which::Numbered(version) if version == answering => version,
            Which::Numbered(version) => {
                let staged = list.versions.staged.as_ref();
                staged.filter(|staged| staged.version == version)?.version
            }
        };
        Some(Place {
            list: list.list.clone(),
            epoch: list.epoch,
            version,
        })
    }
}

/// Where people stand: a view whose version is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) list: ListId,
    pub(super) epoch: Epoch,
    pub(super) version: Version,
}

/// Where a change of people takes effect: in its own version, and in the list's other one.
pub(super) struct Places {
    pub(super) own: Place,
    pub(super) other: Option<Place>,
    /// Whether its own version is the one that answers.
    pub(super) own_answers: bool,
}

impl Places {
    /// Where a change of a view's people takes effect; none where the view is not there. A closed
    /// version changes only beside the one that answers.
    pub(super) fn of(view: &View, list: &StoredList) -> Option<Self> {
        let own = view.place(Some(list))?;
        let at = |version| Place {
            version,
            ..own.clone()
        };
        let answering = list.versions.answering.version;
        let staged = list.versions.staged.as_ref();
        if own.version == answering {
            let other = staged.map(|staged| at(staged.version));
            return Some(Self {
                own,
                other,
                own_answers: true,
            });
        }
        staged.filter(|staged| !staged.closed)?;
        let other = Some(at(answering));
        Some(Self {
            own,
            other,
            own_answers: false,
        })
    }
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
    /// How many people it holds in the epoch in force, in the version that answers.
    pub people: u64,
    /// Its versions.
    pub versions: Versions,
}

impl StoredList {
    /// A list as its first record begins it.
    #[must_use]
    pub fn new(first: &EpochRecord, policy: ListPolicy, epoch_days: u16) -> Self {
        Self {
            list: first.list.clone(),
            kind: first.kind,
            hash_key: first.hash_key,
            policy,
            epoch_days,
            epoch: first.epoch,
            sequence: 0,
            people: 0,
            versions: Versions::first(first.not_before),
        }
    }

    /// The people whom the list answers about.
    #[must_use]
    pub fn view(&self) -> View {
        View::answering(self.list.clone(), self.epoch)
    }

    /// The people of the version that is staged, if one is.
    #[must_use]
    pub fn staged_view(&self) -> Option<View> {
        let staged = self.versions.staged.as_ref()?;
        let (list, epoch) = (self.list.clone(), self.epoch);
        Some(View::numbered(list, epoch, staged.version))
    }
}

/// A list's versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The one that answers.
    pub answering: AnsweringVersion,
    /// The one that is staged, if any.
    pub staged: Option<StagedVersion>,
    /// Those whose people are still to be destroyed.
    pub retired: Vec<Version>,
    /// The highest number given out.
    pub last: Version,
}

impl Versions {
    /// Those of a new list at a time.
    const fn first(since: Timestamp) -> Self {
        Self {
            answering: AnsweringVersion {
                version: Version::FIRST,
                since,
                listings: 0,
                validity: Validity {
                    berlaku_dari: None,
                    berlaku_sampai: None,
                },
                staged_by: None,
                handover: None,
            },
            staged: None,
            retired: Vec::new(),
            last: Version::FIRST,
        }
    }
}

/// The version that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweringVersion {
    /// Its number.
    pub version: Version,
    /// Since when it answers.
    pub since: Timestamp,
    /// How many listings it took while it was staged.
    pub listings: u64,
    /// When it holds.
    pub validity: Validity,
    /// Who staged it.
    pub staged_by: Option<StagedBy>,
    /// Under which handing over.
    pub handover: Option<Handover>,
}

/// The version that is staged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedVersion {
    /// Its number.
    pub version: Version,
    /// Who stages it.
    pub staged_by: StagedBy,
    /// The digest of its file under the organisation's own salt.
    pub source: Digest32,
    /// When it holds.
    pub validity: Validity,
    /// Since when it is staged.
    pub since: Timestamp,
    /// Whether it is whole, and takes no more rows.
    pub closed: bool,
    /// How many people it holds, those included who were removed while it was staged.
    pub people: u64,
    /// How many listings its rows made.
    pub listings: u64,
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
    /// A version begins. The store gives it the next number and 0 people; its `version` is not
    /// looked at. [`StoreError::Exists`] while another is staged.
    OpenVersion(ListId, Box<StagedVersion>),
    /// The staged version of that number is whole. [`StoreError::Missing`] if there is none;
    /// [`StoreError::Exists`] if it holds another number of listings.
    CloseVersion(ListId, Version, u64),
    /// The staged version of that number answers from now on, in the place of the other.
    /// [`StoreError::Missing`] unless the one is staged and closed and the other answers.
    SwitchVersion {
        /// The list.
        list: ListId,
        /// The version that shall answer.
        version: Version,
        /// The one that answers until then.
        replaces: Version,
        /// The agency's handing over.
        handover: Box<Handover>,
    },
    /// The staged version of that number is given up. [`StoreError::Missing`] if there is none.
    DropVersion(ListId, Version),
    /// Everybody of a retired version is destroyed. [`StoreError::Missing`] if it is not retired.
    ForgetVersion(ListId, Version),
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
    /// The people at the same locators in the list's other version: in the staged one if the change
    /// is of the one that answers, and the other way round. None where nothing is staged.
    pub other: Option<Vec<Option<Person>>>,
}

/// What is to become of people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The people that change; each locator is one of those asked for, at most once.
    pub changes: Vec<PersonChange>,
    /// The people that change in the list's other version; none unless [`Before::other`] was given.
    pub other: Vec<PersonChange>,
    /// How many listings the change adds to the version: told again when a version is closed.
    pub listings: u64,
    /// What to answer, now and whenever the same order comes again.
    pub reply: Vec<u8>,
}

impl Decision {
    /// Checks a decision against the locators that were asked for.
    ///
    /// # Errors
    /// [`StoreError::BadDecision`] if it names a locator twice or one that was not asked for,
    /// gives a row, a section or a due time to nobody, or changes another version that is not there.
    pub(super) fn check(&self, asked: &[Locator], before: &Before) -> Result<(), StoreError> {
        let other = before.other.is_some() || self.other.is_empty();
        if other && fit(&self.changes, asked) && fit(&self.other, asked) {
            Ok(())
        } else {
            Err(StoreError::BadDecision)
        }
    }

    /// Whether anybody changes.
    pub(super) const fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.other.is_empty()
    }
}

fn fit(changes: &[PersonChange], asked: &[Locator]) -> bool {
    if changes.is_empty() {
        return true;
    }
    let mut open: HashSet<&Locator> = asked.iter().collect();
    changes.iter().all(|change| {
        let person = match &change.person {
            Some(person) => person.locator == change.locator,
            None => change.row.is_none() && change.section.is_none() && change.due.is_none(),
        };
        open.remove(&change.locator) && person
    })
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
