//! What is read.

use rocksdb::PrefixRange;
use serde::de::DeserializeOwned;

use super::database::{Database, Moment, Pair};
use super::tables::{self, Key, Table};
use super::values::{KeptList, KeptPerson, decode, decode_row};
use crate::protocol::limits::{MAX_BUCKET_BITS, ROW_BYTES};
use crate::protocol::version::DiffCounts;
use crate::protocol::{EntryId, Locator, OrgId, Timestamp};
use crate::store::kept::Place;
use crate::store::{StoreError, View};

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

/// Where a view's people stand, and the list's sequence, at a moment.
pub(super) fn place_at(
    database: &Database,
    moment: &Moment<'_>,
    view: &View,
) -> Result<(Place, u64), StoreError> {
    let key = view.list.as_str().as_bytes();
    let kept: Option<KeptList> = database.get_at(moment, Table::Lists, key)?;
    let list = kept.map(|kept| kept.list);
    let place = view.place(list.as_ref()).ok_or(StoreError::Missing)?;
    Ok((place, list.map_or(0, |list| list.sequence)))
}

/// The people at locators, in their order.
pub(super) fn people(
    database: &Database,
    view: &View,
    locators: &[Locator],
) -> Result<Vec<Option<KeptPerson>>, StoreError> {
    let moment = database.moment();
    let (place, _) = place_at(database, &moment, view)?;
    let keys = locators.iter().map(|l| tables::person(&place, l));
    database.get_many_at(&moment, Table::People, &keys.collect::<Vec<_>>())
}

/// Where entries stand, in their order.
pub(super) fn locate(
    database: &Database,
    view: &View,
    entries: &[EntryId],
) -> Result<Vec<Option<Locator>>, StoreError> {
    let moment = database.moment();
    let (place, _) = place_at(database, &moment, view)?;
    let keys = entries.iter().map(|e| tables::entry(&place, e));
    database.get_many_at(&moment, Table::Entries, &keys.collect::<Vec<_>>())
}

/// An organisation's entries in order.
pub(super) fn own_entries(
    database: &Database,
    view: &View,
    organisation: &OrgId,
    from: Option<EntryId>,
    limit: usize,
) -> Result<Vec<(EntryId, Locator)>, StoreError> {
    let moment = database.moment();
    let (place, _) = place_at(database, &moment, view)?;
    let prefix = tables::own(&place, organisation).done();
    let start = match from {
        Some(entry) => after([prefix.as_slice(), &entry.0].concat()),
        None => prefix.clone(),
    };
    let bounds = start..end_of(&prefix);
    let pairs = database.scan(Table::OwnEntries, bounds, Some(&moment))?;
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
    let (place, sequence) = place_at(database, &moment, view)?;
    if bits > MAX_BUCKET_BITS || u64::from(bucket) >= 1 << bits {
        return Err(StoreError::Missing);
    }
    let first = |bucket: u64| (bucket << (32 - bits)) as u32;
    let start = Key::place(&place).raw(&first(u64::from(bucket)).to_be_bytes());
    let next = u64::from(bucket) + 1;
    let end = if next == 1 << bits {
        end_of(&Key::place(&place).done())
    } else {
        Key::place(&place).raw(&first(next).to_be_bytes()).done()
    };
    let pairs = database.scan(Table::Rows, start.done()..end, Some(&moment))?;
    let rows = pairs.map(|pair| decode_row(&pair?.1));
    Ok((sequence, rows.collect::<Result<_, _>>()?))
}

/// What differs between two versions, at one moment: both read in order of filter key and locator,
/// so that nothing is held in memory.
pub(super) fn diff(
    database: &Database,
    answering: &View,
    staged: &View,
) -> Result<DiffCounts, StoreError> {
    let moment = database.moment();
    let mut old = Sections::of(database, &moment, answering)?;
    let mut new = Sections::of(database, &moment, staged)?;
    let mut counts = DiffCounts::default();
    let (mut left, mut right) = (old.next()?, new.next()?);
    loop {
        match (&left, &right) {
            (None, None) => return Ok(counts),
            (Some(gone), other) if other.as_ref().is_none_or(|other| gone.0 < other.0) => {
                counts.removed += 1;
                left = old.next()?;
            }
            (Some(before), Some(after)) if before.0 == after.0 => {
                match before.1 == after.1 {
                    true => counts.unchanged += 1,
                    false => counts.changed += 1,
                }
                left = old.next()?;
                right = new.next()?;
            }
            _ => {
                counts.added += 1;
                right = new.next()?;
            }
        }
    }
}

/// What stands at one filter key: key and locator, and the section's bytes.
type KeptSection = ([u8; 40], Box<[u8]>);

/// The filter keys of one version: key, locator and section.
struct Sections<I>(I);

impl<'a> Sections<Box<dyn Iterator<Item = Result<Pair, StoreError>> + 'a>> {
    fn of(database: &'a Database, moment: &'a Moment<'a>, view: &View) -> Result<Self, StoreError> {
        let (place, _) = place_at(database, moment, view)?;
        let prefix = PrefixRange(Key::place(&place).done());
        let pairs = database.scan(Table::FilterKeys, prefix, Some(moment))?;
        Ok(Self(Box::new(pairs)))
    }

    fn next(&mut self) -> Result<Option<KeptSection>, StoreError> {
        let pair = self.0.next().transpose()?;
        pair.map(|(key, section)| Ok((tail(&key)?, section)))
            .transpose()
    }
}

/// People due at or before a time, earliest first.
pub(super) fn due(
    database: &Database,
    view: &View,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Locator>, StoreError> {
    let moment = database.moment();
    let (place, _) = place_at(database, &moment, view)?;
    let end = match until.0.checked_add(1) {
        Some(after) => tables::due_from(&place, Timestamp(after)).done(),
        None => end_of(&Key::place(&place).done()),
    };
    let bounds = Key::place(&place).done()..end;
    let pairs = database.scan(Table::Due, bounds, Some(&moment))?;
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
