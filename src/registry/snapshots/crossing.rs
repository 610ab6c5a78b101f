//! What differs over a switch of a list's versions. The log says only that one happened; the last
//! snapshot before it and the first one after it are sorted, so that one pass over both tells the
//! rest, and thousands of copies need not be fetched anew.

use std::io;

use super::shelf::Built;
use crate::protocol::limits::MAX_DELTA_KEYS;
use crate::protocol::snapshot::{CHUNK_BYTES, KEY_BYTES};
use crate::protocol::{Delta, KeyMove, Placement, Section, SectionCount};

/// What leads from the state just before the first switch after `older` to `newer`, of which
/// `since_older` are the moves until that switch. None where a whole snapshot is cheaper: more than
/// half of the keys of `newer`, or than a delta may have.
///
/// # Errors
/// What the files answer; [`io::ErrorKind::InvalidData`] if one was changed.
pub(super) fn over_switch(
    older: &Built,
    newer: &Built,
    since_older: Vec<KeyMove>,
) -> io::Result<Option<Delta>> {
    let most = (newer.index.keys() / 2).min(MAX_DELTA_KEYS as u64);
    // A key that moved counts twice before it is netted, and some that differ were moved before.
    let limit = 2 * most as usize + since_older.len();
    let Some(mut moves) = differences(older, newer, limit)? else {
        return Ok(None);
    };
    moves.extend(since_older.into_iter().map(KeyMove::undone));
    let delta = Delta::net(moves);
    Ok(Some(delta).filter(|delta| delta.keys() <= most))
}

/// Every key that stands in a section of one and not of the other, as a move from or to nowhere;
/// none if there are more than `limit`.
fn differences(older: &Built, newer: &Built, limit: usize) -> io::Result<Option<Vec<KeyMove>>> {
    let sections = |built: &Built| built.index.sections().to_vec();
    let (before, after) = (sections(older), sections(newer));
    let both = before.iter().chain(&after).map(|count| count.section);
    let all: std::collections::BTreeSet<Section> = both.collect();
    let mut moves = Vec::new();
    for section in all {
        let (mut old, mut new) = (
            Keys::of(older, &before, section),
            Keys::of(newer, &after, section),
        );
        let stands = Placement::from(section);
        loop {
            let (left, came) = (old.peek()?, new.peek()?);
            let stays = left == came;
            let (Some(key), leaves) = (match (left, came) {
                (Some(left), Some(came)) => (Some(left.min(came)), left < came),
                (left, came) => (left.or(came), left.is_some()),
            }) else {
                break;
            };
            old.at += usize::from(stays || leaves);
            new.at += usize::from(stays || !leaves);
            if stays {
                continue;
            }
            if moves.len() == limit {
                return Ok(None);
            }
            let came = KeyMove {
                key,
                before: Placement::NOWHERE,
                after: stands,
            };
            moves.push(if leaves { came.undone() } else { came });
        }
    }
    Ok(Some(moves))
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
    fn of(built: &'a Built, sections: &[SectionCount], section: Section) -> Self {
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

    /// The key to look at; none at the end. Whoever took it moves `at` on.
    fn peek(&mut self) -> io::Result<Option<u64>> {
        if self.at == self.block.len() && self.left > 0 {
            self.read()?;
        }
        Ok(self.block.get(self.at).copied())
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
