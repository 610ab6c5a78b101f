//! What can be wrong with a file, a row or a cell. Errors refuse a row; warnings only speak.

use std::io;

use serde::Serialize;

use crate::nik::{NikError, NikWarning};
use crate::texts::{Lang, intake as texts};

/// Why a row is refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ProblemCode {
    /// The NIK breaks a rule.
    Nik(NikError),
    /// The NIK is a number in the spreadsheet, which keeps only 15 of its digits.
    NikNumericCell,
    /// The NIK was saved as `3,51514E+15`: its last digits are lost.
    NikScientific,
    /// A cell that must be filled is blank.
    Required,
    /// Not a collectibility grade 1 to 5.
    CollectibilityUnknown,
    /// Not a reason code.
    ReasonUnknown,
    /// Not an amount band; exact amounts are not taken.
    BandUnknown,
    /// The spreadsheet turned the band (5-25) into a date.
    BandDate,
    /// A date in none of the accepted forms.
    DateFormat,
    /// A date that no calendar has.
    DateImpossible,
    /// A date after today.
    DateFuture,
    /// A date before 1970.
    DateTooOld,
    /// A last day of validity before the first.
    EndsBeforeItBegins,
    /// The reference is longer than allowed.
    ReferenceTooLong,
    /// The reference holds sixteen digits that read as a NIK.
    ReferenceHoldsNik,
    /// A number of more than 15 digits, or a fraction, where text was meant.
    NumberInexact,
    /// A formula that failed.
    CellError,
    /// A filled cell beyond the last named column.
    TooManyCells,
    /// A row of more bytes than allowed.
    RowTooLong,
    /// A quotation mark that never closes.
    QuoteUnclosed,
    /// The same NIK and reference as an earlier row, with other content.
    DuplicateConflict,
}

impl ProblemCode {
    /// Every code once, for tables and templates.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let own = [
            Self::NikNumericCell,
            Self::NikScientific,
            Self::Required,
            Self::CollectibilityUnknown,
            Self::ReasonUnknown,
            Self::BandUnknown,
            Self::BandDate,
            Self::DateFormat,
            Self::DateImpossible,
            Self::DateFuture,
            Self::DateTooOld,
            Self::EndsBeforeItBegins,
            Self::ReferenceTooLong,
            Self::ReferenceHoldsNik,
            Self::NumberInexact,
            Self::CellError,
            Self::TooManyCells,
            Self::RowTooLong,
            Self::QuoteUnclosed,
            Self::DuplicateConflict,
        ];
        NikError::ALL
            .into_iter()
            .map(Self::Nik)
            .chain(own)
            .collect()
    }

    /// The stable `snake_case` code, also the key of its text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nik(error) => error.code(),
            Self::NikNumericCell => "nik_numeric_cell",
            Self::NikScientific => "nik_scientific",
            Self::Required => "cell_required",
            Self::CollectibilityUnknown => "kolektibilitas_unknown",
            Self::ReasonUnknown => "kode_alasan_unknown",
            Self::BandUnknown => "plafond_band_unknown",
            Self::BandDate => "plafond_band_date",
            Self::DateFormat => "date_format",
            Self::DateImpossible => "date_impossible",
            Self::DateFuture => "date_future",
            Self::DateTooOld => "date_too_old",
            Self::EndsBeforeItBegins => "ends_before_it_begins",
            Self::ReferenceTooLong => "reference_too_long",
            Self::ReferenceHoldsNik => "reference_holds_nik",
            Self::NumberInexact => "number_inexact",
            Self::CellError => "cell_error",
            Self::TooManyCells => "too_many_cells",
            Self::RowTooLong => "row_too_long",
            Self::QuoteUnclosed => "quote_unclosed",
            Self::DuplicateConflict => "duplicate_conflict",
        }
    }
}

/// What looks odd about a row that is taken all the same.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WarningCode {
    /// The NIK is valid and looks odd.
    Nik(NikWarning),
    /// `tanggal_lahir` is no date, so it was not compared.
    BirthDateUnreadable,
    /// `jenis_kelamin` is neither L nor P, so it was not compared.
    SexUnreadable,
    /// The same NIK as an earlier row under another reference: a second loan, or a mistake.
    SamePersonOtherReference,
    /// A programme's reason carries neither grade, band nor loan: the cell was ignored.
    IgnoredForProgramme,
    /// A debt carries no days of validity: the cell was ignored.
    ForProgrammesOnly,
}

