//! How the judge changes.

use super::Origin;
use super::state::{People, Reply, State};
use crate::protocol::organisation::{Grant, Organisation, Standing};
use crate::protocol::record::SignedRecord;
use crate::protocol::{Digest32, KeyMove, OrgId, PublicKey, Timestamp};
use crate::store::kept::{Place, Places};
use crate::store::{
    Amended, Before, Change, Charge, Charged, Decide, Decision, Evidence, Invitation, PersonChange,
    StoreError, StoredList, View,
};

/// What became of one version's people: how many there are, whether any changed, and whose filter
/// keys moved.
struct Put {
    people: u64,
    changed: bool,
    moves: Vec<KeyMove>,
}

impl State {
    pub(super) fn administer(
        &mut self,
        change: Change,
        evidence: Evidence,
    ) -> Result<u64, StoreError> {
        if let Some(first) = self.replied(&evidence)? {
            return Ok(first.sequence);
        }
        let accepts_clock = matches!(change, Change::AcceptClock);
        match change {
            Change::Invite(organisation, invitation) => self.invite(organisation, invitation)?,
            Change::Join {
                code,
                organisation,
                key,
            } => self.join(code, &organisation, key, evidence.at)?,
            Change::Organisation(organisation) => {
                let id = organisation.organisation.clone();
                self.organisations.insert(id, organisation);
            }
            Change::Grant(grant) => self.grant(grant)?,
            Change::CreateList(list, record) => self.create_list(*list, *record)?,
            Change::Record(record) => self.record(*record)?,
            Change::OpenVersion(list, staged) => self.open_version(&list, *staged)?,
            Change::CloseVersion(list, version, listings) => {
                self.close_version(&list, version, listings)?;
            }
            Change::SwitchVersion {
                list,
                version,
                replaces,
                handover,
            } => self.switch_version(&list, version, replaces, *handover, evidence.at)?,
            Change::DropVersion(list, version) => self.drop_version(&list, version)?,
            Change::ForgetVersion(list, version) => self.forget_version(&list, version)?,
            Change::AcceptClock => {}
        }
        let at = evidence.at;
        let sequence = self.commit(evidence, None);
        if accepts_clock {
            self.last_time = at;
        }
        Ok(sequence)
    }

    fn invite(
        &mut self,
        organisation: Organisation,
        invitation: Invitation,
    ) -> Result<(), StoreError> {
        let id = organisation.organisation.clone();
        let held = self.organisations.get(&id);
        let another_holds_the_code = self
            .invitations
            .get(&invitation.code)
            .is_some_and(|held| held.organisation != id);
        if held.is_some_and(|held| held.standing != Standing::Invited)
            || another_holds_the_code
            || invitation.organisation != id
            || organisation.standing != Standing::Invited
        {
            return Err(StoreError::Exists);
        }
        self.invitations.retain(|_, held| held.organisation != id);
        self.invitations.insert(invitation.code, invitation);
        self.organisations.insert(id, organisation);
        Ok(())
    }

    fn join(
        &mut self,
        code: Digest32,
        organisation: &OrgId,
        key: PublicKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let invitation = self.invitations.get(&code);
        let good = invitation.is_some_and(|i| i.organisation == *organisation && now < i.expires);
        let held = self.organisations.get_mut(organisation);
        match held.filter(|held| good && held.standing == Standing::Invited) {
            None => Err(StoreError::BadInvitation),
            Some(held) => {
                held.standing = Standing::Active;
                held.key = Some(key);
                self.invitations.remove(&code);
                Ok(())
            }
        }
    }

    fn grant(&mut self, grant: Grant) -> Result<(), StoreError> {
        if !self.organisations.contains_key(&grant.organisation)
            || !self.lists.contains_key(&grant.list)
        {
            return Err(StoreError::Missing);
        }
        let key = (grant.organisation.clone(), grant.list.clone());
        if grant.roles.is_empty() {
            self.grants.remove(&key);
        } else {
            self.grants.insert(key, grant);
        }
        Ok(())
    }

    fn create_list(&mut self, list: StoredList, record: SignedRecord) -> Result<(), StoreError> {
        let fits = record.record.list == list.list && record.record.epoch == list.epoch;
        if self.lists.contains_key(&list.list) || !fits {
            return Err(StoreError::Exists);
        }
        let place = Place {
            list: list.list.clone(),
            epoch: list.epoch,
            version: list.versions.answering.version,
        };
        let list = StoredList {
            sequence: self.counter + 1,
            people: 0,
            ..list
        };
        self.begin_log(&list.list, list.epoch);
        self.records.insert(list.list.clone(), vec![record]);
        self.people.insert(place, People::default());
        self.lists.insert(list.list.clone(), list);
        Ok(())
    }

    fn record(&mut self, next: SignedRecord) -> Result<(), StoreError> {
        let records = self.records.get_mut(&next.record.list);
        let list = self.lists.get_mut(&next.record.list);
        let (Some(records), Some(list)) = (records, list) else {
            return Err(StoreError::Missing);
        };
        let last = records.last().ok_or(StoreError::Corrupt)?;
        let follows = next.record.epoch == last.record.epoch
            && Some(next.record.revision) == last.record.revision.checked_add(1)
            && next.record.previous == last.record.digest();
        if !follows {
            return Err(StoreError::Exists);
        }
        records.push(next);
        list.sequence = self.counter + 1;
        Ok(())
    }

