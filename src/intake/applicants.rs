//! A programme's list of applicants: the NIK column, and nothing else unless asked for.

use zeroize::Zeroizing;

use super::cell::{Cell, RawRow};
use super::columns::{self, SubmissionColumn};
use super::table::{Progress, Source, Table};
use super::zeros::ZeroEndings;
use super::{
    Echo, FileProblem, FileWarning, MaskedRow, Outcome, ProblemCode, RowProblem, RowWarning,
    Totals, Verdict, WarningCode, limits, values,
};
use crate::nik::Nik;

/// The name by which the NIK column is reported.
const NIK: &str = SubmissionColumn::Nik.name();

const NIK_DIGITS: usize = 16;

/// How to read an applicants' file.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplicantOptions<'a> {
    /// The header of the NIK column, in any case; `None` finds it by the names that are usual. A
    /// file without a header is taken if it has just one column.
    pub nik_column: Option<&'a str>,
    /// Whether the other cells are handed on ([`Applicant::others`]); they are dropped otherwise.
    pub keep_others: bool,
}

/// One applicant. It has no `Debug`: it holds a NIK.
#[derive(Clone)]
pub struct Applicant {
    /// The person.
    pub nik: Nik,
    /// The other cells of the row, verbatim (dates as `YYYY-MM-DD`), as many as
    /// [`ApplicantReader::other_columns`]; empty unless asked for.
    pub others: Zeroizing<Vec<String>>,
}

/// Reads an applicants' file; an iterator over what becomes of each filled row. Rows that repeat a
/// NIK are all given out: remembering every applicant would take gigabytes.
pub struct ApplicantReader<'s> {
    table: Table<'s>,
    header: Vec<String>,
    nik: usize,
    keep_others: bool,
    zeros: ZeroEndings,
    totals: Totals,
    ended: bool,
}

impl<'s> ApplicantReader<'s> {
    /// Opens a CSV or XLSX file and finds its NIK column.
    ///
    /// # Errors
    /// [`FileProblem::MissingColumns`] if no column is it, [`FileProblem::RepeatedColumn`] if
    /// several are, [`FileProblem::NoHeader`] if the first of several columns' rows is data, and
    /// the file's own variants.
    pub fn open(
        source: impl Source + 's,
        options: ApplicantOptions<'_>,
    ) -> Result<Self, FileProblem> {
        let is_nik = |name: &str| match options.nik_column {
            Some(wanted) => columns::fold(name) == columns::fold(wanted),
            None => SubmissionColumn::named(name) == Some(SubmissionColumn::Nik),
        };
        let (first, mut table) =
            Table::open(Box::new(source), &is_nik, limits::MAX_APPLICANT_FILE_ROWS)?;
        let mut header: Vec<String> = first.cells.iter().map(Cell::shown).collect();
        let places: Vec<usize> = (0..header.len()).filter(|&i| is_nik(&header[i])).collect();
        let nik = match places.as_slice() {
            [place] => {
                columns::check_header(&first)?;
                *place
            }
            [] if options.nik_column.is_none() && is_bare_list(&first) => {
                table.give_back(first);
                header = vec![NIK.to_owned()];
                0
            }
            [] => {
                columns::check_header(&first)?;
                return Err(FileProblem::MissingColumns(vec![NIK]));
            }
            _ => return Err(FileProblem::RepeatedColumn(NIK)),
        };
        Ok(Self {
            table,
            header,
            nik,
            keep_others: options.keep_others,
            zeros: ZeroEndings::default(),
            totals: Totals::default(),
            ended: false,
        })
    }

    /// The header for the error file: the NIK column alone.
    #[must_use]
    pub fn header(&self) -> MaskedRow {
        MaskedRow::of_one(NIK)
    }

    /// The names of the other columns, in the file's order.
    pub fn other_columns(&self) -> impl Iterator<Item = &str> {
        let nik = self.nik;
        self.header
            .iter()
            .enumerate()
            .filter(move |(i, _)| *i != nik)
            .map(|(_, name)| name.as_str())
    }

    /// Counts over the rows read so far; no applicant is ever `repeated`.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// How far the file has been read.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.table.progress()
    }

    /// What looks odd about the rows read so far, taken together.
    #[must_use]
    pub fn warnings(&self) -> Vec<FileWarning> {
        self.zeros.warning().into_iter().collect()
    }

    /// The next row, if it is a line of a CSV whose NIK cell is a valid NIK of sixteen digits and
    /// nothing else: what nearly all rows are. Every other row is taken apart and judged.
    fn plain(&mut self) -> Result<Option<Outcome<Applicant>>, FileProblem> {
        if self.keep_others {
            return Ok(None);
        }
        let valid = |cell: &[u8]| match cell.len() {
            NIK_DIGITS if cell.iter().all(u8::is_ascii_digit) => Nik::parse_bytes(cell).ok(),
            _ => None,
        };
        let Some((row, nik)) = self.table.plain_row(self.nik, valid)? else {
            return Ok(None);
        };
        self.zeros.see_digits(nik.expose());
        Ok(Some(accepted(row, nik, Zeroizing::default())))
    }

    fn judge(&mut self, raw: &RawRow) -> Outcome<Applicant> {
        let row = raw.number;
        let read = match (raw.fault, raw.cell(self.nik)) {
            (Some(fault), _) => Err(("", fault)),
            (None, None) => Err((NIK, ProblemCode::Required)),
            (None, Some(cell)) => {
                self.zeros.see(cell);
                values::nik(cell).map_err(|code| (NIK, code))
            }
        };
        match read {
            Ok(nik) => accepted(row, nik, self.others(raw)),
            Err((column, code)) => Outcome {
                row,
                verdict: Verdict::Refused(vec![RowProblem { row, column, code }]),
                warnings: Vec::new(),
                echo: Echo::of_nik(row, raw.cell(self.nik)),
            },
        }
    }

    fn others(&self, raw: &RawRow) -> Zeroizing<Vec<String>> {
        if !self.keep_others {
            return Zeroizing::default();
        }
        let places = (0..self.header.len()).filter(|&place| place != self.nik);
        Zeroizing::new(
            places
                .map(|p| raw.cells.get(p).map_or_else(String::new, Cell::verbatim))
                .collect(),
        )
    }
}

fn accepted(row: u64, nik: Nik, others: Zeroizing<Vec<String>>) -> Outcome<Applicant> {
    let odd = nik.place_warning().map(WarningCode::Nik);
    let warning = odd.map(|code| RowWarning {
        row,
        column: NIK,
        code,
    });
    Outcome {
        row,
        verdict: Verdict::Accepted(Applicant { nik, others }),
        warnings: warning.into_iter().collect(),
        echo: Echo::nothing(row),
    }
}

/// A first row of one cell that is already a NIK.
fn is_bare_list(first: &RawRow) -> bool {
    matches!(first.cells.as_slice(), [cell] if Nik::parse(&cell.shown()).is_ok())
}

impl Iterator for ApplicantReader<'_> {
    type Item = Result<Outcome<Applicant>, FileProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = match self.plain() {
            Ok(None) => self
                .table
                .next_row()
                .map(|raw| raw.map(|raw| self.judge(&raw))),
            taken => taken,
        };
        match &next {
            Ok(Some(outcome)) => self.totals.count(outcome),
            Ok(None) | Err(_) => self.ended = true,
        }
        next.transpose()
    }
}

#[cfg(test)]
mod tests;
