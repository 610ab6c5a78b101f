//! The one thread that writes. It takes all commands that wait, applies each to the database and
//! what the group changed before it, and commits them together: journal, database, mark, each on
//! the disk before the next; then it answers all.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::mpsc;

use super::RocksOptions;
use super::database::Database;
use super::group::Group;
use super::mark::{Mark, MarkFile};
use super::values::Head;
use crate::protocol::limits::{STORE_GROUP, STORE_HEAL_BYTES, STORE_JOURNAL_RESERVE_BYTES};
use crate::store::log::AppendLog;
use crate::store::{KeyVisitor, StoreError};

/// Tells a command's caller what became of the group's commit.
pub(super) type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// A command that waits: it joins a group, or hears why none is made.
pub(super) type Work = Box<dyn FnOnce(Result<&mut Group<'_>, StoreError>) -> Answer + Send>;

/// What readers and the committer share. The database is away while it is opened again.
pub(super) struct Shared {
    pub(super) options: RocksOptions,
    database: RwLock<Option<Database>>,
    outside: Mutex<Outside>,
    /// Somebody waits until all readers are done.
    awaited: AtomicBool,
}

/// What stands outside the database.
pub(super) struct Outside {
    pub(super) journal: AppendLog,
    pub(super) mark_file: MarkFile,
    pub(super) mark: Mark,
}

impl Shared {
    pub(super) fn new(options: RocksOptions, database: Database, outside: Outside) -> Self {
        Self {
            options,
            database: RwLock::new(Some(database)),
            outside: Mutex::new(outside),
            awaited: AtomicBool::new(false),
        }
    }

    /// A visitor that gives way as soon as somebody waits for the readers: a long reading can be
    /// begun again, a store that is to heal or to close cannot wait for it.
    pub(super) fn unless_awaited(self: Arc<Self>, mut visit: KeyVisitor) -> KeyVisitor {
        Box::new(move |keys| match self.awaited.load(Ordering::Relaxed) {
            true => Err(StoreError::Unavailable),
            false => visit(keys),
        })
    }

    /// Reads the database, waiting while it is opened again.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        read(self.database().as_ref().ok_or(StoreError::Unavailable)?)
    }

    pub(super) fn outside(&self) -> MutexGuard<'_, Outside> {
        self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the database once its readers are done.
    pub(super) fn close(&self) {
        drop(self.database_alone().take());
    }

    /// The database once its readers are done.
    fn database_alone(&self) -> RwLockWriteGuard<'_, Option<Database>> {
        self.awaited.store(true, Ordering::Relaxed);
        let database = self.database.write();
        self.awaited.store(false, Ordering::Relaxed);
        database.unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Health {
    Working,
    /// A write met a full disk: RocksDB takes no more until it is opened again.
    Sick,
    /// A write's fate is not known: nothing more is written by this process.
    Stopped,
}

/// The thread's state.
pub(super) struct Committer {
    shared: Arc<Shared>,
    head: Head,
    health: Health,
}

impl Committer {
    pub(super) const fn new(shared: Arc<Shared>, head: Head) -> Self {
        Self {
            shared,
            head,
            health: Health::Working,
        }
    }

    /// Commits groups until every sender of the queue is gone.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Work>) {
        while let Some(first) = queue.blocking_recv() {
            match self.ready() {
                Ok(()) => self.commit_group(first, &mut queue),
                Err(error) => first(Err(error))(Err(error)),
            }
        }
    }

    /// Whether a group would be taken; opens the database again after a full disk.
    fn ready(&mut self) -> Result<(), StoreError> {
        if matches!(self.health, Health::Stopped) {
            return Err(StoreError::Unavailable);
        }
        let options = &self.shared.options;
        let sick = matches!(self.health, Health::Sick);
        let least = if sick { STORE_HEAL_BYTES } else { 0 };
        if free_bytes(&options.database)? < options.reserve_bytes.max(least) {
            return Err(StoreError::Full);
        }
        // The mark is rewritten in place; the journal grows.
        if free_bytes(&options.journal)? < STORE_JOURNAL_RESERVE_BYTES {
            return Err(StoreError::Full);
        }
        if sick { self.heal() } else { Ok(()) }
    }

    /// Opens the database again. Readers wait meanwhile; where it cannot be written, they go on.
    fn heal(&mut self) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let options = &shared.options;
        let mut slot = shared.database_alone();
        drop(slot.take());
        let opened = Database::open(&options.database, options.cache_bytes, false);
        if opened.is_err() {
            *slot = Database::open_to_read(&options.database).ok();
        }
        let database = opened?;
        let head = database.head()?.ok_or(StoreError::Corrupt)?;
        let acknowledged = shared.outside().mark.counter;
        if head.counter < acknowledged {
            self.health = Health::Stopped;
            return Err(StoreError::BelowMark {
                found: head.counter,
                acknowledged,
            });
        }
        *slot = Some(database);
        self.head = head;
        self.health = Health::Working;
        tracing::info!(counter = head.counter, "the store takes writes again");
        Ok(())
    }

    fn commit_group(&mut self, first: Work, queue: &mut mpsc::Receiver<Work>) {
        let shared = Arc::clone(&self.shared);
        let database = shared.database();
        let Some(database) = database.as_ref() else {
            first(Err(StoreError::Unavailable))(Err(StoreError::Unavailable));
            return;
        };
        let mut outside = shared.outside();
        let journal_entries = outside.journal.point().entries;
        let mut group = Group::new(database, self.head, journal_entries);
        let mut answers = vec![first(Ok(&mut group))];
        while answers.len() < STORE_GROUP && group.has_room() {
            match queue.try_recv() {
                Ok(next) => answers.push(next(Ok(&mut group))),
                Err(_) => break,
            }
        }
        let committed = match group.is_empty() {
            true => Ok(()),
            false => self.commit(database, group, &mut outside),
        };
        drop(outside);
        for answer in answers {
            answer(committed);
        }
    }

    fn commit(
        &mut self,
        database: &Database,
        group: Group<'_>,
        outside: &mut Outside,
    ) -> Result<(), StoreError> {
        outside
            .journal
            .append(group.removals())
            .map_err(|error| self.failed("journal", error, Health::Working))?;
        let written = group.batch().and_then(|(changes, head)| {
            database.write(changes, &head)?;
            Ok(head)
        });
        let head = written.map_err(|error| self.failed("database", error, Health::Sick))?;
        let mark = mark(&head, &outside.journal);
        outside
            .mark_file
            .write(&mark, &self.shared.options.key)
            .map_err(|error| self.failed("mark", error, Health::Stopped))?;
        outside.mark = mark;
        self.head = head;
        Ok(())
    }

    /// After a full disk the store goes on in `when_full`; after anything else it has stopped.
    fn failed(&mut self, place: &str, error: StoreError, when_full: Health) -> StoreError {
        self.health = match error {
            StoreError::Full => when_full,
            StoreError::TooLarge => Health::Working,
            _ => Health::Stopped,
        };
        let stopped = matches!(self.health, Health::Stopped);
        tracing::error!(place, %error, stopped, "a write was not taken");
        error
    }
}

/// What is acknowledged with a head.
pub(super) fn mark(head: &Head, journal: &AppendLog) -> Mark {
    Mark {
        counter: head.counter,
        root: head.root,
        time: head.last_time,
        journal: journal.point(),
    }
}

/// Bytes that are free to us on the disk of `path`.
fn free_bytes(path: &Path) -> Result<u64, StoreError> {
    let disk = rustix::fs::statvfs(path).map_err(|_| StoreError::Unavailable)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
