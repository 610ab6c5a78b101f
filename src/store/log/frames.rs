//! The frames of a log's file, read in order and checked.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use super::{LogPoint, fault};
use crate::protocol::{Digest32, PublicKey, Signature, Writer};
use crate::store::StoreError;

const FILE_CONTEXT: &str = "saring/v1/log";
const START_CONTEXT: &str = "saring/v1/log-start";
const ENTRY_CONTEXT: &str = "saring/v1/log-entry";
const LENGTH_CONTEXT: &str = "saring/v1/log-length";
const FRAME_CONTEXT: &str = "saring/v1/log-frame";
/// What stands for the signature before the first frame.
pub(super) const NO_SIGNATURE: Signature = Signature([0; 64]);
/// Length, entries, check.
const HEAD_BYTES: usize = 16;
/// Root, signature.
const TAIL_BYTES: usize = 96;

/// A point of the log with the signature that should vouch for it; the empty log needs none.
#[derive(Clone, Copy)]
pub(super) struct Vouched {
    pub(super) end: u64,
    pub(super) point: LogPoint,
    pub(super) signature: Signature,
}

impl Vouched {
    pub(super) fn holds(&self, name: &str, key: &PublicKey) -> bool {
        let signed = signed_bytes(name, &self.point);
        self.point.entries == 0 || key.verify(&signed, &self.signature).is_ok()
    }
}

/// Reads frames in order and checks lengths and roots; ends before a torn last frame.
pub(super) struct Frames {
    pub(super) reader: BufReader<File>,
    pub(super) at: u64,
    pub(super) length: u64,
    pub(super) point: LogPoint,
    pub(super) signature: Signature,
}

impl Frames {
    pub(super) fn new(
        path: &Path,
        name: &str,
        key: &PublicKey,
        length: u64,
    ) -> Result<Self, StoreError> {
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

    pub(super) fn next_frame(&mut self) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
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

pub(super) struct Entries {
    pub(super) frames: Frames,
    pub(super) frame: std::vec::IntoIter<Vec<u8>>,
    pub(super) next: u64,
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

pub(super) fn header(name: &str, key: &PublicKey) -> Vec<u8> {
    let mut header = Writer::with_context(FILE_CONTEXT);
    header.string(name).raw(&key.0);
    header.finish()
}

pub(super) fn start(name: &str, key: &PublicKey) -> LogPoint {
    LogPoint {
        entries: 0,
        root: Digest32::of(START_CONTEXT, &header(name, key)),
    }
}

pub(super) fn after(point: &LogPoint, entry: &[u8]) -> LogPoint {
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

pub(super) fn length_check(
    root: &Digest32,
    signature: &Signature,
    length: u32,
    count: u32,
) -> [u8; 8] {
    let mut body = Writer::default();
    body.raw(&root.0).raw(&signature.0).u32(length).u32(count);
    let digest = Digest32::of(LENGTH_CONTEXT, &body.finish());
    digest.0[..8].try_into().expect("8 of 32 bytes")
}

pub(super) fn signed_bytes(name: &str, point: &LogPoint) -> Vec<u8> {
    let mut bytes = Writer::with_context(FRAME_CONTEXT);
    bytes.string(name).u64(point.entries).raw(&point.root.0);
    bytes.finish()
}

fn not_ours(error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::UnexpectedEof => StoreError::Mark,
        _ => fault(error),
    }
}
