//! Rows of a CSV: each filled row gives exactly one outcome, the totals add up, and what goes into
//! an error file shows no NIK.
#![no_main]

use std::io::Cursor;

use saring::intake::{ApplicantOptions, ApplicantReader, MaskedRow, SubmissionReader, Totals};
use saring::nik::Nik;
use saring::protocol::time::Date;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // A workbook is a ZIP archive; the target xlsx has those.
    if data.starts_with(b"PK") {
        return;
    }
    // In 2026.
    let today = Date(20_500);
    if let Ok(mut reader) = SubmissionReader::open(Cursor::new(data), today) {
        let mut outcomes = 0;
        for outcome in reader.by_ref().flatten() {
            outcomes += 1;
            shows_no_nik(&outcome.echo.masked());
        }
        add_up(reader.totals(), outcomes);
        assert!(reader.progress().done <= reader.progress().total);
    }
    let options = ApplicantOptions {
        nik_column: None,
        keep_others: true,
    };
    if let Ok(mut reader) = ApplicantReader::open(Cursor::new(data), options) {
        let columns = reader.other_columns().count();
        let mut outcomes = 0;
        for outcome in reader.by_ref().flatten() {
            outcomes += 1;
            shows_no_nik(&outcome.echo.masked());
            if let Some(applicant) = outcome.verdict.accepted() {
                assert_eq!(applicant.others.len(), columns);
            }
        }
        add_up(reader.totals(), outcomes);
    }
});

fn add_up(totals: Totals, outcomes: u64) {
    assert_eq!(totals.rows, outcomes);
    assert_eq!(
        totals.rows,
        totals.accepted + totals.repeated + totals.refused
    );
    assert!(totals.warned <= totals.rows);
}

fn shows_no_nik(row: &MaskedRow) {
    assert!(row.cells().iter().all(|cell| Nik::parse(cell).is_err()));
}
