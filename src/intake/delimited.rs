//! CSV: physical lines into rows, one broken row never taking another with it.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::cell::{Cell, RawRow};
use super::lines::{Line, Lines};
use super::split::split;
use super::{ProblemCode, limits};

/// The separators that are looked for, in order of preference.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// Rows of a CSV file, its first non-blank one (the header) included.
pub(super) struct Delimited<R> {
    lines: Lines<R>,
    ahead: VecDeque<Line>,
    delimiter: char,
    /// Cells of the header; 0 until it is known.
    width: usize,
    number: u64,
}

impl<R: BufRead> Delimited<R> {
    /// Finds the separator by the header: the one under which most cells are `known` names, and of
    /// equals the one that gives most cells. Excel's `sep=;` line is obeyed.
    pub(super) fn open(reader: R, known: &dyn Fn(&str) -> bool) -> io::Result<Self> {
        let mut this = Self {
            lines: Lines::new(reader),
            ahead: VecDeque::new(),
            delimiter: DELIMITERS[0],
            width: 0,
            number: 0,
        };
        while this
            .look(0)?
            .is_some_and(|line| text_of(line).trim().is_empty())
        {
            this.ahead.pop_front();
            this.number += 1;
        }
        let first = this
            .look(0)?
            .map(|line| text_of(line).to_owned())
            .unwrap_or_default();
        if let Some(named) = named_delimiter(&first) {
            this.ahead.pop_front();
            this.number += 1;
            this.delimiter = named;
        } else {
            this.delimiter = likeliest(&first, known);
        }
        Ok(this)
    }

    /// Bytes taken from the file so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    /// Says how many cells a whole row has, which tells a cell that spans lines from a stray quote.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// The next row, blank ones too.
    pub(super) fn next_row(&mut self) -> io::Result<Option<RawRow>> {
        if self.look(0)?.is_none() {
            return Ok(None);
        }
        let Some(line) = self.ahead.pop_front() else {
            return Ok(None);
        };
        self.number += 1;
        let (text, too_long) = match line {
            Line::Text(text) => (text, false),
            Line::TooLong(text) => (text, true),
        };
        let taken = split(&text, self.delimiter);
        if too_long {
            return Ok(Some(self.row(taken.cells, Some(ProblemCode::RowTooLong))));
        }
        if !taken.open {
            return Ok(Some(self.row(taken.cells, None)));
        }
        match self.join(text)? {
            Some(cells) => Ok(Some(self.row(cells, None))),
            None => Ok(Some(
                self.row(taken.cells, Some(ProblemCode::QuoteUnclosed)),
            )),
        }
    }

    /// The next row, if it is plain and `judge` takes the cell of `column` from its bytes as they
    /// stand: the row's number and what the judge made of it. Any other row is left for
    /// [`Delimited::next_row`]. The caller sees to it that `judge` takes ASCII only, so that the
    /// line's encoding does not matter.
    pub(super) fn plain_row<T>(
        &mut self,
        column: usize,
        judge: impl FnOnce(&[u8]) -> Option<T>,
    ) -> io::Result<Option<(u64, T)>> {
        let Ok(delimiter) = u8::try_from(self.delimiter) else {
            return Ok(None);
        };
        if !self.ahead.is_empty() || !delimiter.is_ascii() {
            return Ok(None);
        }
        let Some(line) = self.lines.plain()? else {
            return Ok(None);
        };
        let length = line.len();
        let text = &line[..length - 1];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let taken = cell_of(text, delimiter, column).and_then(judge);
        Ok(taken.map(|taken| {
            self.lines.take(length);
            self.number += 1;
            (self.number, taken)
        }))
    }

    fn row(&self, mut cells: Vec<Cell>, fault: Option<ProblemCode>) -> RawRow {
        let too_many = cells.len() > limits::MAX_COLUMNS;
        cells.truncate(limits::MAX_COLUMNS);
        let fault = fault.or(too_many.then_some(ProblemCode::TooManyCells));
        RawRow {
            number: self.number,
            cells,
            fault,
        }
    }

