//! Reference digest to entry ids: what lets a cooperative settle without a NIK and without quota.

use std::collections::BTreeMap;

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

/// One reference may stand for several people (a joint loan), so it has several entries.
pub(in crate::agent) struct References {
    known: BTreeMap<(ListId, Digest32), Vec<Known>>,
    log: SealedLog,
}

impl References {
    pub(super) fn of((log, records): (SealedLog, Records)) -> Result<Self, HomeError> {
        let batches = records.len();
        let mut this = Self {
            known: BTreeMap::new(),
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
        let key = (list.clone(), *reference);
        self.known.get(&key).map_or(&[], Vec::as_slice)
    }

    /// How many listings of `list` are known.
    pub(in crate::agent) fn count(&self, list: &ListId) -> usize {
        let of_list = self.known.iter().filter(|((known, _), _)| known == list);
        of_list.map(|(_, entries)| entries.len()).sum()
    }

    fn take(&mut self, learnt: Learnt) {
        let entries = self
            .known
            .entry((learnt.list, learnt.reference))
            .or_default();
        match entries
            .iter_mut()
            .find(|known| known.entry == learnt.known.entry)
        {
            Some(known) => *known = learnt.known,
            None => entries.push(learnt.known),
        }
    }
}

fn batches_of(
    known: &BTreeMap<(ListId, Digest32), Vec<Known>>,
) -> Result<Vec<Zeroizing<Vec<u8>>>, HomeError> {
    let learnt = known.iter().flat_map(|((list, reference), entries)| {
        entries.iter().map(|known| Learnt {
            list: list.clone(),
            reference: *reference,
            known: *known,
        })
    });
    let all: Vec<Learnt> = learnt.collect();
    all.chunks(BATCH)
        .map(|batch| {
            postcard::to_stdvec(batch)
                .map(Zeroizing::new)
                .map_err(|_| HomeError::TooLarge)
        })
        .collect()
}
