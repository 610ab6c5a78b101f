//! Building a snapshot: the store shows its filter keys in one pass, several ranges at once; each
//! range's keys of each section go to a file of their own, and the files one after the other become
//! the snapshot. Nothing is held in memory but what is being written.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::signed::{private_file, private_folder};
use crate::protocol::snapshot::{CHUNK_KEYS, KEY_BYTES, SnapshotIndex, SnapshotWriter};
use crate::protocol::{Placement, Section};
use crate::store::StoreError;

/// Bytes that are written to a section's file at once.
const BUFFER_BYTES: usize = 256 << 10;

/// The keys of one range in the making, each section's in a file.
pub(super) struct SectionFiles {
    folder: PathBuf,
    range: usize,
    sections: Vec<(Section, BufWriter<File>)>,
    /// The place that was shown last, and its sections' places in `sections`: most are the same.
    last: (Placement, Vec<usize>),
}

impl SectionFiles {
    /// As many as there are ranges, in a folder that is made.
    pub(super) fn begin(folder: &Path, ranges: usize) -> io::Result<Vec<Self>> {
        private_folder(folder)?;
        let of_range = |range| Self {
            folder: folder.to_owned(),
            range,
            sections: Vec::new(),
            last: (Placement::NOWHERE, Vec::new()),
        };
        Ok((0..ranges).map(of_range).collect())
    }

    /// Takes keys in ascending order.
    pub(super) fn take(&mut self, keys: &[(u64, Placement)]) -> io::Result<()> {
        for (key, placement) in keys {
            if *placement != self.last.0 {
                let places = placement.sections().map(|section| self.place_of(section));
                self.last = (*placement, places.collect::<io::Result<_>>()?);
            }
            for place in &self.last.1 {
                self.sections[*place].1.write_all(&key.to_le_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes the keys of all ranges, the lowest first, into an empty file, which is on the disk when
    /// this returns; their index.
    pub(super) fn join(ranges: Vec<Self>, into: File) -> io::Result<SnapshotIndex> {
        let files = ranges.into_iter();
        let mut files: Vec<_> = files
            .flat_map(|files| {
                let range = files.range;
                let sections = files.sections.into_iter();
                sections.map(move |(section, file)| (section, range, file))
            })
            .collect();
        files.sort_unstable_by_key(|(section, range, _)| (*section, *range));
        let mut writer = SnapshotWriter::new(into);
        for (section, _, file) in files {
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            copy(section, &mut file, &mut writer)?;
        }
        let (index, file) = writer.finish()?;
        file.sync_all()?;
        Ok(index)
    }

    fn place_of(&mut self, section: Section) -> io::Result<usize> {
        let held = self.sections.iter().position(|(held, _)| *held == section);
        if let Some(place) = held {
            return Ok(place);
        }
        let name = format!("{}.{}", self.range, self.sections.len());
        let file = private_file(&self.folder.join(name))?;
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        self.sections.push((section, file));
        Ok(self.sections.len() - 1)
    }
}

fn copy(section: Section, file: &mut File, writer: &mut SnapshotWriter<File>) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(CHUNK_KEYS * KEY_BYTES);
    let mut keys = Vec::with_capacity(CHUNK_KEYS);
    loop {
        bytes.clear();
        file.take((CHUNK_KEYS * KEY_BYTES) as u64)
            .read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(());
        }
        let (read, _) = bytes.as_chunks::<KEY_BYTES>();
        keys.clear();
        keys.extend(read.iter().copied().map(u64::from_le_bytes));
        writer.add(section, &keys)?;
    }
}

/// What the store is told of a file that does not take a write.
pub(super) fn refused(error: &io::Error) -> StoreError {
    tracing::warn!(%error, "a snapshot's file was not written");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Unavailable,
    }
}
