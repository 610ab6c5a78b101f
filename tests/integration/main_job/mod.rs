//! The main job, end to end, by the executable alone: a registry is set up and served,
//! cooperatives join and upload, officers ask, debts are paid.

mod operator;
mod programme;
mod town;

use std::path::Path;

use saring::nik::Nik;
use serde_json::{Value, json};

use crate::command::Cli;
use crate::world::people;
use town::{LIST, Town, answer, answers, debt, digits, keys};

#[test]
fn main_job_from_the_first_set_up_to_the_last_answer() {
    let town = Town::new();
    let maju = town.organisation("ksp-maju", &["contribute", "check"], 10_000);
    let jaya = town.organisation("ksp-jaya", &["contribute"], 10_000);
    let officer = town.organisation("ksp-tanya", &["check"], 1_000);
    let niks = people(21, 30);
    uploads(&town, &maju, &jaya, &niks);
    checks(&officer, &niks);
    payments(&maju, &jaya, &officer, &niks);
    quotas(&officer);
    let verified = maju.one("own verify", "", 0);
    assert_eq!(verified["served"], verified["sampled"]);
    assert!(verified["sampled"].as_u64().unwrap() >= 9, "{verified}");
    assert_eq!(verified["faults"], json!([]));
    standing(&town, &officer, &niks);
    absence(town, &officer, &niks);
}

/// A dirty file: its good rows are taken, every other one is in the error file, masked.
fn uploads(town: &Town, maju: &Cli, jaya: &Cli, niks: &[Nik]) {
    let lines = dirty(niks);
    let file = town.file("gagal bayar.csv", &lines);
    let spaced = file.display().to_string();
    assert!(spaced.contains(' '));
    let plain = town.path("gagal.csv");
    std::fs::copy(&file, &plain).unwrap();
    let upload = format!("submit {}", plain.display());

    let dry = maju.one(&format!("{upload} --dry-run"), "", 4);
    assert_eq!((&dry["good"], &dry["rows"]), (&json!(11), &json!(18)));
    let report = maju.one(&upload, "", 4);
    let counts = [
        "new",
        "updated",
        "unchanged",
        "repeated",
        "refused_by_file",
        "refused_by_list",
    ];
    let sum: u64 = counts
        .iter()
        .map(|name| report[*name].as_u64().unwrap())
        .sum();
    assert_eq!(report["rows"], json!(sum));
    assert_eq!(
        (&report["new"], &report["repeated"]),
        (&json!(11), &json!(1)),
        "{report}"
    );
    let refused =
        report["refused_by_file"].as_u64().unwrap() + report["refused_by_list"].as_u64().unwrap();
    assert_eq!(refused, 6, "{report}");
    error_file(Path::new(report["errors"].as_str().unwrap()), niks);

    let again = maju.one(&upload, "", 4);
    assert_eq!(
        (&again["new"], &again["unchanged"]),
        (&json!(0), &json!(11)),
        "{again}"
    );

    let other = town.file("lain.csv", &[debt(digits(&niks[0]), "J-1")]);
    let report = jaya.one(&format!("submit {}", other.display()), "", 0);
    assert_eq!(report["also_listed_by_another"], json!(1));
    assert_eq!(report["errors"], Value::Null);
}

/// Eleven good rows, one of them twice, and six that are wrong each in its way.
fn dirty(niks: &[Nik]) -> Vec<String> {
    let mut lines: Vec<_> = (0..10)
        .map(|n| debt(digits(&niks[n]), &format!("A-{n}")))
        .collect();
    lines.push(debt("123", "B-1"));
    lines.push(debt("1111111111111111", "B-2"));
    lines.push(format!(
        "{};9;MACET_POKOK;5-25;2026-01-15;B-3",
        digits(&niks[10])
    ));
    lines.push(format!(
        "{};5;BUKAN_ALASAN;5-25;2026-01-15;B-4",
        digits(&niks[11])
    ));
    lines.push(format!(
        "{};1;MACET_POKOK;5-25;2026-01-15;B-5",
        digits(&niks[12])
    ));
    lines.push(format!(
        "{};5;MACET_POKOK;5-25;2026-02-31;B-6",
        digits(&niks[13])
    ));
    lines.push(debt(digits(&niks[0]), "A-0"));
    lines.push(String::new());
    lines.push(format!("{};;KORBAN;;2026-01-15;K-1", digits(&niks[14])));
    lines
}

fn error_file(path: &Path, niks: &[Nik]) {
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().count();
    assert!(rows >= 7, "a header and six rows at least:\n{text}");
    for nik in niks {
        assert!(!text.contains(digits(nik)), "the error file shows a NIK");
    }
    for reference in ["B-1", "B-2", "B-3", "B-4", "B-5", "B-6"] {
        assert!(text.contains(reference), "{reference} is missing:\n{text}");
    }
}

