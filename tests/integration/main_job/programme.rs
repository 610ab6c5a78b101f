//! A programme screens its applicants.

use serde_json::json;

use super::town::{LIST, Town, debt, digits};
use crate::world::people;

#[test]
fn main_job_a_programme_screens_its_applicants() {
    let town = Town::new();
    let maju = town.organisation("ksp-maju", &["contribute"], 10_000);
    let programme = town.organisation("prakerja", &["screen"], 10_000);
    let niks = people(31, 400);
    let lines: Vec<_> = (0..60)
        .map(|n| debt(digits(&niks[n]), &format!("A-{n}")))
        .collect();
    let file = town.file("macet.csv", &lines);
    maju.one(&format!("submit {}", file.display()), "", 0);
    maju.json("settle A-0 A-1 A-2", "", 0);
    maju.json("withdraw A-3 --cause MENINGGAL", "", 0);

    let mut applicants: Vec<_> = niks.iter().map(|nik| digits(nik).to_owned()).collect();
    applicants.push(digits(&niks[5]).to_owned());
    applicants.push("12345".to_owned());
    let applicants_file = town.path("pelamar.csv");
    std::fs::write(
        &applicants_file,
        format!("nik\n{}\n", applicants.join("\n")),
    )
    .unwrap();
    let out = town.path("hasil");
    let screen = format!(
        "screen {} --out {}",
        applicants_file.display(),
        out.display()
    );
    let manifest = programme.one(&screen, "", 0);
    assert_eq!(manifest["status"], "complete");
    let counts = &manifest["counts"];
    let expected = json!({
        "rows": 402, "valid": 401, "invalid": 1, "unique": 400, "duplicate": 1
    });
    assert_eq!(*counts, expected);
    let found = &manifest["lists"][0]["counts"];
    let expected = json!({
        "listed": 56, "previously": 3, "not_listed": 341, "unavailable": 0
    });
    assert_eq!(*found, expected);
    assert_eq!(manifest["lists"][0]["trust"], "1 of 1: trusts the operator");
    let results = std::fs::read_to_string(out.join("results.csv")).unwrap();
    assert_eq!(results.lines().count(), 402, "a header and every valid row");
    assert_eq!(
        manifest["results_blake3"],
        json!(blake3::hash(results.as_bytes()).to_string())
    );
    // A grant to screen gives no look-up of one person.
    let check = format!("check --list {LIST}");
    let line = programme.one(&check, &format!("{}\n", digits(&niks[5])), 3);
    assert_eq!(
        (&line["answer"], &line["reason"]),
        (&json!("UNAVAILABLE"), &json!("not_granted"))
    );
}
