//! Records that do not fit in memory: parted by what they are sorted by, sealed block by block, each
//! part a file. Nothing that lies on the disk tells anything once the job's seed is gone, and a
//! block that was changed, moved or left out is noticed.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{ScreenError, private_folder};
use crate::agent::Sealer;
use crate::hash::HashKey;
use crate::protocol::limits::screening::{
    MAX_SPILL_BLOCK_BYTES, MAX_SPILL_PARTS, RECORDS_TOGETHER, SPILL_MEMORY_BYTES,
};

/// How many parts records are spread over, by which bits of a 64-bit value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parting {
    bits: u32,
}

impl Parting {
    /// Parts for so many records: a power of two.
    pub(super) fn for_records(records: u64) -> Self {
        let parts = records.div_ceil(RECORDS_TOGETHER);
        let parts = parts.clamp(1, MAX_SPILL_PARTS).next_power_of_two();
        Self {
            bits: parts.trailing_zeros(),
        }
    }

    pub(super) const fn parts(self) -> usize {
        1 << self.bits
    }

    /// The part of a value, by its highest bits: parts ascend with values.
    pub(super) fn of(self, value: u64) -> usize {
        value.checked_shr(64 - self.bits).unwrap_or(0) as usize
    }
}

/// How much a part holds; enough to find its blocks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    blocks: u32,
    records: u64,
}

/// Records of `N` bytes in parts.
pub(super) struct Spill<const N: usize> {
    folder: PathBuf,
    sealer: Sealer,
    buffers: Vec<Vec<u8>>,
    extents: Vec<Extent>,
    room: usize,
}

impl<const N: usize> Spill<N> {
    /// Begins anew in `folder`; whatever is there goes.
    pub(super) fn begin(folder: &Path, key: &HashKey, parts: usize) -> Result<Self, ScreenError> {
        remove_folder(folder)?;
        private_folder(folder)?;
        Ok(Self::over(folder, key, vec![Extent::default(); parts]))
    }

    /// What an earlier process spilled and [`Spill::extents`] told of.
    pub(super) fn resume(folder: &Path, key: &HashKey, extents: Vec<Extent>) -> Self {
        Self::over(folder, key, extents)
    }

    fn over(folder: &Path, key: &HashKey, extents: Vec<Extent>) -> Self {
        let fair = SPILL_MEMORY_BYTES / extents.len().max(1);
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        Self {
            sealer: Sealer::new(key, &name),
            folder: folder.to_owned(),
            buffers: vec![Vec::new(); extents.len()],
            extents,
            room: fair.min(MAX_SPILL_BLOCK_BYTES) / N * N,
        }
    }

    /// Adds a record to a part.
    pub(super) fn push(&mut self, part: usize, record: [u8; N]) -> Result<(), ScreenError> {
        let buffer = &mut self.buffers[part];
        if buffer.capacity() == 0 {
            buffer.reserve_exact(self.room);
        }
        buffer.extend_from_slice(&record);
        if buffer.len() >= self.room {
            self.flush_part(part)?;
        }
        Ok(())
    }

    /// Writes out what is buffered and gives its memory back.
    pub(super) fn flush(&mut self) -> Result<(), ScreenError> {
        for part in 0..self.buffers.len() {
            self.flush_part(part)?;
            self.buffers[part] = Vec::new();
        }
        Ok(())
    }

    /// [`Spill::flush`], and all of it is on the disk when this returns.
    pub(super) fn keep(&mut self) -> Result<Vec<Extent>, ScreenError> {
        self.flush()?;
        for (part, extent) in self.extents.iter().enumerate() {
            if extent.blocks > 0 {
                File::open(self.path(part))?.sync_all()?;
            }
        }
        File::open(&self.folder)?.sync_all()?;
        Ok(self.extents.clone())
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.extents.len()
    }

    /// How many records a part holds.
    pub(super) fn records(&self, part: usize) -> u64 {
        self.extents[part].records + (self.buffers[part].len() / N) as u64
    }

    /// How many records there are.
    pub(super) fn total(&self) -> u64 {
        (0..self.extents.len()).map(|part| self.records(part)).sum()
    }

    /// Reads a part, in the order in which its records were pushed, block by block.
    pub(super) fn read(
        &self,
        part: usize,
        mut each: impl FnMut(&[[u8; N]]) -> Result<(), ScreenError>,
    ) -> Result<(), ScreenError> {
        let Extent { blocks, records } = self.extents[part];
        let mut found = 0;
        if blocks > 0 {
            let mut file = BufReader::with_capacity(MAX_SPILL_BLOCK_BYTES, self.file(part)?);
            let mut sealed = Vec::new();
            for block in 0..blocks {
                read_block(&mut file, &mut sealed)?;
                let plain = self.sealer.open(&place(part, block), &sealed)?;
                let (whole, rest) = plain.as_chunks::<N>();
                if !rest.is_empty() {
                    return Err(ScreenError::Damaged);
                }
                found += whole.len() as u64;
                each(whole)?;
            }
        }
        if found != records {
            return Err(ScreenError::Damaged);
        }
        let (buffered, _) = self.buffers[part].as_chunks::<N>();
        each(buffered)
    }

