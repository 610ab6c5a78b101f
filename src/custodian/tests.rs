//! The state machine against a plain recount, and the writer with a log that fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::entry::{Admission, Charge, Entry};
use super::error::Fault;
use super::ledger::{Done, Ledger, LedgerLog};
use super::state::{Applied, State};
use crate::protocol::{ContentDigest, Date, Epoch, JobId, ListId, OrgId, PublicKey, Timestamp};
use crate::store::StoreError;

fn list() -> ListId {
    ListId::parse("peminjam-macet").expect("an id")
}

fn organisation(number: u8) -> OrgId {
    OrgId::parse(&format!("ksp-{number}")).expect("an id")
}

fn capped(cap: u64) -> Entry {
    Entry::Capped { list: list(), cap }
}

fn admitted(number: u8, daily_quota: u64) -> Entry {
    Entry::Admitted(Box::new(Admission {
        list: list(),
        organisation: organisation(number),
        key: PublicKey([number; 32]),
        daily_quota,
        ordered_at: Timestamp(0),
        signed_order: Vec::new(),
    }))
}

fn charge(number: u8, job: u8, content: u8, count: u32, day: i32) -> Charge {
    Charge {
        organisation: organisation(number),
        list: list(),
        epoch: Epoch(1),
        job: JobId([job; 16]),
        chunk: 0,
        content: ContentDigest::of(&[content]),
        count,
        day: Date(day),
    }
}

fn started() -> State {
    let mut state = State::default();
    for entry in [capped(60), admitted(0, 30), admitted(1, 40)] {
        state.apply(&entry).expect("within the rules");
    }
    state
}

proptest! {
    #[test]
    fn charges_count_once_within_quota_and_cap_and_replay_to_the_same(
        charges in proptest::collection::vec((0u8..2, 0u8..12, 0u8..2, 1u32..20, 0i32..3), 0..40),
        fails in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let mut state = started();
        let mut written: Vec<Charge> = Vec::new();
        for ((number, job, content, count, day), fails) in charges.into_iter().zip(fails) {
            let charge = charge(number, job, content, count, day);
            let same_key = |other: &&Charge| other.organisation == charge.organisation && other.job == charge.job;
            let known = written.iter().find(same_key).map(|other| other.content == charge.content);
            let sum = |of: Option<&OrgId>| -> u32 {
                let today = written.iter().filter(|other| other.day == charge.day);
                today.filter(|other| of.is_none_or(|of| other.organisation == *of)).map(|other| other.count).sum()
            };
            let quota = [30, 40][usize::from(number)];
            let own = sum(Some(&charge.organisation)) + count;
            let expected = match known {
                Some(true) => Ok(false),
                Some(false) => Err(Fault::OtherContent),
                None if own > quota => Err(Fault::OverQuota),
                None if sum(None) + count > 60 => Err(Fault::CapReached),
                None => Ok(true),
            };
            match state.apply(&Entry::Charged(Box::new(charge.clone()))) {
                Ok(Applied::Fresh(undo)) if fails => {
                    prop_assert_eq!(expected, Ok(true));
                    state.undo(undo);
                }
                Ok(Applied::Fresh(_)) => {
                    prop_assert_eq!(expected, Ok(true));
                    written.push(charge);
                }
                Ok(Applied::Again) => prop_assert_eq!(expected, Ok(false)),
                Err(fault) => prop_assert_eq!(expected, Err(fault)),
            }
        }
        let mut replayed = started();
        written.iter().for_each(|charge| replayed.replay(Entry::Charged(Box::new(charge.clone()))));
        for (number, day) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
            let of = |state: &State| state.used(&list(), &organisation(number), Date(day));
            prop_assert_eq!(of(&replayed), of(&state));
        }
    }
}

#[test]
fn a_clock_that_jumps_and_comes_back_finds_its_totals() {
    let mut state = started();
    let mut spend = |job, day| {
        let entry = Entry::Charged(Box::new(charge(0, job, 0, 20, day)));
        state.apply(&entry).map(|_| ())
    };
    assert_eq!(spend(1, 100), Ok(()));
    assert_eq!(spend(2, 465), Ok(()), "a year ahead");
    assert_eq!(spend(3, 100), Err(Fault::OverQuota), "back: spent is spent");
    assert_eq!(spend(4, 101), Ok(()));
}

