//! The snapshots that are kept: for each list the newest, and the one before it for whoever is
//! still fetching it; and the deltas over switches of its versions.
//!
//! | file of the folder | holds |
//! |---|---|
//! | `LIST.EPOCH.SEQUENCE.keys` | a snapshot's keys |
//! | `LIST.EPOCH.SEQUENCE.index` | its signed head, as a u16 length and bytes, and its index |
//! | `LIST.EPOCH.FROM-TO.delta` | the signed head of a delta over a switch, in the same form, and its body |
//! | `LIST.EPOCH.NUMBER.making/`, `LIST.EPOCH.NUMBER.part` | one in the making |
//!
//! The index is written last and signed, so that what is found at a start is whole and our own.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::signed::{PART, found_signed, private_folder, split, write_signed};
use crate::protocol::limits::{
    MAX_DELTA_BYTES, MAX_SNAPSHOT_INDEX_BYTES, MOVES_KEPT_FOR, OLD_SNAPSHOT_KEPT_FOR,
    SWITCH_DELTAS_KEPT,
};
use crate::protocol::snapshot::{CHUNK_BYTES, SnapshotIndex};
use crate::protocol::{Delta, Epoch, Head, HeadSubject, ListId, PublicKey, SignedHead, Timestamp};

/// How the name ends of the folder of a snapshot's sections.
const MAKING: &str = "making";
/// Snapshots of a list that are kept.
const SNAPSHOTS_KEPT: usize = 2;

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
    /// The newest first, [`SNAPSHOTS_KEPT`] at most.
    snapshots: Vec<Arc<Built>>,
    /// The newest first, [`SWITCH_DELTAS_KEPT`] at most.
    crossings: Vec<Arc<Crossing>>,
}

/// Where one snapshot in the making stands. Whatever is still there when this is dropped goes: it
/// holds keys, and whoever asked for it may go away in the middle.
pub(super) struct Making {
    /// The folder of its sections.
    pub(super) sections: PathBuf,
    /// The file of its keys.
    pub(super) keys: PathBuf,
}

impl Drop for Making {
    fn drop(&mut self) {
        let _none = fs::remove_dir_all(&self.sections);
        let _put = fs::remove_file(&self.keys);
    }
}

/// All snapshots that are kept.
pub(super) struct Shelf {
    folder: PathBuf,
    kept: Mutex<HashMap<(ListId, Epoch), Kept>>,
    /// How many were begun: no two share a name, even if one was given up and is still written.
    makings: AtomicU64,
}

