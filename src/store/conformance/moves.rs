//! The log of moves of filter keys, and the keys as they stand.

use std::sync::{Arc, Mutex};

use super::Harness;
use super::people::{amend, entry, with_list};
use super::samples::{
    always, create_list, evidence, listing, locator, nobody, person, removal, view,
};
use crate::protocol::{KeyMove, Locator, Placement, Timestamp};
use crate::store::{
    Forgetting, KeyVisitor, MoveCount, MovesAfter, PersonChange, Store, StoreError, View,
};

/// Every filter key with its place, gathered.
pub(in crate::store) async fn filter_keys(
    store: &impl Store,
    view: &View,
) -> Result<(u64, Vec<(u64, Placement)>), StoreError> {
    let (sequence, mut ranges) = in_ranges(store, view, 1).await?;
    Ok((sequence, ranges.remove(0)))
}

/// Every filter key with its place, gathered range by range.
async fn in_ranges(
    store: &impl Store,
    view: &View,
    ranges: usize,
) -> Result<(u64, Vec<Vec<(u64, Placement)>>), StoreError> {
    let gathered: Arc<Mutex<Vec<_>>> = Arc::new(Mutex::new(vec![Vec::new(); ranges]));
    let visitors = (0..ranges).map(|range| -> KeyVisitor {
        let into = Arc::clone(&gathered);
        Box::new(move |keys| {
            into.lock().expect("not poisoned")[range].extend_from_slice(keys);
            Ok(())
        })
    });
    let sequence = store.each_filter_key(view, visitors.collect()).await?;
    let keys = std::mem::take(&mut *gathered.lock().expect("not poisoned"));
    Ok((sequence, keys))
}

/// Where a change puts its person.
pub(super) fn placement(change: &PersonChange) -> Placement {
    change.section.expect("given").placement()
}

/// What `moves` and `count_moves` say after a sequence, which must agree.
async fn after(store: &impl Store, from: u64) -> (u64, Option<Vec<KeyMove>>) {
    let here = view("peminjam");
    let MovesAfter {
        sequence,
        moves,
        switch,
    } = store.moves(&here, from, 99).await.expect("reads");
    let count = moves.as_ref().map(|moves| moves.len() as u64);
    let counted = MoveCount {
        sequence,
        moves: count,
        switch,
    };
    assert_eq!(store.count_moves(&here, from).await, Ok(counted));
    if let Some(some) = count.filter(|count| *count > 0) {
        let fewer = store.moves(&here, from, some as usize - 1).await;
        assert_eq!(fewer.expect("reads").moves, None, "more than asked for");
    }
    (sequence, moves)
}

pub(super) async fn logged_with_their_change<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let listed = person(
        locator(1, 5),
        vec![listing("kop-satu", entry(1))],
        Some(1),
        None,
    );
    let other = person(
        locator(2, 5),
        vec![listing("kop-satu", entry(2))],
        Some(1),
        None,
    );
    let unseen = person(
        locator(3, 7),
        vec![listing("kop-satu", entry(3))],
        None,
        None,
    );
    let came = |change: &PersonChange| KeyMove {
        key: change.locator.filter_key(),
        before: Placement::NOWHERE,
        after: placement(change),
    };
    let went = |change: &PersonChange| KeyMove {
        key: change.locator.filter_key(),
        before: placement(change),
        after: Placement::NOWHERE,
    };
    let all = vec![listed.clone(), other.clone(), unseen];
    amend(&store, 2, all).await.expect("amends");
    // The same place again, and somebody who stands nowhere: no move.
    amend(&store, 3, vec![listed.clone(), nobody(locator(3, 7))])
        .await
        .expect("amends");
    assert_eq!(after(&store, 2).await, (3, Some(vec![])));
    amend(&store, 4, vec![nobody(listed.locator)])
        .await
        .expect("amends");
    let first = vec![came(&listed), came(&other)];
    let whole = [first.clone(), vec![went(&listed)]].concat();
    assert_eq!(after(&store, 1).await, (4, Some(whole.clone())));
    drop(store);
    let store = harness.open();
    assert_eq!(after(&store, 1).await, (4, Some(whole)));
    assert_eq!(after(&store, 3).await, (4, Some(vec![went(&listed)])));
    assert_eq!(after(&store, 4).await, (4, Some(vec![])));
    assert_eq!(
        after(&store, 0).await,
        (4, None),
        "before the list was there"
    );
    assert_eq!(after(&store, 5).await, (4, None), "after its last change");
    assert_eq!(after(&store, u64::MAX).await, (4, None));
    removals_and_lists_apart(&store, &other).await;
}

async fn removals_and_lists_apart(store: &impl Store, other: &PersonChange) {
    let second = store.administer(create_list("asn"), evidence("operator", 9, 9, 1));
    assert_eq!(second.await, Ok(5));
    let here = view("peminjam");
    let gone = store.amend_journaled(
        &here,
        vec![other.locator],
        evidence("kop-satu", 10, 10, 1),
        removal("peminjam", 2),
        always(vec![nobody(other.locator)], b""),
    );
    assert_eq!(gone.await.map(|gone| gone.sequence), Ok(6));
    assert_eq!(after(store, 4).await.1.map(|moves| moves.len()), Some(1));
    let of_other = store.count_moves(&view("asn"), 5).await.expect("reads");
    assert_eq!((of_other.sequence, of_other.moves), (5, Some(0)));
}

