//! Removals: settled, withdrawn, disputed, reinstated. They cost no quota, are taken from suspended
//! members too, and are in the journal outside the database before they are carried out.

use std::collections::HashSet;
use std::sync::Arc;

use super::members::{Member, Needs, evidence};
use super::open::OpenError;
use super::removal::Removing;
use super::reply::{Kept, KeptEntry};
use super::{Refusal, Registry};
use crate::protocol::limits::{MAX_REMOVAL_BYTES, MAX_REMOVALS};
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::record::EpochRecord;
use crate::protocol::submission::{Removal, RemovalOutcome, RemovalReply};
use crate::protocol::{ContentDigest, Derivation, EntryId, Epoch, ErrorCode, Locator, Timestamp};
use crate::store::{Amended, Decision, Evidence, JournaledRemoval, Store, StoredList, View};

/// Switches of versions that one removal may meet before its caller is told to come back.
const SWITCHES_MET: usize = 3;

impl<S: Store> Registry<S> {
    /// Carries out a removal: of an organisation's own entries, or of any of a list's if it
    /// administers the list. The same order again gives the same answer.
    ///
    /// # Errors
    /// Those of an order but for standing, [`ErrorCode::TooLarge`], [`ErrorCode::Malformed`],
    /// [`ErrorCode::ContentMismatch`] if the order counts other entries,
    /// [`ErrorCode::InvalidField`] naming `list` or `entries`, [`ErrorCode::NotFound`],
    /// [`ErrorCode::OrderConflict`], [`ErrorCode::Unavailable`], [`ErrorCode::StorageFull`].
    pub async fn remove(
        &self,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<RemovalReply, Refusal> {
        if content.len() > MAX_REMOVAL_BYTES {
            return Err(Refusal::limit(MAX_REMOVAL_BYTES));
        }
        let digest = ContentDigest::of(content);
        let member = self
            .authenticate(order, OrderKind::Remove, &digest, Needs::Membership)
            .await?;
        let removal = parse(order, content)?;
        let list = order.order.list.as_ref().ok_or(Refusal::field("list"))?;
        let list = self.store.list(list).await?.ok_or(ErrorCode::NotFound)?;
        let record = self.record_in_force(&list.list).await?.record;
        let mut list = list;
        // A switch may come in between: the people are then those of another version.
        for _ in 0..SWITCHES_MET {
            let id = list.list.clone();
            let tried = self.try_remove(order, &member, &removal, list, &record);
            match tried.await {
                Err(refusal) if refusal.code == ErrorCode::NotFound => {}
                tried => return self.answer_removal(order, record, tried?),
            }
            list = self.store.list(&id).await?.ok_or(ErrorCode::NotFound)?;
        }
        Err(ErrorCode::Unavailable.into())
    }

    /// Carries a removal out in the version that answers when `list` was read, and beside it in the
    /// one that is staged. [`ErrorCode::NotFound`] if another answers by now.
    async fn try_remove(
        &self,
        order: &SignedOrder,
        member: &Member,
        removal: &Removal,
        list: StoredList,
        record: &EpochRecord,
    ) -> Result<Amended, Refusal> {
        let located = self.locate_permitted(member, &list, removal).await?;
        let now = self.clock.now();
        let journaled = JournaledRemoval {
            list: list.list.clone(),
            // Only what this organisation may touch: whoever replays need not judge again.
            removal: Removal {
                cause: removal.cause,
                entries: permitted(removal, &located),
            },
            signed_order: order.to_bytes(),
            at: now,
        };
        let answering = list.versions.answering.version;
        let view = View::numbered(list.list.clone(), list.epoch, answering);
        let removing = Arc::new(self.removing(removal, located, list, record, order, now));
        let (locators, evidence) = (removing.locators.clone(), evidence(order, now));
        let decide = Arc::new(move |before: &_| removing.decide(before));
        let nothing_to_do = journaled.removal.entries.is_empty();
        let amended = if nothing_to_do {
            self.store.amend(&view, locators, evidence, decide).await?
        } else {
            self.store
                .amend_journaled(&view, locators, evidence, journaled, decide)
                .await?
        };
        Ok(amended)
    }

    /// Carries out the removals that only the journal holds: after a crash in the middle of one, or
    /// in a restored backup. Nobody may be served before.
    pub(super) async fn replay_removals(&self) -> Result<(), OpenError> {
        for (position, journaled) in self.store.removals_to_replay().await? {
            self.replay(position, journaled)
                .await
                .map_err(|refusal| OpenError::Replay { position, refusal })?;
        }
        Ok(())
    }

    async fn replay(&self, position: u64, journaled: JournaledRemoval) -> Result<(), Refusal> {
        let order = SignedOrder::from_bytes(&journaled.signed_order);
        let order = order.map_err(|_| ErrorCode::Internal)?;
        let Some(list) = self.store.list(&journaled.list).await? else {
            return self.replay_of_nobody(position, journaled, &order).await;
        };
        let record = self.record_in_force(&list.list).await?.record;
        let (view, removal, now) = (list.view(), journaled.removal, journaled.at);
        let located = self.locate(&list, &removal.entries).await?;
        let removing = self.removing(&removal, located, list, &record, &order, now);
        let evidence = Evidence {
            signed_order: journaled.signed_order,
            ..evidence(&order, now)
        };
        let locators = removing.locators.clone();
        let decide = Arc::new(move |before: &_| removing.decide(before));
        let replayed = self
            .store
            .amend_replayed(&view, locators, evidence, position, decide);
        replayed.await?;
        Ok(())
    }

    /// A restored backup that is older than a list has nobody of that list to remove.
    async fn replay_of_nobody(
        &self,
        position: u64,
        journaled: JournaledRemoval,
        order: &SignedOrder,
    ) -> Result<(), Refusal> {
        let view = View::answering(journaled.list, Epoch(1));
        let evidence = evidence(order, journaled.at);
        let decide = Arc::new(|_: &_| Decision::default());
        let replayed = self
            .store
            .amend_replayed(&view, Vec::new(), evidence, position, decide);
        replayed.await?;
        Ok(())
    }

    /// Where the entries' people stand; none for an entry that is not there or that is another's
    /// and the list is not the member's to administer. Which of the two it is, is not told.
    async fn locate_permitted(
        &self,
        member: &Member,
        list: &StoredList,
        removal: &Removal,
    ) -> Result<Vec<Option<Locator>>, Refusal> {
        let located = self.locate(list, &removal.entries).await?;
        if member.in_good_standing && self.administers(member, &list.list).await? {
            return Ok(located);
        }
        let locators = once(&located);
        let mut people = self.store.people(&list.view(), &locators).await?;
        if let Some(staged) = list.staged_view() {
            people.extend(self.store.people(&staged, &locators).await?);
        }
        let listings = people.iter().flatten().flat_map(|person| &person.listings);
        let own: HashSet<EntryId> = listings
            .filter(|listing| listing.organisation == member.organisation)
            .map(|listing| listing.entry)
            .collect();
        let permitted = removal.entries.iter().zip(located);
        Ok(permitted
            .map(|(entry, locator)| locator.filter(|_| own.contains(entry)))
            .collect())
    }

    /// Where entries stand, in the version that answers or else in the one that is staged.
    async fn locate(
        &self,
        list: &StoredList,
        entries: &[EntryId],
    ) -> Result<Vec<Option<Locator>>, Refusal> {
        let mut located = self.store.locate(&list.view(), entries).await?;
        if let Some(staged) = list.staged_view() {
            let beside = self.store.locate(&staged, entries).await?;
            for (place, beside) in located.iter_mut().zip(beside) {
                *place = place.or(beside);
            }
        }
        Ok(located)
    }

    fn removing(
        &self,
        removal: &Removal,
        located: Vec<Option<Locator>>,
        list: StoredList,
        record: &EpochRecord,
        order: &SignedOrder,
        now: Timestamp,
    ) -> Removing {
        Removing {
            cause: removal.cause,
            locators: once(&located),
            entries: removal.entries.iter().copied().zip(located).collect(),
            derivation: Derivation::new(&record.list, record.epoch),
            policy: list.policy,
            order: order.order.digest(),
            record: record.digest(),
            now,
        }
    }

    fn answer_removal(
        &self,
        order: &SignedOrder,
        record: EpochRecord,
        amended: Amended,
    ) -> Result<RemovalReply, Refusal> {
        let kept: Kept<KeptEntry> = Kept::from_bytes(&amended.reply)?;
        if !amended.replayed {
            let done = |outcome: &&KeptEntry| **outcome == RemovalOutcome::Done;
            self.counters.removals.add(1);
            let removed = kept.outcomes.iter().filter(done).count();
            self.counters.entries_removed.add(removed);
        }
        let order = order.order.digest();
        let mut receipt = self
            .receipt(order, &record, amended.sequence, kept.time)
            .receipt;
        receipt.record = kept.record;
        Ok(RemovalReply {
            entries: kept.outcomes,
            receipt: receipt.sign(&self.signing),
        })
    }
}

fn parse(order: &SignedOrder, content: &[u8]) -> Result<Removal, Refusal> {
    let removal: Removal = serde_json::from_slice(content).map_err(|_| ErrorCode::Malformed)?;
    match removal.entries.len() {
        0 => Err(Refusal::field("entries")),
        entries if entries > MAX_REMOVALS => Err(Refusal::limit(MAX_REMOVALS)),
        entries if entries != order.order.count as usize => Err(ErrorCode::ContentMismatch.into()),
        _ => Ok(removal),
    }
}

fn permitted(removal: &Removal, located: &[Option<Locator>]) -> Vec<EntryId> {
    let entries = removal.entries.iter().zip(located);
    let permitted = entries.filter(|(_, locator)| locator.is_some());
    permitted.map(|(entry, _)| *entry).collect()
}

/// Each locator once, in order of first mention.
fn once(located: &[Option<Locator>]) -> Vec<Locator> {
    let mut known = HashSet::new();
    let located = located.iter().flatten().copied();
    located.filter(|locator| known.insert(*locator)).collect()
}
