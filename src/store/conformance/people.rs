//! People, their rows and indexes, and the journal of removals.

use std::sync::{Arc, Mutex};

use super::Harness;
use super::moves::{filter_keys, placement};
use super::samples::{
    always, create_list, evidence, list_id, listing, locator, nobody, org, person, removal, view,
};
use crate::protocol::limits::ROW_BYTES;
use crate::protocol::listing::Person;
use crate::protocol::{EntryId, Epoch, Locator, Timestamp};
use crate::store::{
    Amended, Before, Decide, Decision, Forgetting, PersonChange, Store, StoreError, View,
};

const A: u8 = 0x10;
const B: u8 = 0x90;

pub(super) fn entry(number: u8) -> EntryId {
    EntryId([number; 16])
}

pub(super) async fn with_list(store: &impl Store) {
    let list = store.administer(create_list("peminjam"), evidence("operator", 1, 1, 1));
    assert_eq!(list.await, Ok(1));
}

pub(super) async fn amend(
    store: &impl Store,
    order: u8,
    changes: Vec<PersonChange>,
) -> Result<Amended, StoreError> {
    let locators = changes.iter().map(|change| change.locator).collect();
    let evidence = evidence("kop-satu", order, order, 1);
    let decide = always(changes, &[order]);
    store
        .amend(&view("peminjam"), locators, evidence, decide)
        .await
}

/// Three people: A and B share a filter key, C has no row; two listings are of kop-dua.
fn three() -> [PersonChange; 3] {
    let c = locator(0xff, 2);
    [
        person(
            locator(A, 5),
            vec![listing("kop-satu", entry(9)), listing("kop-dua", entry(2))],
            Some(1),
            Some(50),
        ),
        person(
            locator(B, 5),
            vec![listing("kop-dua", entry(1))],
            Some(2),
            Some(-50),
        ),
        person(c, vec![listing("kop-satu", entry(3))], None, None),
    ]
}

pub(super) async fn kept_and_indexed<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let [a, b, c] = three();
    let amended = amend(&store, 2, vec![b.clone(), a.clone(), c.clone()]).await;
    assert_eq!(amended.map(|amended| amended.sequence), Ok(2));
    drop(store);
    let store = harness.open();
    let here = view("peminjam");
    let (la, lb, lc) = (a.locator, b.locator, c.locator);

    let asked = [lc, locator(1, 1), la];
    let people = store.people(&here, &asked).await;
    assert_eq!(people, Ok(vec![c.person.clone(), None, a.person.clone()]));
    let places = store.locate(&here, &[entry(1), entry(7), entry(9)]).await;
    assert_eq!(places, Ok(vec![Some(lb), None, Some(la)]));
    let own = async |name, after, limit| {
        store
            .own_entries(&here, &org(name), after, limit)
            .await
            .expect("reads")
    };
    assert_eq!(
        own("kop-dua", None, 9).await,
        [(entry(1), lb), (entry(2), la)]
    );
    assert_eq!(own("kop-satu", None, 1).await, [(entry(3), lc)]);
    assert_eq!(own("kop-satu", Some(entry(3)), 9).await, [(entry(9), la)]);
    assert_eq!(own("kop", None, 9).await, []);

    let rows = async |bits, bucket| store.bucket(&here, bits, bucket).await;
    let (row_a, row_b) = ([1; ROW_BYTES], [2; ROW_BYTES]);
    assert_eq!(rows(0, 0).await, Ok((2, vec![row_a, row_b])));
    assert_eq!(rows(1, 0).await, Ok((2, vec![row_a])));
    assert_eq!(rows(1, 1).await, Ok((2, vec![row_b])));
    assert_eq!(rows(8, u32::from(A)).await, Ok((2, vec![row_a])));
    assert_eq!(rows(8, 0xff).await, Ok((2, vec![])), "no row is answered");
    assert_eq!(rows(24, 0x90_90_90).await, Ok((2, vec![row_b])));
    assert_eq!(rows(1, 2).await, Err(StoreError::Missing));
    assert_eq!(rows(25, 0).await, Err(StoreError::Missing));

    let placed = [&a, &b].map(|person| (5, placement(person)));
    assert_eq!(filter_keys(&store, &here).await, Ok((2, placed.to_vec())));
    let due = async |until, limit| {
        store
            .due(&here, Timestamp(until), limit)
            .await
            .expect("reads")
    };
    assert_eq!(due(50, 9).await, [lb, la], "earliest first");
    assert_eq!(due(49, 9).await, [lb]);
    assert_eq!(due(-51, 9).await, []);
    assert_eq!(due(i64::MAX, 1).await, [lb]);
    let list = store.list(&list_id("peminjam")).await.expect("reads");
    assert_eq!(list.map(|list| (list.people, list.sequence)), Some((3, 2)));
    no_other_view(&store).await;
}

