//! A programme's list from an agency: what stands in for what it does not say.

use super::*;
use crate::protocol::codes::Reason;

fn list(text: &str, category: Option<Reason>) -> Vec<Outcome<SubmissionRow>> {
    let source = Cursor::new(text.to_owned().into_bytes());
    SubmissionReader::open_programme(source, today(), category)
        .expect("a good header")
        .map(|outcome| outcome.expect("in memory"))
        .collect()
}

fn accepted(outcomes: Vec<Outcome<SubmissionRow>>) -> Vec<SubmissionRow> {
    let rows = outcomes.into_iter();
    rows.map(|outcome| outcome.verdict.accepted().expect("accepted"))
        .collect()
}

#[test]
fn a_column_of_niks_is_enough_where_the_category_is_known() {
    let rows = accepted(list(
        "nik\n3515144508680002\n3515144508680003\n",
        Some(Reason::Asn),
    ));
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!((row.reason, row.reference.as_str()), (Reason::Asn, "ASN"));
        assert_eq!((row.defaulted_on, row.ends()), (None, None));
    }
    let without = SubmissionReader::open_programme(Cursor::new("nik\n"), today(), None);
    assert!(
        matches!(without.map(drop), Err(FileProblem::MissingColumns(names))
        if names == ["kode_alasan"])
    );
}

#[test]
fn what_a_row_says_itself_goes_before() {
    let text = "nik;kode_alasan;no_ref_internal\n\
         3515144508680002;TNI;NIP-1\n\
         3515144508680003;TNI;\n\
         3515144508680004;;NIP-3\n\
         3515144508680005;JURAGAN;\n";
    let mut outcomes = list(text, Some(Reason::Asn));
    let wrong = outcomes.pop().expect("four rows");
    assert_eq!(
        codes(&wrong),
        [("kode_alasan", ProblemCode::ReasonUnknown)],
        "the category does not hide it"
    );
    let said: Vec<(Reason, String)> = accepted(outcomes)
        .into_iter()
        .map(|row| (row.reason, row.reference))
        .collect();
    let expected = [
        (Reason::Tni, "NIP-1"),
        (Reason::Tni, "TNI"),
        (Reason::Asn, "NIP-3"),
    ];
    assert_eq!(
        said,
        expected.map(|(reason, reference)| (reason, reference.to_owned()))
    );
}

#[test]
fn a_row_holds_up_to_its_last_day() {
    let text = "nik;berlaku_dari;berlaku_sampai\n\
         3515144508680002;2026-12-01;2027-05-31\n\
         3515144508680003;;2026-12-01\n\
         3515144508680004;2026-12-01;2026-12-01\n\
         3515144508680005;2026-12-02;2026-12-01\n";
    let mut outcomes = list(text, Some(Reason::Asn));
    let turned = outcomes.pop().expect("four rows");
    assert_eq!(
        codes(&turned),
        [("berlaku_sampai", ProblemCode::EndsBeforeItBegins)]
    );
    let day = |month, day| Some(Date::of(date(2026, month, day)));
    let days: Vec<_> = accepted(outcomes)
        .iter()
        .map(|row| (row.defaulted_on, row.ends()))
        .collect();
    let expected = [
        (day(12, 1), Some(Date::of(date(2027, 6, 1)))),
        (None, day(12, 2)),
        (day(12, 1), day(12, 2)),
    ];
    assert_eq!(days, expected);
}

#[test]
fn a_debt_has_no_days_of_validity() {
    let text = format!(
        "{HEADER};berlaku_sampai\n\
         3515144508680002;5;KABUR;<5;2024-01-01;1;2026-12-01\n\
         3515144508680003;;ASN;;;2;2026-12-01\n"
    );
    let outcomes = read(text);
    let warnings = outcomes[0].warnings.iter().map(|warning| warning.code);
    assert_eq!(
        warnings.collect::<Vec<_>>(),
        [WarningCode::ForProgrammesOnly]
    );
    assert!(outcomes[1].warnings.is_empty(), "the control");
    let ends: Vec<_> = accepted(outcomes).iter().map(SubmissionRow::ends).collect();
    assert_eq!(ends, [None, Some(Date::of(date(2026, 12, 2)))]);
}
