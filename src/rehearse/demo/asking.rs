//! The officer's organisation asks: single checks, a paid debt, a file of applicants.

use std::time::Instant;

use serde_json::Value;

use super::cast::{
    APPLICANTS, COOPERATIVES, Cast, INVALID, LISTED_APPLICANTS, OFFICER, PAID, REPEATED,
};
use super::setting::{LIST, Setting};
use crate::rehearse::RehearsalError;
use crate::rehearse::error::hold;
use crate::rehearse::program::{number, text};
use crate::texts::cli::said;
use crate::texts::{Text, demo as texts};

pub(super) fn officer_checks(
    setting: &mut Setting<'_, '_>,
    cast: &Cast,
) -> Result<(), RehearsalError> {
    setting.step(texts::CHECK);
    let mistyped = cast.digits(PAID)[..15].to_owned();
    let cases = [
        (texts::LISTED_BY_ONE, cast.digits(PAID), "LISTED"),
        (
            texts::LISTED_BY_TWO,
            cast.digits(Cast::listed_twice()),
            "LISTED",
        ),
        (
            texts::NEVER_LISTED,
            cast.digits(Cast::never_listed()),
            "NOT_LISTED",
        ),
        (texts::MISTYPED, &mistyped, "INVALID_ID"),
    ];
    for (who, nik, expected) in cases {
        let answer = ask(setting, nik)?;
        tell(setting, who, &answer, expected)?;
    }
    let began = Instant::now();
    ask(setting, cast.digits(PAID))?;
    let ms = began.elapsed().as_millis();
    setting.held(texts::LATENCY, &[("ms", &ms)]);
    Ok(())
}

pub(super) fn debt_is_paid(
    setting: &mut Setting<'_, '_>,
    cast: &Cast,
) -> Result<(), RehearsalError> {
    setting.step(texts::SETTLE);
    let reference = Cast::reference(0, PAID);
    let settled =
        setting
            .program(COOPERATIVES[0])
            .one(&["settle", &reference, "--list", LIST], "", 0)?;
    hold(text(&settled, "outcome")? == "done", "the debt is settled")?;
    let answer = ask(setting, cast.digits(PAID))?;
    tell(setting, texts::PAID, &answer, "PREVIOUSLY")
}

/// One person, through the executable: the NIK goes in by standard input.
pub(super) fn ask(setting: &Setting<'_, '_>, nik: &str) -> Result<Value, RehearsalError> {
    let officer = setting.program(OFFICER);
    officer.one(&["check", "--list", LIST], &format!("{nik}\n"), 0)
}

fn tell(
    setting: &mut Setting<'_, '_>,
    who: Text,
    answer: &Value,
    expected: &str,
) -> Result<(), RehearsalError> {
    let code = text(answer, "answer")?;
    hold(code == expected, "the answer is the expected one")?;
    let words = setting.say(said::answer(code));
    let nik = answer["nik"].as_str().unwrap_or("-");
    let shown = format!("{nik}  {words}");
    let who = setting.say(who);
    setting.held(texts::ANSWERED, &[("who", &who), ("answer", &shown)]);
    Ok(())
}

pub(super) fn applicants_are_screened(
    setting: &mut Setting<'_, '_>,
    cast: &Cast,
) -> Result<(), RehearsalError> {
    setting.step(texts::SCREEN);
    let file = setting.file("applicants.csv", &cast.applicants())?;
    let out = setting.path("results");
    let arguments = [
        "screen".into(),
        file.into_os_string(),
        "--list".into(),
        LIST.into(),
        "--out".into(),
        out.clone().into_os_string(),
    ];
    let began = Instant::now();
    setting.program(OFFICER).show(&arguments)?;
    let milliseconds = began.elapsed().as_millis().max(1);
    let manifest = std::fs::read(out.join("manifest.json"))?;
    let manifest: Value = serde_json::from_slice(&manifest).map_err(|_| RehearsalError::Answer)?;
    totals_reconcile(setting, &manifest, milliseconds)
}

/// Every count is the one that follows from who was listed and who applies.
fn totals_reconcile(
    setting: &mut Setting<'_, '_>,
    manifest: &Value,
    milliseconds: u128,
) -> Result<(), RehearsalError> {
    let (counts, of_list) = (&manifest["counts"], &manifest["lists"][0]["counts"]);
    hold(
        manifest["status"] == "complete",
        "the screening is complete",
    )?;
    let people = APPLICANTS - REPEATED - INVALID;
    let expected = [
        (counts, "rows", APPLICANTS),
        (counts, "invalid", INVALID),
        (counts, "duplicate", REPEATED),
        (counts, "unique", people),
        (of_list, "listed", LISTED_APPLICANTS - 1),
        (of_list, "previously", 1),
        (of_list, "not_listed", people - LISTED_APPLICANTS),
        (of_list, "unavailable", 0),
    ];
    for (of, name, count) in expected {
        hold(
            number(of, name)? == count as u64,
            "the totals reconcile with the known overlap",
        )?;
    }
    let rate = people as u128 * 1000 / milliseconds;
    let [
        rows,
        invalid,
        duplicate,
        unique,
        listed,
        previously,
        clear,
        _,
    ] = expected.map(|(_, _, count)| count);
    setting.held(
        texts::SCREENED,
        &[
            ("rows", &rows),
            ("invalid", &invalid),
            ("duplicate", &duplicate),
            ("unique", &unique),
            ("listed", &listed),
            ("previously", &previously),
            ("clear", &clear),
            ("rate", &rate),
        ],
    );
    Ok(())
}
