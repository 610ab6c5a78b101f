//! Files of every kind, read as a whole.

mod applicants;
mod dirt;
mod files;
mod programme;
mod rows;
mod spreadsheets;

use std::io::Cursor;

use jiff::civil::date;

use super::*;
use crate::protocol::Date;

const HEADER: &str = "nik;kolektibilitas;kode_alasan;plafond_band;tgl_macet;no_ref_internal";

fn today() -> Date {
    Date::of(date(2026, 1, 1))
}

fn open(text: impl Into<Vec<u8>>) -> Result<SubmissionReader<'static>, FileProblem> {
    SubmissionReader::open(Cursor::new(text.into()), today())
}

fn read(text: impl Into<Vec<u8>>) -> Vec<Outcome<SubmissionRow>> {
    open(text)
        .expect("a good header")
        .map(|outcome| outcome.expect("in memory"))
        .collect()
}

/// The codes of one row's problems, with their columns.
fn codes(outcome: &Outcome<SubmissionRow>) -> Vec<(&'static str, ProblemCode)> {
    outcome
        .verdict
        .problems()
        .iter()
        .map(|problem| (problem.column, problem.code))
        .collect()
}

fn one(row: &str) -> Outcome<SubmissionRow> {
    let mut outcomes = read(format!("{HEADER}\n{row}\n"));
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}
