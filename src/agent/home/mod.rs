//! The agent's home: a folder of mode 0700. Several processes may work in it at once and share what
//! they see of heads, records and references; of one upload or job only one at a time.
//!
//! | file | holds | at rest |
//! |---|---|---|
//! | `profile.json` | address, organisation, trust root | plain: nothing personal |
//! | `keys/` | the signing key, the at-rest key, the keys of keyed-hash lists | as key files |
//! | `records/LIST.json` | the pinned epoch record | plain: public |
//! | `heads.sealed`, `heads.lock` | what was seen of the registry's heads | sealed |
//! | `salt.sealed` | the salt of the organisation's references | sealed |
//! | `references/` | reference digest to entry id, see [`References`] | sealed |
//! | `jobs/` | seeds and progress of unfinished uploads | sealed, gone with the job |
//! | `copies/` | lists' snapshots for bulk work, see [`LocalCopy`](super::LocalCopy) | heads sealed, keys plain |
//! | `evidence/` | two heads a registry may not both have signed | plain: to be shown |

mod error;
pub(super) mod files;
mod heads;
mod job_file;
mod keys;
mod log;
mod profile;
mod references;
mod seal;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use zeroize::Zeroizing;

pub use error::HomeError;
pub use job_file::JobFile;
use keys::HomeKeys;
pub use keys::{Provider, key_folder};
pub use profile::Profile;
pub use seal::Sealer;

pub(super) use keys::signing_key;
pub(super) use log::{Records, SealedLog};
use references::Shelves;
pub(super) use references::{Known, Learnt, Of, References};

use super::AgentError;
use super::copy::CopyFolder;
use crate::hash::HashKey;
use crate::keys::Secret32;
use crate::protocol::head::Evidence;
use crate::protocol::record::{EpochRecord, SignedRecord};
use crate::protocol::{Digest32, Epoch, ListId, PublicKey, SigningKey};
use heads::Heads;

/// An opened home.
pub struct Home {
    folder: PathBuf,
    profile: Profile,
    keys: HomeKeys,
    salt: Zeroizing<[u8; 32]>,
    heads: Mutex<Heads>,
    references: Shelves,
}

impl Home {
    /// Opens the home in `folder` with its own keys, usually the key files in [`key_folder`].
    ///
    /// # Errors
    /// [`HomeError::NotAHome`], [`HomeError::TooOpen`], [`HomeError::Key`],
    /// [`HomeError::Damaged`], [`HomeError::Io`].
    pub fn open(folder: &Path, keys: Provider) -> Result<Self, HomeError> {
        let profile = Profile::read(folder)?.ok_or(HomeError::NotAHome)?;
        files::private_folder(folder).map_err(HomeError::of_folder)?;
        Self::assemble(folder, profile, HomeKeys::read(keys)?)
    }

    /// Makes a home in `folder`, which must not be one yet. Keys that `keys` lacks are made: the
    /// organisation's signing key, unless it was put there before, and the at-rest key.
    ///
    /// # Errors
    /// [`HomeError::Exists`], [`HomeError::TooOpen`], [`HomeError::Key`],
    /// [`HomeError::Randomness`], [`HomeError::Io`].
    pub fn create(folder: &Path, profile: Profile, keys: Provider) -> Result<Self, HomeError> {
        if Profile::read(folder)?.is_some() {
            return Err(HomeError::Exists);
        }
        files::private_folder(folder).map_err(HomeError::of_folder)?;
        keys::complete(&keys)?;
        let home = Self::assemble(folder, profile, HomeKeys::read(keys)?)?;
        // Last: only now the folder is a home.
        home.profile.write(folder)?;
        Ok(home)
    }

