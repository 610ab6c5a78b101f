//! What the ledger's entries add up to: a pure state machine.

use std::collections::{BTreeMap, HashMap};

use super::entry::{Admission, Charge, Entry};
use super::error::Fault;
use crate::protocol::record::{EpochRecord, SignedRecord};
use crate::protocol::{Date, Digest32, Epoch, ListId, OrgId, Writer};

/// Days whose totals are kept: the newest used and, after a clock that jumped, the ones before.
const KEPT_DAYS: usize = 4;

/// A charge key in 16 bytes: only an exact pair of key and content is free, so that a collision of
/// the short digest alone gains nothing.
type ShortKey = [u8; 16];
/// The first half of a content's SHA-512.
type ShortContent = [u8; 32];

/// The custodian's state.
#[derive(Default)]
pub(super) struct State {
    roll: HashMap<(ListId, OrgId), Admission>,
    caps: HashMap<ListId, u64>,
    records: BTreeMap<(ListId, Epoch, u32), SignedRecord>,
    charges: HashMap<(ListId, Epoch), HashMap<ShortKey, ShortContent>>,
    days: Vec<(Date, Totals)>,
}

/// Elements charged on one day.
#[derive(Default)]
struct Totals {
    organisations: HashMap<(ListId, OrgId), u64>,
    lists: HashMap<ListId, u64>,
}

/// What became of an act in memory.
#[derive(Debug)]
pub(super) enum Applied {
    /// It changed the state and is to be written; how to take it back.
    Fresh(Undo),
    /// It had been done before, with the same content.
    Again,
}

/// How to take an act back when the ledger does not take it.
#[derive(Debug)]
pub(super) enum Undo {
    Cap(ListId),
    Admission(ListId, OrgId, Option<Box<Admission>>),
    Charge(Box<Charge>),
    Record(ListId, Epoch, u32),
    Nothing,
}

impl State {
    /// Carries out an act by the custodian's rules.
    pub(super) fn apply(&mut self, entry: &Entry) -> Result<Applied, Fault> {
        match entry {
            Entry::Capped { list, cap } => Ok(self.cap(list, *cap)),
            Entry::Admitted(admission) => self.admit(admission),
            Entry::Charged(charge) => self.charge(charge),
            Entry::Countersigned(record) => self.countersign(record),
            Entry::Resumed { .. } => Ok(Applied::Fresh(Undo::Nothing)),
        }
    }

    /// Takes up an entry of the ledger: it was within the rules when it was written.
    pub(super) fn replay(&mut self, entry: Entry) {
        match entry {
            Entry::Capped { list, cap } => {
                self.caps.insert(list, cap);
            }
            Entry::Admitted(admission) => {
                let place = (admission.list.clone(), admission.organisation.clone());
                self.roll.insert(place, *admission);
            }
            Entry::Charged(charge) => self.count(&charge),
            Entry::Countersigned(record) => self.keep_record(*record),
            Entry::Resumed { .. } => {}
        }
    }

