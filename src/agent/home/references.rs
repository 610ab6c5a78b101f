//! Reference digest to entry ids: what lets a cooperative settle without a NIK and without quota.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{HomeError, Records, SealedLog};
use crate::protocol::{Date, Digest32, EntryId, Epoch, ListId};

/// Batches after which the log is written anew when it is opened.
const COMPACT_FROM: usize = 256;
/// Entries of one batch of a compacted log.
const BATCH: usize = 10_000;

/// One listing of the organisation's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::agent) struct Known {
    /// The listing's id.
    pub(in crate::agent) entry: EntryId,
    /// Days since 1970: the day of default as it was sent.
    defaulted_on: i32,
    /// The epoch in which the mark was made.
    epoch: u32,
    mark: ElementMark,
}

/// By what the element that was submitted is recognised, without keeping the element: 16 bytes of
/// its keyed hash under the home's salt.
pub(in crate::agent) type ElementMark = [u8; 16];

impl Known {
    /// A listing and the day of default that was sent with it.
    pub(in crate::agent) const fn new(
        entry: EntryId,
        defaulted_on: Date,
        epoch: Epoch,
        mark: ElementMark,
    ) -> Self {
        Self {
            entry,
            defaulted_on: defaulted_on.0,
            epoch: epoch.0,
            mark,
        }
    }

    /// Whether another element was submitted in this epoch; unknown after a rotation.
    pub(in crate::agent) fn is_another(&self, epoch: Epoch, mark: &ElementMark) -> bool {
        self.epoch == epoch.0 && self.mark != *mark
    }

    /// The day of default as it was sent.
    pub(in crate::agent) const fn defaulted_on(&self) -> Date {
        Date(self.defaulted_on)
    }
}

/// A listing that was learnt of, or that is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::agent) struct Learnt {
    /// The list.
    pub(in crate::agent) list: ListId,
    /// The digest of the organisation's own reference.
    pub(in crate::agent) reference: Digest32,
    /// The listing.
    pub(in crate::agent) known: Known,
}

/// What is known of each list: about 100 bytes of memory a listing.
pub(in crate::agent) struct References {
    known: HashMap<ListId, HashMap<Digest32, Entries>>,
    log: SealedLog,
}

/// One reference may stand for several people (a joint loan), so it may have several entries.
enum Entries {
    One(Known),
    Many(Vec<Known>),
}

impl Entries {
    fn as_slice(&self) -> &[Known] {
        match self {
            Self::One(known) => std::slice::from_ref(known),
            Self::Many(known) => known,
        }
    }

    fn take(&mut self, new: Known) {
        match self {
            Self::One(known) if known.entry == new.entry => *known = new,
            Self::One(known) => *self = Self::Many(vec![*known, new]),
            Self::Many(all) => match all.iter_mut().find(|known| known.entry == new.entry) {
                Some(known) => *known = new,
                None => all.push(new),
            },
        }
    }
}

impl References {
    pub(super) fn of((log, records): (SealedLog, Records)) -> Result<Self, HomeError> {
        let batches = records.len();
        let mut this = Self {
            known: HashMap::new(),
            log,
        };
        for record in records {
            let batch: Vec<Learnt> =
                postcard::from_bytes(&record).map_err(|_| HomeError::Damaged)?;
            batch.into_iter().for_each(|learnt| this.take(learnt));
        }
        if batches > COMPACT_FROM {
            this.log = this.log.rewrite(&batches_of(&this.known)?)?;
        }
        Ok(this)
    }

    /// Writes down what was learnt; it is on the disk when this returns.
    pub(in crate::agent) fn learn(&mut self, batch: Vec<Learnt>) -> Result<(), HomeError> {
        let fresh: Vec<Learnt> = batch
            .into_iter()
            .filter(|learnt| {
                !self
                    .entries(&learnt.list, &learnt.reference)
                    .contains(&learnt.known)
            })
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let bytes = postcard::to_stdvec(&fresh).map_err(|_| HomeError::TooLarge)?;
        self.log.append(&Zeroizing::new(bytes))?;
        fresh.into_iter().for_each(|learnt| self.take(learnt));
        Ok(())
    }

    /// The listings under a reference on a list; none if it is not known.
    pub(in crate::agent) fn entries(&self, list: &ListId, reference: &Digest32) -> &[Known] {
        let of_list = self.known.get(list);
        let entries = of_list.and_then(|known| known.get(reference));
        entries.map_or(&[], Entries::as_slice)
    }

    /// How many listings of `list` are known.
    pub(in crate::agent) fn count(&self, list: &ListId) -> usize {
        let of_list = self.known.get(list).into_iter().flat_map(HashMap::values);
        of_list.map(|entries| entries.as_slice().len()).sum()
    }

    fn take(&mut self, learnt: Learnt) {
        let of_list = self.known.entry(learnt.list).or_default();
        match of_list.entry(learnt.reference) {
            Entry::Vacant(place) => {
                place.insert(Entries::One(learnt.known));
            }
            Entry::Occupied(mut entries) => entries.get_mut().take(learnt.known),
        }
    }
}

fn batches_of(
    known: &HashMap<ListId, HashMap<Digest32, Entries>>,
) -> Result<Vec<Zeroizing<Vec<u8>>>, HomeError> {
    let lists = known.iter().flat_map(|(list, of_list)| {
        let of_list = of_list.iter();
        of_list.map(move |(reference, entries)| (list, reference, entries))
    });
    let mut learnt = lists.flat_map(|(list, reference, entries)| {
        entries.as_slice().iter().map(|known| Learnt {
            list: list.clone(),
            reference: *reference,
            known: *known,
        })
    });
    let mut batches = Vec::new();
    loop {
        let batch: Vec<Learnt> = learnt.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(batches);
        }
        let bytes = postcard::to_stdvec(&batch).map_err(|_| HomeError::TooLarge)?;
        batches.push(Zeroizing::new(bytes));
    }
}