    /// Removes a part that is not needed any more.
    pub(super) fn remove(&self, part: usize) -> Result<(), ScreenError> {
        match fs::remove_file(self.path(part)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn flush_part(&mut self, part: usize) -> Result<(), ScreenError> {
        let (buffer, extent) = (&mut self.buffers[part], &mut self.extents[part]);
        if buffer.is_empty() {
            return Ok(());
        }
        let sealed = self.sealer.seal(&place(part, extent.blocks), buffer)?;
        extent.blocks += 1;
        extent.records += (buffer.len() / N) as u64;
        buffer.zeroize();
        let mut options = OpenOptions::new();
        let mut file = options
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path(&self.folder, part))?;
        let length = sealed.len() as u32;
        file.write_all(&[&length.to_le_bytes(), &sealed[..]].concat())?;
        Ok(())
    }

    fn path(&self, part: usize) -> PathBuf {
        path(&self.folder, part)
    }

    fn file(&self, part: usize) -> Result<File, ScreenError> {
        match File::open(self.path(part)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ScreenError::Damaged),
            other => Ok(other?),
        }
    }
}

impl<const N: usize> Drop for Spill<N> {
    fn drop(&mut self) {
        self.buffers.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// Removes a folder and all in it; it may already be gone.
pub(super) fn remove_folder(folder: &Path) -> Result<(), ScreenError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn path(folder: &Path, part: usize) -> PathBuf {
    folder.join(part.to_string())
}

/// Where a block belongs: part and block, u32 each.
fn place(part: usize, block: u32) -> [u8; 8] {
    let mut place = [0; 8];
    place[..4].copy_from_slice(&(part as u32).to_le_bytes());
    place[4..].copy_from_slice(&block.to_le_bytes());
    place
}

/// Reads a length and as many bytes.
fn read_block(file: &mut impl Read, sealed: &mut Vec<u8>) -> Result<(), ScreenError> {
    const SEAL_BYTES: usize = 40;
    let mut length = [0; 4];
    file.read_exact(&mut length).map_err(cut_off)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_SPILL_BLOCK_BYTES + SEAL_BYTES {
        return Err(ScreenError::Damaged);
    }
    sealed.resize(length, 0);
    file.read_exact(sealed).map_err(cut_off)
}

fn cut_off(error: std::io::Error) -> ScreenError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => ScreenError::Damaged,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> HashKey {
        HashKey::new([7; 32])
    }

    fn filled(folder: &Path, count: u64) -> Spill<12> {
        let mut spill = Spill::begin(folder, &key(), 4).expect("begins");
        for n in 0..count {
            let mut record = [0; 12];
            record[..8].copy_from_slice(&n.to_le_bytes());
            spill.push((n % 3) as usize, record).expect("pushes");
        }
        spill
    }

    fn numbers(spill: &Spill<12>, part: usize) -> Result<Vec<u64>, ScreenError> {
        let mut numbers = Vec::new();
        spill.read(part, |records| {
            let number = |record: &[u8; 12]| u64::from_le_bytes(record[..8].try_into().expect("8"));
            numbers.extend(records.iter().map(number));
            Ok(())
        })?;
        Ok(numbers)
    }

    #[test]
    fn every_record_comes_back_from_its_part_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("runs");
        for count in [0, 1, 5, 100_000] {
            let mut spill = filled(&folder, count);
            let expected = |part: u64| (0..count).filter(|n| n % 3 == part).collect::<Vec<_>>();
            assert_eq!(numbers(&spill, 1).expect("reads"), expected(1), "buffered");
            let extents = spill.keep().expect("keeps");
            let again = Spill::resume(&folder, &key(), extents);
            for part in 0..3 {
                assert_eq!(numbers(&spill, part).expect("reads"), expected(part as u64));
                assert_eq!(numbers(&again, part).expect("reads"), expected(part as u64));
            }
            assert!(numbers(&again, 3).expect("reads").is_empty());
            assert_eq!(again.total(), count);
        }
    }

    #[test]
    fn blocks_that_were_changed_moved_or_left_out_are_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("runs");
        let mut spill = filled(&folder, 50_000);
        let extents = spill.keep().expect("keeps");
        let first = fs::read(folder.join("0")).expect("reads");
        let damaged = |bytes: &[u8]| {
            fs::write(folder.join("0"), bytes).expect("writes");
            let spill = Spill::resume(&folder, &key(), extents.clone());
            matches!(numbers(&spill, 0), Err(ScreenError::Damaged))
        };
        assert!(!damaged(&first), "as it was written");
        let mut changed = first.clone();
        changed[1000] ^= 1;
        assert!(damaged(&changed));
        assert!(damaged(&first[..first.len() - 1]));
        assert!(damaged(&fs::read(folder.join("1")).expect("reads")));
        assert!(damaged(&[]));
        fs::remove_file(folder.join("0")).expect("removes");
        assert!(matches!(numbers(&spill, 0), Err(ScreenError::Damaged)));
    }

    #[test]
    fn parts_ascend_and_are_as_many_as_asked_for() {
        let some = RECORDS_TOGETHER;
        for (records, parts) in [
            (0, 1),
            (1, 1),
            (some, 1),
            (some + 1, 2),
            (7 * some, 8),
            (u64::MAX, 1024),
        ] {
            let parting = Parting::for_records(records);
            assert_eq!(parting.parts(), parts, "{records}");
            assert_eq!((parting.of(0), parting.of(u64::MAX)), (0, parts - 1));
        }
        let parting = Parting::for_records(4 * some);
        assert_eq!(parting.of((1 << 62) - 1), 0);
        assert_eq!(parting.of(1 << 62), 1);
    }
}
