//! The log of moves, and the filter keys as they stand.

use std::ops::Range;
use std::thread::ScopedJoinHandle;

use super::database::{Changes, Database, Moment};
use super::group::Draft;
use super::reads::{end_of, place_at, tail};
use super::tables::{Key, Table};
use super::values::{KeptList, decode};
use crate::protocol::limits::STORE_ROWS_TOGETHER;
use crate::protocol::{Epoch, KeyMove, ListId, Placement, Timestamp};
use crate::store::moves::{Forgetting, LogHead, LogRow, first_of_range};
use crate::store::{KeyVisitor, MoveCount, MovesAfter, Section, StoreError, StoredList, View};

/// Filter keys that are handed on together.
const KEYS_TOGETHER: usize = 4_096;

/// list, epoch: where a log's head stands, and before its rows.
fn head_key(list: &ListId, epoch: Epoch) -> Vec<u8> {
    Key::epoch(list, epoch).done()
}

/// list, epoch, sequence.
fn row_key(list: &ListId, epoch: Epoch, sequence: u64) -> Vec<u8> {
    let key = Key::epoch(list, epoch);
    key.raw(&sequence.to_be_bytes()).done()
}

/// The log begins with this command, at a list's creation.
pub(super) fn begin(
    draft: &mut Draft<'_, '_>,
    list: &ListId,
    epoch: Epoch,
) -> Result<(), StoreError> {
    let head = LogHead {
        start: draft.next_sequence(),
        ..LogHead::default()
    };
    draft.put(Table::Moves, head_key(list, epoch), &head)
}

/// This command switches another version in.
pub(super) fn log_switch(
    draft: &mut Draft<'_, '_>,
    list: &ListId,
    epoch: Epoch,
) -> Result<(), StoreError> {
    let key = head_key(list, epoch);
    let head: Option<LogHead> = draft.get(Table::Moves, key.clone())?;
    let mut head = head.ok_or(StoreError::Corrupt)?;
    head.switches.push(draft.next_sequence());
    draft.put(Table::Moves, key, &head)
}

/// The log begins anew after its store was restored: what was lost may have moved anybody, so that
/// from before `sequence` nothing leads on.
pub(super) fn begin_anew(
    changes: &mut Changes<'_>,
    list: &ListId,
    epoch: Epoch,
    sequence: u64,
) -> Result<(), StoreError> {
    let key = head_key(list, epoch);
    changes.delete_range(Table::Moves, &row_key(list, epoch, 0), &end_of(&key));
    let head = LogHead {
        start: sequence,
        ..LogHead::default()
    };
    changes.put(Table::Moves, &key, &head)
}

/// Writes down what this command moves, at a time.
pub(super) fn log(
    draft: &mut Draft<'_, '_>,
    list: &StoredList,
    moves: Vec<KeyMove>,
    at: Timestamp,
) -> Result<(), StoreError> {
    if moves.is_empty() {
        return Ok(());
    }
    let key = head_key(&list.list, list.epoch);
    let head: Option<LogHead> = draft.get(Table::Moves, key.clone())?;
    let mut head = head.ok_or(StoreError::Corrupt)?;
    let row = head.append(moves, at);
    let sequence = draft.next_sequence();
    let row_key = row_key(&list.list, list.epoch, sequence);
    draft.put(Table::Moves, row_key, &row)?;
    draft.put(Table::Moves, key, &head)
}

/// How many moves there are after a sequence.
pub(super) fn count(database: &Database, view: &View, from: u64) -> Result<MoveCount, StoreError> {
    Ok(after(database, view, from, 0)?.0)
}

/// The moves after a sequence, if they are at most `limit`.
pub(super) fn read(
    database: &Database,
    view: &View,
    from: u64,
    limit: usize,
) -> Result<MovesAfter, StoreError> {
    let (count, moves) = after(database, view, from, limit as u64)?;
    let known = count.moves.filter(|count| *count <= limit as u64);
    Ok(MovesAfter {
        sequence: count.sequence,
        moves: known.map(|_| moves),
        switch: count.switch,
    })
}

