//! A programme's applicants: which column is the NIK's, and what of the others is kept.

use super::*;
use crate::nik::synth::SyntheticNiks;

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
    let mut bare =
        open("3515144508680002\n\n3515144508680003\n", Default::default()).expect("a bare list");
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
