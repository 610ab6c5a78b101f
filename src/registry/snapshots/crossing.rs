//! What differs over a switch of a list's versions. The log says only that one happened; the last
//! snapshot before it and the first one after it are sorted, so that one pass over both tells the
//! rest, and thousands of copies need not be fetched anew.

use std::collections::BTreeSet;
use std::io;

use super::shelf::Built;
use crate::protocol::limits::MAX_DELTA_KEYS;
use crate::protocol::snapshot::{CHUNK_BYTES, KEY_BYTES};
use crate::protocol::{Delta, KeyMove, Placement, Section, SectionCount};

/// Ranges of one size, into which all keys there can be are cut: what differs is netted range by
/// range, so that the most that is held is the delta and the moves it undoes.
const RANGES: u64 = 256;

/// What leads from the state just before the first switch after `older` to `newer`, of which
/// `since_older` are the moves until that switch. None where a whole snapshot is cheaper: more than
/// half of the keys of `newer`, or than a delta may have.
///
/// # Errors
/// What the files answer; [`io::ErrorKind::InvalidData`] if one was changed.
pub(super) fn over_switch(
    older: &Built,
    newer: &Built,
    mut since_older: Vec<KeyMove>,
) -> io::Result<Option<Delta>> {
    let most = (newer.index.keys() / 2).min(MAX_DELTA_KEYS as u64);
    since_older.sort_unstable_by_key(|one| one.key);
    let mut since_older = since_older.into_iter().peekable();
    let mut sections = SectionOfBoth::all(older, newer);
    let mut delta = Delta::default();
    for range in 0..RANGES {
        let last = range * (u64::MAX / RANGES + 1) + u64::MAX / RANGES;
        let mut moves = Vec::new();
        while let Some(one) = since_older.next_if(|one| one.key <= last) {
            moves.push(one.undone());
        }
        for section in &mut sections {
            section.differences(last, &mut moves)?;
        }
        delta.append(Delta::net(moves));
        if delta.keys() > most {
            return Ok(None);
        }
    }
    Ok(Some(delta))
}

/// A section as it stands in both snapshots.
struct SectionOfBoth<'a> {
    stands: Placement,
    old: Keys<'a>,
    new: Keys<'a>,
}

impl<'a> SectionOfBoth<'a> {
    /// Every section of either.
    fn all(older: &'a Built, newer: &'a Built) -> Vec<Self> {
        let both = [older, newer].map(|built| built.index.sections());
        let both = both.into_iter().flatten().map(|count| count.section);
        let sections: BTreeSet<Section> = both.collect();
        let sections = sections.into_iter().map(|section| Self {
            stands: Placement::from(section),
            old: Keys::of(older, section),
            new: Keys::of(newer, section),
        });
        sections.collect()
    }

    /// Every key up to `last` that was not passed yet and stands in one and not in the other, as a
    /// move from or to nowhere.
    fn differences(&mut self, last: u64, moves: &mut Vec<KeyMove>) -> io::Result<()> {
        loop {
            let (old, new) = (self.old.peek(last)?, self.new.peek(last)?);
            let (key, left) = match (old, new) {
                (None, None) => return Ok(()),
                (Some(old), Some(new)) if old == new => {
                    self.old.at += 1;
                    self.new.at += 1;
                    continue;
                }
                (Some(old), Some(new)) => (old.min(new), old < new),
                (Some(key), None) => (key, true),
                (None, Some(key)) => (key, false),
            };
            let came = KeyMove {
                key,
                before: Placement::NOWHERE,
                after: self.stands,
            };
            if left {
                self.old.at += 1;
                moves.push(came.undone());
            } else {
                self.new.at += 1;
                moves.push(came);
            }
        }
    }
}

/// The keys of one section, a chunk's worth at a time.
struct Keys<'a> {
    built: &'a Built,
    /// Bytes to read yet: from where on, and how many.
    next: u64,
    left: u64,
    block: Vec<u64>,
    at: usize,
}

impl<'a> Keys<'a> {
    fn of(built: &'a Built, section: Section) -> Self {
        let sections = built.index.sections();
        let bytes = |count: &SectionCount| count.keys * KEY_BYTES as u64;
        let before = sections.iter().take_while(|held| held.section < section);
        let own = sections.iter().find(|held| held.section == section);
        Self {
            built,
            next: before.map(bytes).sum(),
            left: own.map_or(0, bytes),
            block: Vec::new(),
            at: 0,
        }
    }

    /// The key to look at; none at the end and above `last`. Whoever took it moves `at` on.
    fn peek(&mut self, last: u64) -> io::Result<Option<u64>> {
        if self.at == self.block.len() && self.left > 0 {
            self.read()?;
        }
        let next = self.block.get(self.at).copied();
        Ok(next.filter(|key| *key <= last))
    }

    fn read(&mut self) -> io::Result<()> {
        // To the end of the chunk, so that each is read and verified once.
        let chunk = CHUNK_BYTES as u64;
        let length = (chunk - self.next % chunk).min(self.left);
        let bytes = self.built.read(self.next, length as usize)?;
        let bytes = bytes.ok_or(io::ErrorKind::InvalidData)?;
        let (keys, _) = bytes.as_chunks::<KEY_BYTES>();
        self.block.clear();
        self.block
            .extend(keys.iter().copied().map(u64::from_le_bytes));
        (self.at, self.next, self.left) = (0, self.next + length, self.left - length);
        Ok(())
    }
}
