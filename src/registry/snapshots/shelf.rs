//! The snapshots that are kept: for each list the newest, and the one before it for whoever is
//! still fetching it; and the deltas over switches of its versions.
//!
//! | file of the folder | holds |
//! |---|---|
//! | `LIST.EPOCH.SEQUENCE.keys` | a snapshot's keys |
//! | `LIST.EPOCH.SEQUENCE.index` | its signed head, as a u16 length and bytes, and its index |
//! | `LIST.EPOCH.FROM-TO.delta` | the signed head of a delta over a switch, in the same form, and its body |
//! | `LIST.EPOCH.making/`, `LIST.EPOCH.part` | one in the making |
//!
//! The index is written last and signed, so that what is found at a start is whole and our own.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::limits::{
    MAX_DELTA_BYTES, MAX_SNAPSHOT_INDEX_BYTES, MOVES_KEPT_FOR, OLD_SNAPSHOT_KEPT_FOR,
    SWITCH_DELTAS_KEPT,
};
use crate::protocol::snapshot::{CHUNK_BYTES, SnapshotIndex};
use crate::protocol::{Delta, Epoch, Head, HeadSubject, ListId, PublicKey, SignedHead, Timestamp};

/// One snapshot that was built.
pub(super) struct Built {
    pub(super) head: Head,
    pub(super) index: SnapshotIndex,
    file: File,
}

impl Built {
    /// A snapshot whose keys stand in a file.
    pub(super) fn new(head: Head, index: SnapshotIndex, keys: &Path) -> io::Result<Self> {
        let file = File::open(keys)?;
        Ok(Self { head, index, file })
    }

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

/// A delta over a switch, on the disk.
pub(super) struct Crossing {
    head: Head,
    /// The state before it is the one just before the switch of the number after this.
    from: u64,
    /// The sequence it leads to.
    pub(super) to: u64,
    path: PathBuf,
}

impl Crossing {
    fn of(head: Head, path: PathBuf) -> Option<Self> {
        let HeadSubject::Delta { from, to } = head.what else {
            return None;
        };
        Some(Self {
            head,
            from,
            to,
            path,
        })
    }

