//! An append-only file of signed, chained frames: the removal journal and the custodian's ledger.
//!
//! ```text
//! file  = "saring/v1/log" 0x00 || string name || public key(32) || frame*
//! frame = u32 length of body || u32 entries || check(8) || body || root(32) || signature(64)
//! body  = (u32 length || bytes)*
//! ```
//!
//! Integers are little-endian. The root chains every entry to all before it (BLAKE3 of the root so
//! far and the entry); the signature (Ed25519) covers the log's name, the count of entries and the
//! root, so that the last signature vouches for the whole file. The check covers the frame's
//! length under the root and signature before it, so that a damaged length does not pass for the
//! file's end, nor a damaged signature for a good one.
//!
//! One append is one frame and one fsync. A crash in the middle of it leaves a torn last frame,
//! which was never acknowledged: [`AppendLog::open`] steps over it and says so, the next append
//! overwrites it. Damage anywhere before the last frame refuses. Whoever must notice that the
//! last frame is gone keeps [`AppendLog::point`] elsewhere.

mod frames;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::frames::{
    Entries, Frames, NO_SIGNATURE, Vouched, after, header, length_check, signed_bytes, start,
};
use super::StoreError;
use crate::protocol::limits::{MAX_LOG_ENTRY_BYTES, MAX_LOG_FRAME_BYTES};
use crate::protocol::{Digest32, Signature, SigningKey, Writer};

/// How far a log goes: the number of its entries and the root that chains them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPoint {
    /// Entries up to here; also the position of the next one, counted from 0.
    pub entries: u64,
    /// The root after them.
    pub root: Digest32,
}

/// An open log; the file is locked against other processes.
pub struct AppendLog {
    file: File,
    path: PathBuf,
    name: &'static str,
    key: Arc<SigningKey>,
    end: u64,
    point: LogPoint,
    signature: Signature,
    torn_bytes: u64,
    failed: bool,
}