    /// Takes back what [`State::apply`] did, newest act first.
    pub(super) fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Cap(list) => {
                self.caps.remove(&list);
            }
            Undo::Admission(list, organisation, before) => {
                match before {
                    Some(before) => self.roll.insert((list, organisation), *before),
                    None => self.roll.remove(&(list, organisation)),
                };
            }
            Undo::Charge(charge) => self.uncount(&charge),
            Undo::Record(list, epoch, revision) => {
                self.records.remove(&(list, epoch, revision));
            }
            Undo::Nothing => {}
        }
    }

    /// A line of the roll; one with quota 0 is struck and none.
    pub(super) fn on_roll(&self, list: &ListId, organisation: &OrgId) -> Option<&Admission> {
        self.roll
            .get(&(list.clone(), organisation.clone()))
            .filter(|line| line.daily_quota > 0)
    }

    /// The record that was countersigned in this place.
    pub(super) fn record(
        &self,
        list: &ListId,
        epoch: Epoch,
        revision: u32,
    ) -> Option<&SignedRecord> {
        self.records.get(&(list.clone(), epoch, revision))
    }

    /// Elements charged to an organisation on a list and day.
    pub(super) fn used(&self, list: &ListId, organisation: &OrgId, day: Date) -> u64 {
        let totals = self.days.iter().find(|(date, _)| *date == day);
        let place = (list.clone(), organisation.clone());
        totals.map_or(0, |(_, totals)| {
            totals.organisations.get(&place).copied().unwrap_or(0)
        })
    }

    fn cap(&mut self, list: &ListId, cap: u64) -> Applied {
        if self.caps.contains_key(list) {
            return Applied::Again;
        }
        self.caps.insert(list.clone(), cap);
        Applied::Fresh(Undo::Cap(list.clone()))
    }

    fn admit(&mut self, admission: &Admission) -> Result<Applied, Fault> {
        let place = (admission.list.clone(), admission.organisation.clone());
        match self.roll.get(&place) {
            Some(line) if line == admission => return Ok(Applied::Again),
            Some(line) if line.ordered_at >= admission.ordered_at => {
                return Err(Fault::OlderAdmission);
            }
            _ => {}
        }
        let before = self.roll.insert(place.clone(), admission.clone());
        let (list, organisation) = place;
        Ok(Applied::Fresh(Undo::Admission(
            list,
            organisation,
            before.map(Box::new),
        )))
    }

    fn charge(&mut self, charge: &Charge) -> Result<Applied, Fault> {
        let epoch = (charge.list.clone(), charge.epoch);
        let (key, content) = short(charge);
        match self.charges.get(&epoch).and_then(|known| known.get(&key)) {
            Some(known) if *known == content => return Ok(Applied::Again),
            Some(_) => return Err(Fault::OtherContent),
            None => {}
        }
        let line = self.on_roll(&charge.list, &charge.organisation);
        let quota = line.ok_or(Fault::NotOnRoll)?.daily_quota;
        let cap = self.caps.get(&charge.list).copied();
        let cap = cap.ok_or(Fault::NotOnRoll)?;
        let used = self.used(&charge.list, &charge.organisation, charge.day);
        let count = u64::from(charge.count);
        if used.saturating_add(count) > quota {
            return Err(Fault::OverQuota);
        }
        let on_list = self.totals(charge.day).lists.get(&charge.list).copied();
        if on_list.unwrap_or(0).saturating_add(count) > cap {
            return Err(Fault::CapReached);
        }
        self.count(charge);
        Ok(Applied::Fresh(Undo::Charge(Box::new(charge.clone()))))
    }

    fn countersign(&mut self, record: &SignedRecord) -> Result<Applied, Fault> {
        let new = &record.record;
        let place = (new.list.clone(), new.epoch, new.revision);
        match self.records.get(&place) {
            Some(known) if known.record == *new => return Ok(Applied::Again),
            Some(_) => return Err(Fault::OtherRecord),
            None => {}
        }
        let last = self.last_record(&new.list);
        let follows = match last {
            None => new.revision == 1,
            Some(last) => {
                record.follows(&last.record).is_ok() || Self::replaces_orphan(&last.record, new)
            }
        };
        if !follows {
            return Err(Fault::NotSuccessor);
        }
        self.keep_record(record.clone());
        let (list, epoch, revision) = place;
        Ok(Applied::Fresh(Undo::Record(list, epoch, revision)))
    }

    /// A list whose creation crashed after its first record was signed may be created otherwise in
    /// the next epoch, again as a first record: nobody ever saw the one before.
    fn replaces_orphan(last: &EpochRecord, new: &EpochRecord) -> bool {
        let first =
            |record: &EpochRecord| record.revision == 1 && record.previous == Digest32([0; 32]);
        first(last) && first(new) && new.epoch.0 == last.epoch.0 + 1
    }

    fn last_record(&self, list: &ListId) -> Option<&SignedRecord> {
        let first = (list.clone(), Epoch(0), 0);
        let last = (list.clone(), Epoch(u32::MAX), u32::MAX);
        self.records
            .range(first..=last)
            .next_back()
            .map(|(_, record)| record)
    }

    /// Keeps a record, and forgets the charge keys of epochs before the last: while two epochs
    /// overlap both take orders, earlier ones none.
    fn keep_record(&mut self, record: SignedRecord) {
        let (list, epoch) = (record.record.list.clone(), record.record.epoch);
        self.charges
            .retain(|(of, at), _| *of != list || at.0 + 1 >= epoch.0);
        self.records
            .insert((list, epoch, record.record.revision), record);
    }

    fn count(&mut self, charge: &Charge) {
        let (key, content) = short(charge);
        let epoch = (charge.list.clone(), charge.epoch);
        self.charges.entry(epoch).or_default().insert(key, content);
        let count = u64::from(charge.count);
        let place = (charge.list.clone(), charge.organisation.clone());
        let totals = self.totals(charge.day);
        *totals.organisations.entry(place).or_default() += count;
        *totals.lists.entry(charge.list.clone()).or_default() += count;
    }

    fn uncount(&mut self, charge: &Charge) {
        let (key, _) = short(charge);
        if let Some(known) = self.charges.get_mut(&(charge.list.clone(), charge.epoch)) {
            known.remove(&key);
        }
        let count = u64::from(charge.count);
        let place = (charge.list.clone(), charge.organisation.clone());
        let totals = self.totals(charge.day);
        if let Some(used) = totals.organisations.get_mut(&place) {
            *used = used.saturating_sub(count);
        }
        if let Some(used) = totals.lists.get_mut(&charge.list) {
            *used = used.saturating_sub(count);
        }
    }

    /// The totals of a day, made the most recently used.
    fn totals(&mut self, day: Date) -> &mut Totals {
        match self.days.iter().position(|(date, _)| *date == day) {
            Some(0) => {}
            Some(at) => self.days[..=at].rotate_right(1),
            None => {
                self.days.truncate(KEPT_DAYS - 1);
                self.days.insert(0, (day, Totals::default()));
            }
        }
        &mut self.days[0].1
    }
}

fn short(charge: &Charge) -> (ShortKey, ShortContent) {
    let mut w = Writer::default();
    w.string(charge.organisation.as_str())
        .raw(&charge.job.0)
        .u32(charge.chunk);
    let key = Digest32::of("saring/v1/charge-key", &w.finish()).0;
    let short_key = std::array::from_fn(|at| key[at]);
    let content = std::array::from_fn(|at| charge.content.0[at]);
    (short_key, content)
}