async fn no_other_view(store: &impl Store) {
    let other = View {
        epoch: Epoch(2),
        ..view("peminjam")
    };
    assert_eq!(store.people(&other, &[]).await, Err(StoreError::Missing));
    assert_eq!(store.locate(&other, &[]).await, Err(StoreError::Missing));
    assert_eq!(store.bucket(&other, 0, 0).await, Err(StoreError::Missing));
    assert_eq!(filter_keys(store, &other).await, Err(StoreError::Missing));
    let missing = StoreError::Missing;
    let everything = Forgetting {
        through: 9,
        keep: 0,
        before: Timestamp(i64::MAX),
    };
    assert_eq!(store.count_moves(&other, 0).await, Err(missing));
    assert_eq!(store.moves(&other, 0, 9).await, Err(missing));
    assert_eq!(store.forget_moves(&other, everything).await, Err(missing));
    assert_eq!(
        store.due(&other, Timestamp(0), 1).await,
        Err(StoreError::Missing)
    );
    let org = org("kop-satu");
    let own = store.own_entries(&other, &org, None, 1);
    assert_eq!(own.await, Err(StoreError::Missing));
    let amended = store.amend(
        &other,
        vec![],
        evidence("kop-satu", 99, 0, 1),
        always(vec![], b""),
    );
    assert_eq!(amended.await, Err(StoreError::Missing));
}

pub(super) async fn changed_and_gone<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let [a, b, c] = three();
    let (la, lb) = (a.locator, b.locator);
    amend(&store, 2, vec![a.clone(), b.clone(), c])
        .await
        .expect("amends");

    let seen: Arc<Mutex<Option<Before>>> = Arc::default();
    let into = Arc::clone(&seen);
    let changed = person(la, vec![listing("kop-satu", entry(8))], Some(7), Some(60));
    let changes = vec![nobody(lb), changed.clone()];
    let decide: Decide = Arc::new(move |before| {
        *into.lock().expect("not poisoned") = Some(before.clone());
        Decision {
            changes: changes.clone(),
            ..Decision::default()
        }
    });
    let here = view("peminjam");
    let amended = store.amend(&here, vec![la, lb], evidence("kop-satu", 3, 3, 1), decide);
    assert_eq!(amended.await.map(|amended| amended.sequence), Ok(3));
    let before = seen.lock().expect("not poisoned").take();
    let people: Vec<Option<Person>> = vec![a.person, b.person];
    assert_eq!(
        before,
        Some(Before {
            sequence: 3,
            people,
            other: None
        })
    );

    indexes_follow(&store, &here, changed, lb).await;

    let nothing = amend(&store, 4, vec![]).await.expect("answers");
    assert_eq!(
        (nothing.sequence, nothing.reply),
        (3, vec![4]),
        "nothing changed"
    );
    let gone = amend(&store, 5, vec![nobody(la), nobody(locator(3, 3))]).await;
    assert_eq!(
        gone.map(|gone| gone.sequence),
        Ok(5),
        "the change before took a number"
    );
    let list = store.list(&list_id("peminjam")).await.expect("reads");
    assert_eq!(list.map(|list| list.people), Some(1));
}

/// After one person changed and another is gone, every index says so.
async fn indexes_follow<S: Store>(store: &S, here: &View, changed: PersonChange, gone: Locator) {
    let la = changed.locator;
    assert_eq!(
        store.people(here, &[la, gone]).await,
        Ok(vec![changed.person, None])
    );
    let places = store
        .locate(here, &[entry(1), entry(2), entry(8), entry(9)])
        .await;
    assert_eq!(places, Ok(vec![None, None, Some(la), None]));
    let own = store.own_entries(here, &org("kop-dua"), None, 9).await;
    assert_eq!(own, Ok(vec![]));
    assert_eq!(
        store.bucket(here, 0, 0).await,
        Ok((3, vec![[7; ROW_BYTES]]))
    );
    let keys = filter_keys(store, here).await.expect("reads").1;
    assert_eq!(keys.len(), 1);
    assert_eq!(store.due(here, Timestamp(99), 9).await, Ok(vec![la]));
    let list = store.list(&list_id("peminjam")).await.expect("reads");
    assert_eq!(list.map(|list| list.people), Some(2));
}