fn after(
    database: &Database,
    view: &View,
    from: u64,
    limit: u64,
) -> Result<(MoveCount, Vec<KeyMove>), StoreError> {
    let moment = database.moment();
    let (_, sequence) = place_at(database, &moment, view)?;
    let key = head_key(&view.list, view.epoch);
    let head: Option<LogHead> = database.get_at(&moment, Table::Moves, &key)?;
    let head = head.ok_or(StoreError::Corrupt)?;
    let first = |sequence| row_key(&view.list, view.epoch, sequence);
    let rows = |start: u64, end: Vec<u8>| {
        let pairs = database.scan(Table::Moves, first(start)..end, Some(&moment))?;
        Ok::<_, StoreError>(pairs.map(|pair| decode::<LogRow>(&pair?.1)))
    };
    let start = from.saturating_add(1);
    let switch = head.switch_after(from);
    let next = match switch {
        Some(switch) => rows(switch, end_of(&key))?.next().transpose()?,
        None => None,
    };
    let end = switch.map_or_else(|| end_of(&key), first);
    let mut rows = rows(start, end)?;
    let first = rows.next().transpose()?;
    let of_both = first.as_ref().or(next.as_ref());
    let count = head.count((from, sequence), of_both, next.as_ref());
    let mut moves = Vec::new();
    if count.moves.is_some_and(|count| count <= limit) {
        for row in first.into_iter().map(Ok).chain(rows) {
            moves.extend(row?.moves);
        }
    }
    Ok((count, moves))
}

/// Takes the oldest rows away while a rule says so. How many went.
pub(super) fn forget(
    draft: &mut Draft<'_, '_>,
    view: &View,
    rule: Forgetting,
) -> Result<usize, StoreError> {
    let list: Option<KeptList> = draft.get(Table::Lists, Key::plain(view.list.as_str()))?;
    let stands = list.is_some_and(|kept| view.place(Some(&kept.list)).is_some());
    let key = head_key(&view.list, view.epoch);
    let head: Option<LogHead> = draft.get(Table::Moves, key.clone())?;
    let mut head = head.filter(|_| stands).ok_or(StoreError::Missing)?;
    if rule.through <= head.start {
        return Ok(0);
    }
    // Not from 0: what went would be passed over again and again until RocksDB has merged it away.
    let first = row_key(&view.list, view.epoch, head.start + 1);
    let last = row_key(&view.list, view.epoch, rule.through.saturating_add(1));
    let mut gone = Vec::new();
    for pair in draft.database().scan(Table::Moves, first..last, None)? {
        let (at, value) = pair?;
        let sequence = u64::from_be_bytes(tail(&at)?);
        let may = head.may_lose(sequence, &decode(&value)?, rule);
        if gone.len() == STORE_ROWS_TOGETHER || !may {
            break;
        }
        head.lost(sequence);
        gone.push(at.into_vec());
    }
    let count = gone.len();
    if count > 0 {
        for at in gone {
            draft.delete(Table::Moves, at);
        }
        draft.put(Table::Moves, key, &head)?;
        draft.take_number();
    }
    Ok(count)
}

/// Shows every filter key, each range on a thread of its own, with the list's sequence at the same
/// moment.
pub(super) fn each_filter_key(
    database: &Database,
    view: &View,
    visitors: Vec<KeyVisitor>,
) -> Result<u64, StoreError> {
    let moment = database.moment();
    let (place, sequence) = place_at(database, &moment, view)?;
    let prefix = Key::place(&place).done();
    let ranges = visitors.len();
    let begins = |number| match first_of_range(number, ranges) {
        Some(first) => [prefix.as_slice(), &first.to_be_bytes()].concat(),
        None => end_of(&prefix),
    };
    let visitors = visitors.into_iter().enumerate();
    let parts: Vec<_> = visitors
        .map(|(number, visit)| (begins(number)..begins(number + 1), visit))
        .collect();
    std::thread::scope(|scope| {
        let moment = &moment;
        let reading: Vec<_> = parts
            .into_iter()
            .map(|(range, visit)| scope.spawn(move || show_range(database, moment, range, visit)))
            .collect();
        let read: Vec<_> = reading.into_iter().map(ScopedJoinHandle::join).collect();
        let mut ends = read.into_iter();
        ends.try_for_each(|end| end.unwrap_or(Err(StoreError::Unavailable)))
    })?;
    Ok(sequence)
}

/// Shows the filter keys of one range of a version's table.
fn show_range(
    database: &Database,
    moment: &Moment<'_>,
    range: Range<Vec<u8>>,
    mut visit: KeyVisitor,
) -> Result<(), StoreError> {
    let mut block: Vec<(u64, Placement)> = Vec::with_capacity(KEYS_TOGETHER);
    // Few places are as many people's: what stands in the table is read once for all of them.
    let mut last: (Vec<u8>, Placement) = (Vec::new(), Placement::NOWHERE);
    database.each(Table::FilterKeys, range, moment, |key, value| {
        if value != last.0 {
            let section: Section = decode(value)?;
            last = (value.to_vec(), section.placement());
        }
        let tail: [u8; 40] = tail(key)?;
        let filter = tail[..8].try_into().map_err(|_| StoreError::Corrupt)?;
        block.push((u64::from_be_bytes(filter), last.1));
        if block.len() == KEYS_TOGETHER {
            visit(&block)?;
            block.clear();
        }
        Ok(())
    })?;
    visit(&block)
}
