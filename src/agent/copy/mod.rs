//! A list's snapshot on this machine: what bulk work is tested against, with nothing asked of the
//! registry.
//!
//! | file of `copies/LIST/EPOCH/` | holds | at rest |
//! |---|---|---|
//! | `copy.sealed` | signed head, sections, digests of chunks, the name of the keys' file | sealed |
//! | `keys.SEQUENCE` | the keys, as a snapshot's chunks have them | plain: nobody can compute them |
//! | `fetch.sealed`, `fetch.part` | a snapshot that is being fetched | as above |
//! | `lock` | held by whoever renews the copy | empty |
//!
//! `copy.sealed` is replaced whole and names the rest, so that a copy is the old one or the new one
//! after any crash. Whoever reads holds the keys' file open, and may go on when a newer copy takes
//! its place. Each chunk is checked against its digest whenever it is read.

mod fetch;
mod folder;
mod merge;
mod status;
mod sync;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

pub(super) use folder::CopyFolder;
use folder::Kept;
use merge::apply;
pub use status::CopyStatus;
pub use sync::{SyncBy, SyncReport, SyncWatcher};

use super::door::RegistryDoor;
use super::{Agent, AgentError};
use crate::protocol::snapshot::{CHUNK_BYTES, CHUNK_KEYS, KEY_BYTES, SnapshotIndex};
use crate::protocol::{Epoch, Head, ListId, SectionCount, Timestamp};

/// A list's copy as it was when it was opened. It never changes; a newer one is another value.
#[derive(Clone)]
pub struct LocalCopy {
    head: Head,
    index: Arc<SnapshotIndex>,
    file: Arc<File>,
}

impl LocalCopy {
    pub(super) fn new(head: Head, index: SnapshotIndex, file: File) -> Result<Self, AgentError> {
        if file.metadata()?.len() != index.bytes() {
            return Err(AgentError::CopyDamaged);
        }
        Ok(Self {
            head,
            index: Arc::new(index),
            file: Arc::new(file),
        })
    }

    /// The head that vouches for the copy: of the delta that led to it. What it does not hold may
    /// be called not listed only where [`Agent::may_clear`](super::Agent::may_clear) says so.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// The list's last change that the copy knows.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.head.sequence
    }

    /// When the copy was the newest, as the registry signed it.
    #[must_use]
    pub const fn as_of(&self) -> Timestamp {
        self.head.as_of
    }

    /// The epoch whose filter keys it holds.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.head.epoch
    }

    /// The sections, ascending by class and category, and how many keys each has.
    #[must_use]
    pub fn sections(&self) -> &[SectionCount] {
        self.index.sections()
    }

    /// Bytes of all keys.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.index.bytes()
    }

    /// The keys of the section at `place` in [`LocalCopy::sections`], ascending, with repetitions.
    /// Takes 2 MiB of memory; several may be read at once. There are none beyond the last section.
    #[must_use]
    pub fn keys(&self, place: usize) -> SectionKeys {
        let sections = self.index.sections();
        let before = sections.iter().take(place).map(|section| section.keys);
        SectionKeys {
            index: Arc::clone(&self.index),
            file: Arc::clone(&self.file),
            next: before.sum(),
            left: sections.get(place).map_or(0, |section| section.keys),
            bytes: Vec::new(),
            block: Vec::new(),
            at: 0,
        }
    }

    /// Reads every chunk against its digest.
    ///
    /// # Errors
    /// [`AgentError::CopyDamaged`], [`AgentError::Output`] if the file does not read.
    pub fn verify(&self) -> Result<(), AgentError> {
        for place in 0..self.sections().len() {
            let mut keys = self.keys(place);
            while keys.block()?.is_some() {}
        }
        Ok(())
    }
}

impl<D: RegistryDoor> Agent<D> {
    /// The newest copy of a list's epoch on this machine; nobody is asked. It may be old: before
    /// what it does not hold is called not listed, [`Agent::may_clear`] is asked about its head.
    ///
    /// # Errors
    /// [`AgentError::NoCopy`] if the list was not synced in this epoch, [`AgentError::CopyDamaged`],
    /// [`AgentError::Head`] if the registry did not sign its head, [`AgentError::Home`].
    pub fn copy(&self, list: &ListId, epoch: Epoch) -> Result<LocalCopy, AgentError> {
        let found = self.home.copy_folder(list, epoch).open()?;
        let (kept, copy) = found.ok_or(AgentError::NoCopy)?;
        let signed = kept.head.verify(&self.home.profile().trust.registry);
        signed.map_err(crate::protocol::watch::HeadFault::Signature)?;
        if (&copy.head.list, copy.head.epoch) != (list, epoch) {
            return Err(AgentError::CopyDamaged);
        }
        Ok(copy)
    }
}

/// The keys of one section, read from disk a chunk at a time.
pub struct SectionKeys {
    index: Arc<SnapshotIndex>,
    file: Arc<File>,
    /// The place of the next key to read among all keys, and how many are left of the section.
    next: u64,
    left: u64,
    bytes: Vec<u8>,
    block: Vec<u64>,
    at: usize,
}

impl SectionKeys {
    /// The next keys, 1 to 131,072 of them, ascending; none at the section's end. Keys that the
    /// iterator has not given yet come first.
    ///
    /// # Errors
    /// [`AgentError::CopyDamaged`] if the file is not what was verified, [`AgentError::Output`] if
    /// it does not read.
    pub fn block(&mut self) -> Result<Option<&[u64]>, AgentError> {
        if self.at == self.block.len() && !self.read()? {
            return Ok(None);
        }
        let from = std::mem::replace(&mut self.at, self.block.len());
        Ok(Some(&self.block[from..]))
    }

    /// Reads the chunk with the next key; whether there was one.
    fn read(&mut self) -> Result<bool, AgentError> {
        (self.at, self.left) = (0, self.left);
        self.block.clear();
        if self.left == 0 {
            return Ok(false);
        }
        let chunk = (self.next / CHUNK_KEYS as u64) as usize;
        self.bytes.resize(self.index.chunk_bytes(chunk), 0);
        let place = chunk as u64 * CHUNK_BYTES as u64;
        self.file
            .read_exact_at(&mut self.bytes, place)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => AgentError::CopyDamaged,
                _ => error.into(),
            })?;
        if !self.index.vouches_for(chunk, &self.bytes) {
            return Err(AgentError::CopyDamaged);
        }
        let (keys, _) = self.bytes.as_chunks::<KEY_BYTES>();
        let skipped = (self.next % CHUNK_KEYS as u64) as usize;
        let taken = (keys.len() - skipped).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let keys = keys[skipped..skipped + taken].iter().copied();
        self.block.extend(keys.map(u64::from_le_bytes));
        self.next += taken as u64;
        self.left -= taken as u64;
        Ok(true)
    }
}

impl Iterator for SectionKeys {
    type Item = Result<u64, AgentError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.block.len() {
            match self.read() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(fault) => {
                    self.left = 0;
                    return Some(Err(fault));
                }
            }
        }
        self.at += 1;
        Some(Ok(self.block[self.at - 1]))
    }
}

#[cfg(test)]
mod tests;