impl AppendLog {
    /// Makes an empty log, mode 0600. An unfinished empty log (a crash while it was made) is made
    /// anew.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if the file holds anything else, [`StoreError::Locked`],
    /// [`StoreError::Full`], [`StoreError::Unavailable`].
    pub fn create(
        path: &Path,
        name: &'static str,
        key: Arc<SigningKey>,
    ) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(fault)?;
        lock(&file)?;
        let header = header(name, &key.public_key());
        let mut held = Vec::new();
        (&file)
            .take(header.len() as u64 + 1)
            .read_to_end(&mut held)
            .map_err(fault)?;
        if !header.starts_with(&held) {
            return Err(StoreError::Exists);
        }
        file.write_all_at(&header, 0).map_err(fault)?;
        file.sync_all().map_err(fault)?;
        sync_folder_of(path)?;
        Self::scan(file, path, name, key)
    }

    /// Opens a log and checks every frame of it. A torn last frame is stepped over.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no file, [`StoreError::Mark`] if it is another log or
    /// not signed by `key`, [`StoreError::Corrupt`] if it is damaged before its last frame,
    /// [`StoreError::Locked`], [`StoreError::Unavailable`].
    pub fn open(path: &Path, name: &'static str, key: Arc<SigningKey>) -> Result<Self, StoreError> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::NotFound => StoreError::Missing,
            _ => fault(error),
        })?;
        lock(&file)?;
        Self::scan(file, path, name, key)
    }

    fn scan(
        file: File,
        path: &Path,
        name: &'static str,
        key: Arc<SigningKey>,
    ) -> Result<Self, StoreError> {
        let length = file.metadata().map_err(fault)?.len();
        let mut frames = Frames::new(path, name, &key.public_key(), length)?;
        let start = Vouched {
            end: frames.at,
            point: frames.point,
            signature: NO_SIGNATURE,
        };
        let (mut before, mut last) = (start, start);
        while frames.next_frame()?.is_some() {
            before = last;
            last = Vouched {
                end: frames.at,
                point: frames.point,
                signature: frames.signature,
            };
        }
        if !last.holds(name, &key.public_key()) {
            if !before.holds(name, &key.public_key()) {
                return Err(StoreError::Mark);
            }
            last = before;
        }
        Ok(Self {
            file,
            path: path.to_owned(),
            name,
            key,
            end: last.end,
            point: last.point,
            signature: last.signature,
            torn_bytes: length - last.end,
            failed: false,
        })
    }

    /// Appends entries, in their order, and returns the position of the first. They are on the
    /// disk when this returns. Each frame of at most [`MAX_LOG_FRAME_BYTES`] costs one fsync.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] if an entry is over [`MAX_LOG_ENTRY_BYTES`]; nothing is appended.
    /// [`StoreError::Full`] if the disk is full; whole frames before it may stand.
    /// [`StoreError::Unavailable`] if the file does not take it or an earlier fsync failed: what
    /// the disk holds is then unknown, and the log takes nothing more until it is opened again.
    pub fn append<E: AsRef<[u8]>>(&mut self, entries: &[E]) -> Result<u64, StoreError> {
        if entries
            .iter()
            .any(|entry| entry.as_ref().len() > MAX_LOG_ENTRY_BYTES)
        {
            return Err(StoreError::TooLarge);
        }
        let first = self.point.entries;
        let mut rest = entries;
        while !rest.is_empty() {
            let fits = entries_that_fit(rest);
            self.append_frame(&rest[..fits])?;
            rest = &rest[fits..];
        }
        Ok(first)
    }

    fn append_frame<E: AsRef<[u8]>>(&mut self, entries: &[E]) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Unavailable);
        }
        let (frame, point, signature) = self.frame(entries);
        let written = self.overwrite_tail(&frame);
        if let Err(error) = written {
            let cut = self.file.set_len(self.end);
            self.failed = cut.is_err() || error != StoreError::Full;
            return Err(error);
        }
        if self.file.sync_data().is_err() {
            // The kernel may have dropped the pages: only a new look at the file tells.
            self.failed = true;
            return Err(StoreError::Unavailable);
        }
        self.end += frame.len() as u64;
        (self.point, self.signature) = (point, signature);
        Ok(())
    }

    fn overwrite_tail(&mut self, frame: &[u8]) -> Result<(), StoreError> {
        if self.torn_bytes > 0 {
            self.file.set_len(self.end).map_err(fault)?;
            self.torn_bytes = 0;
        }
        self.file.write_all_at(frame, self.end).map_err(fault)
    }

    fn frame<E: AsRef<[u8]>>(&self, entries: &[E]) -> (Vec<u8>, LogPoint, Signature) {
        let mut body = Writer::default();
        let mut point = self.point;
        for entry in entries {
            let entry = entry.as_ref();
            body.u32(entry.len() as u32).raw(entry);
            point = after(&point, entry);
        }
        let body = body.finish();
        let (length, count) = (body.len() as u32, entries.len() as u32);
        let signature = self.key.sign(&signed_bytes(self.name, &point));
        let mut frame = Writer::default();
        frame
            .u32(length)
            .u32(count)
            .raw(&length_check(
                &self.point.root,
                &self.signature,
                length,
                count,
            ))
            .raw(&body)
            .raw(&point.root.0)
            .raw(&signature.0);
        (frame.finish(), point, signature)
    }

    /// How far the log goes.
    #[must_use]
    pub const fn point(&self) -> LogPoint {
        self.point
    }

    /// Bytes of a torn last frame that [`AppendLog::open`] stepped over; 0 after the next append.
    #[must_use]
    pub const fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    /// The log's entries from position `from`, oldest first, each with its position. Those
    /// appended later are not among them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the file does not read; each item also
    /// [`StoreError::Corrupt`].
    pub fn entries(
        &self,
        from: u64,
    ) -> Result<impl Iterator<Item = Result<(u64, Vec<u8>), StoreError>> + use<>, StoreError> {
        let frames = Frames::new(&self.path, self.name, &self.key.public_key(), self.end)?;
        let all = Entries {
            frames,
            frame: Vec::new().into_iter(),
            next: 0,
        };
        Ok(all.filter(move |entry| !matches!(entry, Ok((position, _)) if *position < from)))
    }

    /// The root after the first `entries` entries; absent if the log has fewer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the file does not read, [`StoreError::Corrupt`].
    pub fn point_at(&self, entries: u64) -> Result<Option<LogPoint>, StoreError> {
        if entries > self.point.entries {
            return Ok(None);
        }
        let mut point = start(self.name, &self.key.public_key());
        for entry in self.entries(0)? {
            if point.entries == entries {
                break;
            }
            point = after(&point, &entry?.1);
        }
        Ok(Some(point))
    }
}

fn entries_that_fit<E: AsRef<[u8]>>(entries: &[E]) -> usize {
    let mut bytes = 0;
    let fits = entries.iter().take_while(|entry| {
        bytes += 4 + entry.as_ref().len();
        bytes <= MAX_LOG_FRAME_BYTES
    });
    fits.count().max(1)
}

fn lock(file: &File) -> Result<(), StoreError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::Locked,
        TryLockError::Error(error) => fault(error),
    })
}

/// Which rule an input or output error of the file system breaks.
pub(in crate::store) fn fault(error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Unavailable,
    }
}

/// Makes a new or renamed file's name durable.
pub(in crate::store) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or(Path::new(".")))
}

/// Makes the names in a folder durable.
pub(in crate::store) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    let folder = File::open(folder).map_err(fault)?;
    folder.sync_all().map_err(fault)
}

#[cfg(test)]
mod tests;
