//! Whole versions of a list: staged aside, switched in at once, given up, destroyed.

use super::Harness;
use super::samples::{
    always, create_list, evidence, list_id, listing, locator, nobody, numbered, open_version, org,
    person, removal, switch_version, view,
};
use crate::protocol::limits::ROW_BYTES;
use crate::protocol::version::{DiffCounts, Version};
use crate::protocol::{EntryId, Timestamp};
use crate::store::{Change, Decide, Decision, PersonChange, Store, StoreError, StoredList, View};
use std::sync::Arc;

const LIST: &str = "asn";
const OLD: u8 = 0x10;
const BOTH: u8 = 0x20;
const NEW: u8 = 0x30;

async fn order(store: &impl Store, change: Change, order: u8) -> Result<u64, StoreError> {
    let evidence = evidence("operator", order, order, 5);
    store.administer(change, evidence).await
}

async fn put(store: &impl Store, view: &View, order: u8, changes: Vec<PersonChange>) {
    let locators = changes.iter().map(|change| change.locator).collect();
    let listings = changes.len() as u64;
    let decide: Decide = Arc::new(move |_| Decision {
        changes: changes.clone(),
        listings,
        ..Decision::default()
    });
    let evidence = evidence("kop-satu", order, order, 1);
    let amended = store.amend(view, locators, evidence, decide).await;
    amended.expect("amends");
}

fn at(place: u8, row: u8) -> PersonChange {
    let entry = EntryId([place; 16]);
    let listings = vec![listing("kop-satu", entry)];
    person(
        locator(place, u64::from(place)),
        listings,
        Some(row),
        Some(7),
    )
}

/// Version 1 answers with OLD and BOTH; version 2 is staged with BOTH in another section and NEW.
async fn staged(store: &impl Store) {
    assert_eq!(order(store, create_list(LIST), 1).await, Ok(1));
    put(store, &view(LIST), 2, vec![at(OLD, 2), at(BOTH, 2)]).await;
    assert_eq!(order(store, open_version(LIST), 3).await, Ok(3));
    let again = order(store, open_version(LIST), 4).await;
    assert_eq!(again, Err(StoreError::Exists), "one at a time");
    put(store, &numbered(LIST, 2), 5, vec![at(BOTH, 3), at(NEW, 3)]).await;
}

async fn list(store: &impl Store) -> StoredList {
    let list = store.list(&list_id(LIST)).await.expect("reads");
    list.expect("there")
}

/// The first bytes of the rows that are answered, with the sequence.
async fn rows(store: &impl Store, view: &View) -> Result<(u64, Vec<u8>), StoreError> {
    let (sequence, rows) = store.bucket(view, 0, 0).await?;
    let first = rows.iter().map(|row: &[u8; ROW_BYTES]| row[0]);
    Ok((sequence, first.collect()))
}

pub(super) async fn staged_aside<H: Harness>(harness: &H) {
    let store = harness.open();
    staged(&store).await;
    drop(store);
    let store = harness.open();
    let (here, one, two) = (view(LIST), numbered(LIST, 1), numbered(LIST, 2));
    assert_eq!(rows(&store, &here).await, Ok((2, vec![2, 2])));
    assert_eq!(rows(&store, &one).await, Ok((2, vec![2, 2])));
    assert_eq!(rows(&store, &two).await, Ok((2, vec![3, 3])));
    let missing = rows(&store, &numbered(LIST, 3)).await;
    assert_eq!(missing, Err(StoreError::Missing));
    let held = list(&store).await;
    assert_eq!((held.people, held.sequence), (2, 2), "nothing shows");
    let staged = held.versions.staged.expect("staged");
    assert_eq!((staged.version, staged.people), (Version(2), 2));
    assert_eq!((staged.listings, staged.closed), (2, false));
    let counts = DiffCounts {
        added: 1,
        removed: 1,
        unchanged: 0,
        changed: 1,
    };
    assert_eq!(store.diff(&here, &two).await, Ok(counts));
    let same = DiffCounts {
        unchanged: 2,
        ..DiffCounts::default()
    };
    assert_eq!(store.diff(&here, &one).await, Ok(same));
    let entries = [EntryId([OLD; 16]), EntryId([NEW; 16])];
    let places = store.locate(&two, &entries).await.expect("reads");
    assert_eq!(places, [None, Some(locator(NEW, u64::from(NEW)))]);
}

