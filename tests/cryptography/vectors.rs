//! The committed vectors, read as values of the library.

use data_encoding::HEXLOWER;
use saring::group::{Batch, Scalar};
use saring::oprf::{PrivateKey, Proof, PublicKey};
use serde_json::Value;

pub(crate) fn saring_v1() -> Value {
    serde_json::from_str(include_str!("../vectors/saring-v1.json")).unwrap()
}

pub(crate) fn rfc9497() -> Value {
    serde_json::from_str(include_str!("../vectors/rfc9497-ristretto255-sha512.json")).unwrap()
}

pub(crate) fn rfc9496() -> Value {
    serde_json::from_str(include_str!("../vectors/rfc9496-bad-encodings.json")).unwrap()
}

pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("a string, not {value}"))
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("a list, not {value}"))
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(text(value).as_bytes()).unwrap()
}

pub(crate) fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

pub(crate) fn arrays<const N: usize>(value: &Value) -> Vec<[u8; N]> {
    list(value).iter().map(array).collect()
}

pub(crate) fn scalar(value: &Value) -> Scalar {
    Scalar::from_canonical_bytes(&array(value)).unwrap()
}

pub(crate) fn key(value: &Value) -> PrivateKey {
    PrivateKey::from(scalar(value))
}

pub(crate) fn public(value: &Value) -> PublicKey {
    PublicKey::decode(&array(value)).unwrap()
}

pub(crate) fn proof(value: &Value) -> Proof {
    Proof::from_bytes(&array(value)).unwrap()
}

pub(crate) fn batch(encodings: Vec<[u8; 32]>) -> Batch {
    Batch::decode(encodings).unwrap()
}