impl Shelf {
    /// What stands in `folder`, signed by `key`; everything else of ours is taken away, what a crash
    /// left half made too.
    pub(super) fn open(folder: PathBuf, key: &PublicKey) -> io::Result<Self> {
        private_folder(&folder)?;
        let mut kept: HashMap<(ListId, Epoch), Kept> = HashMap::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.extension().and_then(OsStr::to_str) {
                Some("index") => {
                    if let Some(built) = found(&path, key) {
                        let of_list = kept.entry(view_of(&built.head)).or_default();
                        of_list.snapshots.push(Arc::new(built));
                    }
                }
                Some("delta") => {
                    if let Some(crossing) = found_crossing(&path, key) {
                        let of_list = kept.entry(view_of(&crossing.head)).or_default();
                        of_list.crossings.push(Arc::new(crossing));
                    }
                }
                _ => {}
            }
        }
        for Kept {
            snapshots,
            crossings,
        } in kept.values_mut()
        {
            snapshots.sort_unstable_by_key(|built| Reverse(built.head.sequence));
            snapshots.truncate(SNAPSHOTS_KEPT);
            crossings.sort_unstable_by_key(|crossing| Reverse(crossing.head.sequence));
            crossings.truncate(SWITCH_DELTAS_KEPT);
        }
        let shelf = Self {
            folder,
            kept: Mutex::new(kept),
            makings: AtomicU64::new(0),
        };
        shelf.sweep()?;
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
        self.change(view_of(&head.head), |of_list| {
            let crossings = &mut of_list.crossings;
            crossings.retain(|held| held.from != from);
            crossings.splice(0..0, crossing.map(Arc::new));
            crossings.truncate(SWITCH_DELTAS_KEPT);
        });
        Ok(())
    }

    /// Forgets what nobody needs for its age: deltas over switches, and the snapshot before the
    /// newest.
    pub(super) fn forget_old(&self, list: &ListId, epoch: Epoch, now: Timestamp) {
        self.change((list.clone(), epoch), |of_list| {
            let crossings = &mut of_list.crossings;
            crossings.retain(|crossing| now.since(crossing.head.as_of) <= MOVES_KEPT_FOR);
            let newest = of_list.snapshots.first().map(|built| built.head.as_of);
            if newest.is_some_and(|as_of| now.since(as_of) > OLD_SNAPSHOT_KEPT_FOR) {
                of_list.snapshots.truncate(1);
            }
        });
    }

    /// Forgets the snapshot of a sequence, whose file was changed.
    pub(super) fn forget_damaged(&self, list: &ListId, epoch: Epoch, sequence: u64) {
        self.change((list.clone(), epoch), |of_list| {
            let snapshots = &mut of_list.snapshots;
            snapshots.retain(|built| built.head.sequence != sequence);
        });
    }

    /// Places for a snapshot in the making.
    pub(super) fn making(&self, list: &ListId, epoch: Epoch) -> Making {
        let number = self.makings.fetch_add(1, Ordering::Relaxed);
        let name = |suffix| {
            self.folder
                .join(format!("{list}.{epoch}.{number}.{suffix}"))
        };
        Making {
            sections: name(MAKING),
            keys: name(PART),
        }
    }

    /// Takes a snapshot that is made in place of the newest, which becomes the one before.
    pub(super) fn put(
        &self,
        head: &SignedHead,
        built: Arc<Built>,
        made: &Making,
    ) -> io::Result<Arc<Built>> {
        fs::rename(&made.keys, self.path(&head.head, "keys"))?;
        let body = built.index.to_bytes();
        write_signed(&self.path(&head.head, "index"), head, &body)?;
        File::open(&self.folder)?.sync_all()?;
        self.change(view_of(&head.head), |of_list| {
            let snapshots = &mut of_list.snapshots;
            snapshots.retain(|held| held.head.sequence != head.head.sequence);
            snapshots.insert(0, Arc::clone(&built));
            snapshots.truncate(SNAPSHOTS_KEPT);
        });
        Ok(built)
    }

    /// Changes what is kept of a list, and takes away the files of what is not kept any more: no
    /// others, because one may just be put. Whoever reads one goes on: it is open.
    fn change(&self, view: (ListId, Epoch), change: impl FnOnce(&mut Kept)) {
        let mut kept = self.kept();
        let of_list = kept.entry(view).or_default();
        let before = self.files(of_list);
        change(of_list);
        let after = self.files(of_list);
        for gone in before.difference(&after) {
            let _left = fs::remove_file(gone);
        }
    }

    /// The files of what is kept of a list.
    fn files(&self, of_list: &Kept) -> HashSet<PathBuf> {
        let snapshots = of_list.snapshots.iter();
        let snapshots = snapshots
            .flat_map(|built| ["keys", "index"].map(|suffix| self.path(&built.head, suffix)));
        let crossings = of_list.crossings.iter().map(|held| held.path.clone());
        snapshots.chain(crossings).collect()
    }

    /// Takes away files of ours that nothing kept names, before anybody puts one.
    fn sweep(&self) -> io::Result<()> {
        let kept = self.kept();
        let named: HashSet<PathBuf> = kept.values().flat_map(|held| self.files(held)).collect();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let _left = match path.extension().and_then(OsStr::to_str) {
                Some(MAKING) => fs::remove_dir_all(&path),
                Some("keys" | "index" | "delta" | PART) if !named.contains(&path) => {
                    fs::remove_file(&path)
                }
                _ => Ok(()),
            };
        }
        Ok(())
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
