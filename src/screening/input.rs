//! The applicants' file: read several times over, each time in a stream, and known by its digests.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::ScreenError;
use super::meter::Meter;
use crate::agent::FileDigests;
use crate::intake::{ApplicantOptions, ApplicantReader, FileProblem};
use crate::protocol::Digest32;

/// Bytes that are hashed at once.
const PIECE: usize = 256 << 10;

/// The file, and how to read it.
#[derive(Clone)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) nik_column: Option<String>,
}

/// A reading of the file under way.
pub(super) struct Reading {
    pub(super) rows: ApplicantReader<'static>,
    hashed: Arc<Mutex<Hashed>>,
    file: File,
}

impl Input {
    pub(super) fn of(path: &Path, nik_column: Option<&str>) -> Self {
        Self {
            path: path.to_owned(),
            nik_column: nik_column.map(str::to_owned),
        }
    }

    /// Opens the file for one reading, with the cells beside the NIK or without them.
    pub(super) fn open(&self, keep_others: bool) -> Result<Reading, ScreenError> {
        let file = File::open(&self.path).map_err(FileProblem::from)?;
        let hashed = Arc::new(Mutex::new(Hashed::default()));
        let source = Hashing {
            file: file.try_clone().map_err(FileProblem::from)?,
            at: 0,
            hashed: Arc::clone(&hashed),
        };
        let options = ApplicantOptions {
            nik_column: self.nik_column.as_deref(),
            keep_others,
        };
        Ok(Reading {
            rows: ApplicantReader::open(source, options)?,
            hashed,
            file,
        })
    }

    /// Digests the whole file without understanding it.
    pub(super) fn digests(&self, meter: &Meter) -> Result<FileDigests, ScreenError> {
        let file = File::open(&self.path).map_err(FileProblem::from)?;
        let mut hashed = Hashed::default();
        hashed.rest(&file, meter)?;
        Ok(hashed.digests())
    }
}

impl Reading {
    /// The digests of the whole file, what was not read for its rows included.
    pub(super) fn digests(self, meter: &Meter) -> Result<FileDigests, ScreenError> {
        let mut hashed = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
        hashed.rest(&self.file, meter)?;
        Ok(std::mem::take(&mut *hashed).digests())
    }
}

/// Digests of a file's beginning.
#[derive(Default)]
struct Hashed {
    up_to: u64,
    blake3: blake3::Hasher,
    sha256: Sha256,
}

impl Hashed {
    /// Takes `bytes` that lie at `at` of the file, as far as they go on from what was taken.
    fn take(&mut self, at: u64, bytes: &[u8]) {
        let known = self.up_to.checked_sub(at);
        let new = known.and_then(|known| bytes.get(usize::try_from(known).ok()?..));
        if let Some(new) = new {
            self.blake3.update(new);
            self.sha256.update(new);
            self.up_to += new.len() as u64;
        }
    }

    fn rest(&mut self, file: &File, meter: &Meter) -> Result<(), ScreenError> {
        let total = file.metadata().map_err(FileProblem::from)?.len();
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        loop {
            let read = file.read_at(&mut piece, self.up_to);
            match read.map_err(FileProblem::from)? {
                0 => return Ok(()),
                length => self.take(self.up_to, &piece[..length]),
            }
            meter.at(self.up_to, total)?;
        }
    }

    fn digests(self) -> FileDigests {
        FileDigests {
            blake3: Digest32(*self.blake3.finalize().as_bytes()),
            sha256: Digest32(self.sha256.finalize().into()),
        }
    }
}

/// A file whose bytes are hashed on the way, as far as they are read in order.
struct Hashing {
    file: File,
    at: u64,
    hashed: Arc<Mutex<Hashed>>,
}

impl Read for Hashing {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(bytes, self.at)?;
        let mut hashed = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
        hashed.take(self.at, &bytes[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Hashing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // The position is this reader's own: the file's is shared with its clones.
        let length = self.file.metadata()?.len();
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (length, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        let at = from.checked_add_signed(by);
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_are_the_whole_file_s_however_much_of_it_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pelamar.csv");
        let text = "nik;nama\n3515144508680002;a\n".repeat(30_000);
        std::fs::write(&path, &text).expect("writes");
        let input = Input::of(&path, None);
        let meter = Meter::new();
        let whole = input.digests(&meter).expect("reads");
        assert_eq!(whole.blake3.0, *blake3::hash(text.as_bytes()).as_bytes());
        assert_eq!(whole.sha256.0, <[u8; 32]>::from(Sha256::digest(&text)));
        for rows in [0, 1, 20_000, usize::MAX] {
            let mut reading = input.open(false).expect("opens");
            let read = reading.rows.by_ref().take(rows).count();
            assert_eq!(read, rows.min(59_999));
            assert_eq!(reading.digests(&meter).expect("reads"), whole);
        }
    }
}
