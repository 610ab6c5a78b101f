//! A row as it stands in the file, before anything is understood.

use jiff::civil::Date;
use zeroize::Zeroize;

use super::ProblemCode;

/// One cell. A CSV has only texts; a spreadsheet also tells numbers, dates and errors apart.
#[derive(Clone, PartialEq)]
pub(super) enum Cell {
    /// Text, as typed.
    Text(String),
    /// A number, as decimal text; `exact` says that a spreadsheet shows all of its digits.
    Number { text: String, exact: bool },
    /// A date cell.
    Date(Date),
    /// A formula that failed, such as `#REF!`.
    Error,
}

impl Cell {
    /// The text of the cell without surrounding blanks; dates as `YYYY-MM-DD`.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Number { text, .. } => text.trim().to_owned(),
            Self::Date(date) => date.to_string(),
            Self::Error => "#ERROR".to_owned(),
        }
    }

    /// [`Cell::shown`] with the blanks around a text kept.
    pub(super) fn verbatim(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            cell => cell.shown(),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

impl Drop for Cell {
    /// Any cell may hold a NIK.
    fn drop(&mut self) {
        if let Self::Text(text) | Self::Number { text, .. } = self {
            text.zeroize();
        }
    }
}

/// One row of a file.
#[derive(Clone)]
pub(super) struct RawRow {
    /// As the spreadsheet numbers it: the first row is 1 and blank rows count.
    pub(super) number: u64,
    /// In order of the columns; absent trailing cells are simply not there.
    pub(super) cells: Vec<Cell>,
    /// Why the row could not be taken apart, if so; its cells are then what could be saved.
    pub(super) fault: Option<ProblemCode>,
}

impl RawRow {
    pub(super) fn is_blank(&self) -> bool {
        self.fault.is_none() && self.cells.iter().all(Cell::is_blank)
    }

    /// The cell of a column, absent if the row ends before it or the cell is blank.
    pub(super) fn cell(&self, column: usize) -> Option<&Cell> {
        self.cells.get(column).filter(|cell| !cell.is_blank())
    }
}
