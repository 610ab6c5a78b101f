//! The snapshots that are kept: for each list the newest, and the one before it for whoever is
//! still fetching it.
//!
//! | file of the folder | holds |
//! |---|---|
//! | `LIST.EPOCH.SEQUENCE.keys` | a snapshot's keys |
//! | `LIST.EPOCH.SEQUENCE.index` | its signed head, as a u16 length and bytes, and its index |
//! | `LIST.EPOCH.making/`, `LIST.EPOCH.part` | one in the making |
//!
//! The index is written last and signed, so that what is found at a start is whole and our own.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::limits::MAX_SNAPSHOT_INDEX_BYTES;
use crate::protocol::snapshot::{CHUNK_BYTES, SnapshotIndex};
use crate::protocol::{Epoch, Head, HeadSubject, ListId, PublicKey, SignedHead};

/// One snapshot that was built.
pub(super) struct Built {
    pub(super) head: Head,
    pub(super) index: SnapshotIndex,
    file: File,
}

impl Built {
    /// `length` bytes of the keys from `start` on, each chunk of which is what was built; none if
    /// the file was changed.
    pub(super) fn read(&self, start: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
        let first = start / CHUNK_BYTES as u64;
        let mut bytes = Vec::with_capacity(length.next_multiple_of(CHUNK_BYTES) + CHUNK_BYTES);
        let skipped = (start % CHUNK_BYTES as u64) as usize;
        let mut chunk = vec![0; CHUNK_BYTES];
        for number in first as usize.. {
            let size = self.index.chunk_bytes(number);
            if size == 0 || bytes.len() >= skipped + length {
                break;
            }
            let chunk = &mut chunk[..size];
            self.file
                .read_exact_at(chunk, number as u64 * CHUNK_BYTES as u64)?;
            if !self.index.vouches_for(number, chunk) {
                return Ok(None);
            }
            bytes.extend_from_slice(chunk);
        }
        bytes.drain(..skipped.min(bytes.len()));
        bytes.truncate(length);
        Ok(Some(bytes))
    }
}

/// A list's snapshots, the newest first: two at most.
type Kept = Vec<Arc<Built>>;

/// All snapshots that are kept.
pub(super) struct Shelf {
    folder: PathBuf,
    kept: Mutex<HashMap<(ListId, Epoch), Kept>>,
}

