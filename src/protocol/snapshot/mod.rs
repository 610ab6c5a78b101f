//! Snapshots, for checks in bulk and offline: the filter keys of all people of a list, which nobody
//! can compute from a NIK without the list's key, tested on the client's own machine.
//!
//! A snapshot is the bytes of its keys, u64 each, ascending within a section and section after
//! section, cut in chunks of [`CHUNK_KEYS`] keys; the last chunk has what is left. Its index is the
//! body under a signed head and vouches for every chunk:
//!
//! | bytes | field |
//! |---|---|
//! | 19 | `"saring/v1/snapshot"`, 0x00 |
//! | 1 | version, 2 |
//! | 4 | keys in a chunk: u32, 131,072 |
//! | 2 | count of sections: u16 |
//! | 10 each | class u8 (1 listed, 2 previously), category u8, count of keys u64 |
//! | 32 each | digest of a chunk: BLAKE3 of `"saring/v1/chunk" || 0x00 || its bytes` |
//!
//! Sections ascend by class, then category ([`Section`]); none is empty. Keys form a multiset: two
//! persons with one key leave two copies, and the key leaves with the last of them. Index and keys
//! follow from the list's state at the head's sequence alone.

mod order;
mod writer;

use super::bytes::{DecodeError, Reader, Writer};
use super::ids::Digest32;
use super::limits::MAX_SNAPSHOT_KEYS;
use super::section::Section;

pub use order::KeyOrder;
pub use writer::SnapshotWriter;

const CONTEXT: &str = "saring/v1/snapshot";
const CHUNK_CONTEXT: &str = "saring/v1/chunk";
const VERSION: u8 = 2;
/// Bytes of a key.
pub const KEY_BYTES: usize = 8;
/// Keys in a chunk.
pub const CHUNK_KEYS: usize = 131_072;
/// Bytes of a whole chunk: 1 MiB.
pub const CHUNK_BYTES: usize = CHUNK_KEYS * KEY_BYTES;
/// Generously: listed and previously, each for debtors and for every reason a bitmap can hold.
const MAX_SECTIONS: usize = 64;

/// A section and how many keys stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SectionCount {
    /// The section.
    pub section: Section,
    /// Its keys, repetitions counted.
    pub keys: u64,
}

/// What a snapshot's head vouches for.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SnapshotIndex {
    sections: Vec<SectionCount>,
    chunks: Vec<Digest32>,
}

impl SnapshotIndex {
    /// An index of sections and the digests of the chunks that their keys fill.
    ///
    /// # Errors
    /// [`DecodeError::Field`] for sections out of order, an empty one, or another number of chunks
    /// than the keys fill; [`DecodeError::TooLong`] for more keys than can be.
    pub fn new(sections: Vec<SectionCount>, chunks: Vec<Digest32>) -> Result<Self, DecodeError> {
        if !sections.is_sorted_by(|a, b| a.section < b.section) {
            return Err(DecodeError::Field("sections"));
        }
        if sections.iter().any(|section| section.keys == 0) {
            return Err(DecodeError::Field("count"));
        }
        let keys = sections
            .iter()
            .try_fold(0u64, |sum, section| sum.checked_add(section.keys))
            .filter(|keys| *keys <= MAX_SNAPSHOT_KEYS)
            .ok_or(DecodeError::TooLong("keys"))?;
        if keys.div_ceil(CHUNK_KEYS as u64) != chunks.len() as u64 {
            return Err(DecodeError::Field("chunks"));
        }
        Ok(Self { sections, chunks })
    }

    /// The sections, ascending.
    #[must_use]
    pub fn sections(&self) -> &[SectionCount] {
        &self.sections
    }

    /// The digests of the chunks, in order.
    #[must_use]
    pub fn chunks(&self) -> &[Digest32] {
        &self.chunks
    }

    /// Keys in all sections.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.sections.iter().map(|section| section.keys).sum()
    }

    /// Bytes of all keys.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.keys() * KEY_BYTES as u64
    }

    /// Bytes of chunk `number`; 0 if there is no such chunk.
    #[must_use]
    pub fn chunk_bytes(&self, number: usize) -> usize {
        let before = (number as u64).saturating_mul(CHUNK_BYTES as u64);
        let left = self.bytes().saturating_sub(before);
        left.min(CHUNK_BYTES as u64) as usize
    }

    /// Whether `bytes` are chunk `number`.
    #[must_use]
    pub fn vouches_for(&self, number: usize, bytes: &[u8]) -> bool {
        self.chunks.get(number) == Some(&Self::digest_of(bytes))
    }

    /// The digest that vouches for a chunk's bytes.
    #[must_use]
    pub fn digest_of(chunk: &[u8]) -> Digest32 {
        Digest32::of(CHUNK_CONTEXT, chunk)
    }

    /// The index's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.u8(VERSION).u32(CHUNK_KEYS as u32);
        w.u16(self.sections.len() as u16);
        for section in &self.sections {
            section.section.write(&mut w);
            w.u64(section.keys);
        }
        for digest in &self.chunks {
            w.raw(&digest.0);
        }
        w.finish()
    }

    /// Reads what [`SnapshotIndex::to_bytes`] makes.
    ///
    /// # Errors
    /// [`DecodeError::WrongContext`] for another kind or version, [`DecodeError::Field`] for
    /// another size of chunks, an unknown class or category, sections out of order or empty;
    /// [`DecodeError::TooLong`] for more sections or keys than can be,
    /// [`DecodeError::Truncated`], [`DecodeError::Trailing`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, CONTEXT)?;
        if r.u8()? != VERSION {
            return Err(DecodeError::WrongContext);
        }
        if r.u32()? != CHUNK_KEYS as u32 {
            return Err(DecodeError::Field("chunk size"));
        }
        let count = usize::from(r.u16()?);
        if count > MAX_SECTIONS {
            return Err(DecodeError::TooLong("sections"));
        }
        let mut sections = Vec::with_capacity(count);
        for _ in 0..count {
            sections.push(SectionCount {
                section: Section::read(&mut r)?,
                keys: r.u64()?,
            });
        }
        // Digests are read to the end, so that no count that lies makes us reserve anything.
        let (digests, rest) = r.raw(r.remaining())?.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(DecodeError::Truncated);
        }
        Self::new(sections, digests.iter().copied().map(Digest32).collect())
    }
}

#[cfg(test)]
mod tests;
