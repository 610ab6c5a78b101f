//! Uploads, removals and checks at once, until the server dies under them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use saring::agent::{DoorError, RegistryDoor};
use saring::nik::synth::SyntheticNiks;
use saring::protocol::codes::RemovalCause;
use saring::protocol::order::Order;
use saring::protocol::submission::{RemovalOutcome, RowOutcome};
use saring::protocol::{AnswerClass, EntryId, ErrorCode, ListId, OrderId};
use saring::remote::HttpRegistry;

use super::ledger::{Act, Intent, Ledger};
use crate::member::{ListView, Member, random_id, row};

/// People evaluated at a time, before they are listed.
const SUPPLY: usize = 1_000;

/// Everybody who was ever evaluated, by number, with their elements.
#[derive(Default)]
pub(super) struct Crowd {
    elements: RwLock<Vec<[u8; 32]>>,
    taken: AtomicUsize,
}

impl Crowd {
    pub(super) fn element(&self, person: usize) -> [u8; 32] {
        self.elements.read().unwrap()[person]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.elements.read().unwrap().len()
    }
}

/// The load on one list by one member.
pub(super) struct Load {
    pub(super) member: Member,
    pub(super) list: ListId,
    pub(super) ledger: Ledger,
    pub(super) crowd: Crowd,
    /// Listed and not being removed, with their entries.
    standing: Mutex<BTreeMap<usize, EntryId>>,
    /// The server is about to die: from now on a fault is no finding.
    dying: AtomicBool,
    random: AtomicU64,
    pub(super) acknowledged: AtomicUsize,
}

impl Load {
    pub(super) fn new(member: Member, list: ListId, ledger: Ledger, seed: u64) -> Self {
        Self {
            member,
            list,
            ledger,
            crowd: Crowd::default(),
            standing: Mutex::default(),
            dying: AtomicBool::new(false),
            random: AtomicU64::new(seed),
            acknowledged: AtomicUsize::new(0),
        }
    }

