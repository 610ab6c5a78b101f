//! Plain rows are read without being taken apart; the reader that takes every row apart is the
//! judge.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::nik::synth::SyntheticNiks;

/// Everything that a reader says of a file.
type Said = (
    Vec<(
        u64,
        Result<[u8; 16], Vec<RowProblem>>,
        Vec<RowWarning>,
        MaskedRow,
    )>,
    Totals,
    Vec<FileWarning>,
    u64,
);

fn read(bytes: &[u8], keep_others: bool) -> Result<Said, FileProblem> {
    let options = ApplicantOptions {
        nik_column: None,
        keep_others,
    };
    let mut reader = ApplicantReader::open(Cursor::new(bytes), options)?;
    let mut rows = Vec::new();
    while let Some(outcome) = reader.next().transpose()? {
        let verdict = match outcome.verdict {
            Verdict::Refused(problems) => Err(problems),
            Verdict::Accepted(applicant) => Ok(*applicant.nik.expose()),
            Verdict::Repeated { .. } => unreachable!("nobody is repeated"),
        };
        rows.push((
            outcome.row,
            verdict,
            outcome.warnings,
            outcome.echo.masked(),
        ));
    }
    let done = reader.progress().done;
    Ok((rows, reader.totals(), reader.warnings(), done))
}

/// Handing on the other cells needs every row taken apart: the judge.
fn agree(bytes: &[u8]) {
    match (read(bytes, false), read(bytes, true)) {
        (Ok(quick), Ok(judge)) => assert_eq!(quick, judge),
        (quick, judge) => assert_eq!(
            quick.map_err(|fault| fault.to_string()).err(),
            judge.map_err(|fault| fault.to_string()).err()
        ),
    }
}

fn digits(seed: u64) -> String {
    let nik = SyntheticNiks::new(seed).next().expect("endless");
    String::from_utf8(nik.expose().to_vec()).expect("digits")
}

/// Cells and lines of every kind of dirt.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        6 => (0..30_u64).prop_map(digits),
        1 => (0..30_u64).prop_map(|seed| format!(" {} ", digits(seed))),
        1 => (0..30_u64).prop_map(|seed| format!("\"{}\"", digits(seed))),
        1 => Just("3515 1445 0868 0002".to_owned()),
        1 => Just("3515994508680002".to_owned()),
        1 => Just("3515140008680002".to_owned()),
        1 => Just("3,51514E+15".to_owned()),
        1 => "[a-c;,\" \t\r]{0,6}",
        1 => Just("\u{e9}\u{ff13}".to_owned()),
        1 => Just(";".repeat(300)),
    ];
    prop_oneof![
        9 => text.prop_map(String::into_bytes),
        1 => Just(b"caf\xe9".to_vec()),
    ]
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just("nik\n"),
        Just("no;nik;nama\r\n"),
        Just("nama,NIK\n"),
        Just("\u{feff}nik\tx\n"),
        Just("sep=;\nnik;x\n"),
        Just("\n\nnik;x\n"),
        Just(""),
    ];
    let end =
        prop_oneof![4 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just("\r\r\n")];
    let between = prop_oneof![Just(";"), Just(","), Just("\t")];
    let line = (proptest::collection::vec(piece(), 1..4), end);
    (
        header,
        between,
        proptest::collection::vec(line, 0..30),
        any::<bool>(),
    )
        .prop_map(|(header, between, lines, whole)| {
            let mut bytes = header.as_bytes().to_vec();
            for (cells, end) in &lines {
                bytes.extend(cells.join(between.as_bytes()));
                bytes.extend_from_slice(end.as_bytes());
            }
            if !whole {
                bytes.pop();
            }
            bytes
        })
}

proptest! {
    #[test]
    fn plain_rows_are_read_as_all_others(bytes in file()) {
        agree(&bytes);
    }
}

#[test]
fn lines_across_the_reader_s_pieces_and_of_any_length_are_read_alike() {
    let mut text = String::from("nama;nik\n");
    for seed in 0..200 {
        let name = "x".repeat(if seed % 50 == 7 {
            limits::MAX_ROW_BYTES - 16 + seed as usize / 50
        } else {
            3000
        });
        text += &format!("{name};{}\n", digits(seed));
    }
    agree(text.as_bytes());
    let said = read(text.as_bytes(), false).expect("reads");
    assert_eq!(
        (said.1.rows, said.1.refused),
        (200, 4),
        "the four longest are too long"
    );
}

#[test]
fn the_judge_would_see_a_difference() {
    let one = read(b"nik\n3515144508680002\n", false).expect("reads");
    let other = read(b"nik\n3515144508680003\n", true).expect("reads");
    assert_ne!(one, other);
}
