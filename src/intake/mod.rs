//! Files that people hand in: CSV and XLSX, dirty ones too.
//!
//! A file is a header and rows. A [`FileProblem`] refuses a file as a whole (unknown columns are
//! refused by name, so that no name and no savings slip in); otherwise every filled row gives
//! exactly one [`Outcome`], whatever its neighbours look like. The NIK of a refused row is never
//! shown: what goes into the [`ErrorFile`] is a [`MaskedRow`].
//!
//! Two readers stand on the same ground: [`SubmissionReader`] for a cooperative's list and
//! [`ApplicantReader`] for a programme's applicants.

mod applicants;
mod cell;
mod columns;
mod delimited;
mod duplicates;
mod echo;
mod error_file;
mod inflate;
mod lines;
mod outcome;
mod problem;
mod split;
mod submission;
mod table;
mod template;
mod values;
mod workbook;
mod zeros;

pub use applicants::{Applicant, ApplicantOptions, ApplicantReader};
pub use columns::SubmissionColumn;
pub use echo::{Echo, MaskedRow, mask_niks};
pub use error_file::ErrorFile;
pub use outcome::{Outcome, Totals, Verdict};
pub use problem::{FileProblem, FileWarning, ProblemCode, RowProblem, RowWarning, WarningCode};
pub use submission::{SubmissionReader, SubmissionRow};
pub use table::{Progress, Source};
pub use template::{TemplateError, template};

use crate::protocol::limits::files as limits;

#[cfg(test)]
mod tests;
