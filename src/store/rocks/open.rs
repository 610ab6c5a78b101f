//! Opening: the database against the mark and the journal outside it.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::committer::{Outside, mark};
use super::database::Database;
use super::mark::{Mark, MarkFile};
use super::values::Head;
use crate::protocol::limits::{STORE_CACHE_BYTES, STORE_RESERVE_BYTES};
use crate::protocol::{Digest32, SigningKey, Timestamp};
use crate::store::StoreError;
use crate::store::log::{AppendLog, fault, sync_folder_of};

/// The journal's name.
pub(super) const JOURNAL: &str = "removals";

/// Where a store lives and under which key. Mark and journal belong on another disk than the
/// database, or at least outside its folder and its backups.
#[derive(Clone)]
pub struct RocksOptions {
    /// The database's folder.
    pub database: PathBuf,
    /// The file of the signed high-water mark.
    pub mark: PathBuf,
    /// The file of the signed removal journal.
    pub journal: PathBuf,
    /// Signs mark, journal and backups.
    pub key: Arc<SigningKey>,
    /// Bytes of memory for what is read from the database and what is not written out yet (64 MiB).
    pub cache_bytes: usize,
    /// Bytes of the database's disk that must be free for a write to be taken.
    pub reserve_bytes: u64,
}

impl RocksOptions {
    /// The usual layout in one folder: `db/`, `outside/mark`, `outside/journal`.
    #[must_use]
    pub fn within(folder: &Path, key: Arc<SigningKey>) -> Self {
        let outside = folder.join("outside");
        Self {
            database: folder.join("db"),
            mark: outside.join("mark"),
            journal: outside.join("journal"),
            key,
            cache_bytes: STORE_CACHE_BYTES,
            reserve_bytes: STORE_RESERVE_BYTES,
        }
    }
}

/// What opening found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Commits the database holds.
    pub counter: u64,
    /// Commits it holds beyond those that were acknowledged: a crash came between the two.
    pub unacknowledged: u64,
    /// Bytes of the journal's torn last frame, which was never acknowledged.
    pub journal_torn_bytes: u64,
    /// Removals in the journal that the database does not hold yet.
    pub removals_to_replay: u64,
}

/// A store's parts, checked against each other.
pub(super) struct Parts {
    pub(super) database: Database,
    pub(super) outside: Outside,
    pub(super) head: Head,
    pub(super) opened: Opened,
}

/// Opens the parts, or makes them where nothing is.
pub(super) fn open(options: &RocksOptions) -> Result<Parts, StoreError> {
    let folders = [
        Some(options.database.as_path()),
        options.mark.parent(),
        options.journal.parent(),
    ];
    for folder in folders.into_iter().flatten() {
        private_folder(folder)?;
    }
    let holds_database = options.database.join("CURRENT").exists();
    let mut outside = open_outside(options, holds_database)?;
    // Mark and journal are made first: at commit 0 a database may be missing or half made.
    let fresh = outside.mark.counter == 0;
    if !holds_database && !fresh {
        return Err(StoreError::BelowMark {
            found: 0,
            acknowledged: outside.mark.counter,
        });
    }
    let database = Database::open(&options.database, options.cache_bytes, fresh)?;
    let head = match database.head()? {
        Some(head) => head,
        None if fresh => {
            let head = first_head();
            database.write(database.changes()?, &head)?;
            head
        }
        None => return Err(StoreError::Corrupt),
    };
    compare(&head, &outside)?;
    let opened = Opened {
        counter: head.counter,
        unacknowledged: head.counter - outside.mark.counter,
        journal_torn_bytes: outside.journal.torn_bytes(),
        removals_to_replay: outside.journal.point().entries - head.held,
    };
    outside.mark = mark(&head, &outside.journal);
    outside.mark_file.write(&outside.mark, &options.key)?;
    Ok(Parts {
        database,
        outside,
        head,
        opened,
    })
}

/// Before the first commit.
fn first_head() -> Head {
    Head {
        counter: 0,
        root: Digest32([0; 32]),
        last_time: Timestamp(0),
        held: 0,
    }
}

fn open_outside(options: &RocksOptions, holds_database: bool) -> Result<Outside, StoreError> {
    let key = &options.key;
    let journal = AppendLog::open(&options.journal, JOURNAL, Arc::clone(key));
    let found = MarkFile::open(&options.mark, &key.public_key());
    let made = (!holds_database, journal, found);
    match made {
        (_, Ok(journal), Ok((mark_file, mark))) => Ok(Outside {
            journal,
            mark_file,
            mark,
        }),
        // Nothing anywhere, or a crash while the first files were made: the mark comes last.
        (true, journal, Err(StoreError::Missing)) => {
            let journal = match journal {
                Ok(journal) if journal.point().entries == 0 => journal,
                Ok(_) => return Err(StoreError::Mark),
                Err(_) => AppendLog::create(&options.journal, JOURNAL, Arc::clone(key))?,
            };
            let mark = mark(&first_head(), &journal);
            let mark_file = MarkFile::create(&options.mark, &mark, key)?;
            Ok(Outside {
                journal,
                mark_file,
                mark,
            })
        }
        (_, Err(StoreError::Missing), _) | (_, _, Err(StoreError::Missing)) => {
            Err(StoreError::Mark)
        }
        (_, Err(error), _) | (_, _, Err(error)) => Err(error),
    }
}

/// Refuses a database behind the mark, and a journal behind either.
fn compare(head: &Head, outside: &Outside) -> Result<(), StoreError> {
    let Mark {
        counter,
        root,
        journal,
        ..
    } = outside.mark;
    if head.counter < counter {
        return Err(StoreError::BelowMark {
            found: head.counter,
            acknowledged: counter,
        });
    }
    if head.counter == counter && counter > 0 && head.root != root {
        return Err(StoreError::Corrupt);
    }
    let same = outside.journal.point_at(journal.entries)? == Some(journal);
    if !same || outside.journal.point().entries < head.held {
        return Err(StoreError::Mark);
    }
    Ok(())
}

/// Makes a folder that only its owner enters, where there is none; its name is on the disk when this
/// returns.
pub(super) fn private_folder(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).map_err(fault)?;
    sync_folder_of(folder)
}
