//! The ledger's writer: one thread decides and writes, so that acts come in one order and many of
//! them share one fsync. Nothing is answered before it is on disk; what the disk does not take is
//! taken back in memory too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::entry::Entry;
use super::error::{CustodianError, Fault};
use super::state::{Applied, State, Undo};
use crate::protocol::limits::{LEDGER_GROUP, LEDGER_QUEUE};
use crate::store::StoreError;
use crate::store::log::AppendLog;

/// The ledger's name inside its file.
pub const LEDGER_NAME: &str = "custodian-ledger";

/// Where entries go: an append-only log, or one whose failures a test rehearses.
pub trait LedgerLog: Send {
    /// Appends entries in order; they are on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Unavailable`]: nothing of the call may be relied upon.
    fn append_all(&mut self, entries: &[Vec<u8>]) -> Result<(), StoreError>;
}

impl LedgerLog for AppendLog {
    fn append_all(&mut self, entries: &[Vec<u8>]) -> Result<(), StoreError> {
        self.append(entries).map(|_| ())
    }
}

/// What became of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// Done now.
    Fresh,
    /// Done before, with the same content.
    Again,
}

type Answer = Result<Done, Fault>;

struct Act {
    entry: Entry,
    answer: oneshot::Sender<Answer>,
}

/// The ledger: its state, readable by all, and the way to its writer.
pub(super) struct Ledger {
    state: Arc<RwLock<State>>,
    blocked: Arc<AtomicBool>,
    acts: Option<SyncSender<Act>>,
    writer: Option<JoinHandle<()>>,
}

impl Ledger {
    /// Takes up the entries written before and starts the writer.
    pub(super) fn start(
        log: impl LedgerLog + 'static,
        entries: impl Iterator<Item = Result<(u64, Vec<u8>), StoreError>>,
    ) -> Result<Self, CustodianError> {
        let mut state = State::default();
        for entry in entries {
            let (position, bytes) = entry?;
            let entry = postcard::from_bytes(&bytes);
            state.replay(entry.map_err(|_| CustodianError::Entry { position })?);
        }
        let state = Arc::new(RwLock::new(state));
        let blocked = Arc::new(AtomicBool::new(false));
        let (acts, receiver) = sync_channel(LEDGER_QUEUE);
        let writer = Writer {
            state: Arc::clone(&state),
            blocked: Arc::clone(&blocked),
            log,
        };
        let thread = std::thread::Builder::new().name("custodian-ledger".into());
        let thread = thread.spawn(move || writer.run(&receiver));
        Ok(Self {
            state,
            blocked,
            acts: Some(acts),
            writer: Some(thread.map_err(|_| CustodianError::Thread)?),
        })
    }

    /// Carries out one act, durably.
    pub(super) async fn act(&self, entry: Entry) -> Answer {
        let (answer, answered) = oneshot::channel();
        let acts = self.acts.as_ref().ok_or(Fault::Blocked)?;
        acts.try_send(Act { entry, answer })
            .map_err(|error| match error {
                TrySendError::Full(_) => Fault::Overloaded,
                TrySendError::Disconnected(_) => Fault::Blocked,
            })?;
        answered.await.unwrap_or(Err(Fault::Blocked))
    }

    /// The state as of now; an act in it may still be on its way to the disk.
    pub(super) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the last write failed.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Acquire)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        drop(self.acts.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has answered nobody wrongly; there is nothing left to do.
            let _ = writer.join();
        }
    }
}

struct Writer<L> {
    state: Arc<RwLock<State>>,
    blocked: Arc<AtomicBool>,
    log: L,
}

impl<L: LedgerLog> Writer<L> {
    fn run(mut self, acts: &Receiver<Act>) {
        while let Ok(first) = acts.recv() {
            let mut together = vec![first];
            together.extend(acts.try_iter().take(LEDGER_GROUP - 1));
            self.write(together);
        }
    }

    fn write(&mut self, acts: Vec<Act>) {
        let mut answers = Vec::with_capacity(acts.len());
        let mut entries = Vec::new();
        let mut undos = Vec::new();
        for Act { entry, answer } in acts {
            let applied = self.apply(&entry, &mut entries);
            let said = applied.map(|applied| match applied {
                Applied::Again => Done::Again,
                Applied::Fresh(undo) => {
                    undos.push(undo);
                    Done::Fresh
                }
            });
            answers.push((answer, said));
        }
        let written = entries.is_empty() || self.append(&entries, undos);
        for (answer, said) in answers {
            // Whoever asked may have gone; the act stands all the same.
            let _ = answer.send(if written {
                said
            } else {
                said.and(Err(Fault::Blocked))
            });
        }
    }

    fn apply(&self, entry: &Entry, entries: &mut Vec<Vec<u8>>) -> Result<Applied, Fault> {
        let bytes = postcard::to_stdvec(entry).map_err(|_| Fault::Blocked)?;
        let applied = self.state_mut().apply(entry)?;
        if matches!(applied, Applied::Fresh(_)) {
            entries.push(bytes);
        }
        Ok(applied)
    }

    fn append(&mut self, entries: &[Vec<u8>], undos: Vec<Undo>) -> bool {
        let written = self.log.append_all(entries).is_ok();
        self.blocked.store(!written, Ordering::Release);
        if !written {
            let mut state = self.state_mut();
            undos.into_iter().rev().for_each(|undo| state.undo(undo));
        }
        written
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
