//! What was asked for and what was acknowledged, on disk: an intent is synced before its order is
//! sent, an acknowledgement before anything is built on it. Judges read it back from the file.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use saring::protocol::{EntryId, OrderId};
use serde::{Deserialize, Serialize};

/// What an order does to its people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Act {
    /// Lists them.
    List,
    /// Settles them: `PREVIOUSLY` from then on.
    Paid,
    /// Withdraws them: gone from then on.
    Withdrawn,
}

/// One order: people by their number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    pub(super) order: OrderId,
    pub(super) act: Act,
    pub(super) people: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
enum Line {
    Intent(Intent),
    /// Entries come with the acknowledgement of a listing, in the people's order.
    Acknowledged {
        order: OrderId,
        entries: Vec<EntryId>,
    },
}

/// The ledger's file, open for writing.
pub(super) struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
}

impl Ledger {
    pub(super) fn create(path: PathBuf) -> Self {
        let file = OpenOptions::new().create_new(true).append(true).open(&path);
        Self {
            file: Mutex::new(file.unwrap()),
            path,
        }
    }

    pub(super) fn intend(&self, intent: Intent) {
        self.write(&Line::Intent(intent));
    }

    pub(super) fn acknowledge(&self, order: OrderId, entries: Vec<EntryId>) {
        self.write(&Line::Acknowledged { order, entries });
    }

    /// What the file says.
    pub(super) fn read(&self) -> History {
        History::read(&self.path)
    }

    fn write(&self, line: &Line) {
        let mut text = serde_json::to_string(line).unwrap();
        text.push('\n');
        let mut file = self.file.lock().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.sync_data().unwrap();
    }
}

/// What becomes of a person by all orders so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The last acknowledged act.
    Settled(Act),
    /// An act that nobody acknowledged, after the state before it (none: never listed).
    Open { before: Option<Act>, act: Act },
}

/// Everything the ledger holds.
#[derive(Default)]
pub(super) struct History {
    /// By person.
    pub(super) people: BTreeMap<usize, Standing>,
    /// Intents without an acknowledgement, in their order.
    pub(super) open: Vec<Intent>,
    /// By person: the entry of the listing.
    pub(super) entries: BTreeMap<usize, EntryId>,
}

impl History {
    fn read(path: &Path) -> Self {
        let mut history = Self::default();
        for line in BufReader::new(File::open(path).unwrap()).lines() {
            match serde_json::from_str(&line.unwrap()).unwrap() {
                Line::Intent(intent) => history.intend(intent),
                Line::Acknowledged { order, entries } => history.acknowledge(order, &entries),
            }
        }
        history
    }

    fn intend(&mut self, intent: Intent) {
        for &person in &intent.people {
            let before = match self.people.get(&person) {
                None => None,
                Some(Standing::Settled(act)) => Some(*act),
                Some(open @ Standing::Open { .. }) => panic!("person {person} is {open:?}"),
            };
            let act = intent.act;
            self.people.insert(person, Standing::Open { before, act });
        }
        self.open.push(intent);
    }

    fn acknowledge(&mut self, order: OrderId, entries: &[EntryId]) {
        let at = self.open.iter().position(|intent| intent.order == order);
        let intent = self.open.remove(at.unwrap());
        for &person in &intent.people {
            self.people.insert(person, Standing::Settled(intent.act));
        }
        let with_entries = intent.people.iter().copied().zip(entries.iter().copied());
        self.entries.extend(with_entries);
    }
}
