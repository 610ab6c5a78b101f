//! Backup while the store serves, and restore into a new store.
//!
//! A restored database is older than what was acknowledged. Two things outside it make that safe:
//! the mark, whose counter the restored store starts beyond, so that no sequence number is given
//! out twice for different content, and the removal journal, from which removals since the backup
//! are carried out again before the store serves.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::RocksStore;
use super::committer::mark;
use super::database::Database;
use super::manifest::{DATABASE, Manifest};
use super::mark::{Mark, MarkFile};
use super::moves;
use super::open::{JOURNAL, RocksOptions, private_folder};
use super::reads::values;
use super::tables::{Key, Table};
use super::values::{Head, KeptList};
use crate::protocol::limits::STORE_GROUP;
use crate::protocol::{Digest32, Timestamp};
use crate::store::StoreError;
use crate::store::log::{AppendLog, LogPoint, fault, sync_folder, sync_folder_of};

/// Where notes of restores stand in the table of meta data.
const NOTE_PREFIX: &[u8] = b"restore/";
/// How far the counter moves when nothing tells what was acknowledged: further than any store
/// counts in its life.
const UNKNOWN_COUNTER_LEAP: u64 = 1 << 40;

/// What a restored store remembers of its restore, for as long as it lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreNote {
    /// When it was restored.
    pub at: Timestamp,
    /// The latest time a write of the backup carried.
    pub backup_time: Timestamp,
    /// The commits the backup held.
    pub backup_counter: u64,
    /// The first number the restored store gives out is greater.
    pub counter: u64,
    /// Removals in the surviving journal that the backup does not hold: to be carried out again.
    pub removals_to_replay: u64,
    /// Whether the journal or the mark were lost and the operator accepted it: delisted people may
    /// be listed again.
    pub loss_accepted: bool,
}

impl RocksStore {
    /// Writes a backup into a folder that must not exist, while the store serves, and verifies it
    /// by reading it back. Keys are not in it; mark and journal stay outside it.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if the folder exists, [`StoreError::Corrupt`] if what was written
    /// does not read back or count up, [`StoreError::Full`], [`StoreError::Unavailable`].
    pub async fn backup(&self, into: &Path) -> Result<Manifest, StoreError> {
        let (shared, into) = (Arc::clone(&self.shared), into.to_owned());
        let written = tokio::task::spawn_blocking(move || {
            if into.exists() {
                return Err(StoreError::Exists);
            }
            private_folder(&into)?;
            // Only this needs the open database: the long reading below holds up no healing.
            shared.read(|database| database.checkpoint(&into.join(DATABASE)))?;
            let point_at = |entries| shared.outside().journal.point_at(entries);
            let manifest = Manifest::of(&into, point_at)?;
            for file in &manifest.files {
                sync_file(&into.join(DATABASE).join(&file.name))?;
            }
            manifest.write(&into, &shared.options.key)?;
            Manifest::verified(&into, &shared.options.key)
        });
        written.await.unwrap_or(Err(StoreError::Unavailable))
    }

    /// The notes of every restore this store went through, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`].
    pub async fn restores(&self) -> Result<Vec<RestoreNote>, StoreError> {
        let prefix = rocksdb::PrefixRange(NOTE_PREFIX);
        self.read(move |db| values(db.scan(Table::Meta, prefix, None)?, usize::MAX))
            .await
    }
}

/// Restores a backup as a new store under `options`, whose database folder must not exist; mark
/// and journal are the ones that survived. Afterwards [`RocksStore::open`] opens it, and what
/// `removals_to_replay` tells must be carried out before it serves.
///
/// Without `accept_loss` mark and journal must be there, whole, and of the backup's own past.
///
/// # Errors
/// [`StoreError::Missing`] if there is no backup, [`StoreError::Exists`] if there is a database,
/// [`StoreError::Mark`] if the backup is not signed by the key, or if mark or journal are missing,
/// shortened or not ours, [`StoreError::Corrupt`] if a file of the backup is not the one that was
/// written, [`StoreError::Schema`], [`StoreError::Locked`], [`StoreError::Full`],
/// [`StoreError::Unavailable`].
pub fn restore(
    backup: &Path,
    options: &RocksOptions,
    accept_loss: bool,
    at: Timestamp,
) -> Result<RestoreNote, StoreError> {
    let manifest = Manifest::verified(backup, &options.key)?;
    if options.database.exists() {
        return Err(StoreError::Exists);
    }
    let survived = match surviving(options, &manifest) {
        Ok(survived) => survived,
        Err(StoreError::Mark) if accept_loss => without_loss_noticed(options)?,
        Err(error) => return Err(error),
    };
    // Copied beside its place and renamed at the end: a crash leaves no half-restored database.
    let staging = beside(&options.database, ".restoring");
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(fault)?;
    }
    copy_database(backup, &staging, &manifest)?;
    let known = survived.mark.map_or(0, |mark| mark.counter);
    // Readers may have seen the one group that was committed but not yet marked.
    let group = STORE_GROUP as u64;
    let leap = if survived.mark.is_some() {
        group
    } else {
        UNKNOWN_COUNTER_LEAP
    };
    // A journal that is not the backup's own is carried out from its start: twice does no harm.
    let same = survived.journal.point_at(manifest.journal.entries)? == Some(manifest.journal);
    let held = if same { manifest.journal.entries } else { 0 };
    let note = RestoreNote {
        at,
        backup_time: manifest.time,
        backup_counter: manifest.counter,
        counter: known.max(manifest.counter).saturating_add(leap),
        removals_to_replay: survived.journal.point().entries - held,
        loss_accepted: survived.loss,
    };
    let head = move_past(&staging, options, &note, held)?;
    let mark = mark(&head, &survived.journal);
    fs::rename(&staging, &options.database).map_err(fault)?;
    sync_folder_of(&options.database)?;
    match survived.mark {
        Some(_) => MarkFile::open(&options.mark, &options.key.public_key())?
            .0
            .write(&mark, &options.key)?,
        None => drop(MarkFile::create(&options.mark, &mark, &options.key)?),
    }
    Ok(note)
}

