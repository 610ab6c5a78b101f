//! A sorted run: a file that is written once and then only read.
//!
//! `"saring-agent-run-v1\n"`, the run's random id (16 bytes), then blocks of [`BLOCK_ROWS`] rows in
//! their order (the last may have fewer), then the index: the first 8 bytes of each block's first
//! row, big-endian, in pieces of [`PIECE`]. Every block and piece is sealed; its place is the run's
//! id, 0 or 1, and its number, so none opens in another run or elsewhere in this one. How many rows a
//! run has stands in the shelf's own file, which names it.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::row::{Key, ROW_BYTES, Row, key, reference};
use crate::agent::home::{HomeError, Sealer, files};

const MAGIC: &[u8; 20] = b"saring-agent-run-v1\n";
const HEADER_BYTES: u64 = 36;
/// Rows of a block: what one look-up opens.
const BLOCK_ROWS: usize = 16;
const BLOCK_BYTES: usize = BLOCK_ROWS * ROW_BYTES;
/// What sealing adds.
const SEAL_BYTES: usize = 40;
/// Numbers of one piece of the index.
const PIECE: usize = 1 << 16;
/// Blocks that are read from the disk together where all are read.
const TOGETHER: u64 = 64;
/// How run files are called, before their id.
pub(super) const PREFIX: &str = "run.";

/// A run as the shelf names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) id: [u8; 16],
    pub(super) rows: u64,
    /// How many times its rows were merged.
    pub(super) level: u8,
}

impl Named {
    /// The file's name.
    pub(super) fn file_name(&self) -> String {
        format!("{PREFIX}{}", HEXLOWER.encode(&self.id))
    }

    const fn blocks(&self) -> u64 {
        self.rows.div_ceil(BLOCK_ROWS as u64)
    }

    fn bytes(&self) -> u64 {
        let (blocks, seal) = (self.blocks(), SEAL_BYTES as u64);
        let rows = self.rows * ROW_BYTES as u64 + blocks * seal;
        HEADER_BYTES + rows + blocks * 8 + blocks.div_ceil(PIECE as u64) * seal
    }
}

/// An open run: 8 bytes of memory for 16 rows.
pub(super) struct Run {
    pub(super) named: Named,
    file: File,
    sealer: Sealer,
    /// The first 8 bytes of each block's first row.
    firsts: Vec<u64>,
}

