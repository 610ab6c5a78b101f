//! Random commands on RocksDB and on the judge: every reply and everything kept must agree.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;

use super::{Folder, folder};
use crate::protocol::codes::Role;
use crate::protocol::organisation::Standing;
use crate::protocol::version::Version;
use crate::protocol::{Digest32, EntryId, Locator, Timestamp};
use crate::store::conformance::Harness;
use crate::store::conformance::moves::filter_keys;
use crate::store::conformance::samples::{
    always, charge, create_list, evidence, grant, invite, join, list_id, listing, locator, nobody,
    numbered, open_version, organisation, person, record, removal, switch_version, view,
};
use crate::store::{Change, Decide, Decision, Forgetting, Memory, PersonChange, Store};

const ORGS: [&str; 3] = ["kop-satu", "kop-dua", "kop"];
const LISTS: [&str; 2] = ["peminjam", "asn"];

/// One step; small pools of ids, so that collisions are common.
#[derive(Clone, Debug)]
enum Step {
    Administer(Box<Change>, Order),
    Charge(u32, u8, u64, i32),
    Amend(&'static str, Vec<PersonChange>, Order),
    AmendVersion(&'static str, u32, Vec<PersonChange>, Order),
    Remove(&'static str, Vec<PersonChange>, Order),
    Replay,
    Forget(&'static str, Forgetting),
    Reopen,
    CrashAfterJournal(u8),
}

#[derive(Clone, Copy, Debug)]
struct Order {
    by: &'static str,
    order: u8,
    content: u8,
    at: i64,
}

fn order() -> impl Strategy<Value = Order> {
    let parts = (select(&ORGS[..]), 0..40u8, 0..2u8, 0..100i64);
    parts.prop_map(|(by, order, content, at)| Order {
        by,
        order,
        content,
        at,
    })
}

fn change() -> impl Strategy<Value = Change> {
    let (org, list) = (|| select(&ORGS[..]), || select(&LISTS[..]));
    let standing = select(&[Standing::Invited, Standing::Active][..]);
    prop_oneof![
        2 => list().prop_map(create_list),
        2 => (org(), 0..4u8).prop_map(|(org, code)| invite(org, code, 60)),
        2 => (org(), 0..4u8).prop_map(|(org, code)| join(org, code)),
        1 => (org(), standing).prop_map(|(o, s)| Change::Organisation(organisation(o, s))),
        1 => (org(), list(), any::<bool>()).prop_map(|(org, list, some)| {
            Change::Grant(grant(org, list, if some { &[Role::Check] } else { &[] }))
        }),
        1 => list().prop_map(|list| {
            let first = record(list, 1, Digest32([0; 32]));
            Change::Record(Box::new(record(list, 2, first.record.digest())))
        }),
        4 => list().prop_map(open_version),
        3 => (list(), version(), 0..2u64)
            .prop_map(|(list, v, n)| Change::CloseVersion(list_id(list), Version(v), n)),
        4 => (list(), version(), version()).prop_map(|(l, v, old)| switch_version(l, v, old)),
        1 => (list(), version()).prop_map(|(l, v)| Change::DropVersion(list_id(l), Version(v))),
        2 => (list(), version()).prop_map(|(l, v)| Change::ForgetVersion(list_id(l), Version(v))),
        1 => Just(Change::AcceptClock),
    ]
}

/// Few, so that the version that is staged or answers is often meant.
fn version() -> impl Strategy<Value = u32> {
    1..4u32
}

fn place() -> impl Strategy<Value = Locator> {
    (0..8u8).prop_map(|place| locator(place * 36, u64::from(place % 3)))
}

fn person_change() -> impl Strategy<Value = PersonChange> {
    let rows = prop::option::of(any::<u8>());
    let due = prop::option::of(-9..9i64);
    let listings = prop::collection::vec((select(&ORGS[..]), 0..4u8), 0..4);
    (place(), any::<bool>(), listings, rows, due).prop_map(|(at, there, listings, row, due)| {
        if !there {
            return nobody(at);
        }
        // An entry belongs to one person and stands once.
        let mut numbers: Vec<(u8, &str)> = listings.into_iter().map(|(o, n)| (n, o)).collect();
        numbers.sort_unstable();
        numbers.dedup_by_key(|(number, _)| *number);
        let entry = |number: u8| EntryId([at.0[0].wrapping_add(number); 16]);
        let listings = numbers.iter().map(|(n, org)| listing(org, entry(*n)));
        person(at, listings.collect(), row, due)
    })
}

fn step() -> impl Strategy<Value = Step> {
    let list = || select(&LISTS[..]);
    let changes = || prop::collection::vec(person_change(), 0..4);
    prop_oneof![
        6 => (change(), order()).prop_map(|(change, order)| Step::Administer(Box::new(change), order)),
        4 => (0..6u32, 0..2u8, 0..60u64, 0..2i32)
            .prop_map(|(chunk, content, count, day)| Step::Charge(chunk, content, count, day)),
        8 => (list(), changes(), order()).prop_map(|(l, c, o)| Step::Amend(l, c, o)),
        6 => (list(), version(), changes(), order())
            .prop_map(|(l, v, c, o)| Step::AmendVersion(l, v, c, o)),
        4 => (list(), changes(), order()).prop_map(|(l, c, o)| Step::Remove(l, c, o)),
        2 => Just(Step::Replay),
        2 => (list(), forgetting()).prop_map(|(l, rule)| Step::Forget(l, rule)),
        1 => Just(Step::Reopen),
        1 => any::<u8>().prop_map(Step::CrashAfterJournal),
    ]
}

fn forgetting() -> impl Strategy<Value = Forgetting> {
    (0..9u64, 0..60u64, -1..4i64).prop_map(|(keep, through, before)| Forgetting {
        through,
        keep,
        before: Timestamp(before),
    })
}

/// What a step answers, as text, so that answers of every kind compare.
async fn apply(store: &impl Store, step: &Step) -> String {
    let proof = |o: &Order| evidence(o.by, o.order, o.content, o.at);
    let places = |changes: &[PersonChange]| changes.iter().map(|c| c.locator).collect::<Vec<_>>();
    match step {
        Step::Administer(change, o) => {
            format!("{:?}", store.administer(*change.clone(), proof(o)).await)
        }
        Step::Charge(chunk, content, count, day) => {
            let charge = charge("kop-satu", *chunk, *content, *count, *day);
            format!("{:?}", store.charge(charge).await)
        }
        Step::Amend(list, changes, o) => {
            let decide = always(changes.clone(), &[o.order]);
            let view = view(list);
            let done = store.amend(&view, places(changes), proof(o), decide);
            format!("{:?}", done.await)
        }
        Step::AmendVersion(list, version, changes, o) => {
            let decide = always(changes.clone(), &[o.order]);
            let view = numbered(list, *version);
            let done = store.amend(&view, places(changes), proof(o), decide);
            format!("{:?}", done.await)
        }
        Step::Remove(list, changes, o) => {
            let decide = beside(changes.clone(), o.order);
            let (view, places, removal) = (view(list), places(changes), removal(list, o.order));
            let done = store.amend_journaled(&view, places, proof(o), removal, decide);
            format!("{:?}", done.await)
        }
        Step::Replay => replay(store).await,
        Step::Forget(list, rule) => {
            format!("{:?}", store.forget_moves(&view(list), *rule).await)
        }
        Step::Reopen | Step::CrashAfterJournal(_) => String::new(),
    }
}

/// The same change in the version that answers and in the one that is staged.
fn beside(changes: Vec<PersonChange>, reply: u8) -> Decide {
    Arc::new(move |before| Decision {
        changes: changes.clone(),
        other: match before.other {
            Some(_) => changes.clone(),
            None => Vec::new(),
        },
        listings: 0,
        reply: vec![reply],
    })
}

async fn replay(store: &impl Store) -> String {
    let removals = store.removals_to_replay().await.expect("reads");
    let mut answers = format!("{removals:?}");
    for (position, removal) in removals {
        let number = removal.removal.entries[0].0[0];
        let places = store
            .locate(&view("peminjam"), &removal.removal.entries)
            .await;
        let at: Vec<Locator> = places.unwrap_or_default().into_iter().flatten().collect();
        let decide = always(at.iter().map(|at| nobody(*at)).collect(), b"replayed");
        let evidence = evidence("kop-dua", number % 40, 1, 1);
        let view = view("peminjam");
        let done = store.amend_replayed(&view, at, evidence, position, decide);
        answers += &format!("{:?}", done.await);
    }
    answers
}

/// Everything that a reader may ask.
async fn ask(store: &impl Store) -> String {
    let mut answers = String::new();
    for (list, version) in LISTS
        .iter()
        .flat_map(|list| (0..4).map(move |v| (*list, v)))
    {
        let view = match version {
            0 => view(list),
            version => numbered(list, version),
        };
        answers += &format!("{:?}", store.diff(&self::view(list), &view).await);
        let entries: Vec<EntryId> = (0..=255).map(|number| EntryId([number; 16])).collect();
        let places: Vec<Locator> = (0..8).map(|p| locator(p * 36, u64::from(p % 3))).collect();
        answers += &format!("{:?}", store.list(&view.list).await);
        answers += &format!("{:?}", store.records(&view.list).await);
        answers += &format!("{:?}", store.people(&view, &places).await);
        answers += &format!("{:?}", store.locate(&view, &entries).await);
        answers += &format!("{:?}", filter_keys(store, &view).await);
        for from in [0, 1, 2, 5, 9, 17, 40, u64::MAX] {
            answers += &format!("{:?}", store.count_moves(&view, from).await);
            answers += &format!("{:?}", store.moves(&view, from, 6).await);
        }
        answers += &format!("{:?}", store.due(&view, Timestamp(5), 3).await);
        for bucket in 0..4 {
            answers += &format!("{:?}", store.bucket(&view, 2, bucket).await);
        }
        for org in ORGS {
            let org = super::super::OrgId::parse(org).expect("a good name");
            answers += &format!("{:?}", store.own_entries(&view, &org, None, 3).await);
            answers += &format!("{:?}", store.grants(&org).await);
        }
    }
    answers += &format!("{:?}", store.organisations(None, 9).await);
    answers + &format!("{:?}", store.last_committed_time().await)
}

async fn compare(steps: &[Step], folder: &Folder) {
    let judge = Memory::default();
    let mut store = Some(folder.open());
    for (number, step) in steps.iter().enumerate() {
        if let Step::Reopen | Step::CrashAfterJournal(_) = step {
            drop(store.take());
            if let Step::CrashAfterJournal(entry) = step {
                folder.journal_only(removal("peminjam", *entry));
                judge.journal_only(removal("peminjam", *entry));
            }
            store = Some(folder.open());
        }
        let open = store.as_ref().expect("open between steps");
        let (ours, expected) = (apply(open, step).await, apply(&judge, step).await);
        assert_eq!(ours, expected, "step {number}: {step:?}");
    }
    let store = store.expect("open between steps");
    assert_eq!(ask(&store).await, ask(&judge).await);
    assert_eq!(store.dump(), judge.dump().sorted());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn rocksdb_answers_and_keeps_what_the_judge_does(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        // Both lists first, and a version of one staged, so that most steps find something.
        let first = |list, order| {
            let by = Order { by: "kop-satu", order, content: 0, at: 1 };
            Step::Administer(Box::new(create_list(list)), by)
        };
        let by = Order { by: "kop-satu", order: 202, content: 0, at: 1 };
        let staged = Step::Administer(Box::new(open_version("asn")), by);
        let steps: Vec<Step> = [first("peminjam", 200), first("asn", 201), staged].into_iter().chain(steps).collect();
        runtime.expect("starts").block_on(compare(&steps, &folder()));
    }
}
