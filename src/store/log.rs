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

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufReader, ErrorKind, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::protocol::limits::{MAX_LOG_ENTRY_BYTES, MAX_LOG_FRAME_BYTES};
use crate::protocol::{Digest32, PublicKey, Signature, SigningKey, Writer};

const FILE_CONTEXT: &str = "saring/v1/log";
const START_CONTEXT: &str = "saring/v1/log-start";
const ENTRY_CONTEXT: &str = "saring/v1/log-entry";
const LENGTH_CONTEXT: &str = "saring/v1/log-length";
const FRAME_CONTEXT: &str = "saring/v1/log-frame";
/// What stands for the signature before the first frame.
const NO_SIGNATURE: Signature = Signature([0; 64]);
/// Length, entries, check.
const HEAD_BYTES: usize = 16;
/// Root, signature.
const TAIL_BYTES: usize = 96;

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

/// A point of the log with the signature that should vouch for it; the empty log needs none.
#[derive(Clone, Copy)]
struct Vouched {
    end: u64,
    point: LogPoint,
    signature: Signature,
}

impl Vouched {
    fn holds(&self, name: &str, key: &PublicKey) -> bool {
        let signed = signed_bytes(name, &self.point);
        self.point.entries == 0 || key.verify(&signed, &self.signature).is_ok()
    }
}

/// Reads frames in order and checks lengths and roots; ends before a torn last frame.
struct Frames {
    reader: BufReader<File>,
    at: u64,
    length: u64,
    point: LogPoint,
    signature: Signature,
}

impl Frames {
    fn new(path: &Path, name: &str, key: &PublicKey, length: u64) -> Result<Self, StoreError> {
        let mut reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(fault)?);
        let expected = header(name, key);
        let mut found = vec![0; expected.len()];
        reader.read_exact(&mut found).map_err(not_ours)?;
        if found != expected {
            return Err(StoreError::Mark);
        }
        Ok(Self {
            reader,
            at: expected.len() as u64,
            length,
            point: start(name, key),
            signature: NO_SIGNATURE,
        })
    }

    fn next_frame(&mut self) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
        let left = self.length - self.at;
        if left < HEAD_BYTES as u64 {
            return Ok(None);
        }
        let head: [u8; HEAD_BYTES] = self
            .bytes(HEAD_BYTES)?
            .try_into()
            .expect("as many as asked");
        let length = u32::from_le_bytes(head[..4].try_into().expect("4 bytes"));
        let count = u32::from_le_bytes(head[4..8].try_into().expect("4 bytes"));
        if head[8..] != length_check(&self.point.root, &self.signature, length, count) {
            return self.no_frame(&head, left);
        }
        let whole = (HEAD_BYTES + TAIL_BYTES) as u64 + u64::from(length);
        if whole > left {
            return Ok(None);
        }
        let body = self.bytes(length as usize)?;
        let tail = self.bytes(TAIL_BYTES)?;
        let (root, signature) = tail.split_at(32);
        let parsed = parse_body(&body, count);
        let point = parsed.as_deref().map(|entries| chain(self.point, entries));
        match (parsed, point) {
            (Some(entries), Some(point)) if point.root.0 == root => {
                self.at += whole;
                self.point = point;
                self.signature = Signature(signature.try_into().expect("64 bytes remain"));
                Ok(Some(entries))
            }
            // The last frame may be torn; an earlier one was acknowledged.
            _ if whole == left => Ok(None),
            _ => Err(StoreError::Corrupt),
        }
    }

    /// A head that does not check is the file's end only where nothing but zeros follows: a crash
    /// can leave the file longer than what was written.
    fn no_frame(&mut self, head: &[u8], left: u64) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
        let mut zeros = head.iter().all(|byte| *byte == 0);
        let mut rest = left - HEAD_BYTES as u64;
        while zeros && rest > 0 {
            let part = rest.min(1 << 16) as usize;
            zeros = self.bytes(part)?.iter().all(|byte| *byte == 0);
            rest -= part as u64;
        }
        if zeros {
            Ok(None)
        } else {
            Err(StoreError::Corrupt)
        }
    }

    fn bytes(&mut self, count: usize) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; count];
        self.reader.read_exact(&mut bytes).map_err(fault)?;
        Ok(bytes)
    }
}

struct Entries {
    frames: Frames,
    frame: std::vec::IntoIter<Vec<u8>>,
    next: u64,
}

impl Iterator for Entries {
    type Item = Result<(u64, Vec<u8>), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.frame.next() {
                let position = self.next;
                self.next += 1;
                return Some(Ok((position, entry)));
            }
            match self.frames.next_frame() {
                Ok(Some(entries)) => self.frame = entries.into_iter(),
                Ok(None) => return None,
                Err(error) => {
                    self.frames.length = self.frames.at;
                    return Some(Err(error));
                }
            }
        }
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

fn parse_body(mut body: &[u8], count: u32) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for _ in 0..count {
        let (length, rest) = body.split_first_chunk::<4>()?;
        let (entry, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        entries.push(entry.to_vec());
        body = rest;
    }
    body.is_empty().then_some(entries)
}

fn header(name: &str, key: &PublicKey) -> Vec<u8> {
    let mut header = Writer::with_context(FILE_CONTEXT);
    header.string(name).raw(&key.0);
    header.finish()
}

fn start(name: &str, key: &PublicKey) -> LogPoint {
    LogPoint {
        entries: 0,
        root: Digest32::of(START_CONTEXT, &header(name, key)),
    }
}

fn after(point: &LogPoint, entry: &[u8]) -> LogPoint {
    let mut body = point.root.0.to_vec();
    body.extend_from_slice(entry);
    LogPoint {
        entries: point.entries + 1,
        root: Digest32::of(ENTRY_CONTEXT, &body),
    }
}

fn chain(point: LogPoint, entries: &[Vec<u8>]) -> LogPoint {
    entries
        .iter()
        .fold(point, |point, entry| after(&point, entry))
}

fn length_check(root: &Digest32, signature: &Signature, length: u32, count: u32) -> [u8; 8] {
    let mut body = Writer::default();
    body.raw(&root.0).raw(&signature.0).u32(length).u32(count);
    let digest = Digest32::of(LENGTH_CONTEXT, &body.finish());
    digest.0[..8].try_into().expect("8 of 32 bytes")
}

fn signed_bytes(name: &str, point: &LogPoint) -> Vec<u8> {
    let mut bytes = Writer::with_context(FRAME_CONTEXT);
    bytes.string(name).u64(point.entries).raw(&point.root.0);
    bytes.finish()
}

fn lock(file: &File) -> Result<(), StoreError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::Locked,
        TryLockError::Error(error) => fault(error),
    })
}

fn not_ours(error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::UnexpectedEof => StoreError::Mark,
        _ => fault(error),
    }
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
    let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(fault)?;
    folder.sync_all().map_err(fault)
}

#[cfg(test)]
mod tests;
