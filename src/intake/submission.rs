//! A cooperative's list of defaulters, row by row.

use jiff::civil::{self, date};

use super::cell::{Cell, RawRow};
use super::columns::{Form, Layout};
use super::duplicates::{Duplicates, Standing};
use super::table::{Progress, Source, Table};
use super::zeros::ZeroEndings;
use super::{
    Echo, FileProblem, FileWarning, MaskedRow, Outcome, ProblemCode, RowProblem, RowWarning,
    SubmissionColumn as Column, Totals, Verdict, WarningCode, limits, values,
};
use crate::nik::{Nik, NikWarning};
use crate::protocol::Date;
use crate::protocol::codes::{AmountBand, Collectibility, Reason};

/// One listing as a cooperative hands it in.
///
/// It has no `Debug`: it holds a NIK and the cooperative's own reference, which stays in the agent.
#[derive(Clone)]
pub struct SubmissionRow {
    /// The person.
    pub nik: Nik,
    /// Why the person is listed.
    pub reason: Reason,
    /// Present for every reason that reports a debt; may be absent for `KORBAN`, and is for
    /// programmes.
    pub collectibility: Option<Collectibility>,
    /// Present as `collectibility` is.
    pub amount_band: Option<AmountBand>,
    /// The day of default; present for every reason that reports a debt. For a programme, the first
    /// day on which the reason holds, if the file tells.
    pub defaulted_on: Option<Date>,
    /// For a programme, the last day on which the reason holds, if the file tells.
    pub last_day: Option<Date>,
    /// The cooperative's own reference, 1 to [`limits::MAX_REFERENCE_CHARS`] characters, without
    /// surrounding blanks. It never leaves the agent.
    pub reference: String,
}

impl SubmissionRow {
    /// The day from which the row no longer holds, if it tells.
    #[must_use]
    pub fn ends(&self) -> Option<Date> {
        self.last_day.map(|last| Date(last.0.saturating_add(1)))
    }
}

/// Reads a submission file; an iterator over what becomes of each filled row.
///
/// A dirty row never ends the file; only a [`FileProblem`] does, and then nothing follows.
pub struct SubmissionReader<'s> {
    table: Table<'s>,
    layout: Layout,
    form: Form,
    header: MaskedRow,
    today: civil::Date,
    duplicates: Duplicates,
    zeros: ZeroEndings,
    totals: Totals,
    ended: bool,
}

impl<'s> SubmissionReader<'s> {
    /// Opens a CSV or XLSX file and understands its header. `today` bounds the day of default.
    ///
    /// # Errors
    /// Every variant of [`FileProblem`]: the file's own, and those of its columns.
    pub fn open(source: impl Source + 's, today: Date) -> Result<Self, FileProblem> {
        Self::open_as(source, today, Form::Borrowers)
    }

    /// Opens a programme's list from an agency: only the NIK has a column of its own in any case.
    /// `category` stands in for a missing `kode_alasan`; a row's category for a missing reference.
    ///
    /// # Errors
    /// Those of [`SubmissionReader::open`].
    pub fn open_programme(
        source: impl Source + 's,
        today: Date,
        category: Option<Reason>,
    ) -> Result<Self, FileProblem> {
        Self::open_as(source, today, Form::Programme(category))
    }

    fn open_as(source: impl Source + 's, today: Date, form: Form) -> Result<Self, FileProblem> {
        let known = |name: &str| Column::named(name).is_some();
        let (header, table) =
            Table::open(Box::new(source), &known, limits::MAX_SUBMISSION_FILE_ROWS)?;
        let layout = Layout::of(&header, form)?;
        let duplicates = Duplicates::new(limits::REMEMBERED_ROWS).map_err(std::io::Error::other)?;
        Ok(Self {
            table,
            layout,
            form,
            header: MaskedRow::of(&header, None),
            today: today.civil().unwrap_or(civil::Date::MAX),
            duplicates,
            zeros: ZeroEndings::default(),
            totals: Totals::default(),
            ended: false,
        })
    }

    /// The header row, for the error file.
    #[must_use]
    pub fn header(&self) -> &MaskedRow {
        &self.header
    }

    /// Counts over the rows read so far.
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

