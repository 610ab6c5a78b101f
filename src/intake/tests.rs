use std::io::Cursor;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::nik::synth::SyntheticNiks;
use crate::nik::{NikError, NikWarning};
use crate::protocol::Date;
use crate::protocol::codes::{AmountBand, Collectibility, Reason};
use crate::texts::Lang;

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

#[test]
fn a_good_row_is_understood_whole() {
    let outcome = one("3515144508680002;5;MACET_POKOK;5-25;29/02/2024; PK-17 ");
    assert!(outcome.warnings.is_empty());
    assert_eq!(outcome.row, 2);
    let row = outcome.verdict.accepted().expect("accepted");
    assert_eq!(row.nik.expose(), b"3515144508680002");
    assert_eq!(row.collectibility, Some(Collectibility::Macet));
    assert_eq!(row.reason, Reason::MacetPokok);
    assert_eq!(row.amount_band, Some(AmountBand::From5To25));
    assert_eq!(row.defaulted_on, Some(Date::of(date(2024, 2, 29))));
    assert_eq!(row.reference, "PK-17");
}

#[test]
fn all_problems_of_a_row_are_told_at_once() {
    let outcome = one("351514450868000;9;MACET;17500000;2027-01-01;");
    assert_eq!(
        codes(&outcome),
        [
            ("nik", ProblemCode::Nik(NikError::Length)),
            ("kode_alasan", ProblemCode::ReasonUnknown),
            ("no_ref_internal", ProblemCode::Required),
            ("kolektibilitas", ProblemCode::CollectibilityUnknown),
            ("plafond_band", ProblemCode::BandUnknown),
            ("tgl_macet", ProblemCode::DateFuture),
        ]
    );
    assert_eq!(outcome.echo.masked().cells()[0], "3515***********");
    for lang in Lang::ALL {
        assert!(
            outcome
                .verdict
                .problems()
                .iter()
                .all(|problem| !problem.text(lang).is_empty())
        );
    }
}

#[test]
fn loan_columns_follow_the_reason() {
    assert_eq!(codes(&one("3515144508680002;;KABUR;;;1")).len(), 3);
    assert!(codes(&one("3515144508680002;;KORBAN;;;1")).is_empty());
    let programme = one("3515144508680002;5;ASN;;;1");
    assert_eq!(programme.warnings.len(), 1);
    assert_eq!(programme.warnings[0].code, WarningCode::IgnoredForProgramme);
    assert_eq!(
        programme
            .verdict
            .accepted()
            .expect("accepted")
            .collectibility,
        None
    );
}

#[test]
fn references_hold_no_niks() {
    let outcome = one("3515144508680002;5;KABUR;<5;2024-01-01;PK 3515144508680002");
    assert_eq!(
        codes(&outcome),
        [("no_ref_internal", ProblemCode::ReferenceHoldsNik)]
    );
    assert_eq!(outcome.echo.masked().cells()[5], "PK 351514******0002");
    let long = "x".repeat(limits::MAX_REFERENCE_CHARS + 1);
    let outcome = one(&format!("3515144508680002;5;KABUR;<5;2024-01-01;{long}"));
    assert_eq!(
        codes(&outcome),
        [("no_ref_internal", ProblemCode::ReferenceTooLong)]
    );
}

#[test]
fn neighbours_that_differ_only_warn() {
    let text = format!(
        "{HEADER};tanggal_lahir;jenis_kelamin\n\
         3515144508680002;5;KABUR;<5;2024-01-01;1;1968-08-05;P\n\
         3515144508680003;5;KABUR;<5;2024-01-01;2;1968-08-06;L\n\
         3515144508680004;5;KABUR;<5;2024-01-01;3;kemarin;x\n\
         3599994508680004;5;KABUR;<5;2024-01-01;4;;\n"
    );
    let warnings: Vec<Vec<WarningCode>> = read(text)
        .iter()
        .map(|outcome| {
            assert!(matches!(outcome.verdict, Verdict::Accepted(_)));
            outcome
                .warnings
                .iter()
                .map(|warning| warning.code)
                .collect()
        })
        .collect();
    assert_eq!(warnings[0], []);
    assert_eq!(
        warnings[1],
        [
            WarningCode::Nik(NikWarning::BirthDateDiffers),
            WarningCode::Nik(NikWarning::SexDiffers)
        ]
    );
    assert_eq!(
        warnings[2],
        [WarningCode::BirthDateUnreadable, WarningCode::SexUnreadable]
    );
    assert_eq!(warnings[3], [WarningCode::Nik(NikWarning::UnknownRegency)]);
}

