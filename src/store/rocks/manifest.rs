//! What a backup says of itself, signed: its files, where it stands, and how many it holds.
//!
//! `manifest.json` is for people and programs to read, `manifest.sig` holds the 64 bytes of the
//! signature over its bytes.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Component, Path};

use rocksdb::PrefixRange;
use serde::{Deserialize, Serialize};

use super::database::{Database, Pair, SCHEMA};
use super::reads::values;
use super::tables::{Key, Table};
use super::values::KeptList;
use crate::protocol::{Digest32, ListId, Signature, SigningKey, Timestamp};
use crate::store::StoreError;
use crate::store::kept::Place;
use crate::store::log::{LogPoint, fault, sync_folder};

const CONTEXT: &str = "saring/v1/backup";
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";
/// The database's folder within a backup.
pub(super) const DATABASE: &str = "db";

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The database's schema version.
    pub schema: u32,
    /// The commits the backup holds.
    pub counter: u64,
    /// The root over every batch.
    pub root: Digest32,
    /// The latest time a write carried.
    pub time: Timestamp,
    /// The point of the removal journal up to which the backup carried removals out.
    pub journal: LogPoint,
    /// How many organisations it holds.
    pub organisations: u64,
    /// How many people each list answers about, in order of the list's id.
    pub people: Vec<(ListId, u64)>,
    /// The files of `db/`, in order of their name.
    pub files: Vec<BackupFile>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupFile {
    /// Its name within `db/`.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// BLAKE3 of its bytes.
    pub blake3: Digest32,
}

impl Manifest {
    /// Reads a checkpoint back: counts what it holds and digests its files.
    pub(super) fn of(
        folder: &Path,
        point_at: impl Fn(u64) -> Result<Option<LogPoint>, StoreError>,
    ) -> Result<Self, StoreError> {
        let database = Database::open_to_read(&folder.join(DATABASE))?;
        let head = database.head()?.ok_or(StoreError::Corrupt)?;
        let (organisations, people) = counts(&database)?;
        drop(database);
        Ok(Self {
            schema: SCHEMA,
            counter: head.counter,
            root: head.root,
            time: head.last_time,
            journal: point_at(head.held)?.ok_or(StoreError::Mark)?,
            organisations,
            people,
            files: files_of(&folder.join(DATABASE))?,
        })
    }

    /// Writes the manifest and its signature; both are on the disk when this returns.
    pub(super) fn write(&self, folder: &Path, key: &SigningKey) -> Result<(), StoreError> {
        let json = serde_json::to_vec_pretty(self).map_err(|_| StoreError::Corrupt)?;
        let signature = key.sign(&signed_bytes(&json));
        for (name, bytes) in [(MANIFEST, json.as_slice()), (SIGNATURE, &signature.0)] {
            let mut file = File::create_new(folder.join(name)).map_err(fault)?;
            file.write_all(bytes).map_err(fault)?;
            file.sync_all().map_err(fault)?;
        }
        sync_folder(folder)
    }

    /// Reads a backup's manifest, checks its signature and every file it names.
    pub(super) fn verified(folder: &Path, key: &SigningKey) -> Result<Self, StoreError> {
        let json = read_part(folder, MANIFEST)?;
        let signature = read_part(folder, SIGNATURE)?;
        let signature = Signature(signature.try_into().map_err(|_| StoreError::Mark)?);
        key.public_key()
            .verify(&signed_bytes(&json), &signature)
            .map_err(|_| StoreError::Mark)?;
        let manifest: Self = serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt)?;
        if manifest.schema != SCHEMA {
            return Err(StoreError::Schema {
                found: manifest.schema,
                expected: SCHEMA,
            });
        }
        if manifest.files.iter().any(|file| !is_plain(&file.name)) {
            return Err(StoreError::Corrupt);
        }
        let same = files_of(&folder.join(DATABASE))? == manifest.files;
        same.then_some(manifest).ok_or(StoreError::Corrupt)
    }
}

/// Organisations, and the people whom each list answers about. They are counted one by one, and so
/// are those of a version that is staged; those of versions on their way out are nobody's to count.
fn counts(database: &Database) -> Result<(u64, Vec<(ListId, u64)>), StoreError> {
    let organisations = count(database.scan(Table::Organisations, .., None)?)?;
    let lists: Vec<KeptList> = values(database.scan(Table::Lists, .., None)?, usize::MAX)?;
    let mut people = Vec::new();
    for KeptList { list, .. } in lists {
        let staged = list.versions.staged.as_ref();
        let staged = staged.map(|staged| (staged.version, staged.people));
        let answering = (list.versions.answering.version, list.people);
        for (version, expected) in [Some(answering), staged].into_iter().flatten() {
            let place = Place {
                list: list.list.clone(),
                epoch: list.epoch,
                version,
            };
            let of_version = PrefixRange(Key::place(&place).done());
            if count(database.scan(Table::People, of_version, None)?)? != expected {
                return Err(StoreError::Corrupt);
            }
        }
        people.push((list.list, list.people));
    }
    Ok((organisations, people))
}

fn count(mut pairs: impl Iterator<Item = Result<Pair, StoreError>>) -> Result<u64, StoreError> {
    pairs.try_fold(0, |count, pair| pair.map(|_| count + 1))
}

/// The files of a folder, in order of their name; RocksDB's log of its own words is left out.
fn files_of(folder: &Path) -> Result<Vec<BackupFile>, StoreError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().into_string();
        let name = name.map_err(|_| StoreError::Corrupt)?;
        if name.starts_with("LOG") || name == "LOCK" {
            continue;
        }
        let (size, blake3) = digest(&entry.path())?;
        files.push(BackupFile { name, size, blake3 });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn digest(path: &Path) -> Result<(u64, Digest32), StoreError> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).map_err(fault)?;
    let mut part = vec![0; 1 << 20];
    let mut size = 0;
    loop {
        match file.read(&mut part).map_err(fault)? {
            0 => return Ok((size, Digest32(*hasher.finalize().as_bytes()))),
            read => {
                hasher.update(&part[..read]);
                size += read as u64;
            }
        }
    }
}

fn read_part(folder: &Path, name: &str) -> Result<Vec<u8>, StoreError> {
    fs::read(folder.join(name)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Missing,
        _ => fault(error),
    })
}

fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(_)), None)
    )
}

fn signed_bytes(json: &[u8]) -> Vec<u8> {
    [CONTEXT.as_bytes(), &[0], json].concat()
}