    fn assemble(folder: &Path, profile: Profile, keys: HomeKeys) -> Result<Self, HomeError> {
        for name in ["records", "jobs", "evidence", "copies"] {
            files::private_folder(&folder.join(name)).map_err(HomeError::of_folder)?;
        }
        let sealed = Folder {
            path: folder,
            at_rest: keys.at_rest(),
        };
        let home = Self {
            folder: folder.to_owned(),
            salt: sealed.salt()?,
            references: Mutex::default(),
            heads: Mutex::default(),
            profile,
            keys,
        };
        // A home whose memory does not read is not worked in, whatever for.
        match home.heads() {
            Err(AgentError::Home(fault)) => return Err(fault),
            _seen => {}
        }
        Ok(home)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Address, organisation and trust root.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The organisation's public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.keys.signing().public_key()
    }

    /// Keeps the members' key of a keyed-hash list's epoch.
    ///
    /// # Errors
    /// [`HomeError::Key`], also when another key is kept for this list and epoch.
    pub fn keep_hash_key(
        &self,
        list: &ListId,
        epoch: Epoch,
        key: &Secret32,
    ) -> Result<(), HomeError> {
        self.keys.keep_hash_key(list, epoch, key)
    }

    /// The members' key that a record names, if this home has it.
    pub(super) fn hash_key(&self, record: &EpochRecord) -> Result<Option<HashKey>, HomeError> {
        let key = self.keys.hash_key(&record.list, record.epoch)?;
        let named = key.filter(|key| Some(hash_key_digest(key.expose())) == record.hash_key);
        Ok(named.map(|key| HashKey::new(*key.expose())))
    }

    pub(super) const fn signing(&self) -> &SigningKey {
        self.keys.signing()
    }

    /// The digest of one of the organisation's own references: keyed BLAKE3 under its salt.
    pub(super) fn reference_digest(&self, reference: &str) -> Digest32 {
        Digest32(*blake3::keyed_hash(&self.salt, reference.as_bytes()).as_bytes())
    }

    /// By what an element that was submitted is recognised (see [`References`]).
    pub(super) fn element_mark(&self, element: &[u8; 32]) -> [u8; 16] {
        let hash = blake3::keyed_hash(&self.salt, &[b"element/", &element[..]].concat());
        hash.as_bytes()[..16].try_into().expect("16 of 32 bytes")
    }

    /// Keeps two heads that accuse the registry, under a name of their own.
    pub(super) fn keep_evidence(&self, evidence: &Evidence) -> Result<PathBuf, HomeError> {
        let json = serde_json::to_vec_pretty(evidence).map_err(|_| HomeError::TooLarge)?;
        let name = Digest32::of("saring/v1/evidence-file", &json).to_string();
        let path = self
            .folder
            .join("evidence")
            .join(format!("{}.json", &name[..16]));
        files::replace(&path, &json)?;
        Ok(path)
    }

    /// The pinned record of a list.
    pub(super) fn pinned(&self, list: &ListId) -> Result<Option<SignedRecord>, HomeError> {
        match files::read(&self.record_path(list))? {
            Some(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|_| HomeError::Damaged),
            None => Ok(None),
        }
    }

    /// Pins a record in the place of the one before it, unless another process pinned a later one
    /// meanwhile.
    pub(super) fn pin(&self, record: &SignedRecord) -> Result<(), HomeError> {
        let _alone = files::wait_for_lock(&self.folder.join("records").join("lock"))?;
        let number = |signed: &SignedRecord| (signed.record.epoch, signed.record.revision);
        let held = self.pinned(&record.record.list)?;
        if held.is_some_and(|held| number(&held) > number(record)) {
            return Ok(());
        }
        let json = serde_json::to_vec_pretty(record).map_err(|_| HomeError::TooLarge)?;
        Ok(files::replace(
            &self.record_path(&record.record.list),
            &json,
        )?)
    }

    fn record_path(&self, list: &ListId) -> PathBuf {
        self.folder.join("records").join(format!("{list}.json"))
    }

