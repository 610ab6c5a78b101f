//! The member's file of its own borrowers: NIK, and its own reference where there is one.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use super::PortfolioError;
use crate::intake::{ApplicantOptions, ApplicantReader, FileProblem, SubmissionColumn, Verdict};
use crate::nik::Nik;
use crate::protocol::limits::MAX_PORTFOLIO;
use crate::protocol::limits::files::MAX_REFERENCE_CHARS;

/// One borrower. It has no `Debug`: it holds a NIK.
pub(super) struct Borrower {
    pub(super) nik: Nik,
    pub(super) reference: Option<String>,
}

/// Who stands in a file.
#[derive(Default)]
pub(super) struct Borrowers {
    /// Each person once, in the file's order.
    pub(super) people: Vec<Borrower>,
    /// Rows whose NIK is none.
    pub(super) invalid: u64,
}

/// Reads a CSV or XLSX file.
pub(super) fn read(path: &Path, nik_column: Option<&str>) -> Result<Borrowers, PortfolioError> {
    let file = File::open(path).map_err(FileProblem::from)?;
    let options = ApplicantOptions {
        nik_column,
        keep_others: true,
    };
    let mut rows = ApplicantReader::open(file, options)?;
    let mut others = rows.other_columns();
    let is_reference =
        |name: &str| SubmissionColumn::named(name) == Some(SubmissionColumn::Reference);
    let column = others.position(is_reference);
    drop(others);
    let mut borrowers = Borrowers::default();
    let mut seen = HashSet::new();
    for row in &mut rows {
        let Verdict::Accepted(row) = row?.verdict else {
            borrowers.invalid += 1;
            continue;
        };
        if !seen.insert(Digits(*row.nik.expose())) {
            continue;
        }
        if borrowers.people.len() == MAX_PORTFOLIO {
            let limit = MAX_PORTFOLIO;
            return Err(PortfolioError::TooMany { limit });
        }
        let reference = column.and_then(|column| row.others.get(column));
        let reference = reference.map(|text| text.trim().chars().take(MAX_REFERENCE_CHARS));
        borrowers.people.push(Borrower {
            reference: reference
                .map(String::from_iter)
                .filter(|text| !text.is_empty()),
            nik: row.nik,
        });
    }
    Ok(borrowers)
}

/// Wiped when the set of them is.
#[derive(PartialEq, Eq, Hash)]
struct Digits([u8; 16]);

impl Drop for Digits {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}
