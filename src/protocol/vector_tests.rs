//! The known answers of an independent implementation: derivations, rows and padding.

use data_encoding::HEXLOWER;
use serde_json::Value;

use super::derive::{Derivation, SealKey, material};
use super::ids::{Epoch, ListId, Locator};
use super::padding::PaddingKey;
use super::row::{open_bytes, seal_bytes};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests/vectors/saring-v1.json")).expect("JSON")
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let text = value.as_str().expect("a string");
    let bytes = HEXLOWER
        .decode(text.as_bytes())
        .expect("hexadecimal digits");
    bytes.try_into().expect("the right length")
}

fn list<'v>(vectors: &'v Value, pointer: &str) -> &'v Vec<Value> {
    let value = vectors.pointer(pointer).expect("a part of the vectors");
    value.as_array().expect("an array")
}

fn place(value: &Value) -> (ListId, Epoch) {
    let list = ListId::parse(value["list"].as_str().expect("a string")).expect("an id");
    let epoch = value["epoch"].as_u64().expect("a number");
    (list, Epoch(u32::try_from(epoch).expect("32 bits")))
}

/// Checks everything derived from `element`; returns 1, to count.
fn check_derived(element: [u8; 32], expected: &Value) -> usize {
    let (list, epoch) = place(expected);
    let derivation = Derivation::new(&list, epoch);
    let [locator] = derivation.locators(&[element])[..] else {
        panic!("one locator for one element");
    };
    assert_eq!(locator, Locator(bytes(&expected["locator"])));
    assert_eq!(locator.tag(), bytes(&expected["tag"]));
    assert_eq!(expected["bucket_bits_12"], locator.bucket(12));
    assert_eq!(expected["bucket_bits_15"], locator.bucket(15));
    // A decimal string: not every JSON reader keeps 64 bits of a number.
    assert_eq!(expected["filter_key_u64"], locator.filter_key().to_string());
    let seal_key = &derivation.seal_keys(&[element])[0];
    assert_eq!(*seal_key.expose(), bytes(&expected["seal_key"]));
    1
}

#[test]
fn locators_and_seal_keys_agree() {
    let vectors = vectors();
    let mut checked = 0;
    for case in list(&vectors, "/cases") {
        let element = bytes(&case["element"]);
        for expected in case["derived"].as_array().expect("an array") {
            checked += check_derived(element, expected);
        }
    }
    for case in list(&vectors, "/keyed_hash/cases") {
        checked += check_derived(bytes(&case["hmac_sha256"]), &case["derived_hmac"]);
        checked += check_derived(bytes(&case["blake3_keyed"]), &case["derived_blake3"]);
    }
    let next = list(&vectors, "/rotation/elements_next").iter();
    for (element, expected) in next.zip(list(&vectors, "/rotation/derived_next")) {
        checked += check_derived(bytes(element), expected);
    }
    assert_eq!(checked, 5 * 3 + 5 * 2 + 5);
}

#[test]
fn rows_agree() {
    let vectors = vectors();
    let cases = list(&vectors, "/cases");
    let rows = list(&vectors, "/rows");
    assert_eq!(rows.len(), 5);
    for expected in rows {
        let case = cases.iter().find(|case| case["nik"] == expected["nik"]);
        let element = bytes(&case.expect("the row's case")["element"]);
        let (list, epoch) = place(expected);
        let derivation = Derivation::new(&list, epoch);
        let key: &SealKey = &derivation.seal_keys(&[element])[0];
        let tag = derivation.locators(&[element])[0].tag();
        let (nonce, summary) = (bytes(&expected["nonce"]), bytes(&expected["summary"]));
        let row = seal_bytes(key, derivation.material(), tag, nonce, &summary);
        assert_eq!(row, bytes(&expected["row"]));
        assert_eq!(open_bytes(key, derivation.material(), &row), Ok(summary));
    }
}

#[test]
fn padding_agrees() {
    let vectors = vectors();
    let key = PaddingKey::from_bytes(bytes(&vectors["padding"]["key"]));
    let rows = list(&vectors, "/padding/rows");
    assert_eq!(rows.len(), 3);
    for expected in rows {
        let (list, epoch) = place(expected);
        let number = |name: &str| expected[name].as_u64().expect("a number") as u32;
        let row = key.row(
            &material(&list, epoch),
            number("bucket_bits") as u8,
            number("bucket"),
            number("index"),
        );
        assert_eq!(row, bytes(&expected["row"]));
    }
}
