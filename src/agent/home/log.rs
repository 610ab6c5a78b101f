//! An append-only file of sealed records. A record is acknowledged once it is on the disk; a tail
//! that a crash tore is cut when the file is opened, anything else that does not open is damage.
//!
//! Header: `"saring-agent-log-v1\n"`, 16 random bytes. Record: length (u32), nonce, ciphertext;
//! its place is the header's random bytes and its index, so no record opens elsewhere.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use zeroize::Zeroizing;

use super::HomeError;
use super::files;
use super::seal::Sealer;
use crate::protocol::limits::MAX_SEALED_RECORD_BYTES;

const MAGIC: &[u8] = b"saring-agent-log-v1\n";
const HEADER_BYTES: usize = MAGIC.len() + 16;
/// Nonce and authenticator of a sealed record.
const SEAL_BYTES: usize = 40;

/// An open log.
pub(in crate::agent) struct SealedLog {
    file: File,
    sealer: Sealer,
    generation: [u8; 16],
    records: u64,
    end: u64,
}

/// What a log held when it was opened, in order.
pub(in crate::agent) type Records = Vec<Zeroizing<Vec<u8>>>;

impl SealedLog {
    /// Opens the log at `path`, or begins it, for this process alone; cuts a torn tail.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process works in it, [`HomeError::Io`],
    /// [`HomeError::Damaged`], [`HomeError::Randomness`].
    pub(in crate::agent) fn claim(
        path: &Path,
        sealer: Sealer,
    ) -> Result<(Self, Records), HomeError> {
        let (file, _made) = files::claim(path, &fresh_header()?)?;
        let mut log = Self::of(file, sealer)?;
        let mut records = Vec::new();
        log.read_on(&mut |record| {
            records.push(record);
            Ok(())
        })?;
        log.cut()?;
        Ok((log, records))
    }

    /// Bytes of a log without a record.
    pub(super) const fn header_bytes() -> u64 {
        HEADER_BYTES as u64
    }

    /// Begins a log at `path`, in the place of any other. Who may write in it is for the caller to
    /// see to.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn begin(path: &Path, sealer: Sealer) -> Result<Self, HomeError> {
        files::replace(path, &fresh_header()?)?;
        Self::open(path, sealer)
    }

    /// Opens the log at `path`, of which nothing is read yet.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], also if it is gone; [`HomeError::Io`].
    pub(super) fn open(path: &Path, sealer: Sealer) -> Result<Self, HomeError> {
        match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => Self::of(file, sealer),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(HomeError::Damaged),
            Err(error) => Err(error.into()),
        }
    }

    fn of(file: File, sealer: Sealer) -> Result<Self, HomeError> {
        let mut header = [0; HEADER_BYTES];
        if file.metadata()?.len() < HEADER_BYTES as u64 {
            return Err(HomeError::Damaged);
        }
        file.read_exact_at(&mut header, 0)?;
        let generation = header.strip_prefix(MAGIC).ok_or(HomeError::Damaged)?;
        Ok(Self {
            generation: generation.try_into().map_err(|_| HomeError::Damaged)?,
            file,
            sealer,
            records: 0,
            end: HEADER_BYTES as u64,
        })
    }

    /// Hands over the records that were not read yet, one at a time in memory, up to a torn tail. A
    /// record that does not open is one only if nothing follows it.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`], those of `take`.
    pub(super) fn read_on(
        &mut self,
        take: &mut dyn FnMut(Zeroizing<Vec<u8>>) -> Result<(), HomeError>,
    ) -> Result<(), HomeError> {
        let length = self.file.metadata()?.len();
        while self.end + 4 <= length {
            let mut bytes = [0; 4];
            self.file.read_exact_at(&mut bytes, self.end)?;
            let sealed = u64::from(u32::from_le_bytes(bytes));
            let next = self.end + 4 + sealed;
            if next > length {
                break;
            }
            if sealed > (MAX_SEALED_RECORD_BYTES + SEAL_BYTES) as u64 {
                return Err(HomeError::Damaged);
            }
            let mut record = vec![0; sealed as usize];
            self.file.read_exact_at(&mut record, self.end + 4)?;
            let place = place(&self.generation, self.records);
            match self.sealer.open(&place, &record) {
                Ok(plain) => take(plain)?,
                Err(_) if next == length => break,
                Err(fault) => return Err(fault),
            }
            self.records += 1;
            self.end = next;
        }
        Ok(())
    }

    /// Cuts a torn tail. All that is whole must have been read, and nobody else may be writing.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub(super) fn cut(&mut self) -> Result<(), HomeError> {
        if self.file.metadata()?.len() > self.end {
            files::step()?;
            self.file.set_len(self.end)?;
            self.file.sync_all()?;
        }
        Ok(())
    }

    /// Appends one record; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::TooLarge`], [`HomeError::Randomness`].
    pub(in crate::agent) fn append(&mut self, plain: &[u8]) -> Result<(), HomeError> {
        let framed = frame(&self.sealer, &self.generation, self.records, plain)?;
        files::step()?;
        let (torn, rest) = framed.split_at(framed.len() / 2);
        self.file.write_all_at(torn, self.end)?;
        files::step()?;
        let middle = self.end + torn.len() as u64;
        self.file.write_all_at(rest, middle)?;
        self.file.sync_data()?;
        self.records += 1;
        self.end += framed.len() as u64;
        Ok(())
    }
}