/// Every answer, and the documented fields of each.
fn checks(officer: &Cli, niks: &[Nik]) {
    let asked = [
        digits(&niks[0]),
        digits(&niks[1]),
        digits(&niks[20]),
        "3515144508680",
        digits(&niks[14]),
    ];
    let told = officer.json("check", &asked.join("\n"), 0);
    let named: Vec<_> = told
        .iter()
        .map(|line| line["answer"].as_str().unwrap())
        .collect();
    assert_eq!(
        named,
        ["LISTED", "LISTED", "NOT_LISTED", "INVALID_ID", "NOT_LISTED"]
    );
    for line in &told {
        assert_eq!(
            keys(line),
            ["answer", "epoch", "list", "nik", "response_id", "summary"]
        );
        assert_eq!(line["list"], LIST);
    }
    let masked = format!("{}******{}", &asked[0][..6], &asked[0][12..]);
    assert_eq!(told[0]["nik"], json!(masked));
    assert_eq!(told[0]["summary"]["count"], "2-3");
    assert_eq!(told[1]["summary"]["count"], "1");
    assert_eq!(told[1]["summary"]["reasons"], json!(["MACET_POKOK"]));
    assert_eq!(told[2]["summary"], Value::Null);
    assert_eq!(told[4]["summary"]["verify_identity"], true, "{}", told[4]);
    let printed = officer.call("check", &format!("{}\n", asked[0]));
    assert!(
        printed.out.contains("TERDAFTAR – perlu ditinjau"),
        "{printed:?}"
    );
    assert!(
        printed.out.contains("1 of 1: trusts the operator"),
        "{printed:?}"
    );
    assert!(!printed.out.contains(asked[0]), "{printed:?}");
    let english = officer.call("check --lang en", &format!("{}\n", asked[0]));
    assert_ne!(printed.out.lines().next(), english.out.lines().next());
    let argument = officer.call(&format!("check {}", asked[0]), "");
    assert_eq!(
        argument.code,
        Some(2),
        "a NIK must not be an argument: {argument:?}"
    );
}

/// Paid, withdrawn, disputed: visible at once.
fn payments(maju: &Cli, jaya: &Cli, officer: &Cli, niks: &[Nik]) {
    let [both, paid, wrong, disputed, victim] = [0, 1, 2, 3, 14].map(|n| digits(&niks[n]));
    maju.one("settle A-0", "", 0);
    answers(officer, both, "LISTED");
    jaya.one("settle J-1", "", 0);
    answers(officer, both, "PREVIOUSLY");
    let done = maju.one("settle A-1", "", 0);
    assert_eq!(keys(&done), ["cause", "listings", "outcome", "reference"]);
    assert_eq!(
        (&done["outcome"], &done["cause"]),
        (&json!("done"), &json!("LUNAS"))
    );
    answers(officer, paid, "PREVIOUSLY");
    let again = maju.one("settle A-1", "", 0);
    assert_eq!(again["outcome"], "unchanged");
    let unknown = maju.one("settle TIDAK-ADA", "", 4);
    assert_eq!(unknown["outcome"], "unknown_reference");
    maju.one("withdraw A-2 --cause NIK_SALAH", "", 0);
    answers(officer, wrong, "NOT_LISTED");
    maju.one("suspend A-3", "", 0);
    answers(officer, disputed, "NOT_LISTED");
    maju.one("reinstate A-3", "", 0);
    answers(officer, disputed, "LISTED");
    maju.one("suspend K-1", "", 0);
    assert_eq!(answer(officer, victim)["summary"], Value::Null);
    maju.one("reinstate K-1", "", 0);
    assert_eq!(answer(officer, victim)["summary"]["verify_identity"], true);
    // What another cooperative listed is not one's own to settle.
    let foreign = jaya.one("settle A-4", "", 4);
    assert_eq!(foreign["outcome"], "unknown_reference");
    answers(officer, digits(&niks[4]), "LISTED");
}

fn quotas(officer: &Cli) {
    let before = officer.one("quota", "", 0);
    assert_eq!(keys(&before), ["list", "quota"]);
    let used = |quota: &Value| quota["quota"]["used"].as_u64().unwrap();
    assert_eq!(before["quota"]["allowed"], 1_000);
    officer.json("check", "3515144508680\n", 0);
    assert_eq!(
        used(&officer.one("quota", "", 0)),
        used(&before),
        "nobody was asked about"
    );
    let niks = people(22, 3);
    let asked: Vec<_> = niks.iter().map(digits).collect();
    officer.json("check", &asked.join("\n"), 0);
    assert_eq!(used(&officer.one("quota", "", 0)), used(&before) + 3);
}

/// A suspended organisation is refused until it is reinstated.
fn standing(town: &Town, officer: &Cli, niks: &[Nik]) {
    town.operator.one("org suspend ksp-tanya", "", 0);
    let check = format!("check --list {LIST}");
    let line = officer.one(&check, &format!("{}\n", digits(&niks[4])), 3);
    assert_eq!(line["answer"], "UNAVAILABLE");
    assert_eq!(line["reason"], "organisation_suspended");
    officer.json("quota", "", 5);
    town.operator.one("org reinstate ksp-tanya", "", 0);
    answers(officer, digits(&niks[4]), "LISTED");
    let shown = town.operator.json("org show", "", 0);
    assert!(shown.iter().any(|org| org["organisation"] == "ksp-tanya"));
}

/// Without its registry an officer is told that nothing is known.
fn absence(mut town: Town, officer: &Cli, niks: &[Nik]) {
    town.server.take().unwrap().stop();
    let asked = format!("{}\n3515144508680\n", digits(&niks[4]));
    let lines = officer.json(&format!("check --list {LIST}"), &asked, 3);
    let told: Vec<_> = lines
        .iter()
        .map(|line| line["answer"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["UNAVAILABLE", "INVALID_ID"]);
    assert_eq!(lines[0]["reason"], "unreachable");
    assert_eq!(lines[0]["summary"], Value::Null);
    officer.json("quota", "", 3);
    town.server = Some(town.installation.serve());
    answers(officer, digits(&niks[4]), "LISTED");
    answers(officer, digits(&niks[1]), "PREVIOUSLY");
}
