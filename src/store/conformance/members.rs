//! Organisations, grants, lists and the clock.

use super::Harness;
use super::samples::{
    create_list, evidence, grant, invite, join, list_id, org, organisation, record,
};
use crate::protocol::codes::Role;
use crate::protocol::limits::MAX_CLOCK_LEAP;
use crate::protocol::organisation::Standing;
use crate::protocol::{Digest32, PublicKey, Timestamp};
use crate::store::{Change, Store, StoreError, StoredList};

pub(super) async fn invitations<H: Harness>(harness: &H) {
    let store = harness.open();
    let order = |order, at| evidence("operator", order, order, at);
    let first = store.administer(invite("kop-satu", 1, 100), order(1, 10));
    assert_eq!(first.await, Ok(1));
    let again = store.administer(invite("kop-satu", 2, 100), order(2, 11));
    assert_eq!(again.await, Ok(2), "an unused invitation is replaced");
    let taken = store.administer(invite("kop-dua", 2, 100), order(3, 12));
    assert_eq!(taken.await, Err(StoreError::Exists), "another's code");
    let bad = |change, number| store.administer(change, evidence("kop-satu", number, 0, 20));
    assert_eq!(
        bad(join("kop-satu", 1), 4).await,
        Err(StoreError::BadInvitation),
        "voided"
    );
    assert_eq!(
        bad(join("kop-satu", 9), 5).await,
        Err(StoreError::BadInvitation),
        "unknown"
    );
    assert_eq!(
        bad(join("kop-dua", 2), 6).await,
        Err(StoreError::BadInvitation),
        "another's"
    );
    let late = store.administer(join("kop-satu", 2), evidence("kop-satu", 7, 0, 100));
    assert_eq!(
        late.await,
        Err(StoreError::BadInvitation),
        "it dies at its time"
    );
    let invited = store.organisation(&org("kop-satu")).await.expect("reads");
    assert_eq!(invited, Some(organisation("kop-satu", Standing::Invited)));

    let joined = store.administer(join("kop-satu", 2), evidence("kop-satu", 8, 0, 99));
    assert_eq!(joined.await, Ok(3), "failed commands took no number");
    let used = store.administer(join("kop-satu", 2), evidence("kop-satu", 9, 0, 99));
    assert_eq!(used.await, Err(StoreError::BadInvitation));
    let third = store.administer(invite("kop-satu", 3, 100), order(10, 99));
    assert_eq!(third.await, Err(StoreError::Exists), "it is a member");
    drop(store);
    let store = harness.open();
    let member = store.organisation(&org("kop-satu")).await.expect("reads");
    let mut expected = organisation("kop-satu", Standing::Active);
    expected.key = Some(PublicKey([2; 32]));
    assert_eq!(member, Some(expected));
    assert_eq!(store.organisation(&org("kop-dua")).await, Ok(None));
}

pub(super) async fn organisations_in_order<H: Harness>(harness: &H) {
    let store = harness.open();
    // A shorter name that sorts after a longer one tells an order by length apart.
    let names = ["zzz", "aaaa", "bb-b", "aaa"];
    for (number, name) in (1..).zip(names) {
        let change = Change::Organisation(organisation(name, Standing::Active));
        let done = store.administer(change, evidence("operator", number, 0, 1));
        assert_eq!(done.await, Ok(u64::from(number)));
    }
    let replaced = Change::Organisation(organisation("zzz", Standing::Suspended));
    let done = store.administer(replaced, evidence("operator", 9, 0, 1));
    assert_eq!(done.await, Ok(5));
    let page = async |after: Option<&str>, limit| {
        let after = after.map(org);
        let page = store.organisations(after.as_ref(), limit).await;
        let page = page.expect("reads").into_iter();
        page.map(|o| (o.organisation.to_string(), o.standing))
            .collect::<Vec<_>>()
    };
    let all = [
        ("aaa".to_owned(), Standing::Active),
        ("aaaa".to_owned(), Standing::Active),
        ("bb-b".to_owned(), Standing::Active),
        ("zzz".to_owned(), Standing::Suspended),
    ];
    assert_eq!(page(None, 10).await, all);
    assert_eq!(page(None, 2).await, all[..2]);
    assert_eq!(page(Some("aaaa"), 10).await, all[2..]);
    assert_eq!(page(Some("bbb"), 10).await, all[3..]);
    assert_eq!(page(None, 0).await, []);
}

