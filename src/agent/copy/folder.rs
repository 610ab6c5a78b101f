//! Where a list's copy stands in the home, and how one takes the place of another.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LocalCopy;
use crate::agent::AgentError;
use crate::agent::home::{HomeError, Sealer, files};
use crate::hash::HashKey;
use crate::protocol::snapshot::SnapshotIndex;
use crate::protocol::{Epoch, ListId, SignedHead};

const KEPT: &str = "copy.sealed";
const KEYS: &str = "keys.";
const NEXT: &str = "next.part";
const FETCH: &str = "fetch.sealed";
const FETCHED: &str = "fetch.part";
/// How often a reader looks again when a newer copy took the place of the one it was opening.
const TRIES: usize = 16;

/// What `copy.sealed` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::agent) struct Kept {
    pub(in crate::agent) head: SignedHead,
    pub(in crate::agent) index: SnapshotIndex,
}

impl Kept {
    fn file_name(&self) -> String {
        keys_of(self.head.head.sequence)
    }
}

fn keys_of(sequence: u64) -> String {
    format!("{KEYS}{sequence}")
}

/// The folder of one list's epoch.
pub(in crate::agent) struct CopyFolder {
    path: PathBuf,
    kept: Sealer,
    fetched: Sealer,
}

impl CopyFolder {
    /// The folder under a home's `copies`; nothing is made yet.
    pub(in crate::agent) fn new(
        copies: &Path,
        at_rest: &HashKey,
        list: &ListId,
        epoch: Epoch,
    ) -> Self {
        let name = format!("copies/{list}/{epoch}");
        Self {
            path: copies.join(list.as_str()).join(epoch.to_string()),
            kept: Sealer::new(at_rest, &format!("{name}/copy")),
            fetched: Sealer::new(at_rest, &format!("{name}/fetch")),
        }
    }

    /// Makes the folder, and waits for nobody: one process at a time renews a copy.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process renews it, [`HomeError::TooOpen`], [`HomeError::Io`].
    pub(in crate::agent) fn lock(&self) -> Result<File, HomeError> {
        files::private_folder(&self.path).map_err(HomeError::of_folder)?;
        files::lock(&self.path.join("lock"))
    }

    /// The copy that is kept; none if there is none yet.
    ///
    /// # Errors
    /// [`AgentError::Home`] if it was changed or does not read, [`AgentError::CopyDamaged`] if its
    /// keys are gone or cut short.
    pub(in crate::agent) fn open(&self) -> Result<Option<(Kept, LocalCopy)>, AgentError> {
        for _ in 0..TRIES {
            let Some(kept) = self.kept()? else {
                return Ok(None);
            };
            match File::open(self.path.join(kept.file_name())) {
                Ok(file) => {
                    let copy = LocalCopy::new(kept.head.head.clone(), kept.index.clone(), file)?;
                    return Ok(Some((kept, copy)));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(AgentError::CopyDamaged)
    }

    /// What is kept of the copy besides its keys.
    pub(in crate::agent) fn kept(&self) -> Result<Option<Kept>, HomeError> {
        let Some(sealed) = files::read(&self.path.join(KEPT))? else {
            return Ok(None);
        };
        let plain = self.kept.open(b"", &sealed)?;
        let kept = postcard::from_bytes(&plain);
        kept.map(Some).map_err(|_| HomeError::Damaged)
    }

    /// A file for the keys of a copy in the making; what an earlier attempt left is overwritten.
    pub(in crate::agent) fn begin(&self) -> Result<File, HomeError> {
        Ok(private_file(&self.path.join(NEXT), true)?)
    }

    /// Puts the copy whose keys are in the making in the place of the one before it.
    pub(in crate::agent) fn switch(&self, kept: &Kept) -> Result<(), HomeError> {
        let keys = self.path.join(kept.file_name());
        fs::rename(self.path.join(NEXT), &keys)?;
        files::sync_folder(&keys)?;
        self.keep(kept)?;
        self.tidy(&kept.file_name());
        Ok(())
    }

    /// Puts a newer head over the keys of a copy that did not change.
    pub(in crate::agent) fn renew(&self, kept: &Kept, of: &LocalCopy) -> Result<(), HomeError> {
        let (named, held) = (kept.file_name(), keys_of(of.sequence()));
        if named != held {
            // Under both names until the newer one is kept.
            files::remove(&self.path.join(&named))?;
            fs::hard_link(self.path.join(&held), self.path.join(&named))?;
            files::sync_folder(&self.path.join(&named))?;
        }
        self.keep(kept)?;
        self.tidy(&named);
        Ok(())
    }

    fn keep(&self, kept: &Kept) -> Result<(), HomeError> {
        let plain = postcard::to_stdvec(kept).map_err(|_| HomeError::TooLarge)?;
        let sealed = self.kept.seal(b"", &plain)?;
        Ok(files::replace(&self.path.join(KEPT), &sealed)?)
    }

    /// The snapshot that is being fetched; none if none is, or what is written of it does not read.
    pub(in crate::agent) fn fetching(&self) -> Option<Kept> {
        let sealed = files::read(&self.path.join(FETCH)).ok()??;
        let plain = self.fetched.open(b"", &sealed).ok()?;
        postcard::from_bytes(&plain).ok()
    }

    /// Begins to fetch a snapshot; of an earlier one nothing stays.
    pub(in crate::agent) fn begin_fetch(&self, base: &Kept) -> Result<(), HomeError> {
        self.forget_fetch()?;
        let plain = postcard::to_stdvec(base).map_err(|_| HomeError::TooLarge)?;
        let sealed = self.fetched.seal(b"", &plain)?;
        Ok(files::replace(&self.path.join(FETCH), &sealed)?)
    }

    /// The keys that were fetched so far.
    pub(in crate::agent) fn fetched_keys(&self) -> Result<File, HomeError> {
        Ok(private_file(&self.path.join(FETCHED), false)?)
    }

    /// Makes the fetched keys those of the copy in the making.
    pub(in crate::agent) fn take_fetched(&self) -> Result<(), HomeError> {
        // Under both names until the copy is kept: a fetch is not lost to a crash.
        let next = self.path.join(NEXT);
        files::remove(&next)?;
        Ok(fs::hard_link(self.path.join(FETCHED), next)?)
    }

    /// Gives a fetch up. What says whose keys they are goes first.
    pub(in crate::agent) fn forget_fetch(&self) -> Result<(), HomeError> {
        files::remove(&self.path.join(FETCH))?;
        Ok(files::remove(&self.path.join(FETCHED))?)
    }

    /// Takes away keys that no copy names any more. One that stays costs only space.
    fn tidy(&self, named: &str) {
        let Ok(entries) = fs::read_dir(&self.path) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(KEYS) && name != named {
                let _left = fs::remove_file(entry.path());
            }
        }
    }
}

/// Opens a file of mode 0600 for reading and writing.
fn private_file(path: &Path, truncated: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).mode(0o600);
    options.truncate(truncated).open(path)
}
