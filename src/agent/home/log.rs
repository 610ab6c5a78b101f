//! An append-only file of sealed records. A record is acknowledged once it is on the disk; a tail
//! that a crash tore is cut when the file is opened, anything else that does not open is damage.
//!
//! Header: `"saring-agent-log-v1\n"`, 16 random bytes. Record: length (u32), nonce, ciphertext;
//! its place is the header's random bytes and its index, so no record opens elsewhere.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::HomeError;
use super::files;
use super::seal::Sealer;
use crate::protocol::limits::MAX_SEALED_RECORD_BYTES;

const MAGIC: &[u8] = b"saring-agent-log-v1\n";
const HEADER_BYTES: usize = MAGIC.len() + 16;

/// An open log.
pub(in crate::agent) struct SealedLog {
    path: PathBuf,
    file: File,
    sealer: Sealer,
    generation: [u8; 16],
    records: u64,
    end: u64,
}

/// What a log held when it was opened, in order.
pub(in crate::agent) type Records = Vec<Zeroizing<Vec<u8>>>;

impl SealedLog {
    /// Opens the log at `path`, or begins it; cuts a torn tail.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::Damaged`].
    pub(in crate::agent) fn open(
        path: &Path,
        sealer: Sealer,
    ) -> Result<(Self, Records), HomeError> {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => {
                file.read_to_end(&mut bytes)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        // A header is written whole before the file gets its name.
        if bytes.is_empty() {
            return Ok((Self::begin(path, sealer, &[])?, Vec::new()));
        }
        let generation = header(&bytes)?;
        let (records, end) = read_all(&bytes, &generation, &sealer)?;
        let file = OpenOptions::new().write(true).mode(0o600).open(path)?;
        if end < bytes.len() {
            file.set_len(end as u64)?;
            file.sync_all()?;
        }
        let log = Self {
            path: path.to_owned(),
            file,
            sealer,
            generation,
            records: records.len() as u64,
            end: end as u64,
        };
        Ok((log, records))
    }

    /// Appends one record; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::TooLarge`], [`HomeError::Randomness`].
    pub(in crate::agent) fn append(&mut self, plain: &[u8]) -> Result<(), HomeError> {
        let framed = frame(&self.sealer, &self.generation, self.records, plain)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&framed)?;
        self.file.sync_data()?;
        self.records += 1;
        self.end += framed.len() as u64;
        Ok(())
    }

    /// Puts `records` in the place of all that the log holds, at once.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::TooLarge`], [`HomeError::Randomness`].
    pub(in crate::agent) fn rewrite(
        self,
        records: &[Zeroizing<Vec<u8>>],
    ) -> Result<Self, HomeError> {
        Self::begin(&self.path, self.sealer, records)
    }

    fn begin(
        path: &Path,
        sealer: Sealer,
        records: &[Zeroizing<Vec<u8>>],
    ) -> Result<Self, HomeError> {
        let mut generation = [0; 16];
        getrandom::fill(&mut generation).map_err(|_| HomeError::Randomness)?;
        let mut bytes = [MAGIC, &generation].concat();
        for (index, plain) in (0..).zip(records) {
            bytes.extend(frame(&sealer, &generation, index, plain)?);
        }
        files::replace(path, &bytes)?;
        Ok(Self {
            path: path.to_owned(),
            file: OpenOptions::new().write(true).open(path)?,
            sealer,
            generation,
            records: records.len() as u64,
            end: bytes.len() as u64,
        })
    }
}

fn header(bytes: &[u8]) -> Result<[u8; 16], HomeError> {
    let head = bytes.get(..HEADER_BYTES).ok_or(HomeError::Damaged)?;
    let generation = head.strip_prefix(MAGIC).ok_or(HomeError::Damaged)?;
    generation.try_into().map_err(|_| HomeError::Damaged)
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

/// Every whole record and where the last one ends. A record that does not open is a torn tail only
/// if nothing follows it.
fn read_all(
    bytes: &[u8],
    generation: &[u8; 16],
    sealer: &Sealer,
) -> Result<(Records, usize), HomeError> {
    let mut records = Vec::new();
    let mut end = HEADER_BYTES;
    while let Some((length, rest)) = bytes[end..].split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some(sealed) = rest.get(..length) else {
            break;
        };
        match sealer.open(&place(generation, records.len() as u64), sealed) {
            Ok(plain) => records.push(plain),
            Err(_) if rest.len() == length => break,
            Err(fault) => return Err(fault),
        }
        end += 4 + length;
    }
    Ok((records, end))
}

#[cfg(test)]
mod tests {
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
        let (mut log, _) = SealedLog::open(&path, sealer()).expect("begins");
        log.append(b"one").expect("appends");
        let whole = std::fs::metadata(&path).expect("there").len() as usize;
        log.append(b"two").expect("appends");
        let bytes = std::fs::read(&path).expect("reads");
        for length in whole..bytes.len() {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            let (mut log, records) = SealedLog::open(&path, sealer()).expect("opens");
            assert_eq!(plain(&records), [b"one"], "{length} bytes");
            log.append(b"three").expect("appends");
            let (_, records) = SealedLog::open(&path, sealer()).expect("opens");
            assert_eq!(plain(&records), [&b"one"[..], b"three"]);
        }
    }

    #[test]
    fn damage_before_the_tail_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let (mut log, _) = SealedLog::open(&path, sealer()).expect("begins");
        log.append(b"one").expect("appends");
        log.append(b"two").expect("appends");
        let bytes = std::fs::read(&path).expect("reads");
        let mut changed = bytes.clone();
        changed[HEADER_BYTES + 10] ^= 1;
        std::fs::write(&path, &changed).expect("writes");
        assert!(matches!(
            SealedLog::open(&path, sealer()),
            Err(HomeError::Damaged)
        ));
        let mut foreign = bytes;
        foreign[0] ^= 1;
        std::fs::write(&path, &foreign).expect("writes");
        assert!(matches!(
            SealedLog::open(&path, sealer()),
            Err(HomeError::Damaged)
        ));
    }

    #[test]
    fn rewriting_keeps_what_is_given() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let (mut log, _) = SealedLog::open(&path, sealer()).expect("begins");
        for record in [b"a", b"b", b"c"] {
            log.append(record).expect("appends");
        }
        let log = log
            .rewrite(&[Zeroizing::new(b"c".to_vec())])
            .expect("rewrites");
        drop(log);
        let (_, records) = SealedLog::open(&path, sealer()).expect("opens");
        assert_eq!(plain(&records), [b"c"]);
    }
}
