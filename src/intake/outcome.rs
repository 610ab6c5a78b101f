//! What became of a row.

use serde::Serialize;

use super::{Echo, RowProblem, RowWarning};

/// One filled row of a file and what became of it. Every filled row gives exactly one.
#[derive(Clone)]
pub struct Outcome<R> {
    /// The row as the spreadsheet numbers it, from 1; the header is a row too.
    pub row: u64,
    /// Whether it was taken.
    pub verdict: Verdict<R>,
    /// What looks odd about it; never a reason to refuse.
    pub warnings: Vec<RowWarning>,
    /// The row, to be shown with NIKs masked.
    pub echo: Echo,
}

/// Whether a row was taken.
#[derive(Clone)]
pub enum Verdict<R> {
    /// A good row.
    Accepted(R),
    /// The same listing as an earlier row of this file: nothing to send, nothing to mend.
    Repeated {
        /// The earlier row.
        first: u64,
    },
    /// A row with at least one problem.
    Refused(Vec<RowProblem>),
}

impl<R> Verdict<R> {
    /// The good row, if it is one.
    pub fn accepted(self) -> Option<R> {
        match self {
            Self::Accepted(row) => Some(row),
            _ => None,
        }
    }

    /// The problems, none unless refused.
    #[must_use]
    pub fn problems(&self) -> &[RowProblem] {
        match self {
            Self::Refused(problems) => problems,
            _ => &[],
        }
    }
}

/// Counts over the rows read so far; `rows` is always the sum of the next three.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Totals {
    /// Filled rows, without the header.
    pub rows: u64,
    /// Good rows.
    pub accepted: u64,
    /// Rows that repeat an earlier one.
    pub repeated: u64,
    /// Rows with a problem.
    pub refused: u64,
    /// Rows with a warning, whatever became of them.
    pub warned: u64,
}

impl Totals {
    pub(super) fn count<R>(&mut self, outcome: &Outcome<R>) {
        self.rows += 1;
        match outcome.verdict {
            Verdict::Accepted(_) => self.accepted += 1,
            Verdict::Repeated { .. } => self.repeated += 1,
            Verdict::Refused(_) => self.refused += 1,
        }
        self.warned += u64::from(!outcome.warnings.is_empty());
    }
}