pub(super) async fn grants<H: Harness>(harness: &H) {
    let store = harness.open();
    let set = |g, order| store.administer(Change::Grant(g), evidence("operator", order, 0, 1));
    let wanted = grant("kop-satu", "peminjam", &[Role::Check]);
    assert_eq!(set(wanted.clone(), 1).await, Err(StoreError::Missing));
    let member = Change::Organisation(organisation("kop-satu", Standing::Active));
    let member = store.administer(member, evidence("operator", 2, 0, 1));
    assert_eq!(member.await, Ok(1));
    assert_eq!(set(wanted.clone(), 3).await, Err(StoreError::Missing));
    for (number, list) in [(4, "peminjam"), (5, "asn-list"), (6, "asn")] {
        let list = store.administer(create_list(list), evidence("operator", number, 0, 1));
        list.await.expect("creates");
    }
    let others = [
        grant("kop-satu", "asn", &[Role::Screen]),
        grant("kop-satu", "asn-list", &[Role::Contribute, Role::Check]),
    ];
    for (number, g) in (10..).zip(others.iter().chain([&wanted])) {
        set(g.clone(), number).await.expect("grants");
    }
    let all = [others[0].clone(), others[1].clone(), wanted.clone()];
    assert_eq!(store.grants(&org("kop-satu")).await, Ok(all.to_vec()));
    assert_eq!(store.grants(&org("kop")).await, Ok(vec![]));
    let peminjam = list_id("peminjam");
    assert_eq!(
        store.grant(&org("kop-satu"), &peminjam).await,
        Ok(Some(wanted))
    );
    let none = grant("kop-satu", "peminjam", &[]);
    set(none, 20).await.expect("takes it away");
    assert_eq!(store.grant(&org("kop-satu"), &peminjam).await, Ok(None));
}

pub(super) async fn lists_and_records<H: Harness>(harness: &H) {
    let store = harness.open();
    let put = |change, order| store.administer(change, evidence("operator", order, 0, 1));
    assert_eq!(put(create_list("peminjam"), 1).await, Ok(1));
    assert_eq!(put(create_list("asn"), 2).await, Ok(2));
    assert_eq!(put(create_list("asn"), 3).await, Err(StoreError::Exists));
    let first = record("peminjam", 1, Digest32([0; 32]));
    let second = record("peminjam", 2, first.record.digest());
    let next = |record, order| put(Change::Record(Box::new(record)), order);
    let gap = record("peminjam", 3, first.record.digest());
    assert_eq!(next(gap, 4).await, Err(StoreError::Exists));
    let stranger = record("peminjam", 2, Digest32([9; 32]));
    assert_eq!(next(stranger, 5).await, Err(StoreError::Exists));
    let nowhere = record("nowhere", 2, first.record.digest());
    assert_eq!(next(nowhere, 6).await, Err(StoreError::Missing));
    assert_eq!(next(second.clone(), 7).await, Ok(3));
    let lists = store.lists().await.expect("reads");
    let seen: Vec<(&str, u64, u64)> = lists
        .iter()
        .map(
            |StoredList {
                 list,
                 sequence,
                 people,
                 ..
             }| (list.as_str(), *sequence, *people),
        )
        .collect();
    assert_eq!(seen, [("asn", 2, 0), ("peminjam", 3, 0)]);
    assert_eq!(
        store.list(&list_id("peminjam")).await,
        Ok(Some(lists[1].clone()))
    );
    assert_eq!(store.list(&list_id("nowhere")).await, Ok(None));
    drop(store);
    let records = harness.open().records(&list_id("peminjam")).await;
    assert_eq!(records, Ok(vec![first, second]));
}

pub(super) async fn clock<H: Harness>(harness: &H) {
    let store = harness.open();
    assert_eq!(store.last_committed_time().await, Ok(Timestamp(0)));
    let put = |change, order, at| store.administer(change, evidence("operator", order, 0, at));
    put(create_list("peminjam"), 1, 900).await.expect("creates");
    put(create_list("asn"), 2, 500).await.expect("creates");
    assert_eq!(store.last_committed_time().await, Ok(Timestamp(900)));
    put(Change::AcceptClock, 3, 700).await.expect("accepts");
    drop(store);
    let store = harness.open();
    assert_eq!(store.last_committed_time().await, Ok(Timestamp(700)));
    assert_eq!(store.writable().await, Ok(()));
    // A clock that leapt is not made good by its own writes, but by the operator's word.
    let day = MAX_CLOCK_LEAP;
    let put = |change, order, at| store.administer(change, evidence("operator", order, 0, at));
    put(create_list("tni"), 4, 700 + day)
        .await
        .expect("creates");
    assert_eq!(
        store.last_committed_time().await,
        Ok(Timestamp(700 + day)),
        "no leap"
    );
    put(create_list("polri"), 5, 701 + 2 * day)
        .await
        .expect("creates");
    assert_eq!(
        store.last_committed_time().await,
        Ok(Timestamp(700 + day)),
        "a leap"
    );
    put(Change::AcceptClock, 6, 701 + 2 * day)
        .await
        .expect("accepts");
    assert_eq!(
        store.last_committed_time().await,
        Ok(Timestamp(701 + 2 * day))
    );
}