pub(super) async fn switched_at_once<H: Harness>(harness: &H) {
    let store = harness.open();
    staged(&store).await;
    let (here, two) = (view(LIST), numbered(LIST, 2));
    let open = order(&store, switch_version(LIST, 2, 1), 10).await;
    assert_eq!(open, Err(StoreError::Missing), "not closed");
    let close = |listings| Change::CloseVersion(list_id(LIST), Version(2), listings);
    let short = order(&store, close(3), 11).await;
    assert_eq!(short, Err(StoreError::Exists), "a row is missing");
    order(&store, close(2), 12).await.expect("closes");
    let evidence_of_row = evidence("kop-satu", 13, 13, 1);
    let late = store.amend(&two, vec![], evidence_of_row, always(vec![], b""));
    assert_eq!(late.await, Err(StoreError::Missing), "closed");
    let other = order(&store, switch_version(LIST, 2, 7), 14).await;
    assert_eq!(other, Err(StoreError::Missing), "7 does not answer");
    assert_eq!(rows(&store, &here).await, Ok((2, vec![2, 2])));

    let switched = order(&store, switch_version(LIST, 2, 1), 15).await;
    let sequence = switched.expect("switches");
    let again = order(&store, switch_version(LIST, 2, 1), 15).await;
    assert_eq!(again, Ok(sequence), "once");
    drop(store);
    let store = harness.open();
    assert_eq!(rows(&store, &here).await, Ok((sequence, vec![3, 3])));
    let gone = rows(&store, &numbered(LIST, 1)).await;
    assert_eq!(gone, Err(StoreError::Missing), "no longer to be read");
    let held = list(&store).await;
    assert_eq!((held.people, held.sequence), (2, sequence));
    assert_eq!(held.versions.answering.version, Version(2));
    assert_eq!(held.versions.retired, [Version(1)]);
    assert!(held.versions.staged.is_none());

    // What differs between the versions is no move; those before the switch are told up to it.
    let before = store.moves(&here, 1, 9).await.expect("reads");
    assert_eq!((before.sequence, before.switch), (sequence, Some(sequence)));
    assert_eq!(before.moves.map(|moves| moves.len()), Some(2));
    let just = store.count_moves(&here, sequence - 1).await;
    assert_eq!(
        just.map(|c| (c.moves, c.switch)),
        Ok((Some(0), Some(sequence)))
    );
    let from_it = store.moves(&here, sequence, 9).await.expect("reads");
    assert_eq!((from_it.moves, from_it.switch), (Some(vec![]), None));

    let forget = |version| Change::ForgetVersion(list_id(LIST), Version(version));
    order(&store, forget(1), 16).await.expect("destroys");
    let twice = order(&store, forget(1), 17).await;
    assert_eq!(twice, Err(StoreError::Missing));
    let answering = order(&store, forget(2), 18).await;
    assert_eq!(answering, Err(StoreError::Missing), "not retired");
    assert_eq!(rows(&store, &here).await, Ok((sequence, vec![3, 3])));
    assert_eq!(list(&store).await.versions.retired, []);
}

pub(super) async fn given_up<H: Harness>(harness: &H) {
    let store = harness.open();
    staged(&store).await;
    let give_up = |version| Change::DropVersion(list_id(LIST), Version(version));
    let other = order(&store, give_up(1), 10).await;
    assert_eq!(other, Err(StoreError::Missing), "it answers");
    order(&store, give_up(2), 11).await.expect("gives up");
    let gone = rows(&store, &numbered(LIST, 2)).await;
    assert_eq!(gone, Err(StoreError::Missing));
    order(&store, open_version(LIST), 12).await.expect("begins");
    let held = list(&store).await.versions;
    assert_eq!(held.staged.map(|staged| staged.version), Some(Version(3)));
    assert_eq!(held.retired, [Version(2)]);
    let fresh = rows(&store, &numbered(LIST, 3)).await;
    assert_eq!(fresh, Ok((2, vec![])), "a number is never used again");
    assert_eq!(rows(&store, &view(LIST)).await, Ok((2, vec![2, 2])));
}

/// A removal sees and changes both versions in one write.
pub(super) async fn changed_beside<H: Harness>(harness: &H) {
    let store = harness.open();
    staged(&store).await;
    let place = locator(BOTH, u64::from(BOTH));
    let decide: Decide = Arc::new(move |before| {
        let other = before.other.as_deref().expect("one is staged");
        assert!(before.people[0].is_some() && other[0].is_some());
        Decision {
            changes: vec![nobody(place)],
            other: vec![nobody(place)],
            ..Decision::default()
        }
    });
    let by = evidence("kop-satu", 20, 20, 1);
    let journaled = removal(LIST, BOTH);
    let here = view(LIST);
    let removed = store.amend_journaled(&here, vec![place], by, journaled, decide);
    let removed = removed.await.expect("removes");
    assert_eq!(
        rows(&store, &view(LIST)).await,
        Ok((removed.sequence, vec![2]))
    );
    let two = numbered(LIST, 2);
    assert_eq!(rows(&store, &two).await, Ok((removed.sequence, vec![3])));
    let held = list(&store).await;
    assert_eq!((held.people, held.sequence), (1, removed.sequence));
    assert_eq!(held.versions.staged.map(|staged| staged.people), Some(1));
    let due = store.due(&two, Timestamp(9), 9).await.expect("reads");
    assert_eq!(due, [locator(NEW, u64::from(NEW))]);
    let own = store.own_entries(&two, &org("kop-satu"), None, 9).await;
    assert_eq!(own.expect("reads").len(), 1);
    only_where_one_is_staged(&store).await;
}

async fn only_where_one_is_staged(store: &impl Store) {
    order(store, create_list("tni"), 30).await.expect("creates");
    let place = locator(1, 1);
    let decide: Decide = Arc::new(move |before| {
        assert!(before.other.is_none());
        Decision {
            other: vec![nobody(place)],
            ..Decision::default()
        }
    });
    let by = evidence("kop-satu", 31, 31, 1);
    let tni = view("tni");
    let changed = store.amend(&tni, vec![place], by, decide);
    assert_eq!(changed.await, Err(StoreError::BadDecision));
}
