//! The log of what changed in a list's snapshots, by sequence: what deltas are made of. A row is
//! written in the very batch of its change. The log is as long as it is told to be; whoever asks
//! from before its start needs a whole snapshot. Where another version of the list was switched in,
//! the log says only that: what differs between two versions, nobody writes row by row.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::kept::{PersonChange, Section};
use crate::protocol::{KeyMove, Placement, Timestamp};

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
    /// The moves after the sequence that was asked for and before `switch`; none if the log begins
    /// later, or the list never was there.
    pub moves: Option<u64>,
    /// The first switch of the list's versions after the sequence that was asked for. What differs
    /// between the two versions is no move.
    pub switch: Option<u64>,
}

/// What changed after a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovesAfter {
    /// The list's sequence at that moment.
    pub sequence: u64,
    /// The moves, in order of their sequences; none where [`MoveCount::moves`] is none or more
    /// than was asked for.
    pub moves: Option<Vec<KeyMove>>,
    /// As [`MoveCount::switch`].
    pub switch: Option<u64>,
}

/// Where a log begins and how much was ever written to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogHead {
    /// The log knows everything after this sequence.
    pub(super) start: u64,
    /// Moves in all rows since the log began, those that went included.
    pub(super) total: u64,
    /// The sequences after `start` at which another version was switched in.
    pub(super) switches: Vec<u64>,
}

/// The moves of one sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogRow {
    /// Moves in all rows before this one.
    pub(super) before: u64,
    /// The time of its change.
    pub(super) at: Timestamp,
    /// Never none.
    pub(super) moves: Vec<KeyMove>,
}

/// Which rows a log may lose, from the oldest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgetting {
    /// None after this sequence.
    pub through: u64,
    /// So many of the last moves stay, if they are not too old.
    pub keep: u64,
    /// What is older than this goes, however much is left.
    pub before: Timestamp,
}

impl LogHead {
    /// The row of further moves, counted.
    pub(super) fn append(&mut self, moves: Vec<KeyMove>, at: Timestamp) -> LogRow {
        let before = self.total;
        self.total += moves.len() as u64;
        LogRow { before, at, moves }
    }

    /// The first switch after a sequence.
    pub(super) fn switch_after(&self, from: u64) -> Option<u64> {
        self.switches.iter().copied().find(|switch| *switch > from)
    }

    /// The moves after a sequence of a list and before the next switch. `first` is the first row
    /// after that sequence, `next` the first one after the switch.
    pub(super) fn count(
        &self,
        (from, sequence): (u64, u64),
        first: Option<&LogRow>,
        next: Option<&LogRow>,
    ) -> MoveCount {
        let known = (self.start..=sequence).contains(&from);
        let before = |row: Option<&LogRow>| row.map_or(self.total, |row| row.before);
        MoveCount {
            sequence,
            moves: known.then(|| before(next) - before(first)),
            switch: self.switch_after(from).filter(|_| known),
        }
    }

    /// Whether the log may lose its oldest row, of a sequence.
    pub(super) fn may_lose(&self, sequence: u64, row: &LogRow, rule: Forgetting) -> bool {
        let until = row.before + row.moves.len() as u64;
        let spare = self.total - until >= rule.keep || row.at < rule.before;
        sequence <= rule.through && spare
    }

    /// The oldest row, of a sequence, is gone.
    pub(super) fn lost(&mut self, sequence: u64) {
        self.start = self.start.max(sequence);
        self.switches.retain(|switch| *switch > sequence);
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