    /// The log of one unfinished upload, for this process alone.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process works on it, [`HomeError::Damaged`],
    /// [`HomeError::Io`].
    pub(super) fn job_log(&self, name: &str) -> Result<(SealedLog, Records), HomeError> {
        let name = Path::new("jobs").join(name);
        let sealer = Sealer::new(self.keys.at_rest(), &name.to_string_lossy());
        SealedLog::claim(&self.folder.join(name), sealer)
    }

    /// Overwrites a job's log and takes it away.
    pub(super) fn forget_job(&self, name: &str) -> Result<(), HomeError> {
        Ok(files::destroy(&self.folder.join("jobs").join(name))?)
    }

    /// The names of unfinished uploads.
    pub(super) fn jobs(&self) -> Result<Vec<String>, HomeError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.folder.join("jobs"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            // A log in the making has no name yet.
            if !name.ends_with(".new") {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Where the copy of a list's epoch stands.
    pub(super) fn copy_folder(&self, list: &ListId, epoch: Epoch) -> CopyFolder {
        CopyFolder::new(
            &self.folder.join("copies"),
            self.keys.at_rest(),
            list,
            epoch,
        )
    }

    /// Takes away the copies of epochs before the one before `epoch`. One that stays costs only
    /// space.
    pub(super) fn forget_old_copies(&self, list: &ListId, epoch: Epoch) {
        let Ok(entries) = std::fs::read_dir(self.folder.join("copies").join(list.as_str())) else {
            return;
        };
        for entry in entries.flatten() {
            let number = entry.file_name().to_string_lossy().parse::<u32>();
            if number.is_ok_and(|number| number.saturating_add(1) < epoch.0) {
                let _left = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Every list and epoch of which there is a copy, in order.
    pub(super) fn copies(&self) -> Result<Vec<(ListId, Epoch)>, HomeError> {
        let mut found = Vec::new();
        for list in std::fs::read_dir(self.folder.join("copies"))? {
            let list = list?;
            let Ok(id) = ListId::parse(&list.file_name().to_string_lossy()) else {
                continue;
            };
            for epoch in std::fs::read_dir(list.path())? {
                let number = epoch?.file_name().to_string_lossy().parse::<u32>();
                found.extend(number.map(|number| (id.clone(), Epoch(number))));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn sealed(&self) -> Folder<'_> {
        Folder {
            path: &self.folder,
            at_rest: self.keys.at_rest(),
        }
    }
}

/// The digest by which a record names the members' key of a keyed-hash list: the BLAKE3 hash of
/// its 32 bytes. (Whoever has a list's digest cannot find a random key of 256 bits from it.)
#[must_use]
pub fn hash_key_digest(key: &[u8; 32]) -> Digest32 {
    Digest32(*blake3::hash(key).as_bytes())
}

/// The sealed files of a home.
struct Folder<'a> {
    path: &'a Path,
    at_rest: &'a HashKey,
}

impl Folder<'_> {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, HomeError> {
        let sealer = Sealer::new(self.at_rest, name);
        let sealed = files::read(&self.path.join(name))?;
        sealed.map(|sealed| sealer.open(b"", &sealed)).transpose()
    }

    fn write(&self, name: &str, plain: &[u8]) -> Result<(), HomeError> {
        let sealed = Sealer::new(self.at_rest, name).seal(b"", plain)?;
        Ok(files::replace(&self.path.join(name), &sealed)?)
    }

    /// The salt of references, made once.
    fn salt(&self) -> Result<Zeroizing<[u8; 32]>, HomeError> {
        const NAME: &str = "salt.sealed";
        let mut salt = Zeroizing::new([0; 32]);
        match self.read(NAME)? {
            Some(bytes) if bytes.len() == salt.len() => salt.copy_from_slice(&bytes),
            Some(_) => return Err(HomeError::Damaged),
            None => {
                getrandom::fill(salt.as_mut()).map_err(|_| HomeError::Randomness)?;
                self.write(NAME, salt.as_ref())?;
            }
        }
        Ok(salt)
    }
}

#[cfg(test)]
mod tests;