    /// The delta; none if the file was changed.
    pub(super) fn read(&self) -> io::Result<Option<Delta>> {
        let body = split(&fs::read(&self.path)?).map(|(_, body)| body.to_vec());
        let ours = body.filter(|body| Head::digest_of(body) == self.head.body);
        Ok(ours.and_then(|body| Delta::from_bytes(&body).ok()))
    }
}

/// What is kept of a list.
#[derive(Default)]
struct Kept {
    /// The newest first: two at most.
    snapshots: Vec<Arc<Built>>,
    /// The newest first.
    crossings: Vec<Arc<Crossing>>,
}

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
            let is = |suffix: &str| path.extension().is_some_and(|held| held == suffix);
            if is("index") {
                if let Some(built) = found(&path, key) {
                    let of_list = kept.entry(view_of(&built.head)).or_default();
                    of_list.snapshots.push(Arc::new(built));
                }
            } else if is("delta")
                && let Some(crossing) = found_crossing(&path, key)
            {
                let of_list = kept.entry(view_of(&crossing.head)).or_default();
                of_list.crossings.push(Arc::new(crossing));
            }
        }
        for of_list in kept.values_mut() {
            let newest = |head: &Head| Reverse(head.sequence);
            of_list
                .snapshots
                .sort_unstable_by_key(|built| newest(&built.head));
            of_list
                .crossings
                .sort_unstable_by_key(|crossing| newest(&crossing.head));
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
        let of_list = kept.get(&(list.clone(), epoch))?;
        of_list.snapshots.first().cloned()
    }

    /// The snapshot of a sequence, if it is kept.
    pub(super) fn of(&self, list: &ListId, epoch: Epoch, sequence: u64) -> Option<Arc<Built>> {
        let kept = self.kept();
        let of_list = kept.get(&(list.clone(), epoch))?;
        let mut of_sequence = of_list.snapshots.iter();
        of_sequence
            .find(|built| built.head.sequence == sequence)
            .cloned()
    }

    /// The delta over the switch of a number, if it is kept.
    pub(super) fn over(&self, list: &ListId, epoch: Epoch, switch: u64) -> Option<Arc<Crossing>> {
        let kept = self.kept();
        let of_list = kept.get(&(list.clone(), epoch))?;
        let mut crossings = of_list.crossings.iter();
        crossings
            .find(|crossing| crossing.from.checked_add(1) == Some(switch))
            .cloned()
    }

    /// Takes the delta over a switch, in the place of another over the same one.
    pub(super) fn put_crossing(&self, head: &SignedHead, body: &[u8]) -> io::Result<()> {
        let HeadSubject::Delta { from, to } = head.head.what else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let Head { list, epoch, .. } = &head.head;
        let path = self
            .folder
            .join(format!("{list}.{epoch}.{from}-{to}.delta"));
        write_signed(&path, head, body)?;
        File::open(&self.folder)?.sync_all()?;
        let crossing = Crossing::of(head.head.clone(), path);
        let mut kept = self.kept();
        let crossings = &mut kept.entry(view_of(&head.head)).or_default().crossings;
        crossings.retain(|held| held.from != from);
        crossings.splice(0..0, crossing.map(Arc::new));
        crossings.truncate(SWITCH_DELTAS_KEPT);
        drop(kept);
        self.tidy();
        Ok(())
    }

    /// Forgets what nobody needs for its age: deltas over switches, and the snapshot before the
    /// newest.
    pub(super) fn forget_old(&self, list: &ListId, epoch: Epoch, now: Timestamp) {
        if let Some(of_list) = self.kept().get_mut(&(list.clone(), epoch)) {
            let crossings = &mut of_list.crossings;
            crossings.retain(|crossing| now.since(crossing.head.as_of) <= MOVES_KEPT_FOR);
            let newest = of_list.snapshots.first().map(|built| built.head.as_of);
            if newest.is_some_and(|as_of| now.since(as_of) > OLD_SNAPSHOT_KEPT_FOR) {
                of_list.snapshots.truncate(1);
            }
        }
        self.tidy();
    }

    /// Where a snapshot in the making may put its sections, and its keys.
    pub(super) fn making(&self, list: &ListId, epoch: Epoch) -> (PathBuf, PathBuf) {
        let name = |suffix| self.folder.join(format!("{list}.{epoch}.{suffix}"));
        (name("making"), name("part"))
    }

    /// Takes a snapshot whose keys stand in its `part` in place of the newest, which becomes the
    /// one before.
    pub(super) fn put(&self, head: &SignedHead, built: Arc<Built>) -> io::Result<Arc<Built>> {
        let view = view_of(&head.head);
        let keys = self.path(&head.head, "keys");
        fs::rename(self.making(&view.0, view.1).1, &keys)?;
        let body = built.index.to_bytes();
        write_signed(&self.path(&head.head, "index"), head, &body)?;
        File::open(&self.folder)?.sync_all()?;
        let mut kept = self.kept();
        let of_list = &mut kept.entry(view).or_default().snapshots;
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
            of_list.snapshots.retain(|built| keep(&built.head));
        }
        self.tidy();
    }

    /// Takes away files that no kept snapshot names. Whoever reads one goes on: it is open.
    fn tidy(&self) {
        let kept = self.kept();
        let snapshots = kept.values().flat_map(|of_list| &of_list.snapshots);
        let snapshots = snapshots
            .flat_map(|built| ["keys", "index"].map(|suffix| self.path(&built.head, suffix)));
        let crossings = kept.values().flat_map(|of_list| &of_list.crossings);
        let crossings = crossings.map(|crossing| crossing.path.clone());
        let named: Vec<PathBuf> = snapshots.chain(crossings).collect();
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let ours = path
                .extension()
                .is_some_and(|e| e == "keys" || e == "index" || e == "delta");
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
    let (head, body) = found_signed(path, MAX_SNAPSHOT_INDEX_BYTES, key)?;
    let index = SnapshotIndex::from_bytes(&body).ok()?;
    let built = Built::new(head, index, &path.with_extension("keys")).ok()?;
    let whole = built.file.metadata().ok()?.len() == built.index.bytes();
    let ours = built.head.what == HeadSubject::Snapshot;
    (whole && ours).then_some(built)
}

/// A delta over a switch as it was left, if it is whole and signed.
fn found_crossing(path: &Path, key: &PublicKey) -> Option<Crossing> {
    let (head, _) = found_signed(path, MAX_DELTA_BYTES, key)?;
    Crossing::of(head, path.to_owned())
}

/// What stands in a file that [`write_signed`] wrote, if we signed it.
fn found_signed(path: &Path, most: u64, key: &PublicKey) -> Option<(Head, Vec<u8>)> {
    let found = || {
        if fs::metadata(path).ok()?.len() > most + 4096 {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let (signed, body) = split(&bytes)?;
        signed.verify(key).ok()?;
        let ours = signed.head.body == Head::digest_of(body);
        ours.then(|| (signed.head, body.to_vec()))
    };
    let found = found();
    if found.is_none() {
        tracing::warn!(file = %path.display(), "not of ours: passed over");
    }
    found
}

/// A signed head, as a u16 length and bytes, and the body after it.
fn split(bytes: &[u8]) -> Option<(SignedHead, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (head, body) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    Some((SignedHead::from_bytes(head).ok()?, body))
}

/// Puts a head and its body into a file, on the disk and at once.
fn write_signed(path: &Path, head: &SignedHead, body: &[u8]) -> io::Result<()> {
    let part = path.with_added_extension("part");
    let mut written = private_file(&part)?;
    let signed = head.to_bytes();
    written.write_all(&(signed.len() as u16).to_le_bytes())?;
    written.write_all(&signed)?;
    written.write_all(body)?;
    written.sync_all()?;
    fs::rename(part, path)
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
