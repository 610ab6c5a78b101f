//! The judge's log of moves, and its filter keys as they stand.

use std::collections::BTreeMap;

use super::state::State;
use crate::protocol::limits::STORE_ROWS_TOGETHER;
use crate::protocol::{Epoch, KeyMove, ListId, Placement, Timestamp};
use crate::store::moves::{Forgetting, LogHead, LogRow};
use crate::store::{MoveCount, MovesAfter, StoreError, View};

/// One view's log: rows by sequence.
#[derive(Default)]
pub(super) struct Log {
    pub(super) head: LogHead,
    pub(super) rows: BTreeMap<u64, LogRow>,
}

impl State {
    /// The log begins with the next number.
    pub(super) fn begin_log(&mut self, list: &ListId, epoch: Epoch) {
        let log = self.logs.entry((list.clone(), epoch)).or_default();
        log.head.start = self.counter + 1;
    }

    /// The next number switches another version in.
    pub(super) fn log_switch(&mut self, list: &ListId, epoch: Epoch) {
        let log = self.logs.entry((list.clone(), epoch)).or_default();
        log.head.switches.push(self.counter + 1);
    }

    /// Writes down what the next number moves, at a time.
    pub(super) fn log(&mut self, list: &ListId, epoch: Epoch, moves: Vec<KeyMove>, at: Timestamp) {
        if moves.is_empty() {
            return;
        }
        let log = self.logs.entry((list.clone(), epoch)).or_default();
        let row = log.head.append(moves, at);
        log.rows.insert(self.counter + 1, row);
    }

    pub(super) fn count_moves(&self, view: &View, from: u64) -> Result<MoveCount, StoreError> {
        let log = self.log_of(view)?;
        let first = |from: u64| {
            let mut after = log.rows.range(from.saturating_add(1)..);
            after.next().map(|(_, row)| row)
        };
        let next = log.head.switch_after(from).and_then(first);
        let between = (from, self.sequence(view));
        Ok(log.head.count(between, first(from), next))
    }

    pub(super) fn moves(
        &self,
        view: &View,
        from: u64,
        limit: usize,
    ) -> Result<MovesAfter, StoreError> {
        let MoveCount {
            sequence,
            moves,
            switch,
        } = self.count_moves(view, from)?;
        let start = from.saturating_add(1);
        let end = switch.unwrap_or(u64::MAX).max(start);
        let after = self.log_of(view)?.rows.range(start..end);
        let all = || after.flat_map(|(_, row)| row.moves.iter().copied());
        let moves = moves.filter(|count| *count <= limit as u64);
        Ok(MovesAfter {
            sequence,
            moves: moves.map(|_| all().collect()),
            switch,
        })
    }

    pub(super) fn forget_moves(
        &mut self,
        view: &View,
        rule: Forgetting,
    ) -> Result<usize, StoreError> {
        self.log_of(view)?;
        let key = (view.list.clone(), view.epoch);
        let log = self.logs.get_mut(&key).ok_or(StoreError::Missing)?;
        let mut gone = 0;
        while let Some(first) = log.rows.first_entry() {
            let sequence = *first.key();
            let may = log.head.may_lose(sequence, first.get(), rule);
            if gone == STORE_ROWS_TOGETHER || !may {
                break;
            }
            first.remove();
            log.head.lost(sequence);
            gone += 1;
        }
        self.counter += u64::from(gone > 0);
        Ok(gone)
    }

    /// Every filter key with its place, in order.
    pub(super) fn filter_keys(
        &self,
        view: &View,
    ) -> Result<(u64, Vec<(u64, Placement)>), StoreError> {
        let people = self.at(view)?.0.iter();
        let mut keys: Vec<_> = people
            .filter_map(|(locator, kept)| Some((locator.filter_key(), kept.section?.placement())))
            .collect();
        keys.sort_by_key(|(key, _)| *key);
        Ok((self.sequence(view), keys))
    }

    fn log_of(&self, view: &View) -> Result<&Log, StoreError> {
        self.at(view)?;
        let key = (view.list.clone(), view.epoch);
        self.logs.get(&key).ok_or(StoreError::Missing)
    }
}
