//! Everything a store holds, so that tests compare backends.

use super::kept::Place;
use super::moves::{LogHead, LogRow};
use super::{Evidence, Invitation, JournaledRemoval, PersonChange, StoredList};
use crate::protocol::organisation::{Grant, Organisation};
use crate::protocol::record::SignedRecord;
use crate::protocol::{ContentDigest, Epoch, ListId, OrderId, OrgId, Timestamp};

/// A view's log: its head and its rows by sequence.
pub(super) type KeptLog = ((ListId, Epoch), LogHead, Vec<(u64, LogRow)>);

/// Everything.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dump {
    pub(super) counter: u64,
    pub(super) last_time: Timestamp,
    pub(super) held: u64,
    pub(super) journal: Vec<JournaledRemoval>,
    pub(super) organisations: Vec<Organisation>,
    pub(super) invitations: Vec<Invitation>,
    pub(super) grants: Vec<Grant>,
    pub(super) lists: Vec<StoredList>,
    pub(super) records: Vec<SignedRecord>,
    pub(super) people: Vec<(Place, PersonChange)>,
    pub(super) logs: Vec<KeptLog>,
    pub(super) replies: Vec<(OrgId, OrderId, ContentDigest, u64, Vec<u8>)>,
    pub(super) evidence: Vec<(u64, Evidence)>,
    pub(super) charges: Vec<ContentDigest>,
    pub(super) used: Vec<u64>,
}

impl Dump {
    /// The same in an order that does not depend on how a backend's keys sort.
    pub(super) fn sorted(mut self) -> Self {
        let by_grant = |g: &Grant| (g.organisation.clone(), g.list.clone());
        self.grants.sort_by_key(by_grant);
        self.invitations.sort_by_key(|invitation| invitation.code);
        self.records
            .sort_by_key(|signed| (signed.record.list.clone(), signed.record.revision));
        self.people
            .sort_by_key(|(place, change)| (place.clone(), change.locator));
        self.logs.sort_by_key(|(view, ..)| view.clone());
        self.replies.sort();
        self.charges.sort();
        self.used.sort();
        self
    }
}
