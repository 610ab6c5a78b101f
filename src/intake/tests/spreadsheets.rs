//! Workbooks, and what a spreadsheet does to a NIK.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;
use crate::protocol::codes::Collectibility;

/// A workbook with our header and the given filling.
fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (place, name) in (0_u16..).zip(HEADER.split(';')) {
        sheet.write_string(0, place, name).expect("in memory");
    }
    fill(sheet);
    workbook.save_to_buffer().expect("in memory")
}

fn row(sheet: &mut rust_xlsxwriter::Worksheet, at: u32, cells: &[&str]) {
    for (place, cell) in (0_u16..).zip(cells) {
        sheet.write_string(at, place, *cell).expect("in memory");
    }
}

#[test]
fn text_dates_and_small_numbers_are_read() {
    let bytes = workbook(|sheet| {
        row(sheet, 1, &["3515144508680002", "", "KABUR", "5-25", "", ""]);
        sheet.write_number(1, 1, 5).expect("in memory");
        let day = ExcelDateTime::from_ymd(2024, 2, 29).expect("a day");
        let format = Format::new().set_num_format("yyyy-mm-dd");
        sheet
            .write_datetime_with_format(1, 4, &day, &format)
            .expect("in memory");
        sheet.write_number(1, 5, 4711).expect("in memory");
    });
    let row = read(bytes).remove(0).verdict.accepted().expect("accepted");
    assert_eq!(row.defaulted_on, Some(Date::of(date(2024, 2, 29))));
    assert_eq!(row.collectibility, Some(Collectibility::Macet));
    assert_eq!(row.reference, "4711");
}

#[test]
fn numeric_niks_and_bands_turned_dates_are_refused() {
    let bytes = workbook(|sheet| {
        row(sheet, 1, &["", "5", "KABUR", "", "2024-01-01", ""]);
        sheet
            .write_number(1, 0, 3_515_144_508_680_002_f64)
            .expect("in memory");
        let day = ExcelDateTime::from_ymd(2026, 5, 25).expect("a day");
        let format = Format::new().set_num_format("d-mmm");
        sheet
            .write_datetime_with_format(1, 3, &day, &format)
            .expect("in memory");
        sheet.write_number(1, 5, 1e18).expect("in memory");
        row(
            sheet,
            3,
            &["3,51514E+15", "5", "KABUR", "<5", "2024-01-01", "2"],
        );
    });
    let outcomes = read(bytes);
    assert_eq!(
        codes(&outcomes[0]),
        [
            ("nik", ProblemCode::NikNumericCell),
            ("no_ref_internal", ProblemCode::NumberInexact),
            ("plafond_band", ProblemCode::BandDate),
        ]
    );
    assert_eq!(outcomes[0].echo.masked().cells()[0], "351514******0002");
    assert_eq!(outcomes[1].row, 4, "blank rows count as in the spreadsheet");
    assert_eq!(codes(&outcomes[1]), [("nik", ProblemCode::NikScientific)]);
}

#[test]
fn a_far_cell_is_a_problem_of_its_row_alone() {
    let bytes = workbook(|sheet| {
        row(
            sheet,
            1,
            &["3515144508680002", "5", "KABUR", "<5", "2024-01-01", "1"],
        );
        sheet
            .write_string(1_048_575, 16_383, "x")
            .expect("in memory");
    });
    let outcomes = read(bytes);
    assert!(outcomes[0].verdict.problems().is_empty());
    assert_eq!(codes(&outcomes[1]), [("", ProblemCode::TooManyCells)]);
    assert_eq!(outcomes[1].row, 1_048_576);
}

#[test]
fn a_workbook_that_inflates_too_far_is_refused() {
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    archive
        .start_file("xl/sharedStrings.xml", deflated)
        .expect("in memory");
    let zeros = vec![0; 1 << 20];
    for _ in 0..=limits::MAX_XLSX_INFLATED_BYTES >> 20 {
        archive.write_all(&zeros).expect("in memory");
    }
    let bytes = archive.finish().expect("in memory").into_inner();
    assert!(bytes.len() < 8 << 20, "small as stored: {}", bytes.len());
    assert_eq!(
        open(bytes).map(drop).expect_err("refused").code(),
        "file_too_large"
    );
}
