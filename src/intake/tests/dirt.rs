//! Whatever a file holds, every row gets one answer and nothing panics.

use std::io::{Read, Write};

use proptest::prelude::*;

use super::*;
use crate::texts::Lang;

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

/// The template with one part's bytes changed, packed again.
fn repacked(part: usize, changes: &[(usize, u8)]) -> Vec<u8> {
    let whole = template(Lang::Id).expect("written");
    let mut archive = zip::ZipArchive::new(Cursor::new(whole)).expect("a workbook");
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
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