fn rule(keep: u64, through: u64, before: i64) -> Forgetting {
    Forgetting {
        through,
        keep,
        before: Timestamp(before),
    }
}

pub(super) async fn forgotten_from_the_oldest<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let here = view("peminjam");
    for order in 2..7 {
        let entry = vec![listing("kop-satu", entry(order))];
        let one = person(locator(order, 1), entry, Some(1), None);
        amend(&store, order, vec![one]).await.expect("amends");
    }
    let forget = async |keep, through| store.forget_moves(&here, rule(keep, through, 0)).await;
    assert_eq!(forget(5, 99).await, Ok(0), "all are to be kept");
    assert_eq!(forget(0, 1).await, Ok(0), "none is so old");
    let before = store.count_moves(&here, 1).await.expect("reads");
    assert_eq!((before.sequence, before.moves), (6, Some(5)));
    assert_eq!(forget(3, 99).await, Ok(2));
    assert_eq!(forget(3, 99).await, Ok(0), "again changes nothing");
    assert_eq!(after(&store, 2).await.1, None);
    assert_eq!(after(&store, 3).await.1.map(|moves| moves.len()), Some(3));
    assert_eq!(forget(0, 4).await, Ok(1));
    drop(store);
    let store = harness.open();
    assert_eq!(after(&store, 3).await.1, None);
    assert_eq!(after(&store, 4).await.1.map(|moves| moves.len()), Some(2));
    let one = amend(&store, 9, vec![nobody(locator(2, 1))]).await;
    let sequence = one.expect("amends").sequence;
    assert_eq!(
        after(&store, sequence - 1).await.1.map(|moves| moves.len()),
        Some(1)
    );
    assert_eq!(after(&store, 4).await.1.map(|moves| moves.len()), Some(3));
}

pub(super) async fn forgotten_by_age<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let here = view("peminjam");
    for (order, at) in [(2, 10), (3, 20), (4, 15), (5, 30)] {
        let entry = vec![listing("kop-satu", entry(order))];
        let one = person(locator(order, 1), entry, Some(1), None);
        let amended = store.amend(
            &here,
            vec![one.locator],
            evidence("kop-satu", order, order, at),
            always(vec![one], b""),
        );
        amended.await.expect("amends");
    }
    let forget = async |through, before| store.forget_moves(&here, rule(9, through, before)).await;
    assert_eq!(forget(99, 10).await, Ok(0), "as old as is kept");
    assert_eq!(forget(1, 99).await, Ok(0), "needed, however old");
    assert_eq!(forget(99, 11).await, Ok(1));
    assert_eq!(after(&store, 1).await.1, None);
    assert_eq!(forget(99, 16).await, Ok(0), "a younger one is before it");
    assert_eq!(forget(99, 21).await, Ok(2));
    assert_eq!(after(&store, 3).await.1, None);
    assert_eq!(after(&store, 4).await.1.map(|moves| moves.len()), Some(1));
}

pub(super) async fn a_visitor_may_refuse<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let refuse = |_: &[(u64, Placement)]| Err(StoreError::Full);
    let one = person(
        locator(1, 5),
        vec![listing("kop-satu", entry(1))],
        Some(1),
        None,
    );
    amend(&store, 2, vec![one]).await.expect("amends");
    let here = view("peminjam");
    let read = store.each_filter_key(&here, vec![Box::new(refuse)]);
    assert_eq!(read.await, Err(StoreError::Full));
}

pub(super) async fn shown_in_ranges<H: Harness>(harness: &H) {
    let store = harness.open();
    with_list(&store).await;
    let here = view("peminjam");
    let mut expected = Vec::new();
    for order in 2..34 {
        let at = locator(order, 0);
        // The keys at both ends of each range too, which are cut from the middle of a locator.
        let key: u64 = match order % 8 {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << 63,
            3 => (1 << 63) - 1,
            4 => u64::MAX / 3 + 1,
            5 => u64::MAX / 3,
            other => (u64::from(order) << 58) | u64::from(other),
        };
        let mut bytes = at.0;
        bytes[16..24].copy_from_slice(&key.to_le_bytes());
        let entry = vec![listing("kop-satu", entry(order))];
        let one = person(Locator(bytes), entry, Some(1), None);
        assert_eq!(one.locator.filter_key(), key);
        expected.push((key, placement(&one)));
        amend(&store, order, vec![one]).await.expect("amends");
    }
    expected.sort_unstable();
    for ranges in 1..5 {
        let (_, shown) = in_ranges(&store, &here, ranges).await.expect("reads");
        for (number, keys) in shown.iter().enumerate() {
            let of = |key: u64| (u128::from(key) * ranges as u128) >> 64;
            assert!(keys.iter().all(|(key, _)| of(*key) == number as u128));
        }
        assert_eq!(shown.concat(), expected, "{ranges} ranges");
    }
}
