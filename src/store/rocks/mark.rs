//! The signed high-water mark: what was acknowledged, kept outside the database.
//!
//! RocksDB's recovery drops a damaged end of its log silently, because the end of a log cannot
//! vouch for itself, and a database can be put back from an old copy. So every commit
//! also writes the commit counter, a root chained over every batch, and the journal's point into a
//! small file elsewhere, signed, before anything is acknowledged. A database behind it is refused.
//!
//! The file has two slots of one 4 KiB page; writes alternate between them, so that a torn write
//! leaves the mark before. Its size never changes, so that a full disk does not stop it.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use crate::protocol::{
    DecodeError, Digest32, PublicKey, Reader, Signature, SigningKey, Timestamp, Writer,
};
use crate::store::StoreError;
use crate::store::log::{LogPoint, fault, sync_folder_of};

const CONTEXT: &str = "saring/v1/mark";
const SLOT_BYTES: u64 = 4096;

/// What was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Commits.
    pub(super) counter: u64,
    /// The root over every batch.
    pub(super) root: Digest32,
    /// The latest time a write carried.
    pub(super) time: Timestamp,
    /// How far the journal goes.
    pub(super) journal: LogPoint,
}

impl Mark {
    fn to_bytes(self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.u64(self.counter).raw(&self.root.0).time(self.time);
        w.u64(self.journal.entries).raw(&self.journal.root.0);
        w.finish()
    }

    fn from_bytes(bytes: &[u8], key: &PublicKey) -> Result<Option<Self>, DecodeError> {
        let mut r = Reader::with_context(bytes, CONTEXT)?;
        let mark = Self {
            counter: r.u64()?,
            root: Digest32(r.array()?),
            time: r.time()?,
            journal: LogPoint {
                entries: r.u64()?,
                root: Digest32(r.array()?),
            },
        };
        let signature = Signature(r.array()?);
        let ours = key.verify(&mark.to_bytes(), &signature).is_ok();
        Ok(ours.then_some(mark))
    }
}

/// The open file of the mark.
pub(super) struct MarkFile {
    file: File,
    next_slot: u64,
}

impl MarkFile {
    /// Makes the file with its first mark, mode 0600, in place of anything that stands there.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Unavailable`].
    pub(super) fn create(path: &Path, mark: &Mark, key: &SigningKey) -> Result<Self, StoreError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .map_err(fault)?;
        file.write_all_at(&[0; 2 * SLOT_BYTES as usize], 0)
            .map_err(fault)?;
        let mut made = Self { file, next_slot: 0 };
        made.write(mark, key)?;
        made.file.sync_all().map_err(fault)?;
        sync_folder_of(path)?;
        Ok(made)
    }

    /// Opens the file and reads the newer of its marks.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no file, [`StoreError::Mark`] if neither slot holds a
    /// mark signed by `key`, [`StoreError::Unavailable`].
    pub(super) fn open(path: &Path, key: &PublicKey) -> Result<(Self, Mark), StoreError> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::NotFound => StoreError::Missing,
            _ => fault(error),
        })?;
        let slots = [read_slot(&file, 0, key)?, read_slot(&file, 1, key)?];
        let newest = slots.into_iter().flatten().max_by_key(|mark| mark.counter);
        let mark = newest.ok_or(StoreError::Mark)?;
        let next_slot = u64::from(slots[0] == Some(mark));
        Ok((Self { file, next_slot }, mark))
    }

    /// Writes a mark over the older one. It is on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what the disk holds is then not known.
    pub(super) fn write(&mut self, mark: &Mark, key: &SigningKey) -> Result<(), StoreError> {
        let mut bytes = mark.to_bytes();
        let signature = key.sign(&bytes);
        bytes.extend_from_slice(&signature.0);
        let written = self.file.write_all_at(&bytes, self.next_slot * SLOT_BYTES);
        written
            .and_then(|()| self.file.sync_data())
            .map_err(|_| StoreError::Unavailable)?;
        self.next_slot = 1 - self.next_slot;
        Ok(())
    }
}

/// One slot's mark; none if it was never written, is torn, or is not ours.
fn read_slot(file: &File, slot: u64, key: &PublicKey) -> Result<Option<Mark>, StoreError> {
    let mut bytes = [0; MARK_BYTES];
    match file.read_exact_at(&mut bytes, slot * SLOT_BYTES) {
        Ok(()) => Ok(Mark::from_bytes(&bytes, key).unwrap_or(None)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

/// Context and its zero, counter, root, time, journal's entries and root, signature.
const MARK_BYTES: usize = CONTEXT.len() + 1 + 8 + 32 + 8 + 8 + 32 + 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(counter: u64) -> Mark {
        Mark {
            counter,
            root: Digest32([1; 32]),
            time: Timestamp(-3),
            journal: LogPoint {
                entries: 4,
                root: Digest32([2; 32]),
            },
        }
    }

    #[test]
    fn a_torn_write_leaves_the_mark_before() {
        let folder = tempfile::tempdir().expect("a fresh folder");
        let path = folder.path().join("mark");
        let key = SigningKey::from_bytes([7; 32]);
        let mut file = MarkFile::create(&path, &mark(1), &key).expect("makes it");
        for counter in 2..6 {
            file.write(&mark(counter), &key).expect("writes");
            let (reopened, found) = MarkFile::open(&path, &key.public_key()).expect("opens");
            assert_eq!((found, reopened.next_slot), (mark(counter), file.next_slot));
        }
        let newest = (1 - file.next_slot) * SLOT_BYTES;
        file.file
            .write_all_at(&[9; 40], newest + 10)
            .expect("tears");
        let (mut file, found) = MarkFile::open(&path, &key.public_key()).expect("opens");
        assert_eq!(found, mark(4));
        file.write(&mark(6), &key)
            .expect("writes over the torn one");
        let (_, found) = MarkFile::open(&path, &key.public_key()).expect("opens");
        assert_eq!(found, mark(6));
    }

    #[test]
    fn another_key_and_a_missing_file_are_refused() {
        let folder = tempfile::tempdir().expect("a fresh folder");
        let path = folder.path().join("mark");
        let (ours, other) = (
            SigningKey::from_bytes([7; 32]),
            SigningKey::from_bytes([8; 32]),
        );
        let open = |key: &SigningKey| MarkFile::open(&path, &key.public_key()).map(|(_, m)| m);
        assert_eq!(open(&ours), Err(StoreError::Missing));
        MarkFile::create(&path, &mark(1), &ours).expect("makes it");
        assert_eq!(open(&ours), Ok(mark(1)));
        assert_eq!(open(&other), Err(StoreError::Mark));
    }
}
