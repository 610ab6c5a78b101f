//! Exactly once, alone and under many callers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Harness;
use super::samples::{
    always, charge, create_list, evidence, list_id, listing, locator, org, organisation, person,
    view,
};
use crate::protocol::organisation::Standing;
use crate::protocol::{ContentDigest, Date, EntryId, OrderId};
use crate::store::{Change, Charged, Decide, Decision, Store, StoreError};

pub(super) async fn orders_take_effect_once<H: Harness>(harness: &H) {
    let store = harness.open();
    let member = || Change::Organisation(organisation("kop-satu", Standing::Active));
    let put = |content| store.administer(member(), evidence("operator", 1, content, 1));
    assert_eq!(put(1).await, Ok(1));
    let list = store.administer(create_list("peminjam"), evidence("operator", 2, 2, 1));
    assert_eq!(list.await, Ok(2));
    assert_eq!(put(1).await, Ok(1), "the same order again");
    assert_eq!(put(2).await, Err(StoreError::OrderConflict));

    let (here, at) = (view("peminjam"), locator(1, 1));
    let one = person(
        at,
        vec![listing("kop-satu", EntryId([1; 16]))],
        Some(1),
        None,
    );
    let amend = |content, reply: &'static [u8]| {
        let decide = always(vec![one.clone()], reply);
        let evidence = evidence("kop-satu", 1, content, 1);
        store.amend(&here, vec![at], evidence, decide)
    };
    let first = amend(1, b"first").await.expect("amends");
    assert_eq!(
        (first.sequence, first.replayed, &first.reply[..]),
        (3, false, &b"first"[..])
    );
    let again = amend(1, b"second").await.expect("answers as before");
    assert_eq!(
        (again.sequence, again.replayed, again.reply),
        (3, true, first.reply)
    );
    assert_eq!(amend(2, b"third").await, Err(StoreError::OrderConflict));
    drop(store);

    let store = harness.open();
    let reply = store.reply_to(&org("kop-satu"), &OrderId([1; 16])).await;
    assert_eq!(reply, Ok(Some((ContentDigest([1; 64]), b"first".to_vec()))));
    assert_eq!(
        store.reply_to(&org("kop-dua"), &OrderId([1; 16])).await,
        Ok(None)
    );
    let decide: Decide = Arc::new(|_| unreachable!("a repeated order decides nothing"));
    let again = store.amend(&here, vec![at], evidence("kop-satu", 1, 1, 1), decide);
    assert!(again.await.expect("answers as before").replayed);
}

pub(super) async fn charges<H: Harness>(harness: &H) {
    let store = harness.open();
    let ask =
        |chunk, content, count, day| store.charge(charge("kop-satu", chunk, content, count, day));
    assert_eq!(ask(1, 1, 60, 5).await, Ok(Charged::Fresh { used: 60 }));
    assert_eq!(ask(1, 1, 60, 5).await, Ok(Charged::Again { used: 60 }));
    assert_eq!(ask(1, 2, 60, 5).await, Ok(Charged::Conflict));
    assert_eq!(ask(2, 1, 41, 5).await, Ok(Charged::OverQuota { used: 60 }));
    assert_eq!(
        ask(2, 1, u64::MAX, 5).await,
        Ok(Charged::OverQuota { used: 60 })
    );
    assert_eq!(ask(2, 1, 40, 5).await, Ok(Charged::Fresh { used: 100 }));
    assert_eq!(ask(3, 1, 0, 5).await, Ok(Charged::Fresh { used: 100 }));
    assert_eq!(
        ask(4, 1, 1, 6).await,
        Ok(Charged::Fresh { used: 1 }),
        "another day"
    );
    assert_eq!(
        ask(1, 1, 60, 6).await,
        Ok(Charged::Again { used: 1 }),
        "charged the day before"
    );
    drop(store);
    let store = harness.open();
    let list = list_id("peminjam");
    assert_eq!(store.used(&org("kop-satu"), &list, Date(5)).await, Ok(100));
    assert_eq!(store.used(&org("kop-satu"), &list, Date(7)).await, Ok(0));
    assert_eq!(store.used(&org("kop-dua"), &list, Date(5)).await, Ok(0));
    let again = store.charge(charge("kop-satu", 1, 1, 60, 5));
    assert_eq!(again.await, Ok(Charged::Again { used: 100 }));
}

const CALLERS: usize = 64;

pub(super) async fn one_order_many_callers<H: Harness>(harness: &H) {
    let store = Arc::new(harness.open());
    let list = store.administer(create_list("peminjam"), evidence("operator", 1, 1, 1));
    assert_eq!(list.await, Ok(1));
    let effects = Arc::new(AtomicU64::new(0));
    let calls = (0..CALLERS).map(|_| {
        let (store, effects) = (Arc::clone(&store), Arc::clone(&effects));
        tokio::spawn(async move {
            let at = locator(1, 1);
            let decide: Decide = Arc::new(move |before| {
                let number = effects.fetch_add(1, Ordering::SeqCst) as u8;
                assert_eq!(before.people, [None]);
                Decision {
                    changes: vec![person(at, vec![], Some(number), None)],
                    reply: vec![number],
                    ..Decision::default()
                }
            });
            let evidence = evidence("kop-satu", 7, 7, 1);
            store
                .amend(&view("peminjam"), vec![at], evidence, decide)
                .await
        })
    });
    let mut fresh = 0;
    for call in calls.collect::<Vec<_>>() {
        let amended = call.await.expect("runs").expect("amends");
        assert_eq!((amended.sequence, &amended.reply[..]), (2, &[0][..]));
        fresh += usize::from(!amended.replayed);
    }
    assert_eq!((fresh, effects.load(Ordering::SeqCst)), (1, 1));
    let list = store.list(&list_id("peminjam")).await.expect("reads");
    assert_eq!(list.map(|list| (list.people, list.sequence)), Some((1, 2)));
}

pub(super) async fn quota_holds_for_many_callers<H: Harness>(harness: &H) {
    let store = Arc::new(harness.open());
    let calls = (0..CALLERS as u32).map(|chunk| {
        let store = Arc::clone(&store);
        // Every chunk comes twice, as retries do.
        tokio::spawn(async move { store.charge(charge("kop-satu", chunk / 2, 1, 7, 5)).await })
    });
    let (mut fresh, mut over) = (0, 0);
    for call in calls.collect::<Vec<_>>() {
        match call.await.expect("runs").expect("answers") {
            Charged::Fresh { used } | Charged::Again { used } if used > 100 => panic!("{used}"),
            Charged::Fresh { .. } => fresh += 1,
            Charged::OverQuota { .. } => over += 1,
            Charged::Again { .. } => {}
            Charged::Conflict => panic!("no content differs"),
        }
    }
    // 14 of 7 fit in 100; the two calls of each of the other 18 chunks are refused.
    assert_eq!((fresh, over), (14, 36));
    let used = store
        .used(&org("kop-satu"), &list_id("peminjam"), Date(5))
        .await;
    assert_eq!(used, Ok(98));
}
