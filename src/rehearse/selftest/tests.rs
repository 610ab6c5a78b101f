//! The built-in answers hold; a changed byte, a missing part or an empty file does not.

use serde_json::{Value, json};

use super::*;

fn built_in() -> Value {
    serde_json::from_str(BUILT_IN).unwrap()
}

fn run_on(vectors: &Value) -> Report {
    run(Some(vectors.to_string().as_bytes()))
}

/// Every string of hex in the file, by its place.
fn hex_places(value: &Value, at: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                hex_places(value, &format!("{at}/{name}"), places);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                hex_places(value, &format!("{at}/{place}"), places);
            }
        }
        Value::String(text) if text.len() >= 32 && !text.contains(' ') => places.push(at.into()),
        _ => {}
    }
}

#[test]
fn the_built_in_answers_are_given() {
    let report = run(None);
    assert_eq!(report.failures, []);
    assert_eq!(report.failed, 0);
    let sets = InstructionSet::available().len();
    assert!(report.passed > 300 * sets, "{}", report.passed);
    assert_eq!(report.passed % sets, 0, "each set gives the same answers");
    let said = serde_json::to_value(&report).unwrap();
    assert_eq!(said["failed"], 0);
}

#[test]
fn a_changed_byte_anywhere_is_a_failure() {
    let vectors = built_in();
    let mut places = Vec::new();
    hex_places(&vectors, "", &mut places);
    assert!(places.len() > 250, "{}", places.len());
    for place in places.iter().step_by(7) {
        let mut changed = vectors.clone();
        let text = changed.pointer_mut(place).unwrap();
        let old = text.as_str().unwrap();
        let flipped = if old.starts_with('0') { "1" } else { "0" };
        *text = json!(format!("{flipped}{}", &old[1..]));
        assert!(run_on(&changed).failed > 0, "{place}");
    }
}

#[test]
fn a_file_without_answers_is_no_success() {
    for content in [
        &b""[..],
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b"{\"cases\":[]}",
    ] {
        let report = run(Some(content));
        assert_eq!(report.passed, 0);
        assert!(report.failed > 0);
        assert_eq!(report.failed, report.failures.len());
    }
    assert_eq!(run(Some(b"{")).failures[0].problem, Problem::NotJson);
}

#[test]
fn a_missing_or_malformed_section_is_named() {
    let vectors = built_in();
    for section in vectors.as_object().unwrap().keys() {
        if section == "about" {
            continue;
        }
        for (bad, problem) in [
            (None, Problem::Missing),
            (Some(json!(7)), Problem::Malformed),
        ] {
            let mut changed = vectors.clone();
            match bad.clone() {
                None => drop(changed.as_object_mut().unwrap().remove(section)),
                Some(value) => changed[section] = value,
            }
            let report = run_on(&changed);
            let named = report.failures.iter().any(|failure| {
                failure.at.starts_with(&format!("/{section}"))
                    && (failure.problem == problem || bad.is_some())
            });
            assert!(named, "{section}: {:?}", report.failures);
        }
    }
}
