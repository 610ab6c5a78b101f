//! What is read.

use rocksdb::PrefixRange;
use serde::de::DeserializeOwned;

use super::database::{Database, Pair};
use super::tables::{self, Key, Table};
use super::values::{KeptList, KeptPerson, decode, decode_row};
use crate::protocol::limits::{MAX_BUCKET_BITS, ROW_BYTES};
use crate::protocol::{EntryId, Locator, OrgId, Timestamp};
use crate::store::{Section, StoreError, View};

/// The values of a scan.
pub(super) fn values<T: DeserializeOwned>(
    pairs: impl Iterator<Item = Result<Pair, StoreError>>,
    limit: usize,
) -> Result<Vec<T>, StoreError> {
    pairs.take(limit).map(|pair| decode(&pair?.1)).collect()
}

/// The first key after `key`.
pub(super) fn after(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// Checks that a view is there.
pub(super) fn view_stands(database: &Database, view: &View) -> Result<(), StoreError> {
    let list = database.get(Table::Lists, view.list.as_str().as_bytes())?;
    sequence(list, view).map(|_| ())
}

fn sequence(list: Option<KeptList>, view: &View) -> Result<u64, StoreError> {
    match list {
        Some(kept) if kept.list.epoch == view.epoch => Ok(kept.list.sequence),
        _ => Err(StoreError::Missing),
    }
}

/// The people at locators, in their order.
pub(super) fn people(
    database: &Database,
    view: &View,
    locators: &[Locator],
) -> Result<Vec<Option<KeptPerson>>, StoreError> {
    view_stands(database, view)?;
    let keys: Vec<_> = locators.iter().map(|l| tables::person(view, l)).collect();
    database.get_many(Table::People, &keys)
}

/// Where entries stand, in their order.
pub(super) fn locate(
    database: &Database,
    view: &View,
    entries: &[EntryId],
) -> Result<Vec<Option<Locator>>, StoreError> {
    view_stands(database, view)?;
    let keys: Vec<_> = entries.iter().map(|e| tables::entry(view, e)).collect();
    database.get_many(Table::Entries, &keys)
}

/// An organisation's entries in order.
pub(super) fn own_entries(
    database: &Database,
    view: &View,
    organisation: &OrgId,
    from: Option<EntryId>,
    limit: usize,
) -> Result<Vec<(EntryId, Locator)>, StoreError> {
    view_stands(database, view)?;
    let prefix = tables::own(view, organisation).done();
    let start = match from {
        Some(entry) => after([prefix.as_slice(), &entry.0].concat()),
        None => prefix.clone(),
    };
    let pairs = database.scan(Table::OwnEntries, start..end_of(&prefix), None)?;
    let own = pairs.take(limit).map(|pair| {
        let (key, value) = pair?;
        Ok((EntryId(tail(&key)?), decode(&value)?))
    });
    own.collect()
}

/// One bucket's rows, in order of the locator, with the list's sequence at the same moment.
pub(super) fn bucket(
    database: &Database,
    view: &View,
    bits: u8,
    bucket: u32,
) -> Result<(u64, Vec<[u8; ROW_BYTES]>), StoreError> {
    let moment = database.moment();
    let list = database.get_at(&moment, Table::Lists, view.list.as_str().as_bytes())?;
    let sequence = sequence(list, view)?;
    if bits > MAX_BUCKET_BITS || u64::from(bucket) >= 1 << bits {
        return Err(StoreError::Missing);
    }
    let first = |bucket: u64| (bucket << (32 - bits)) as u32;
    let start = Key::view(view).raw(&first(u64::from(bucket)).to_be_bytes());
    let next = u64::from(bucket) + 1;
    let end = if next == 1 << bits {
        end_of(&Key::view(view).done())
    } else {
        Key::view(view).raw(&first(next).to_be_bytes()).done()
    };
    let pairs = database.scan(Table::Rows, start.done()..end, Some(&moment))?;
    let rows = pairs.map(|pair| decode_row(&pair?.1));
    Ok((sequence, rows.collect::<Result<_, _>>()?))
}

/// Every filter key with its section, and the list's sequence at the same moment.
pub(super) fn filter_keys(
    database: &Database,
    view: &View,
) -> Result<(u64, Vec<(u64, Section)>), StoreError> {
    let moment = database.moment();
    let list = database.get_at(&moment, Table::Lists, view.list.as_str().as_bytes())?;
    let sequence = sequence(list, view)?;
    let prefix = PrefixRange(Key::view(view).done());
    let pairs = database.scan(Table::FilterKeys, prefix, Some(&moment))?;
    let keys = pairs.map(|pair| {
        let (key, value) = pair?;
        let tail: [u8; 40] = tail(&key)?;
        let filter = tail[..8].try_into().map_err(|_| StoreError::Corrupt)?;
        Ok((u64::from_be_bytes(filter), decode(&value)?))
    });
    Ok((sequence, keys.collect::<Result<_, _>>()?))
}

/// People due at or before a time, earliest first.
pub(super) fn due(
    database: &Database,
    view: &View,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Locator>, StoreError> {
    view_stands(database, view)?;
    let end = match until.0.checked_add(1) {
        Some(after) => tables::due_from(view, Timestamp(after)).done(),
        None => end_of(&Key::view(view).done()),
    };
    let pairs = database.scan(Table::Due, Key::view(view).done()..end, None)?;
    let due = pairs.take(limit).map(|pair| Ok(Locator(tail(&pair?.0)?)));
    due.collect()
}

/// The last bytes of a key.
pub(super) fn tail<const N: usize>(key: &[u8]) -> Result<[u8; N], StoreError> {
    key.last_chunk().copied().ok_or(StoreError::Corrupt)
}

/// The first key after all that start with a prefix. A key starts with a name's length, at most
/// 48, so that there is one.
pub(super) fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}
