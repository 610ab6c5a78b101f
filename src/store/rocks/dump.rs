//! Everything the database holds, for comparison with the judge.

use super::reads::{tail, values};
use super::tables::{Table, person};
use super::values::{KeptEvidence, KeptList, KeptPerson, KeptReply, decode, decode_row};
use super::{Database, RocksStore};
use crate::protocol::version::Version;
use crate::protocol::{Epoch, ListId, OrderId, OrgId};
use crate::store::dump::{Dump, KeptLog};
use crate::store::kept::Place;
use crate::store::{Evidence, PersonChange, StoreError, StoredList};

impl RocksStore {
    pub(in crate::store) fn dump(&self) -> Dump {
        let journal = self.shared.outside().journal.entries(0).expect("reads");
        let journal = journal.map(|entry| decode(&entry.expect("reads").1).expect("decodes"));
        let journal = journal.collect();
        let dump = self.shared.read(dump).expect("reads");
        Dump { journal, ..dump }.sorted()
    }
}

fn dump(db: &Database) -> Result<Dump, StoreError> {
    let head = db.head()?.ok_or(StoreError::Corrupt)?;
    let lists: Vec<KeptList> = values(db.scan(Table::Lists, .., None)?, usize::MAX)?;
    let lists: Vec<StoredList> = lists.into_iter().map(|kept| kept.list).collect();
    Ok(Dump {
        counter: head.counter,
        last_time: head.last_time,
        held: head.held,
        journal: Vec::new(),
        organisations: values(db.scan(Table::Organisations, .., None)?, usize::MAX)?,
        invitations: invitations(db)?,
        grants: values(db.scan(Table::Grants, .., None)?, usize::MAX)?,
        records: values(db.scan(Table::Records, .., None)?, usize::MAX)?,
        people: people(db, &lists)?,
        logs: logs(db)?,
        lists,
        replies: replies(db)?,
        evidence: evidence(db)?,
        charges: values(db.scan(Table::Charges, .., None)?, usize::MAX)?,
        used: values(db.scan(Table::Used, .., None)?, usize::MAX)?,
    })
}

fn invitations(db: &Database) -> Result<Vec<crate::store::Invitation>, StoreError> {
    let codes = b"c".to_vec()..b"d".to_vec();
    let held: Vec<crate::store::Invitation> =
        values(db.scan(Table::Invitations, codes, None)?, usize::MAX)?;
    let by_organisation = db.scan(Table::Invitations, b"o".to_vec()..b"p".to_vec(), None)?;
    assert_eq!(
        by_organisation.count(),
        held.len(),
        "one code an organisation"
    );
    Ok(held)
}

/// People with their rows; every index must hold exactly what follows from them.
fn people(db: &Database, lists: &[StoredList]) -> Result<Vec<(Place, PersonChange)>, StoreError> {
    let mut people = Vec::new();
    let mut expected = [0; 5];
    for pair in db.scan(Table::People, .., None)? {
        let (key, value) = pair?;
        let kept: KeptPerson = decode(&value)?;
        let place = place_of(&key)?;
        let locator = kept.person.locator;
        assert_eq!(*key, *person(&place, &locator).as_ref());
        let row = db.get_raw(Table::Rows, &key)?;
        let row = row.map(|row| decode_row(&row)).transpose()?;
        let listings = kept.person.listings.len();
        let has = [
            usize::from(row.is_some()),
            usize::from(kept.section.is_some()),
            usize::from(kept.due.is_some()),
            listings,
            listings,
        ];
        expected
            .iter_mut()
            .zip(has)
            .for_each(|(sum, one)| *sum += one);
        let change = PersonChange {
            locator,
            person: Some(kept.person),
            row,
            section: kept.section,
            due: kept.due,
        };
        people.push((place, change));
    }
    let indexes = [
        Table::Rows,
        Table::FilterKeys,
        Table::Due,
        Table::Entries,
        Table::OwnEntries,
    ];
    for (table, expected) in indexes.into_iter().zip(expected) {
        assert_eq!(db.scan(table, .., None)?.count(), expected, "{table:?}");
    }
    for list in lists {
        let of = |version| {
            let at = |place: &Place| place.list == list.list && place.version == version;
            people.iter().filter(|(place, _)| at(place)).count() as u64
        };
        assert_eq!(of(list.versions.answering.version), list.people);
        if let Some(staged) = &list.versions.staged {
            assert_eq!(of(staged.version), staged.people);
        }
    }
    Ok(people)
}

fn place_of(key: &[u8]) -> Result<Place, StoreError> {
    let name = &key[1..=usize::from(key[0])];
    let name = std::str::from_utf8(name).map_err(|_| StoreError::Corrupt)?;
    let numbers = &key[1 + name.len()..];
    let (epoch, rest) = numbers.split_first_chunk().ok_or(StoreError::Corrupt)?;
    let version = rest.first_chunk().ok_or(StoreError::Corrupt)?;
    Ok(Place {
        list: ListId::parse(name).map_err(|_| StoreError::Corrupt)?,
        epoch: Epoch(u32::from_be_bytes(*epoch)),
        version: Version(u32::from_be_bytes(*version)),
    })
}

/// Every log; a head stands before its rows, and a row has 8 bytes of key more.
fn logs(db: &Database) -> Result<Vec<KeptLog>, StoreError> {
    let mut logs: Vec<KeptLog> = Vec::new();
    for pair in db.scan(Table::Moves, .., None)? {
        let (key, value) = pair?;
        let of = log_of(&key)?;
        if key.len() > 1 + of.0.as_str().len() + 4 {
            let log = logs.last_mut().filter(|log| log.0 == of);
            let row = (u64::from_be_bytes(tail(&key)?), decode(&value)?);
            log.ok_or(StoreError::Corrupt)?.2.push(row);
        } else {
            logs.push((of, decode(&value)?, Vec::new()));
        }
    }
    Ok(logs)
}

fn log_of(key: &[u8]) -> Result<(ListId, Epoch), StoreError> {
    let name = &key[1..=usize::from(key[0])];
    let epoch = key[1 + name.len()..].first_chunk();
    let name = std::str::from_utf8(name).map_err(|_| StoreError::Corrupt)?;
    let list = ListId::parse(name).map_err(|_| StoreError::Corrupt)?;
    let epoch = epoch.ok_or(StoreError::Corrupt)?;
    Ok((list, Epoch(u32::from_be_bytes(*epoch))))
}

type Reply = (OrgId, OrderId, crate::protocol::ContentDigest, u64, Vec<u8>);

fn replies(db: &Database) -> Result<Vec<Reply>, StoreError> {
    let pairs = db.scan(Table::Replies, .., None)?;
    let replies = pairs.map(|pair| {
        let (key, value) = pair?;
        let kept: KeptReply = decode(&value)?;
        let name = std::str::from_utf8(&key[1..key.len() - 16]).map_err(|_| StoreError::Corrupt)?;
        let org = OrgId::parse(name).map_err(|_| StoreError::Corrupt)?;
        Ok((
            org,
            OrderId(tail(&key)?),
            kept.content,
            kept.sequence,
            kept.reply,
        ))
    });
    replies.collect()
}

fn evidence(db: &Database) -> Result<Vec<(u64, Evidence)>, StoreError> {
    let pairs = db.scan(Table::Evidence, .., None)?;
    let evidence = pairs.map(|pair| {
        let (key, value) = pair?;
        let kept: KeptEvidence = decode(&value)?;
        Ok((u64::from_be_bytes(tail(&key)?), kept.into()))
    });
    evidence.collect()
}