fn fresh_header() -> Result<Vec<u8>, HomeError> {
    let mut generation = [0; 16];
    getrandom::fill(&mut generation).map_err(|_| HomeError::Randomness)?;
    Ok([MAGIC, &generation].concat())
}

fn place(generation: &[u8; 16], index: u64) -> [u8; 24] {
    let mut place = [0; 24];
    place[..16].copy_from_slice(generation);
    place[16..].copy_from_slice(&index.to_le_bytes());
    place
}

fn frame(
    sealer: &Sealer,
    generation: &[u8; 16],
    index: u64,
    plain: &[u8],
) -> Result<Vec<u8>, HomeError> {
    if plain.len() > MAX_SEALED_RECORD_BYTES {
        return Err(HomeError::TooLarge);
    }
    let sealed = sealer.seal(&place(generation, index), plain)?;
    let length = u32::try_from(sealed.len()).map_err(|_| HomeError::TooLarge)?;
    Ok([&length.to_le_bytes(), &sealed[..]].concat())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::hash::HashKey;

    fn sealer() -> Sealer {
        Sealer::new(&HashKey::new([3; 32]), "log")
    }

    fn plain(records: &Records) -> Vec<&[u8]> {
        records.iter().map(|record| &record[..]).collect()
    }

    #[test]
    fn every_torn_tail_is_cut_and_the_rest_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let (mut log, _) = SealedLog::claim(&path, sealer()).expect("begins");
        log.append(b"one").expect("appends");
        let whole = std::fs::metadata(&path).expect("there").len() as usize;
        log.append(b"two").expect("appends");
        drop(log);
        let bytes = std::fs::read(&path).expect("reads");
        for length in whole..bytes.len() {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            let (mut log, records) = SealedLog::claim(&path, sealer()).expect("opens");
            assert_eq!(plain(&records), [b"one"], "{length} bytes");
            log.append(b"three").expect("appends");
            drop(log);
            let (_, records) = SealedLog::claim(&path, sealer()).expect("opens");
            assert_eq!(plain(&records), [&b"one"[..], b"three"]);
        }
    }

    /// What is written for a record does not grow with those before it, and neither does memory.
    #[test]
    fn a_record_costs_the_same_after_a_thousand() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let (mut log, _) = SealedLog::claim(&path, sealer()).expect("begins");
        let file = std::fs::metadata(&path).expect("there");
        for number in 1..=1_000 {
            log.append(&[7; 100]).expect("appends");
            let now = std::fs::metadata(&path).expect("there");
            assert_eq!(
                now.len(),
                file.len() + number * (4 + SEAL_BYTES as u64 + 100)
            );
            assert_eq!(now.ino(), file.ino(), "appended, not written anew");
        }
    }

    #[test]
    fn damage_before_the_tail_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let (mut log, _) = SealedLog::claim(&path, sealer()).expect("begins");
        log.append(b"one").expect("appends");
        log.append(b"two").expect("appends");
        drop(log);
        let bytes = std::fs::read(&path).expect("reads");
        let mut changed = bytes.clone();
        changed[HEADER_BYTES + 10] ^= 1;
        std::fs::write(&path, &changed).expect("writes");
        assert!(matches!(
            SealedLog::claim(&path, sealer()),
            Err(HomeError::Damaged)
        ));
        let mut foreign = bytes;
        foreign[0] ^= 1;
        std::fs::write(&path, &foreign).expect("writes");
        assert!(matches!(
            SealedLog::claim(&path, sealer()),
            Err(HomeError::Damaged)
        ));
    }

    #[test]
    fn one_process_at_a_time_works_in_a_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let first = SealedLog::claim(&path, sealer()).expect("begins");
        let second = SealedLog::claim(&path, sealer());
        assert!(matches!(second, Err(HomeError::Busy)));
        // One that was taken away is no longer anybody's.
        files::remove(&path).expect("removes");
        let third = SealedLog::claim(&path, sealer()).expect("begins another");
        drop(first);
        let fourth = SealedLog::claim(&path, sealer());
        assert!(matches!(fourth, Err(HomeError::Busy)));
        drop(third);
        SealedLog::claim(&path, sealer()).expect("opens");
    }
}