    pub(super) fn charge(&mut self, charge: Charge) -> Charged {
        let key = charge.key;
        let day = (key.organisation.clone(), key.list.clone(), charge.day);
        let used = self.used.get(&day).copied().unwrap_or(0);
        let once = (key.organisation, key.list, key.epoch, key.job, key.chunk);
        match self.charges.get(&once) {
            Some(held) if *held == charge.content => return Charged::Again { used },
            Some(_) => return Charged::Conflict,
            None => {}
        }
        match used.checked_add(charge.count) {
            Some(total) if total <= charge.allowed => {
                self.counter += 1;
                self.charges.insert(once, charge.content);
                self.used.insert(day, total);
                Charged::Fresh { used: total }
            }
            _ => Charged::OverQuota { used },
        }
    }

    pub(super) fn amend(
        &mut self,
        view: &View,
        locators: &[crate::protocol::Locator],
        evidence: Evidence,
        origin: Origin,
        decide: &Decide,
    ) -> Result<Amended, StoreError> {
        if let Origin::Journal(position) = origin
            && (position > self.held || position >= self.journal.len() as u64)
        {
            return Err(StoreError::Missing);
        }
        match (self.replied(&evidence), &origin) {
            // What the journal holds is carried out even if its order's id was used twice.
            (Err(_), Origin::Journal(position)) if *position == self.held => {}
            (Err(error), _) => return Err(error),
            (Ok(Some(first)), _) => {
                if let Origin::Journal(position) = origin
                    && position == self.held
                {
                    self.held += 1;
                    self.counter += 1;
                }
                return Ok(first);
            }
            (Ok(None), _) => {}
        }
        let list = self.lists.get(&view.list);
        let places = list.and_then(|list| Places::of(view, list));
        let places = match (places, &origin) {
            (None, Origin::Journal(position)) if *position == self.held => {
                self.held += 1;
                self.counter += 1;
                return Ok(Amended::of_nobody(self.counter));
            }
            (places, _) => places.ok_or(StoreError::Missing)?,
        };
        let people = |place: &Place| self.people.get(place).map(|held| held.people(locators));
        let before = Before {
            sequence: self.counter + 1,
            people: people(&places.own).unwrap_or_default(),
            other: places.other.as_ref().and_then(people),
        };
        let decision = decide(&before);
        decision.check(locators, &before)?;
        match origin {
            Origin::Removal(removal) if !decision.is_empty() => {
                self.journal.push(removal);
                self.held = self.journal.len() as u64;
            }
            Origin::Journal(position) => self.held = self.held.max(position + 1),
            Origin::Removal(_) | Origin::Order => {}
        }
        Ok(self.carry_out(&places, decision, evidence))
    }

    fn carry_out(&mut self, places: &Places, decision: Decision, evidence: Evidence) -> Amended {
        let next = self.counter + 1;
        let own = self.put(&places.own, decision.changes);
        let other = places.other.as_ref().map(|p| self.put(p, decision.other));
        let list = self.lists.get_mut(&places.own.list);
        let list = list.expect("its people are there");
        let (answering, staged) = if places.own_answers {
            (Some(own), other)
        } else {
            (other, Some(own))
        };
        let mut moves = Vec::new();
        if let Some(put) = answering {
            list.people = put.people;
            if put.changed {
                list.sequence = next;
            }
            moves = put.moves;
        }
        if let (Some(put), Some(held)) = (staged, &mut list.versions.staged) {
            held.people = put.people;
            held.listings += decision.listings;
        }
        let sequence = list.sequence;
        self.log(&places.own.list, places.own.epoch, moves, evidence.at);
        self.commit(evidence, Some((sequence, &decision.reply)));
        Amended {
            sequence,
            reply: decision.reply,
            replayed: false,
        }
    }

    /// Puts changes of one version's people.
    fn put(&mut self, place: &Place, changes: Vec<PersonChange>) -> Put {
        let changed = !changes.is_empty();
        let mut moves = Vec::new();
        let people = self.people.entry(place.clone()).or_default();
        for change in changes {
            let before = people.0.get(&change.locator);
            moves.extend(change.moved(before.and_then(|before| before.section)));
            match change.person {
                Some(_) => people.0.insert(change.locator, change),
                None => people.0.remove(&change.locator),
            };
        }
        Put {
            people: people.0.len() as u64,
            changed,
            moves,
        }
    }

    /// The answer to the same order before.
    fn replied(&self, evidence: &Evidence) -> Result<Option<Amended>, StoreError> {
        let key = (evidence.organisation.clone(), evidence.order);
        match self.replies.get(&key) {
            None => Ok(None),
            Some(first) if first.content != evidence.content => Err(StoreError::OrderConflict),
            Some(first) => Ok(Some(Amended {
                sequence: first.sequence,
                reply: first.reply.clone(),
                replayed: true,
            })),
        }
    }

    /// Takes the next number and keeps the evidence under it; the reply is an administrative
    /// change's own number where there is none.
    fn commit(&mut self, evidence: Evidence, reply: Option<(u64, &[u8])>) -> u64 {
        self.counter += 1;
        self.last_time = evidence.advance(self.last_time);
        let (sequence, reply) = reply.unwrap_or((self.counter, &[]));
        let key = (evidence.organisation.clone(), evidence.order);
        self.replies.entry(key).or_insert(Reply {
            content: evidence.content,
            sequence,
            reply: reply.to_vec(),
        });
        self.evidence.insert(self.counter, evidence);
        self.counter
    }
}