impl WarningCode {
    /// Every code once.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let own = [
            Self::BirthDateUnreadable,
            Self::SexUnreadable,
            Self::SamePersonOtherReference,
            Self::IgnoredForProgramme,
            Self::ForProgrammesOnly,
        ];
        NikWarning::ALL
            .into_iter()
            .map(Self::Nik)
            .chain(own)
            .collect()
    }

    /// The stable `snake_case` code, also the key of its text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nik(warning) => warning.code(),
            Self::BirthDateUnreadable => "birth_date_unreadable",
            Self::SexUnreadable => "sex_unreadable",
            Self::SamePersonOtherReference => "same_person_other_reference",
            Self::IgnoredForProgramme => "ignored_for_programme",
            Self::ForProgrammesOnly => "for_programmes_only",
        }
    }
}

impl Serialize for ProblemCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for WarningCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One reason why one row is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct RowProblem {
    /// The row as the spreadsheet numbers it, from 1.
    pub row: u64,
    /// The column's own name, empty if the whole row is meant.
    pub column: &'static str,
    /// What is wrong.
    pub code: ProblemCode,
}

impl RowProblem {
    /// The sentence for a person.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'static str {
        texts::text(self.code.as_str(), lang)
    }
}

/// One oddity of one row.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct RowWarning {
    /// The row as the spreadsheet numbers it, from 1.
    pub row: u64,
    /// The column's own name, empty if the whole row is meant.
    pub column: &'static str,
    /// What looks odd.
    pub code: WarningCode,
}

impl RowWarning {
    /// The sentence for a person.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'static str {
        texts::text(self.code.as_str(), lang)
    }
}

/// What looks odd about a whole file.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileWarning {
    /// Nearly all NIKs end in 0: a spreadsheet has probably cut off their last digit.
    NiksEndInZero,
}

impl FileWarning {
    /// The stable `snake_case` code, also the key of its text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NiksEndInZero => "niks_end_in_zero",
        }
    }

    /// The sentence for a person.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        texts::text(self.as_str(), lang)
    }
}

/// Why a file cannot be read, or not to its end. Column names are echoed with digits masked, since
/// a file without a header offers data in their place.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// Reading failed.
    #[error("the file cannot be read")]
    Unreadable(#[from] io::Error),
    /// No row holds anything.
    #[error("the file is empty")]
    Empty,
    /// More bytes, parts or rows than allowed.
    #[error("the file is too large")]
    TooLarge,
    /// UTF-16 text ("Unicode text"), which has to be saved as CSV UTF-8.
    #[error("the file is UTF-16 text")]
    Utf16,
    /// An old binary workbook (.xls) or a workbook locked by a password.
    #[error("the file is an old or locked workbook")]
    OldOrLockedWorkbook,
    /// A workbook that breaks its own format.
    #[error("the workbook is damaged")]
    Damaged,
    /// The first row holds data instead of names.
    #[error("the file has no header row")]
    NoHeader,
    /// Names that are not on the list of allowed columns.
    #[error("unknown columns: {}", .0.join(", "))]
    UnknownColumns(Vec<String>),
    /// Required columns that are not there.
    #[error("missing columns: {}", .0.join(", "))]
    MissingColumns(Vec<&'static str>),
    /// One column named twice.
    #[error("a column appears twice: {0}")]
    RepeatedColumn(&'static str),
    /// More columns than allowed.
    #[error("the file has too many columns")]
    TooManyColumns,
}

impl FileProblem {
    /// The stable `snake_case` code, also the key of its text.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "file_unreadable",
            Self::Empty => "file_empty",
            Self::TooLarge => "file_too_large",
            Self::Utf16 => "file_utf16",
            Self::OldOrLockedWorkbook => "file_old_or_locked",
            Self::Damaged => "file_damaged",
            Self::NoHeader => "file_no_header",
            Self::UnknownColumns(_) => "columns_unknown",
            Self::MissingColumns(_) => "columns_missing",
            Self::RepeatedColumn(_) => "column_repeated",
            Self::TooManyColumns => "columns_too_many",
        }
    }

    /// The sentence for a person, with the columns concerned where there are any.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let sentence = texts::text(self.code(), lang);
        match self {
            Self::UnknownColumns(names) => {
                let allowed: Vec<&str> = super::SubmissionColumn::ALL.map(|c| c.name()).into();
                sentence
                    .replace("{names}", &names.join(", "))
                    .replace("{allowed}", &allowed.join(", "))
            }
            Self::MissingColumns(names) => sentence.replace("{names}", &names.join(", ")),
            Self::RepeatedColumn(name) => sentence.replace("{names}", name),
            _ => sentence.to_owned(),
        }
    }
}