    fn judge(&mut self, raw: RawRow) -> Outcome<SubmissionRow> {
        if let Some(cell) = self.layout.cell(&raw, Column::Nik) {
            self.zeros.see(cell);
        }
        let mut findings = Findings::new(raw.number);
        let row = Judge {
            layout: &self.layout,
            form: self.form,
            raw: &raw,
            today: self.today,
        }
        .row(&mut findings);
        let verdict = match row {
            Some(row) if findings.problems.is_empty() => self.place(row, &mut findings),
            _ => Verdict::Refused(findings.problems),
        };
        Outcome {
            row: raw.number,
            verdict,
            warnings: findings.warnings,
            echo: Echo::of(raw, self.layout.place(Column::Nik)),
        }
    }

    fn place(&mut self, row: SubmissionRow, findings: &mut Findings) -> Verdict<SubmissionRow> {
        match self.duplicates.place(findings.row, &row) {
            Standing::New => {}
            Standing::OtherReference => {
                findings.warn(Some(Column::Nik), WarningCode::SamePersonOtherReference);
            }
            Standing::Repeated { first } => return Verdict::Repeated { first },
            Standing::Conflict { .. } => {
                findings.refuse(Some(Column::Reference), ProblemCode::DuplicateConflict);
                return Verdict::Refused(std::mem::take(&mut findings.problems));
            }
        }
        Verdict::Accepted(row)
    }
}

impl Iterator for SubmissionReader<'_> {
    type Item = Result<Outcome<SubmissionRow>, FileProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.table.next_row() {
            Ok(Some(raw)) => {
                let outcome = self.judge(raw);
                self.totals.count(&outcome);
                Some(Ok(outcome))
            }
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(problem) => {
                self.ended = true;
                Some(Err(problem))
            }
        }
    }
}

/// Collects what is found in one row.
struct Findings {
    row: u64,
    problems: Vec<RowProblem>,
    warnings: Vec<RowWarning>,
}

impl Findings {
    fn new(row: u64) -> Self {
        Self {
            row,
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn refuse(&mut self, column: Option<Column>, code: ProblemCode) {
        let column = column.map_or("", Column::name);
        self.problems.push(RowProblem {
            row: self.row,
            column,
            code,
        });
    }

    fn warn(&mut self, column: Option<Column>, code: WarningCode) {
        let column = column.map_or("", Column::name);
        self.warnings.push(RowWarning {
            row: self.row,
            column,
            code,
        });
    }
}

/// Understands one row by the layout of its file.
struct Judge<'a> {
    layout: &'a Layout,
    form: Form,
    raw: &'a RawRow,
    today: civil::Date,
}

impl Judge<'_> {
    /// Every cell is looked at, so that a person sees all problems of a row at once.
    fn row(&self, findings: &mut Findings) -> Option<SubmissionRow> {
        if let Some(fault) = self.raw.fault {
            findings.refuse(None, fault);
            return None;
        }
        if self.layout.has_stray_cell(self.raw) {
            findings.refuse(None, ProblemCode::TooManyCells);
        }
        let nik = self.required(Column::Nik, values::nik, findings);
        if let Some(nik) = &nik {
            self.cross_check(nik, findings);
        }
        let reason = self.reason(findings);
        let reference = self.reference(reason, findings);
        let (collectibility, amount_band, defaulted_on) = self.loan(reason, findings);
        let (first_day, last_day) = self.validity(reason, findings);
        let defaulted_on = defaulted_on.or(first_day);
        Some(SubmissionRow {
            nik: nik?,
            reason: reason?,
            collectibility,
            amount_band,
            defaulted_on,
            last_day,
            reference: reference?,
        })
    }

    fn reason(&self, findings: &mut Findings) -> Option<Reason> {
        let category = match self.form {
            Form::Programme(category) => category,
            Form::Borrowers => None,
        };
        let needed = category.is_none();
        let read = self.read(Column::Reason, values::reason, needed, findings);
        let blank = self.layout.cell(self.raw, Column::Reason).is_none();
        read.or(category.filter(|_| blank))
    }

    fn reference(&self, reason: Option<Reason>, findings: &mut Findings) -> Option<String> {
        let stand_in = match self.form {
            Form::Programme(_) => reason.map(|reason| reason.as_str().to_owned()),
            Form::Borrowers => None,
        };
        let needed = matches!(self.form, Form::Borrowers);
        let read = self.read(Column::Reference, reference, needed, findings);
        let blank = self.layout.cell(self.raw, Column::Reference).is_none();
        read.or(stand_in.filter(|_| blank))
    }