/// What stands outside the lost database.
struct Survived {
    journal: AppendLog,
    mark: Option<Mark>,
    loss: bool,
}

/// The mark and the journal, checked against each other and the backup.
fn surviving(options: &RocksOptions, manifest: &Manifest) -> Result<Survived, StoreError> {
    let lost = |error| match error {
        StoreError::Missing | StoreError::Corrupt => StoreError::Mark,
        error => error,
    };
    let key = Arc::clone(&options.key);
    let journal = AppendLog::open(&options.journal, JOURNAL, key).map_err(lost)?;
    let (_, mark) = MarkFile::open(&options.mark, &options.key.public_key()).map_err(lost)?;
    let has = |point: LogPoint| Ok(journal.point_at(point.entries)? == Some(point));
    if !has(manifest.journal)? || !has(mark.journal)? {
        return Err(StoreError::Mark);
    }
    Ok(Survived {
        journal,
        mark: Some(mark),
        loss: false,
    })
}

/// What is left where something was lost: the journal as far as it reads, or a new one with the
/// damaged one kept beside it, and the mark if it is there.
fn without_loss_noticed(options: &RocksOptions) -> Result<Survived, StoreError> {
    for file in [&options.mark, &options.journal] {
        private_folder(file.parent().unwrap_or(Path::new(".")))?;
    }
    let key = Arc::clone(&options.key);
    let journal = match AppendLog::open(&options.journal, JOURNAL, Arc::clone(&key)) {
        Ok(journal) => journal,
        Err(StoreError::Missing) => AppendLog::create(&options.journal, JOURNAL, key)?,
        Err(StoreError::Corrupt | StoreError::Mark) => {
            let aside = beside(&options.journal, ".damaged");
            fs::rename(&options.journal, aside).map_err(fault)?;
            AppendLog::create(&options.journal, JOURNAL, key)?
        }
        Err(error) => return Err(error),
    };
    let mark = match MarkFile::open(&options.mark, &options.key.public_key()) {
        Ok((_, mark)) => Some(mark),
        Err(StoreError::Missing | StoreError::Mark) => None,
        Err(error) => return Err(error),
    };
    Ok(Survived {
        journal,
        mark,
        loss: true,
    })
}

fn copy_database(backup: &Path, into: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    private_folder(into)?;
    for file in &manifest.files {
        let to = into.join(&file.name);
        let copied = fs::copy(backup.join(DATABASE).join(&file.name), &to);
        match copied {
            Ok(size) if size == file.size => {}
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(fault(error)),
            _ => return Err(StoreError::Corrupt),
        }
        sync_file(&to)?;
    }
    sync_folder(into)
}

fn sync_file(path: &Path) -> Result<(), StoreError> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(fault)
}

/// Moves a restored database's counter and every list's sequence past what was acknowledged, and
/// notes the restore.
fn move_past(
    folder: &Path,
    options: &RocksOptions,
    note: &RestoreNote,
    held: u64,
) -> Result<Head, StoreError> {
    let database = Database::open(folder, options.cache_bytes, false)?;
    let before = database.head()?.ok_or(StoreError::Corrupt)?;
    if before.counter != note.backup_counter {
        return Err(StoreError::Corrupt);
    }
    let lists: Vec<KeptList> = values(database.scan(Table::Lists, .., None)?, usize::MAX)?;
    let mut changes = database.changes()?;
    for mut kept in lists {
        kept.list.sequence = note.counter;
        let key = Key::plain(kept.list.list.as_str());
        changes.put(Table::Lists, &key, &kept)?;
        moves::begin_anew(&mut changes, &kept.list.list, kept.list.epoch, note.counter)?;
    }
    let key = [NOTE_PREFIX, &note.counter.to_be_bytes()].concat();
    changes.put(Table::Meta, &key, note)?;
    let digest = Digest32::of("saring/v1/restore", changes.bytes());
    let head = Head {
        counter: note.counter,
        root: Digest32::of(
            "saring/v1/restore-root",
            &[before.root.0, digest.0].concat(),
        ),
        last_time: before.last_time,
        held,
    };
    database.write(changes, &head)?;
    Ok(head)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