#[test]
fn duplicates_are_told_apart() {
    let text = format!(
        "{HEADER}\n\
         3515144508680002;5;KABUR;<5;2024-01-01;1\n\
         3515.1445.0868.0002;5;kabur;< 5 juta;01/01/2024;1\n\
         3515144508680002;4;KABUR;<5;2024-01-01;1\n\
         3515144508680002;5;KABUR;<5;2024-01-01;2\n"
    );
    let mut reader = open(text).expect("a good header");
    let outcomes: Vec<_> = reader
        .by_ref()
        .map(|outcome| outcome.expect("in memory"))
        .collect();
    assert!(matches!(outcomes[0].verdict, Verdict::Accepted(_)));
    assert!(matches!(
        outcomes[1].verdict,
        Verdict::Repeated { first: 2 }
    ));
    assert_eq!(
        codes(&outcomes[2]),
        [("no_ref_internal", ProblemCode::DuplicateConflict)]
    );
    assert_eq!(
        outcomes[3].warnings[0].code,
        WarningCode::SamePersonOtherReference
    );
    let totals = reader.totals();
    assert_eq!(
        (
            totals.rows,
            totals.accepted,
            totals.repeated,
            totals.refused
        ),
        (4, 2, 1, 1)
    );
}

#[test]
fn unnamed_cells_are_refused_and_blank_ones_are_not() {
    assert_eq!(
        codes(&one("3515144508680002;5;KABUR;<5;2024-01-01;1;Budi")),
        [("", ProblemCode::TooManyCells)]
    );
    assert!(codes(&one("3515144508680002;5;KABUR;<5;2024-01-01;1;;;")).is_empty());
}

#[test]
fn files_are_refused_with_their_reason() {
    let refused = |bytes: &[u8]| open(bytes).map(drop).expect_err("refused").code();
    assert_eq!(refused(b""), "file_empty");
    assert_eq!(refused(b"\n;;\n \n"), "file_empty");
    assert_eq!(refused(b"\xff\xfen\0i\0k\0"), "file_utf16");
    assert_eq!(
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "file_old_or_locked"
    );
    assert_eq!(refused(b"PK\x03\x04not a workbook"), "file_damaged");
    assert_eq!(refused(b"nik;nama;saldo"), "columns_unknown");
    assert_eq!(refused(b"nik"), "columns_missing");
    assert_eq!(refused(b"3515144508680002;5"), "file_no_header");
    assert_eq!(
        refused(format!("{HEADER};nik").as_bytes()),
        "column_repeated"
    );
    let problem = open("nik;nama;saldo").map(drop).expect_err("refused");
    let text = problem.text(Lang::Id);
    assert!(
        text.contains("nama, saldo") && text.contains("no_ref_internal"),
        "{text}"
    );
}

#[test]
fn windows_1252_and_byte_order_marks_are_read() {
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend_from_slice(HEADER.as_bytes());
    bytes.extend_from_slice(b"\r\n3515144508680002;5;KABUR;5\x9625;2024-01-01;caf\xe9\r\n");
    let row = read(bytes).remove(0).verdict.accepted().expect("accepted");
    assert_eq!(row.reference, "caf\u{e9}");
    assert_eq!(
        row.amount_band,
        Some(AmountBand::From5To25),
        "0x96 is a dash in Windows-1252"
    );
}

#[test]
fn a_file_of_cut_niks_is_suspected() {
    let cut = |keep: bool| {
        let rows = SyntheticNiks::new(8).take(40).map(|nik| {
            let mut digits = *nik.expose();
            digits[15] = if keep { digits[15] } else { b'0' };
            format!("{}\n", String::from_utf8_lossy(&digits))
        });
        let text = format!("nik\n{}", rows.collect::<String>());
        let mut reader =
            ApplicantReader::open(Cursor::new(text), ApplicantOptions::default()).expect("a list");
        assert_eq!(reader.by_ref().count(), 40);
        reader.warnings()
    };
    assert_eq!(cut(false), [FileWarning::NiksEndInZero]);
    assert_eq!(cut(true), []);
}

mod applicants {
    use super::*;

    fn open<'a>(
        text: &'static str,
        options: ApplicantOptions<'a>,
    ) -> Result<ApplicantReader<'static>, FileProblem> {
        ApplicantReader::open(Cursor::new(text), options)
    }

    #[test]
    fn other_columns_are_dropped_unless_asked_for() {
        let text = "Nama,No. KTP,Saldo\n\"Budi, S.E.\",3515144508680002, 7 \nAni,x\n";
        for keep_others in [false, true] {
            let options = ApplicantOptions {
                keep_others,
                ..Default::default()
            };
            let mut reader = open(text, options).expect("has a NIK column");
            assert!(reader.other_columns().eq(["Nama", "Saldo"]));
            let good = reader.next().expect("two rows").expect("in memory");
            let good = good.verdict.accepted().expect("accepted");
            let expected: &[&str] = if keep_others {
                &["Budi, S.E.", " 7 "]
            } else {
                &[]
            };
            assert_eq!(*good.others, expected);
            let bad = reader.next().expect("two rows").expect("in memory");
            assert_eq!(bad.verdict.problems()[0].code.as_str(), "nik_characters");
            assert_eq!(
                bad.echo.masked().cells(),
                ["x"],
                "nothing but the NIK cell is echoed"
            );
            assert!(reader.next().is_none());
            assert_eq!(reader.totals().rows, 2);
        }
    }

    #[test]
    fn the_column_is_found_named_or_the_only_one() {
        let named = ApplicantOptions {
            nik_column: Some("PESERTA"),
            ..Default::default()
        };
        let mut reader = open("id;peserta\n1;3515144508680002\n", named).expect("named");
        assert!(
            reader
                .next()
                .expect("a row")
                .expect("in memory")
                .verdict
                .accepted()
                .is_some()
        );
        let mut bare = open("3515144508680002\n\n3515144508680003\n", Default::default())
            .expect("a bare list");
        let rows: Vec<u64> = bare.by_ref().map(|o| o.expect("in memory").row).collect();
        assert_eq!(rows, [1, 3]);
        let refused = |text| {
            open(text, Default::default())
                .map(drop)
                .expect_err("refused")
                .code()
        };
        assert_eq!(refused("id;peserta\n1;2\n"), "columns_missing");
        assert_eq!(refused("nik;no ktp\n1;2\n"), "column_repeated");
        assert_eq!(refused("3515144508680002;Budi\n"), "file_no_header");
    }

    #[test]
    fn an_address_over_several_lines_is_one_row() {
        let text = "nik;alamat;x\n3515144508680002;\"Jl. Mawar\nRT 1\";y\n3515144508680003;b;c\n";
        let mut reader = open(text, ApplicantOptions::default()).expect("has a NIK column");
        assert_eq!(
            reader
                .by_ref()
                .filter(|o| matches!(o, Ok(o) if o.verdict.problems().is_empty()))
                .count(),
            2
        );
        assert_eq!(reader.progress().done, reader.progress().total);
    }
}