impl Run {
    /// Opens a run.
    ///
    /// # Errors
    /// [`HomeError::Damaged`] if it is gone, of another length, or does not open;
    /// [`HomeError::Io`].
    pub(super) fn open(folder: &Path, sealer: &Sealer, named: &Named) -> Result<Self, HomeError> {
        let file = match File::open(folder.join(named.file_name())) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(HomeError::Damaged);
            }
            file => file?,
        };
        if file.metadata()?.len() != named.bytes() {
            return Err(HomeError::Damaged);
        }
        let mut header = [0; HEADER_BYTES as usize];
        file.read_exact_at(&mut header, 0)?;
        if header[..20] != MAGIC[..] || header[20..] != named.id {
            return Err(HomeError::Damaged);
        }
        let mut run = Self {
            named: named.clone(),
            file,
            sealer: sealer.clone(),
            firsts: Vec::new(),
        };
        run.firsts = run.index()?;
        Ok(run)
    }

    fn index(&self) -> Result<Vec<u64>, HomeError> {
        let blocks = self.named.blocks() as usize;
        let mut firsts = Vec::with_capacity(blocks);
        let mut at = HEADER_BYTES + self.named.rows * ROW_BYTES as u64;
        at += self.named.blocks() * SEAL_BYTES as u64;
        for number in 0..blocks.div_ceil(PIECE) {
            let count = PIECE.min(blocks - firsts.len());
            let mut sealed = vec![0; count * 8 + SEAL_BYTES];
            self.file.read_exact_at(&mut sealed, at)?;
            at += sealed.len() as u64;
            let place = place(&self.named.id, INDEX, number as u64);
            let plain = self.sealer.open(&place, &sealed)?;
            firsts.extend(
                plain
                    .as_chunks()
                    .0
                    .iter()
                    .map(|eight| u64::from_be_bytes(*eight)),
            );
        }
        Ok(firsts)
    }

    /// Bytes of memory that the index takes.
    #[cfg(test)]
    pub(super) fn index_bytes(&self) -> usize {
        self.firsts.capacity() * 8
    }

    /// Hands over the rows of the references that are wanted, which are in ascending order, with the
    /// number that stands beside each.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`].
    pub(super) fn find(
        &self,
        wanted: &[([u8; 32], usize)],
        take: &mut dyn FnMut(usize, &Row),
    ) -> Result<(), HomeError> {
        let (mut held, mut rows) = (None, Vec::new());
        for (sought, number) in wanted {
            let start = first_eight(sought);
            let before = self.firsts.partition_point(|first| *first < start);
            let blocks = before.saturating_sub(1)..self.firsts.len();
            for block in blocks.take_while(|block| self.firsts[*block] <= start) {
                if held != Some(block) {
                    rows.clear();
                    self.read(block as u64, 1, &mut rows)?;
                    held = Some(block);
                }
                let from = rows.partition_point(|row| reference(row) < sought);
                let found = rows[from..].iter();
                found
                    .take_while(|row| reference(row) == sought)
                    .for_each(|row| take(*number, row));
            }
        }
        Ok(())
    }

    /// Reads `count` blocks from `first` on.
    fn read(&self, first: u64, count: u64, rows: &mut Vec<Row>) -> Result<(), HomeError> {
        let sealed_block = BLOCK_BYTES + SEAL_BYTES;
        let row = first * BLOCK_ROWS as u64;
        let end = self.named.rows.min(row + count * BLOCK_ROWS as u64);
        let blocks = (end - row).div_ceil(BLOCK_ROWS as u64) as usize;
        let length = (end - row) as usize * ROW_BYTES + blocks * SEAL_BYTES;
        let mut sealed = vec![0; length];
        let at = HEADER_BYTES + first * sealed_block as u64;
        self.file.read_exact_at(&mut sealed, at)?;
        for (number, block) in (first..).zip(sealed.chunks(sealed_block)) {
            let place = place(&self.named.id, BLOCK, number);
            let plain = self.sealer.open(&place, block)?;
            rows.extend_from_slice(plain.as_chunks().0);
        }
        Ok(())
    }
}

/// Reads a run from its first row to its last, some blocks at a time.
struct Cursor<'a> {
    run: &'a Run,
    next: u64,
    rows: Vec<Row>,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(run: &'a Run) -> Result<Self, HomeError> {
        let mut cursor = Self {
            run,
            next: 0,
            rows: Vec::new(),
            at: 0,
        };
        cursor.refill()?;
        Ok(cursor)
    }

    fn head(&self) -> Option<&Row> {
        self.rows.get(self.at)
    }

    fn step(&mut self) -> Result<(), HomeError> {
        self.at += 1;
        if self.at == self.rows.len() {
            self.refill()?;
        }
        Ok(())
    }

    fn refill(&mut self) -> Result<(), HomeError> {
        self.rows.clear();
        self.at = 0;
        let left = self.run.named.blocks() - self.next;
        if left > 0 {
            self.run
                .read(self.next, left.min(TOGETHER), &mut self.rows)?;
            self.next += left.min(TOGETHER);
        }
        Ok(())
    }
}

/// Hands over the rows of several runs, oldest run first, in ascending order; of rows with one key
/// only the newest.
///
/// # Errors
/// [`HomeError::Damaged`], [`HomeError::Io`], those of `take`.
pub(super) fn merge<'a>(
    runs: impl IntoIterator<Item = &'a Run>,
    take: &mut dyn FnMut(&Row) -> Result<(), HomeError>,
) -> Result<(), HomeError> {
    let cursors: Result<Vec<Cursor<'_>>, HomeError> = runs.into_iter().map(Cursor::new).collect();
    let mut cursors = cursors?;
    loop {
        let mut least: Option<&Row> = None;
        for row in cursors.iter().filter_map(Cursor::head) {
            if least.is_none_or(|least| key(row) <= key(least)) {
                least = Some(row);
            }
        }
        let Some(row) = least.copied() else {
            return Ok(());
        };
        take(&row)?;
        for cursor in &mut cursors {
            if cursor.head().is_some_and(|head| key(head) == key(&row)) {
                cursor.step()?;
            }
        }
    }
}