impl Shelf {
    /// What stands in `folder`, signed by `key`; everything else of ours is taken away.
    pub(super) fn open(folder: PathBuf, key: &PublicKey) -> io::Result<Self> {
        private_folder(&folder)?;
        let mut kept: HashMap<(ListId, Epoch), Kept> = HashMap::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "index")
            {
                match found(&path, key) {
                    Some(built) => kept
                        .entry(view_of(&built.head))
                        .or_default()
                        .push(Arc::new(built)),
                    None => {
                        tracing::warn!(file = %path.display(), "no snapshot of ours: passed over")
                    }
                }
            }
        }
        for built in kept.values_mut() {
            built.sort_unstable_by_key(|built| std::cmp::Reverse(built.head.sequence));
        }
        let shelf = Self {
            folder,
            kept: Mutex::new(kept),
        };
        shelf.tidy();
        Ok(shelf)
    }

    /// The newest snapshot of a list.
    pub(super) fn newest(&self, list: &ListId, epoch: Epoch) -> Option<Arc<Built>> {
        let kept = self.kept();
        kept.get(&(list.clone(), epoch))?.first().cloned()
    }

    /// The snapshot of a sequence, if it is kept.
    pub(super) fn of(&self, list: &ListId, epoch: Epoch, sequence: u64) -> Option<Arc<Built>> {
        let kept = self.kept();
        let of_list = kept.get(&(list.clone(), epoch))?;
        let mut of_sequence = of_list.iter();
        of_sequence
            .find(|built| built.head.sequence == sequence)
            .cloned()
    }

    /// Where a snapshot in the making may put its sections, and its keys.
    pub(super) fn making(&self, list: &ListId, epoch: Epoch) -> (PathBuf, PathBuf) {
        let name = |suffix| self.folder.join(format!("{list}.{epoch}.{suffix}"));
        (name("making"), name("part"))
    }

    /// Takes a snapshot whose keys stand in its `part` in place of the newest, which becomes the
    /// one before.
    pub(super) fn put(&self, head: &SignedHead, index: SnapshotIndex) -> io::Result<Arc<Built>> {
        let view = view_of(&head.head);
        let keys = self.path(&head.head, "keys");
        fs::rename(self.making(&view.0, view.1).1, &keys)?;
        let mut written = private_file(&self.path(&head.head, "index.part"))?;
        let signed = head.to_bytes();
        written.write_all(&(signed.len() as u16).to_le_bytes())?;
        written.write_all(&signed)?;
        written.write_all(&index.to_bytes())?;
        written.sync_all()?;
        fs::rename(
            self.path(&head.head, "index.part"),
            self.path(&head.head, "index"),
        )?;
        File::open(&self.folder)?.sync_all()?;
        let built = Arc::new(Built {
            head: head.head.clone(),
            index,
            file: File::open(keys)?,
        });
        let mut kept = self.kept();
        let of_list = kept.entry(view).or_default();
        of_list.retain(|held| held.head.sequence != head.head.sequence);
        of_list.insert(0, Arc::clone(&built));
        of_list.truncate(2);
        drop(kept);
        self.tidy();
        Ok(built)
    }

    /// Forgets a list's snapshots for which `keep` says so, such as those of a lost past.
    pub(super) fn retain(&self, list: &ListId, epoch: Epoch, keep: impl Fn(&Head) -> bool) {
        if let Some(of_list) = self.kept().get_mut(&(list.clone(), epoch)) {
            of_list.retain(|built| keep(&built.head));
        }
        self.tidy();
    }

    /// Takes away files that no kept snapshot names. Whoever reads one goes on: it is open.
    fn tidy(&self) {
        let kept = self.kept();
        let named: Vec<PathBuf> = kept
            .values()
            .flatten()
            .flat_map(|built| ["keys", "index"].map(|suffix| self.path(&built.head, suffix)))
            .collect();
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let ours = path
                .extension()
                .is_some_and(|e| e == "keys" || e == "index");
            if ours && !named.contains(&path) {
                let _left = fs::remove_file(&path);
            }
        }
    }

    fn path(&self, head: &Head, suffix: &str) -> PathBuf {
        let Head {
            list,
            epoch,
            sequence,
            ..
        } = head;
        self.folder
            .join(format!("{list}.{epoch}.{sequence}.{suffix}"))
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<(ListId, Epoch), Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn view_of(head: &Head) -> (ListId, Epoch) {
    (head.list.clone(), head.epoch)
}

/// A snapshot as it was left, if it is whole and signed.
fn found(path: &Path, key: &PublicKey) -> Option<Built> {
    let size = fs::metadata(path).ok()?.len();
    if size > MAX_SNAPSHOT_INDEX_BYTES + 4096 {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let (length, rest) = bytes.split_first_chunk()?;
    let (head, body) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let signed = SignedHead::from_bytes(head).ok()?;
    signed.verify(key).ok()?;
    let head = signed.head;
    let index = SnapshotIndex::from_bytes(body).ok()?;
    let file = File::open(path.with_extension("keys")).ok()?;
    let whole = file.metadata().ok()?.len() == index.bytes();
    let ours = head.what == HeadSubject::Snapshot && head.body == Head::digest_of(body);
    (whole && ours).then_some(Built { head, index, file })
}

/// Makes a folder that only its owner enters.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// An empty file of mode 0600 for writing and reading.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(true);
    options.mode(0o600).open(path)
}