    /// The columns about the loan: needed for a debt, welcome for a victim of identity theft,
    /// meaningless for a programme.
    fn loan(
        &self,
        reason: Option<Reason>,
        findings: &mut Findings,
    ) -> (Option<Collectibility>, Option<AmountBand>, Option<Date>) {
        if reason.is_some_and(Reason::is_programme) {
            for column in [
                Column::Collectibility,
                Column::AmountBand,
                Column::DefaultedOn,
            ] {
                if self.layout.cell(self.raw, column).is_some() {
                    findings.warn(Some(column), WarningCode::IgnoredForProgramme);
                }
            }
            return (None, None, None);
        }
        let needed = reason.is_some_and(|reason| reason != Reason::Korban);
        (
            self.read(
                Column::Collectibility,
                values::collectibility,
                needed,
                findings,
            ),
            self.read(Column::AmountBand, values::band, needed, findings),
            self.read(
                Column::DefaultedOn,
                |cell| default_day(cell, self.today),
                needed,
                findings,
            ),
        )
    }

    /// The days on which a programme's reason holds; meaningless for a debt.
    fn validity(
        &self,
        reason: Option<Reason>,
        findings: &mut Findings,
    ) -> (Option<Date>, Option<Date>) {
        let columns = [Column::ValidFrom, Column::ValidUntil];
        if reason.is_some_and(|reason| !reason.is_programme()) {
            for column in columns {
                if self.layout.cell(self.raw, column).is_some() {
                    findings.warn(Some(column), WarningCode::ForProgrammesOnly);
                }
            }
            return (None, None);
        }
        let [first, last] = columns.map(|column| {
            let day = |cell: &Cell| values::date(cell).map(Date::of);
            self.read(column, day, false, findings)
        });
        if first.zip(last).is_some_and(|(first, last)| last < first) {
            findings.refuse(Some(Column::ValidUntil), ProblemCode::EndsBeforeItBegins);
        }
        (first, last)
    }

    fn required<T>(
        &self,
        column: Column,
        read: impl Fn(&Cell) -> Result<T, ProblemCode>,
        findings: &mut Findings,
    ) -> Option<T> {
        self.read(column, read, true, findings)
    }

    fn read<T>(
        &self,
        column: Column,
        read: impl Fn(&Cell) -> Result<T, ProblemCode>,
        needed: bool,
        findings: &mut Findings,
    ) -> Option<T> {
        match self.layout.cell(self.raw, column).map(read) {
            Some(Ok(value)) => return Some(value),
            Some(Err(code)) => findings.refuse(Some(column), code),
            None if needed => findings.refuse(Some(column), ProblemCode::Required),
            None => {}
        }
        None
    }

    /// Compares the NIK with the table of districts and with the columns beside it.
    fn cross_check(&self, nik: &Nik, findings: &mut Findings) {
        let born = self
            .layout
            .cell(self.raw, Column::BirthDate)
            .map(values::date);
        if matches!(born, Some(Err(_))) {
            findings.warn(Some(Column::BirthDate), WarningCode::BirthDateUnreadable);
        }
        let sex = self.layout.cell(self.raw, Column::Sex).map(values::sex);
        if sex == Some(None) {
            findings.warn(Some(Column::Sex), WarningCode::SexUnreadable);
        }
        let differing = nik.check_against(born.and_then(Result::ok), sex.flatten());
        for warning in nik.place_warning().into_iter().chain(differing) {
            let column = match warning {
                NikWarning::BirthDateDiffers => Column::BirthDate,
                NikWarning::SexDiffers => Column::Sex,
                _ => Column::Nik,
            };
            findings.warn(Some(column), WarningCode::Nik(warning));
        }
    }
}

/// The first day a default may lie on.
const EARLIEST: civil::Date = date(1970, 1, 1);

fn default_day(cell: &Cell, today: civil::Date) -> Result<Date, ProblemCode> {
    match values::date(cell)? {
        day if day > today => Err(ProblemCode::DateFuture),
        day if day < EARLIEST => Err(ProblemCode::DateTooOld),
        day => Ok(Date::of(day)),
    }
}

fn reference(cell: &Cell) -> Result<String, ProblemCode> {
    let text = values::plain(cell)?;
    if text.chars().count() > limits::MAX_REFERENCE_CHARS {
        return Err(ProblemCode::ReferenceTooLong);
    }
    if Nik::parse(&text).is_ok() || super::echo::holds_nik(&text) {
        return Err(ProblemCode::ReferenceHoldsNik);
    }
    Ok(text)
}
