//! The filter keys of a list's finished chunks, in order, each chunk sealed with its receipt. A
//! tail that a crash tore is cut when the file is opened; what was known to be on the disk and does
//! not open is damage.
//!
//! A chunk: length (u32), then sealed under the job's seed: count of keys (u32), the keys (u64
//! each), the receipt's bytes (none on a list that nobody evaluates for).

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::ScreenError;
use crate::agent::{FilterKeys, Sealer};
use crate::hash::HashKey;
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::limits::screening::MAX_KEPT_CHUNK_BYTES;
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::{Epoch, ListId};

/// One chunk as it was kept.
pub(super) struct KeptChunk {
    pub(super) keys: Vec<u64>,
    pub(super) receipt: Option<SignedReceipt>,
}

/// The file of one list in one epoch.
pub(super) struct KeptKeys {
    path: PathBuf,
    sealer: Sealer,
    file: File,
    /// Whole chunks.
    pub(super) chunks: u32,
    /// People in them.
    pub(super) people: u64,
}

impl KeptKeys {
    /// Opens the file or begins it, and counts what it holds; `known` chunks were said to be on
    /// the disk.
    ///
    /// # Errors
    /// [`ScreenError::Damaged`] if fewer are, [`ScreenError::Output`].
    pub(super) fn open(
        path: &Path,
        key: &HashKey,
        (list, epoch): (&ListId, Epoch),
        known: u32,
    ) -> Result<Self, ScreenError> {
        let mut options = OpenOptions::new();
        let options = options.append(true).create(true).mode(0o600);
        let mut this = Self {
            file: options.open(path)?,
            path: path.to_owned(),
            sealer: Sealer::new(key, &format!("keys/{list}/{epoch}")),
            chunks: 0,
            people: 0,
        };
        let (chunks, people, end) = this.count()?;
        (this.chunks, this.people) = (chunks, people);
        if chunks < known {
            return Err(ScreenError::Damaged);
        }
        if this.file.metadata()?.len() > end {
            this.file.set_len(end)?;
            this.file.sync_all()?;
        }
        Ok(this)
    }

    /// Chunks, people and bytes up to whatever does not open.
    fn count(&self) -> Result<(u32, u64, u64), ScreenError> {
        let (mut people, mut end) = (0, 0);
        let mut chunks = self.read()?;
        while let Ok(Some(chunk)) = chunks.next_chunk() {
            people += chunk.keys.len() as u64;
            end = chunks.read;
        }
        Ok((chunks.number, people, end))
    }

    /// Forgets all chunks: the list begins anew.
    pub(super) fn remove(path: &Path) -> Result<(), ScreenError> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Appends the next chunk; [`KeptKeys::force`] brings it to the disk.
    pub(super) fn append(&mut self, found: &FilterKeys) -> Result<(), ScreenError> {
        let count = found.keys.len() as u32;
        let mut plain = Vec::with_capacity(MAX_KEPT_CHUNK_BYTES);
        plain.extend_from_slice(&count.to_le_bytes());
        for key in &found.keys {
            plain.extend_from_slice(&key.to_le_bytes());
        }
        if let Some((receipt, _)) = &found.charged {
            plain.extend(receipt.to_bytes());
        }
        let sealed = self.sealer.seal(&self.chunks.to_le_bytes(), &plain)?;
        let length = sealed.len() as u32;
        self.file
            .write_all(&[&length.to_le_bytes(), &sealed[..]].concat())?;
        self.chunks += 1;
        self.people += u64::from(count);
        Ok(())
    }

    /// Forces everything to the disk.
    pub(super) fn force(&self) -> Result<(), ScreenError> {
        Ok(self.file.sync_data()?)
    }

    /// Reads the chunks from the first.
    pub(super) fn read(&self) -> Result<Chunks<'_>, ScreenError> {
        let file = File::open(&self.path)?;
        Ok(Chunks {
            file: BufReader::with_capacity(MAX_KEPT_CHUNK_BYTES, file),
            sealer: &self.sealer,
            number: 0,
            read: 0,
        })
    }
}

/// A reading of the chunks.
pub(super) struct Chunks<'a> {
    file: BufReader<File>,
    sealer: &'a Sealer,
    number: u32,
    read: u64,
}

