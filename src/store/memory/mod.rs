//! The judge: ordered maps under one lock, nothing on disk. Simple enough to be obviously right;
//! other backends are compared with it. It serves tests and promises no durability.

mod moves;
mod state;
mod versions;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::state::State;
use super::moves::first_of_range;
use super::{
    Amended, Change, Charge, Charged, Decide, Evidence, Forgetting, JournaledRemoval, KeyVisitor,
    MoveCount, MovesAfter, Store, StoreError, StoredList, View,
};
use crate::protocol::limits::{MAX_BUCKET_BITS, ROW_BYTES};
use crate::protocol::listing::Person;
use crate::protocol::organisation::{Grant, Organisation};
use crate::protocol::record::SignedRecord;
use crate::protocol::version::DiffCounts;
use crate::protocol::{ContentDigest, Date, EntryId, ListId, Locator, OrderId, OrgId, Timestamp};

/// A store in memory, for tests. Clones are the same store.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<State>>);

/// From where a change of people comes.
enum Origin {
    Order,
    Removal(JournaledRemoval),
    Journal(u64),
}

impl Memory {
    /// Appends a removal to the journal only, as if the process had died before the change.
    pub fn journal_only(&self, removal: JournaledRemoval) {
        self.state().journal.push(removal);
    }

    #[cfg(test)]
    pub(in crate::store) fn dump(&self) -> super::dump::Dump {
        self.state().dump()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panicking decision changed nothing: the state changes only after it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    async fn organisation(&self, id: &OrgId) -> Result<Option<Organisation>, StoreError> {
        Ok(self.state().organisations.get(id).cloned())
    }

    async fn organisations(
        &self,
        after: Option<&OrgId>,
        limit: usize,
    ) -> Result<Vec<Organisation>, StoreError> {
        let state = self.state();
        let later = state
            .organisations
            .values()
            .filter(|held| after.is_none_or(|after| held.organisation > *after));
        Ok(later.take(limit).cloned().collect())
    }

    async fn grant(&self, id: &OrgId, list: &ListId) -> Result<Option<Grant>, StoreError> {
        let key = (id.clone(), list.clone());
        Ok(self.state().grants.get(&key).cloned())
    }

    async fn grants(&self, id: &OrgId) -> Result<Vec<Grant>, StoreError> {
        let state = self.state();
        let own = state.grants.values().filter(|g| g.organisation == *id);
        Ok(own.cloned().collect())
    }

    async fn lists(&self) -> Result<Vec<StoredList>, StoreError> {
        Ok(self.state().lists.values().cloned().collect())
    }

    async fn list(&self, list: &ListId) -> Result<Option<StoredList>, StoreError> {
        Ok(self.state().lists.get(list).cloned())
    }

    async fn records(&self, list: &ListId) -> Result<Vec<SignedRecord>, StoreError> {
        Ok(self.state().records.get(list).cloned().unwrap_or_default())
    }

    async fn administer(&self, change: Change, evidence: Evidence) -> Result<u64, StoreError> {
        self.state().administer(change, evidence)
    }

    async fn reply_to(
        &self,
        organisation: &OrgId,
        order: &OrderId,
    ) -> Result<Option<(ContentDigest, Vec<u8>)>, StoreError> {
        let state = self.state();
        let held = state.replies.get(&(organisation.clone(), *order));
        Ok(held.map(|held| (held.content, held.reply.clone())))
    }

    async fn charge(&self, charge: Charge) -> Result<Charged, StoreError> {
        Ok(self.state().charge(charge))
    }

    async fn used(&self, id: &OrgId, list: &ListId, day: Date) -> Result<u64, StoreError> {
        let key = (id.clone(), list.clone(), day);
        Ok(self.state().used.get(&key).copied().unwrap_or(0))
    }

    async fn amend(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        decide: Decide,
    ) -> Result<Amended, StoreError> {
        self.state()
            .amend(view, &locators, evidence, Origin::Order, &decide)
    }

    async fn amend_journaled(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        removal: JournaledRemoval,
        decide: Decide,
    ) -> Result<Amended, StoreError> {
        self.state()
            .amend(view, &locators, evidence, Origin::Removal(removal), &decide)
    }

    async fn removals_to_replay(&self) -> Result<Vec<(u64, JournaledRemoval)>, StoreError> {
        let state = self.state();
        let all = (0u64..).zip(state.journal.iter().cloned());
        Ok(all.skip_while(|(at, _)| *at < state.held).collect())
    }

    async fn amend_replayed(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        position: u64,
        decide: Decide,
    ) -> Result<Amended, StoreError> {
        self.state().amend(
            view,
            &locators,
            evidence,
            Origin::Journal(position),
            &decide,
        )
    }

    async fn people(
        &self,
        view: &View,
        locators: &[Locator],
    ) -> Result<Vec<Option<Person>>, StoreError> {
        Ok(self.state().at(view)?.people(locators))
    }

    async fn locate(
        &self,
        view: &View,
        entries: &[EntryId],
    ) -> Result<Vec<Option<Locator>>, StoreError> {
        let state = self.state();
        let held: HashMap<EntryId, Locator> = state.at(view)?.entries().collect();
        Ok(entries.iter().map(|e| held.get(e).copied()).collect())
    }

    async fn own_entries(
        &self,
        view: &View,
        organisation: &OrgId,
        after: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<(EntryId, Locator)>, StoreError> {
        let state = self.state();
        let mut own = state.at(view)?.own_entries(organisation);
        own.sort_unstable();
        own.retain(|(entry, _)| after.is_none_or(|after| *entry > after));
        own.truncate(limit);
        Ok(own)
    }

    async fn bucket(
        &self,
        view: &View,
        bits: u8,
        bucket: u32,
    ) -> Result<(u64, Vec<[u8; ROW_BYTES]>), StoreError> {
        let state = self.state();
        let people = state.at(view)?;
        if bits > MAX_BUCKET_BITS || u64::from(bucket) >= 1 << bits {
            return Err(StoreError::Missing);
        }
        let within = people.0.iter().filter(|(l, _)| l.bucket(bits) == bucket);
        let rows = within.filter_map(|(_, kept)| kept.row).collect();
        Ok((state.sequence(view), rows))
    }

    async fn each_filter_key(
        &self,
        view: &View,
        visitors: Vec<KeyVisitor>,
    ) -> Result<u64, StoreError> {
        let (sequence, keys) = self.state().filter_keys(view)?;
        let ranges = visitors.len();
        let place = |first: Option<u64>| {
            first.map_or(keys.len(), |first| {
                keys.partition_point(|(key, _)| *key < first)
            })
        };
        for (number, mut visit) in visitors.into_iter().enumerate() {
            let range =
                place(first_of_range(number, ranges))..place(first_of_range(number + 1, ranges));
            visit(&keys[range])?;
        }
        Ok(sequence)
    }

    async fn count_moves(&self, view: &View, from: u64) -> Result<MoveCount, StoreError> {
        self.state().count_moves(view, from)
    }

    async fn moves(&self, view: &View, from: u64, limit: usize) -> Result<MovesAfter, StoreError> {
        self.state().moves(view, from, limit)
    }

    async fn forget_moves(&self, view: &View, rule: Forgetting) -> Result<usize, StoreError> {
        self.state().forget_moves(view, rule)
    }

    async fn diff(&self, answering: &View, staged: &View) -> Result<DiffCounts, StoreError> {
        self.state().diff(answering, staged)
    }

    async fn due(
        &self,
        view: &View,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Locator>, StoreError> {
        let state = self.state();
        let people = state.at(view)?.0.iter();
        let mut due: Vec<(Timestamp, Locator)> = people
            .filter_map(|(locator, kept)| Some((kept.due.filter(|due| *due <= until)?, *locator)))
            .collect();
        due.sort_unstable();
        Ok(due.into_iter().take(limit).map(|(_, l)| l).collect())
    }

    async fn last_committed_time(&self) -> Result<Timestamp, StoreError> {
        Ok(self.state().last_time)
    }

    async fn writable(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::{self, Harness};

    impl Harness for Memory {
        type Backend = Self;

        fn open(&self) -> Self {
            self.clone()
        }

        fn journal_only(&self, removal: JournaledRemoval) {
            Self::journal_only(self, removal);
        }
    }

    #[tokio::test]
    async fn the_judge_conforms() {
        conformance::run(Memory::default).await;
    }
}
