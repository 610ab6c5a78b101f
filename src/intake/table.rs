//! A file of either format as a header and rows.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::cell::RawRow;
use super::delimited::Delimited;
use super::{FileProblem, limits, workbook};

/// Bytes of a CSV that are read at once.
const READ_AHEAD: usize = 256 << 10;

/// A file that can be read from any place: a file on disk, or bytes in memory.
pub trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}

/// How far a file has been read, in bytes of a CSV or rows of a workbook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Read so far.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// The rows of a file after its first filled one.
pub(super) struct Table<'s> {
    rows: Rows<'s>,
    max_rows: u64,
    /// Filled rows given out.
    filled: u64,
    /// Of the file, bytes (CSV) or rows (XLSX).
    size: u64,
    /// A first row that turned out to be data.
    returned: Option<RawRow>,
}

enum Rows<'s> {
    Csv(Box<Delimited<BufReader<Box<dyn Source + 's>>>>),
    Workbook(std::vec::IntoIter<RawRow>),
}

impl<'s> Table<'s> {
    /// Tells the format by the first bytes, never by a name, and reads the first filled row.
    pub(super) fn open(
        mut source: Box<dyn Source + 's>,
        known: &dyn Fn(&str) -> bool,
        max_rows: u64,
    ) -> Result<(RawRow, Self), FileProblem> {
        let size = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        let mut start = Vec::new();
        source.by_ref().take(8).read_to_end(&mut start)?;
        source.rewind()?;
        let rows = match start.as_slice() {
            [b'P', b'K', 3, 4, ..] if size > limits::MAX_XLSX_BYTES => {
                return Err(FileProblem::TooLarge);
            }
            [b'P', b'K', 3, 4, ..] => Rows::Workbook(workbook::read_rows(source)?.into_iter()),
            [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(FileProblem::OldOrLockedWorkbook),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(FileProblem::Utf16),
            _ if size > limits::MAX_CSV_BYTES => return Err(FileProblem::TooLarge),
            _ => Rows::Csv(Box::new(Delimited::open(
                BufReader::with_capacity(READ_AHEAD, source),
                known,
            )?)),
        };
        let size = match &rows {
            Rows::Csv(_) => size,
            Rows::Workbook(rows) => rows.len() as u64,
        };
        let mut table = Self {
            rows,
            max_rows,
            filled: 0,
            size,
            returned: None,
        };
        let header = table.next_row()?.ok_or(FileProblem::Empty)?;
        table.filled = 0; // the header is no row of data
        if let Rows::Csv(csv) = &mut table.rows {
            csv.set_width(header.cells.len());
        }
        Ok((header, table))
    }

    /// How far the file has been read.
    pub(super) fn progress(&self) -> Progress {
        let done = match &self.rows {
            Rows::Csv(csv) => csv.bytes_read(),
            Rows::Workbook(rows) => self.size - rows.len() as u64,
        };
        Progress {
            done,
            total: self.size,
        }
    }

    /// Gives the first row back: it is data, and the next one to be given out.
    pub(super) fn give_back(&mut self, row: RawRow) {
        self.returned = Some(row);
    }

    /// The next row, if it is one of a CSV that needs no taking apart and `judge` takes the cell of
    /// `column` as it stands (see [`Delimited::plain_row`]); a cell that is taken is not blank.
    pub(super) fn plain_row<T>(
        &mut self,
        column: usize,
        judge: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<(u64, T)>, FileProblem> {
        let taken = match &mut self.rows {
            Rows::Csv(csv) if self.returned.is_none() => csv.plain_row(column, judge)?,
            _ => None,
        };
        if taken.is_some() {
            self.count()?;
        }
        Ok(taken)
    }

    fn count(&mut self) -> Result<(), FileProblem> {
        self.filled += 1;
        if self.filled > self.max_rows {
            return Err(FileProblem::TooLarge);
        }
        Ok(())
    }

    /// The next filled row.
    pub(super) fn next_row(&mut self) -> Result<Option<RawRow>, FileProblem> {
        loop {
            let next = match (self.returned.take(), &mut self.rows) {
                (Some(row), _) => Some(row),
                (None, Rows::Csv(csv)) => csv.next_row()?,
                (None, Rows::Workbook(rows)) => rows.next(),
            };
            let Some(row) = next else { return Ok(None) };
            if row.is_blank() {
                continue;
            }
            self.count()?;
            return Ok(Some(row));
        }
    }
}