    /// A number below `bound`, from the run's seed.
    pub(super) fn below(&self, bound: usize) -> usize {
        let step = self
            .random
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let hash = blake3::hash(&step.to_le_bytes());
        let random = u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap());
        usize::try_from(random % bound.max(1) as u64).unwrap()
    }

    /// Evaluates more people when few are left.
    pub(super) async fn supply(&self, door: &HttpRegistry, view: &ListView) {
        if self.crowd.len() - self.crowd.taken.load(Ordering::SeqCst) >= SUPPLY {
            return;
        }
        let niks: Vec<_> = SyntheticNiks::new(1)
            .skip(self.crowd.len())
            .take(SUPPLY)
            .collect();
        let (elements, _) = self.member.evaluate(door, view, &niks).await.unwrap();
        self.crowd.elements.write().unwrap().extend(elements);
    }

    /// Starts the tasks. They end when told to, or when the server is gone.
    pub(super) fn start(self: &Arc<Self>, door: &HttpRegistry, view: &ListView) -> Running {
        self.dying.store(false, Ordering::SeqCst);
        let mut tasks = Vec::new();
        for worker in 0..6 {
            let (load, door, view) = (Arc::clone(self), door.clone(), view.clone());
            tasks.push(tokio::spawn(
                async move { load.work(worker, &door, view).await },
            ));
        }
        Running(tasks)
    }

    /// One task: its kind of order again and again.
    async fn work(&self, worker: usize, door: &HttpRegistry, mut view: ListView) {
        while !self.dying.load(Ordering::SeqCst) {
            let done = match worker {
                0..=2 => self.upload(door, &view).await,
                3 => self.remove(door, Act::Paid).await,
                4 => self.remove(door, Act::Withdrawn).await,
                _ => self.check(door, &view).await,
            };
            let Err(mut fault) = done else {
                continue;
            };
            if fault.code() == Some(ErrorCode::RecordMismatch) {
                match self.member.view(door, &self.list).await {
                    Ok(newer) => {
                        view = newer;
                        continue;
                    }
                    Err(worse) => fault = worse,
                }
            }
            let excused = self.dying.load(Ordering::SeqCst);
            assert!(excused, "before any kill: {fault}");
            return;
        }
    }

    /// Faults are expected from now on.
    pub(super) fn announce_death(&self) {
        self.dying.store(true, Ordering::SeqCst);
    }

    async fn upload(&self, door: &HttpRegistry, view: &ListView) -> Result<(), DoorError> {
        let count = 1 + self.below(40);
        let first = self.crowd.taken.fetch_add(count, Ordering::SeqCst);
        if first + count > self.crowd.len() {
            // Nobody is left for this round; nobody is skipped either.
            self.crowd.taken.fetch_sub(count, Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            return Ok(());
        }
        let intent = Intent {
            order: OrderId(random_id()),
            act: Act::List,
            people: (first..first + count).collect(),
        };
        self.ledger.intend(intent.clone());
        self.list(door, view, &intent).await
    }

    async fn list(
        &self,
        door: &HttpRegistry,
        view: &ListView,
        intent: &Intent,
    ) -> Result<(), DoorError> {
        let rows = intent.people.iter();
        let rows = rows.map(|&person| row(self.crowd.element(person), person as u64));
        let (order, content) = self.member.submission(view, rows.collect());
        let order = Order {
            id: intent.order,
            ..order
        };
        let reply = door.submit(&order.sign(&self.member.key), &content).await?;
        let entry = |outcome: &RowOutcome| match outcome {
            RowOutcome::Accepted { entry, .. } => *entry,
            other => panic!("a new person is {other:?}"),
        };
        let entries: Vec<_> = reply.rows.iter().map(entry).collect();
        self.ledger.acknowledge(intent.order, entries.clone());
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        let with_entries = intent.people.iter().copied().zip(entries);
        self.standing.lock().unwrap().extend(with_entries);
        Ok(())
    }

    async fn remove(&self, door: &HttpRegistry, act: Act) -> Result<(), DoorError> {
        let chosen = self.take_standing(1 + self.below(8));
        if chosen.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            return Ok(());
        }
        let intent = Intent {
            order: OrderId(random_id()),
            act,
            people: chosen.iter().map(|(person, _)| *person).collect(),
        };
        self.ledger.intend(intent.clone());
        let entries: Vec<_> = chosen.iter().map(|(_, entry)| *entry).collect();
        self.take_away(door, &intent, &entries).await
    }

    async fn take_away(
        &self,
        door: &HttpRegistry,
        intent: &Intent,
        entries: &[EntryId],
    ) -> Result<(), DoorError> {
        let cause = match intent.act {
            Act::Paid => RemovalCause::Lunas,
            _ => RemovalCause::DicabutPelapor,
        };
        let (order, content) = self.member.removal(&self.list, cause, entries);
        let order = Order {
            id: intent.order,
            ..order
        };
        let reply = door.remove(&order.sign(&self.member.key), &content).await?;
        let done = |outcome: &RemovalOutcome| *outcome == RemovalOutcome::Done;
        // Replayed from the journal after a kill, the order meets its own work.
        let redone = |outcome: &RemovalOutcome| {
            matches!(
                outcome,
                RemovalOutcome::Unchanged | RemovalOutcome::NotFound
            )
        };
        assert!(
            reply.entries.iter().all(done) || reply.entries.iter().all(redone),
            "{:?}",
            reply.entries
        );
        self.ledger.acknowledge(intent.order, Vec::new());
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Some who are listed, at random, and no longer free for another removal.
    fn take_standing(&self, most: usize) -> Vec<(usize, EntryId)> {
        let mut standing = self.standing.lock().unwrap();
        let mut chosen = Vec::new();
        for _ in 0..most {
            let Some((&last, _)) = standing.last_key_value() else {
                break;
            };
            let from = self.below(last + 1);
            let Some((&person, &entry)) = standing.range(from..).next() else {
                break;
            };
            standing.remove(&person);
            chosen.push((person, entry));
        }
        chosen
    }

    /// One full check of somebody who is listed: evaluation and bucket.
    async fn check(&self, door: &HttpRegistry, view: &ListView) -> Result<(), DoorError> {
        // Taken, so that no removal runs at the same time.
        let Some((person, entry)) = self.take_standing(1).pop() else {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            return Ok(());
        };
        let checked = self.check_one(door, view, person).await;
        self.standing.lock().unwrap().insert(person, entry);
        checked
    }

    async fn check_one(
        &self,
        door: &HttpRegistry,
        view: &ListView,
        person: usize,
    ) -> Result<(), DoorError> {
        let nik = SyntheticNiks::new(1).nth(person).unwrap();
        let (elements, _) = self.member.evaluate(door, view, &[nik]).await?;
        assert_eq!(elements[0], self.crowd.element(person));
        let shown = self.member.look_up(door, view, &elements).await?;
        assert_eq!(
            shown,
            [AnswerClass::Listed],
            "person {person}, acknowledged"
        );
        Ok(())
    }

    /// Sends the orders again that nobody acknowledged, with their own ids.
    pub(super) async fn settle_open(&self, door: &HttpRegistry) -> usize {
        let history = self.ledger.read();
        for intent in &history.open {
            let done = match intent.act {
                Act::List => {
                    // The one before may have opened a revision with more buckets.
                    let view = self.member.view(door, &self.list).await.unwrap();
                    self.list(door, &view, intent).await
                }
                Act::Paid | Act::Withdrawn => {
                    let people = intent.people.iter();
                    let entries: Vec<_> = people.map(|person| history.entries[person]).collect();
                    self.take_away(door, intent, &entries).await
                }
            };
            done.unwrap();
        }
        history.open.len()
    }
}

/// The load's tasks.
pub(super) struct Running(Vec<tokio::task::JoinHandle<()>>);

impl Running {
    /// Waits for all, and fails with the first that did.
    pub(super) async fn wait(self) {
        for task in self.0 {
            task.await.unwrap();
        }
    }
}