impl Chunks<'_> {
    /// The next chunk; none at the end of the file.
    ///
    /// # Errors
    /// [`ScreenError::Damaged`] for a chunk that is cut off or does not open.
    pub(super) fn next_chunk(&mut self) -> Result<Option<KeptChunk>, ScreenError> {
        let mut length = Vec::with_capacity(4);
        self.file.by_ref().take(4).read_to_end(&mut length)?;
        if length.is_empty() {
            return Ok(None);
        }
        let length: [u8; 4] = length.try_into().map_err(|_| ScreenError::Damaged)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_KEPT_CHUNK_BYTES {
            return Err(ScreenError::Damaged);
        }
        let mut sealed = Vec::with_capacity(length);
        let mut body = self.file.by_ref().take(length as u64);
        if body.read_to_end(&mut sealed)? < length {
            return Err(ScreenError::Damaged);
        }
        let plain = self.sealer.open(&self.number.to_le_bytes(), &sealed)?;
        let chunk = parse(&plain).ok_or(ScreenError::Damaged)?;
        self.number += 1;
        self.read += 4 + length as u64;
        Ok(Some(chunk))
    }
}

fn parse(plain: &[u8]) -> Option<KeptChunk> {
    let (count, rest) = plain.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    if count == 0 || count > MAX_CHUNK {
        return None;
    }
    let (keys, receipt) = rest.split_at_checked(count * 8)?;
    let (keys, _) = keys.as_chunks::<8>();
    Some(KeptChunk {
        keys: keys.iter().map(|key| u64::from_le_bytes(*key)).collect(),
        receipt: match receipt {
            [] => None,
            bytes => Some(SignedReceipt::from_bytes(bytes).ok()?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path, known: u32) -> Result<KeptKeys, ScreenError> {
        let list = ListId::parse("asn").expect("an id");
        KeptKeys::open(path, &HashKey::new([9; 32]), (&list, Epoch(1)), known)
    }

    fn chunk(number: u64, count: u64) -> FilterKeys {
        FilterKeys {
            keys: (0..count).map(|key| number << 32 | key).collect(),
            charged: None,
        }
    }

    fn all(kept: &KeptKeys) -> Vec<u64> {
        let mut keys = Vec::new();
        let mut chunks = kept.read().expect("reads");
        while let Some(chunk) = chunks.next_chunk().expect("opens") {
            keys.extend(chunk.keys);
        }
        keys
    }

    #[test]
    fn whole_chunks_come_back_and_a_torn_one_is_asked_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys-0");
        let mut kept = open(&path, 0).expect("begins");
        kept.append(&chunk(0, 16_384)).expect("appends");
        let whole = std::fs::metadata(&path).expect("there").len() as usize;
        kept.append(&chunk(1, 3)).expect("appends");
        kept.force().expect("forces");
        let bytes = std::fs::read(&path).expect("reads");
        assert_eq!(all(&kept).len(), 16_387);
        for length in [whole, whole + 1, whole + 4, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            let mut kept = open(&path, 1).expect("opens");
            assert_eq!((kept.chunks, kept.people), (1, 16_384), "{length} bytes");
            kept.append(&chunk(1, 3)).expect("appends");
            assert_eq!(all(&open(&path, 2).expect("opens"))[16_384], 1 << 32);
        }
    }

    #[test]
    fn what_was_on_the_disk_and_does_not_open_is_damage() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys-0");
        let mut kept = open(&path, 0).expect("begins");
        for number in 0..3 {
            kept.append(&chunk(number, 5)).expect("appends");
        }
        let bytes = std::fs::read(&path).expect("reads");
        assert_eq!(open(&path, 3).expect("whole").chunks, 3);
        let one = bytes.len() / 3;
        let mut changed = bytes.clone();
        changed[one + 20] ^= 1;
        let swapped = [&bytes[one..2 * one], &bytes[..one], &bytes[2 * one..]].concat();
        for damaged in [changed, swapped, bytes[..2 * one].to_vec(), Vec::new()] {
            std::fs::write(&path, &damaged).expect("writes");
            assert!(matches!(open(&path, 3), Err(ScreenError::Damaged)));
        }
        std::fs::write(&path, &bytes).expect("writes");
        let list = ListId::parse("asn").expect("an id");
        let other = KeptKeys::open(&path, &HashKey::new([9; 32]), (&list, Epoch(2)), 3);
        assert!(matches!(other, Err(ScreenError::Damaged)), "another epoch");
    }
}