/// A run in the making. Rows are pushed in ascending order.
pub(super) struct RunWriter {
    file: BufWriter<File>,
    sealer: Sealer,
    id: [u8; 16],
    block: Vec<u8>,
    rows: u64,
    firsts: Vec<u64>,
    last: Option<Key>,
}

impl RunWriter {
    /// Begins a run at `path`, in the place of whatever an earlier attempt left there.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn begin(path: &Path, sealer: &Sealer) -> Result<Self, HomeError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| HomeError::Randomness)?;
        let mut file = BufWriter::with_capacity(1 << 18, files::begin(path)?);
        file.write_all(MAGIC)?;
        file.write_all(&id)?;
        Ok(Self {
            file,
            sealer: sealer.clone(),
            id,
            block: Vec::with_capacity(BLOCK_BYTES),
            rows: 0,
            firsts: Vec::new(),
            last: None,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn push(&mut self, row: &Row) -> Result<(), HomeError> {
        debug_assert!(self.last.is_none_or(|last| last < *key(row)), "ascending");
        self.last = Some(*key(row));
        if self.block.is_empty() {
            self.firsts.push(first_eight(reference(row)));
        }
        self.block.extend_from_slice(row);
        self.rows += 1;
        if self.block.len() == BLOCK_BYTES {
            self.close_block()?;
        }
        Ok(())
    }

    fn close_block(&mut self) -> Result<(), HomeError> {
        let place = place(&self.id, BLOCK, self.firsts.len() as u64 - 1);
        self.file
            .write_all(&self.sealer.seal(&place, &self.block)?)?;
        self.block.clear();
        Ok(())
    }

    /// Ends the run; it is on the disk when this returns, and goes by the name it is told.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn finish(mut self, level: u8) -> Result<Named, HomeError> {
        if !self.block.is_empty() {
            self.close_block()?;
        }
        for (number, piece) in (0..).zip(self.firsts.chunks(PIECE)) {
            let plain: Vec<u8> = piece.iter().flat_map(|first| first.to_be_bytes()).collect();
            let place = place(&self.id, INDEX, number);
            self.file.write_all(&self.sealer.seal(&place, &plain)?)?;
        }
        self.file.flush()?;
        files::step()?;
        self.file.get_ref().sync_all()?;
        Ok(Named {
            id: self.id,
            rows: self.rows,
            level,
        })
    }
}

/// Gives a finished run its name.
///
/// # Errors
/// [`HomeError::Io`].
pub(super) fn name(folder: &Path, part: &Path, named: &Named) -> Result<(), HomeError> {
    Ok(files::rename(part, &folder.join(named.file_name()))?)
}

/// Takes away the run files of a folder that `named` does not hold. One that stays costs only space.
pub(super) fn tidy(folder: &Path, named: &[Named]) -> Result<(), HomeError> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let is_named = named.iter().any(|run| run.file_name() == name);
        if name.starts_with(PREFIX) && !is_named {
            files::remove(&folder.join(&*name))?;
        }
    }
    Ok(())
}

const BLOCK: u8 = 0;
const INDEX: u8 = 1;

fn place(id: &[u8; 16], kind: u8, number: u64) -> [u8; 25] {
    let mut place = [kind; 25];
    place[..16].copy_from_slice(id);
    place[17..].copy_from_slice(&number.to_le_bytes());
    place
}

fn first_eight(reference: &[u8; 32]) -> u64 {
    u64::from_be_bytes(*reference.first_chunk().expect("8 of 32 bytes"))
}
