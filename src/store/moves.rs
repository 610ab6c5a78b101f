//! The log of what changed in a list's snapshots, by sequence: what deltas are made of. A row is
//! written in the very batch of its change. The log is as long as it is told to be; whoever asks
//! from before its start needs a whole snapshot.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::kept::{PersonChange, Section};
use crate::protocol::{KeyMove, Placement};

/// Takes filter keys of one range in order, some at a time; what it answers stops the reading.
pub type KeyVisitor = Box<dyn FnMut(&[(u64, Placement)]) -> Result<(), StoreError> + Send>;

/// The first key of range `number` of `ranges`, into which all keys there can be are cut; none for
/// the one after the last.
pub(super) fn first_of_range(number: usize, ranges: usize) -> Option<u64> {
    let first = (number as u128) << 64;
    u64::try_from(first.div_ceil(ranges.max(1) as u128)).ok()
}

/// How much changed after a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoveCount {
    /// The list's sequence at that moment.
    pub sequence: u64,
    /// The moves after the sequence that was asked for; none if the log begins later, or the list
    /// never was there.
    pub moves: Option<u64>,
}

/// What changed after a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovesAfter {
    /// The list's sequence at that moment.
    pub sequence: u64,
    /// The moves, in order of their sequences; none where [`MoveCount::moves`] is none or more
    /// than was asked for.
    pub moves: Option<Vec<KeyMove>>,
}

/// Where a log begins and how much was ever written to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogHead {
    /// The log knows everything after this sequence.
    pub(super) start: u64,
    /// Moves in all rows that ever were.
    pub(super) total: u64,
}

/// The moves of one sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogRow {
    /// Moves in all rows before this one.
    pub(super) before: u64,
    /// Never none.
    pub(super) moves: Vec<KeyMove>,
}

impl LogHead {
    /// The row of further moves, counted.
    pub(super) fn append(&mut self, moves: Vec<KeyMove>) -> LogRow {
        let before = self.total;
        self.total += moves.len() as u64;
        LogRow { before, moves }
    }

    /// The moves after a sequence of a list, of which the first row after it is given.
    pub(super) fn count(&self, from: u64, sequence: u64, first: Option<&LogRow>) -> MoveCount {
        let known = (self.start..=sequence).contains(&from);
        let count = first.map_or(0, |row| self.total - row.before);
        MoveCount {
            sequence,
            moves: known.then_some(count),
        }
    }

    /// Whether the log may lose its oldest row and still have the last `keep` moves.
    pub(super) fn may_lose(&self, row: &LogRow, keep: u64) -> bool {
        let until = row.before + row.moves.len() as u64;
        self.total - until >= keep
    }
}

impl Section {
    /// The sections of a snapshot in which the person's key stands.
    #[must_use]
    pub fn placement(self) -> Placement {
        Placement::of(self.class, self.reasons)
    }
}

impl PersonChange {
    /// How the person's place in snapshots changes, if it does.
    pub(super) fn moved(&self, before: Option<Section>) -> Option<KeyMove> {
        let placed = |section: Option<Section>| section.map(Section::placement).unwrap_or_default();
        let (before, after) = (placed(before), placed(self.section));
        (before != after).then(|| KeyMove {
            key: self.locator.filter_key(),
            before,
            after,
        })
    }
}
