//! What the judge holds.

use std::collections::BTreeMap;

use super::moves::Log;
use crate::protocol::listing::Person;
use crate::protocol::organisation::{Grant, Organisation};
use crate::protocol::record::SignedRecord;
use crate::protocol::{
    ContentDigest, Date, Digest32, EntryId, Epoch, JobId, ListId, Locator, OrderId, OrgId,
    Timestamp,
};
use crate::store::kept::Place;
use crate::store::{
    Evidence, Invitation, JournaledRemoval, PersonChange, StoreError, StoredList, View,
};

/// Everything. `records` are oldest first; `held` counts the journal's entries that were carried
/// out.
#[derive(Default)]
pub(super) struct State {
    pub(super) counter: u64,
    pub(super) last_time: Timestamp,
    pub(super) organisations: BTreeMap<OrgId, Organisation>,
    pub(super) invitations: BTreeMap<Digest32, Invitation>,
    pub(super) grants: BTreeMap<(OrgId, ListId), Grant>,
    pub(super) lists: BTreeMap<ListId, StoredList>,
    pub(super) records: BTreeMap<ListId, Vec<SignedRecord>>,
    pub(super) people: BTreeMap<Place, People>,
    pub(super) logs: BTreeMap<(ListId, Epoch), Log>,
    pub(super) replies: BTreeMap<(OrgId, OrderId), Reply>,
    pub(super) evidence: BTreeMap<u64, Evidence>,
    pub(super) charges: BTreeMap<(OrgId, ListId, Epoch, JobId, u32), ContentDigest>,
    pub(super) used: BTreeMap<(OrgId, ListId, Date), u64>,
    pub(super) journal: Vec<JournaledRemoval>,
    pub(super) held: u64,
}

/// What an order was answered.
pub(super) struct Reply {
    pub(super) content: ContentDigest,
    pub(super) sequence: u64,
    pub(super) reply: Vec<u8>,
}

/// The people of one view as their last changes left them; each has a person.
#[derive(Default)]
pub(super) struct People(pub(super) BTreeMap<Locator, PersonChange>);

impl People {
    pub(super) fn people(&self, locators: &[Locator]) -> Vec<Option<Person>> {
        let held = |locator| self.0.get(locator).and_then(|kept| kept.person.clone());
        locators.iter().map(held).collect()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (EntryId, Locator)> {
        let people = self.0.values().filter_map(|kept| kept.person.as_ref());
        people.flat_map(|person| person.listings.iter().map(|l| (l.entry, person.locator)))
    }

    pub(super) fn own_entries(&self, organisation: &OrgId) -> Vec<(EntryId, Locator)> {
        let people = self.0.values().filter_map(|kept| kept.person.as_ref());
        let own = people.flat_map(|person| {
            let own = person.listings.iter();
            own.filter(|listing| listing.organisation == *organisation)
                .map(|listing| (listing.entry, person.locator))
        });
        own.collect()
    }
}

impl State {
    /// The people of a view.
    pub(super) fn at(&self, view: &View) -> Result<&People, StoreError> {
        let place = self.place(view).ok_or(StoreError::Missing)?;
        self.people.get(&place).ok_or(StoreError::Missing)
    }

    /// Where a view's people stand.
    pub(super) fn place(&self, view: &View) -> Option<Place> {
        view.place(self.lists.get(&view.list))
    }

    /// The sequence of a view's list, which is there if the view is.
    pub(super) fn sequence(&self, view: &View) -> u64 {
        self.lists.get(&view.list).map_or(0, |list| list.sequence)
    }

    #[cfg(test)]
    pub(super) fn dump(&self) -> crate::store::dump::Dump {
        let people = self.people.iter().flat_map(|(place, people)| {
            let people = people.0.values().cloned();
            people.map(|person| (place.clone(), person))
        });
        let logs = self.logs.iter().map(|(view, log)| {
            let rows = log.rows.clone().into_iter().collect();
            (view.clone(), log.head.clone(), rows)
        });
        let replies = self.replies.iter();
        crate::store::dump::Dump {
            counter: self.counter,
            last_time: self.last_time,
            held: self.held,
            journal: self.journal.clone(),
            organisations: self.organisations.values().cloned().collect(),
            invitations: self.invitations.values().cloned().collect(),
            grants: self.grants.values().cloned().collect(),
            lists: self.lists.values().cloned().collect(),
            records: self.records.values().flatten().cloned().collect(),
            people: people.collect(),
            logs: logs.collect(),
            replies: replies
                .map(|((org, order), r)| {
                    (org.clone(), *order, r.content, r.sequence, r.reply.clone())
                })
                .collect(),
            evidence: self.evidence.clone().into_iter().collect(),
            charges: self.charges.values().copied().collect(),
            used: self.used.values().copied().collect(),
        }
    }
}