#[test]
fn a_cap_is_set_once() {
    let mut state = started();
    assert!(matches!(
        state.apply(&capped(1_000_000)),
        Ok(Applied::Again)
    ));
    let mut spend = |number, job, count| {
        let entry = Entry::Charged(Box::new(charge(number, job, 0, count, 1)));
        state.apply(&entry).map(|_| ())
    };
    assert_eq!(spend(0, 1, 30), Ok(()));
    assert_eq!(spend(1, 1, 31), Err(Fault::CapReached));
    assert_eq!(spend(1, 1, 30), Ok(()));
}

/// Keeps entries, counts the appends and fails when told to.
#[derive(Clone, Default)]
struct Rehearsed {
    entries: Arc<Mutex<Vec<Vec<u8>>>>,
    appends: Arc<AtomicUsize>,
    fails: Arc<std::sync::atomic::AtomicBool>,
}

impl LedgerLog for Rehearsed {
    fn append_all(&mut self, entries: &[Vec<u8>]) -> Result<(), StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        self.appends.fetch_add(1, Ordering::SeqCst);
        // As long as an fsync on a slow disk.
        std::thread::sleep(std::time::Duration::from_millis(5));
        self.entries
            .lock()
            .expect("not poisoned")
            .extend_from_slice(entries);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_acts_share_a_write_and_all_are_on_disk_before_they_are_answered() {
    let log = Rehearsed::default();
    let ledger = Ledger::start(log.clone(), std::iter::empty()).expect("starts");
    ledger.act(capped(1_000_000)).await.expect("taken");
    ledger.act(admitted(0, 1_000_000)).await.expect("taken");
    let ledger = Arc::new(ledger);
    let tasks: Vec<_> = (0..200)
        .map(|job| {
            let (ledger, log) = (Arc::clone(&ledger), log.clone());
            tokio::spawn(async move {
                let entry = Entry::Charged(Box::new(charge(0, job, 0, 1, 1)));
                let bytes = postcard::to_stdvec(&entry).expect("serialises");
                let done = ledger.act(entry).await;
                let held = log.entries.lock().expect("not poisoned").contains(&bytes);
                (done, held)
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("no panic"), (Ok(Done::Fresh), true));
    }
    assert_eq!(ledger.state().used(&list(), &organisation(0), Date(1)), 200);
    let appends = log.appends.load(Ordering::SeqCst);
    assert!(appends < 100, "200 charges in {appends} writes");

    let held: Vec<_> = log.entries.lock().expect("not poisoned").clone();
    let read = (0u64..).zip(held).map(Ok);
    let again = Ledger::start(Rehearsed::default(), read).expect("starts");
    assert_eq!(again.state().used(&list(), &organisation(0), Date(1)), 200);
}

#[tokio::test]
async fn what_the_log_does_not_take_did_not_happen() {
    let log = Rehearsed::default();
    let ledger = Ledger::start(log.clone(), std::iter::empty()).expect("starts");
    ledger.act(capped(100)).await.expect("taken");
    ledger.act(admitted(0, 10)).await.expect("taken");
    let spend = || ledger.act(Entry::Charged(Box::new(charge(0, 1, 0, 10, 1))));
    log.fails.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(spend().await, Err(Fault::Blocked));
    }
    assert!(ledger.is_blocked());
    assert_eq!(ledger.state().used(&list(), &organisation(0), Date(1)), 0);
    assert_eq!(ledger.act(admitted(1, 10)).await, Err(Fault::Blocked));
    assert!(ledger.state().on_roll(&list(), &organisation(1)).is_none());
    log.fails.store(false, Ordering::SeqCst);
    assert_eq!(spend().await, Ok(Done::Fresh));
    assert_eq!(spend().await, Ok(Done::Again));
    assert!(!ledger.is_blocked());
}

#[test]
fn a_ledger_that_does_not_read_is_refused() {
    let entries = [Ok((0, vec![0xff; 3]))];
    let opened = Ledger::start(Rehearsed::default(), entries.into_iter());
    assert!(matches!(
        opened.err(),
        Some(super::CustodianError::Entry { position: 0 })
    ));
}