mod spreadsheets {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    use super::*;

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
}

/// Rows that a careless person might send: any mix of these, whatever it means.
fn dirt() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("3515144508680002".to_owned()),
        Just("3515144508680002;5;KABUR;<5;2024-01-01;1".to_owned()),
        Just(";".to_owned()),
        Just("\"".to_owned()),
        "[a-z0-9 ;\"'=+-]{0,12}",
        "\\PC{0,8}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Good rows between dirty lines are all found, and no line is counted twice.
    #[test]
    fn dirt_gives_one_outcome_a_row_and_swallows_no_good_one(
        lines in proptest::collection::vec(dirt(), 0..12),
    ) {
        let mut text = format!("{HEADER}\n");
        let mut good = 0;
        for (index, line) in lines.iter().enumerate() {
            text.push_str(line);
            text.push('\n');
            // Distinct references, so that no two of them are duplicates.
            text.push_str(&format!("3515144508680002;5;KABUR;<5;2024-01-01;good-{index}\n"));
            good += 1;
        }
        let mut reader = open(text).expect("a good header");
        let mut rows = Vec::new();
        let mut found = 0;
        for outcome in reader.by_ref() {
            let outcome = outcome.expect("in memory");
            rows.push(outcome.row);
            if let Verdict::Accepted(row) = &outcome.verdict {
                found += usize::from(row.reference.starts_with("good-"));
            }
        }
        prop_assert_eq!(found, good);
        prop_assert!(rows.is_sorted_by(|a, b| a < b));
        let totals = reader.totals();
        prop_assert_eq!(totals.rows, rows.len() as u64);
        prop_assert_eq!(totals.accepted + totals.repeated + totals.refused, totals.rows);
    }

    /// Bytes of any kind open to a problem or to rows, and never panic; what is echoed holds no
    /// valid NIK.
    #[test]
    fn any_bytes_get_an_answer(
        header in prop_oneof![Just(HEADER.to_owned()), "\\PC{0,40}"],
        body in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut bytes = header.into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(&body);
        if let Ok(reader) = open(bytes) {
            for outcome in reader {
                let outcome = outcome.expect("in memory");
                prop_assert!(outcome.echo.masked().cells().iter().all(|cell| !echo::holds_nik(cell)));
            }
        }
    }
}

mod mutated_workbooks {
    use std::io::{Read, Write};

    use super::*;

    /// The template with one part's bytes changed, packed again.
    fn repacked(part: usize, changes: &[(usize, u8)]) -> Vec<u8> {
        let whole = template(Lang::Id).expect("written");
        let mut archive = zip::ZipArchive::new(Cursor::new(whole)).expect("a workbook");
        let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        let changed = part % archive.len();
        for index in 0..archive.len() {
            let mut bytes = Vec::new();
            let mut file = archive.by_index(index).expect("a part");
            let name = file.name().expect("UTF-8").into_owned();
            file.read_to_end(&mut bytes).expect("in memory");
            if index == changed {
                let length = bytes.len();
                changes
                    .iter()
                    .for_each(|(at, byte)| bytes[at % length] = *byte);
            }
            packed.start_file(name, stored).expect("in memory");
            packed.write_all(&bytes).expect("in memory");
        }
        packed.finish().expect("in memory").into_inner()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// A damaged workbook is refused or read, and never panics.
        #[test]
        fn damage_gets_an_answer(
            part in any::<usize>(),
            changes in proptest::collection::vec((any::<usize>(), "[ -~]".prop_map(|c| c.as_bytes()[0])), 1..6),
        ) {
            if let Ok(reader) = open(repacked(part, &changes)) {
                prop_assert!(reader.count() < 2000);
            }
        }
    }
}
