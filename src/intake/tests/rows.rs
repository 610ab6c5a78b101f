//! What becomes of a borrower's row.

use super::*;
use crate::nik::{NikError, NikWarning};
use crate::protocol::codes::{AmountBand, Collectibility, Reason};
use crate::texts::Lang;

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