pub(super) async fn bad_decisions<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let at = locator(1, 1);
    let here = view("peminjam");
    let decide = async |asked: Vec<Locator>, changes: Vec<PersonChange>| {
        let evidence = evidence("kop-satu", 2, 2, 1);
        let amended = store.amend(&here, asked, evidence, always(changes, b""));
        amended.await.map(|amended| amended.sequence)
    };
    let bad = Err(StoreError::BadDecision);
    assert_eq!(decide(vec![], vec![nobody(at)]).await, bad, "not asked for");
    assert_eq!(
        decide(vec![at], vec![nobody(at), nobody(at)]).await,
        bad,
        "twice"
    );
    let elsewhere = PersonChange {
        locator: at,
        ..person(locator(2, 2), vec![], None, None)
    };
    assert_eq!(
        decide(vec![at], vec![elsewhere]).await,
        bad,
        "a person of another place"
    );
    let ghost = PersonChange {
        person: None,
        ..person(at, vec![], Some(1), None)
    };
    assert_eq!(decide(vec![at], vec![ghost]).await, bad, "a row of nobody");
    assert_eq!(
        decide(vec![at], vec![nobody(at)]).await,
        Ok(2),
        "no bad one left a trace"
    );
}

pub(super) async fn journal<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let here = view("peminjam");
    let [a, b, _] = three();
    let (la, lb) = (a.locator, b.locator);
    amend(&store, 2, vec![a, b]).await.expect("amends");
    let remove = |order, number, at, changes| {
        let (evidence, removal) = (
            evidence("kop-dua", order, 0, 1),
            removal("peminjam", number),
        );
        store.amend_journaled(
            &here,
            vec![at],
            evidence,
            removal,
            always(changes, &[number]),
        )
    };
    assert_eq!(
        remove(1, 1, lb, vec![nobody(lb)])
            .await
            .map(|done| done.sequence),
        Ok(3)
    );
    let again = remove(1, 1, lb, vec![nobody(lb)])
        .await
        .expect("answers as before");
    assert!(again.replayed);
    assert_eq!(
        remove(2, 7, lb, vec![]).await.map(|done| done.sequence),
        Ok(3),
        "nothing changed"
    );
    assert_eq!(store.removals_to_replay().await, Ok(vec![]));
    drop(store);
    replayed(harness, la).await;
    older_than_the_list(harness).await;
}

/// Removals that only the journal holds are carried out oldest first, each once.
async fn replayed<H: Harness>(harness: &H, la: Locator) {
    let here = view("peminjam");
    harness.journal_only(removal("peminjam", 2));
    harness.journal_only(removal("peminjam", 3));

    let store = harness.open();
    let expected = vec![(1, removal("peminjam", 2)), (2, removal("peminjam", 3))];
    assert_eq!(store.removals_to_replay().await, Ok(expected.clone()));
    let replay = |position, order, changes| {
        let (at, evidence) = (vec![la], evidence("kop-dua", order, 5, 1));
        store.amend_replayed(&here, at, evidence, position, always(changes, b"replayed"))
    };
    let skipped = replay(2, 9, vec![nobody(la)]).await;
    assert_eq!(
        skipped,
        Err(StoreError::Missing),
        "the one before it comes first"
    );
    let missing = replay(3, 9, vec![]).await;
    assert_eq!(
        missing,
        Err(StoreError::Missing),
        "the journal has no fourth"
    );
    // The order's id was used before with other content; the journal's word stands.
    let done = replay(1, 1, vec![nobody(la)])
        .await
        .expect("carries it out");
    assert_eq!((done.sequence, done.replayed), (5, false));
    assert_eq!(store.removals_to_replay().await, Ok(expected[1..].to_vec()));
    assert_eq!(store.people(&here, &[la]).await, Ok(vec![None]));
    let done = replay(2, 9, vec![]).await.expect("carries it out");
    assert_eq!((done.sequence, done.reply), (5, b"replayed".to_vec()));
    drop(store);
    let store = harness.open();
    assert_eq!(store.removals_to_replay().await, Ok(vec![]));
    let journaled = store.amend_journaled(
        &here,
        vec![la],
        evidence("kop-dua", 20, 0, 1),
        removal("peminjam", 4),
        always(vec![nobody(la)], b""),
    );
    assert_eq!(journaled.await.map(|done| done.sequence), Ok(7));
    assert_eq!(store.removals_to_replay().await, Ok(vec![]));
}

/// A backup may be older than the list: there is nobody to remove, and the journal goes on.
async fn older_than_the_list<H: Harness>(harness: &H) {
    harness.journal_only(removal("tni", 5));
    let store = harness.open();
    let nowhere = view("tni");
    let replay = |position| {
        let evidence = evidence("kop-dua", 30, 0, 1);
        let nobody = always(vec![], b"not asked");
        store.amend_replayed(&nowhere, vec![], evidence, position, nobody)
    };
    assert_eq!(replay(5).await, Err(StoreError::Missing));
    assert_eq!(replay(4).await.map(|done| done.reply), Ok(vec![]));
    assert_eq!(store.removals_to_replay().await, Ok(vec![]));
}