    /// Joins following lines to a line whose quote stays open, until it closes and the row is
    /// exactly as wide as the header. A line that is a whole row by itself is never swallowed.
    fn join(&mut self, mut text: String) -> io::Result<Option<Vec<Cell>>> {
        for index in 0..limits::MAX_JOINED_LINES {
            let (delimiter, width) = (self.delimiter, self.width);
            let Some(Line::Text(next)) = self.look(index)? else {
                return Ok(None);
            };
            if split(next, delimiter).cells.len() == width
                || text.len() + next.len() > limits::MAX_ROW_BYTES
            {
                return Ok(None);
            }
            text.push('\n');
            text.push_str(next);
            let joined = split(&text, delimiter);
            if !joined.open {
                if joined.cells.len() != width {
                    return Ok(None);
                }
                self.ahead.drain(..=index);
                return Ok(Some(joined.cells));
            }
        }
        Ok(None)
    }

    /// The line `index` lines ahead, read if need be.
    fn look(&mut self, index: usize) -> io::Result<Option<&Line>> {
        while self.ahead.len() <= index {
            match self.lines.next_line()? {
                Some(line) => self.ahead.push_back(line),
                None => return Ok(None),
            }
        }
        Ok(self.ahead.get(index))
    }
}

/// The bytes of one cell of a line without quotes; none if the line has too few or too many.
fn cell_of(text: &[u8], delimiter: u8, column: usize) -> Option<&[u8]> {
    let may_be_wide = text.len() >= limits::MAX_COLUMNS;
    if may_be_wide && memchr::memchr_iter(delimiter, text).count() >= limits::MAX_COLUMNS {
        return None;
    }
    let mut rest = text;
    for _ in 0..column {
        rest = &rest[memchr::memchr(delimiter, rest)? + 1..];
    }
    Some(&rest[..memchr::memchr(delimiter, rest).unwrap_or(rest.len())])
}

fn text_of(line: &Line) -> &str {
    match line {
        Line::Text(text) | Line::TooLong(text) => text,
    }
}

/// The separator that Excel's first line `sep=;` names.
fn named_delimiter(line: &str) -> Option<char> {
    let mut rest = line.strip_prefix("sep=")?.chars();
    let named = rest.next().filter(|c| !c.is_alphanumeric() && *c != '"')?;
    rest.next().is_none().then_some(named)
}

fn likeliest(header: &str, known: &dyn Fn(&str) -> bool) -> char {
    let score = |delimiter: &char| {
        let cells = split(header, *delimiter).cells;
        (
            cells.iter().filter(|cell| known(&cell.shown())).count(),
            cells.len(),
        )
    };
    // max_by_key keeps the last of equals, so the preferred one comes last.
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(score)
        .unwrap_or(DELIMITERS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>, Option<ProblemCode>)> {
        let mut csv = Delimited::open(text.as_bytes(), &|name| name == "nik").expect("in memory");
        let mut rows = Vec::new();
        while let Some(row) = csv.next_row().expect("in memory") {
            if csv.width == 0 {
                csv.set_width(row.cells.len());
            }
            if !row.is_blank() {
                rows.push((
                    row.number,
                    row.cells.iter().map(Cell::shown).collect(),
                    row.fault,
                ));
            }
        }
        rows
    }

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn the_separator_is_found_by_the_header() {
        for separator in [",", ";", "\t"] {
            let text = ["nik", "a, b; c\td"].join(separator);
            assert_eq!(rows(&text)[0].1[0], "nik", "{separator:?}");
        }
        assert_eq!(rows("sep=|\nnik|x")[0], (2, cells(&["nik", "x"]), None));
        assert_eq!(rows("nik\n1")[1], (2, cells(&["1"]), None));
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_does() {
        let read = rows("\n\nnik;b\n\n1;2\n;\n3;\"4\n5\"\n6;7\n");
        let numbers: Vec<u64> = read.iter().map(|row| row.0).collect();
        assert_eq!(numbers, [3, 5, 7, 8]);
        assert_eq!(read[2].1, ["3", "4\n5"]);
    }

    #[test]
    fn a_stray_quote_costs_one_row() {
        let read = rows("nik;b\n1;\"2\n3;4\n5;6\n");
        assert_eq!(
            read[1],
            (2, cells(&["1", "2"]), Some(ProblemCode::QuoteUnclosed))
        );
        assert_eq!(read[2], (3, cells(&["3", "4"]), None));
        assert_eq!(read.len(), 4);
        let two = rows("nik;b\n1;\"2\n3;\"4\n5;6");
        assert_eq!(two.len(), 4, "two stray quotes do not close each other");
    }
}
