//! The judge: curve25519-dalek and `sha2`, one element after another, clear before fast.

use std::sync::LazyLock;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoBasepointTable};
use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar as Inner};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::{Element, EncodedElement, PublicScalar, Refusal, Scalar};

/// p = 2^255 - 19, little-endian.
const FIELD_PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

pub(super) fn decode_each(encodings: &[EncodedElement], out: &mut [Result<Element, Refusal>]) {
    for (encoding, out) in encodings.iter().zip(out) {
        *out = decode_one(encoding);
    }
}

fn decode_one(encoding: &EncodedElement) -> Result<Element, Refusal> {
    let Some(point) = CompressedRistretto(*encoding).decompress() else {
        let negative = encoding[0] & 1 == 1;
        let reduced = encoding.iter().rev().lt(FIELD_PRIME.iter().rev());
        return Err(if negative || !reduced {
            Refusal::NotCanonical
        } else {
            Refusal::NotInGroup
        });
    };
    Element::proper(point).ok_or(Refusal::Identity)
}

pub(super) fn encode(elements: &[Element], out: &mut [EncodedElement]) {
    for (element, out) in elements.iter().zip(out) {
        *out = element.encode();
    }
}

pub(super) fn encode_doubled(elements: &[Element], out: &mut [EncodedElement]) {
    let points = elements.iter().map(Element::point);
    let encodings = RistrettoPoint::double_and_compress_batch(points);
    for (encoding, out) in encodings.iter().zip(out) {
        *out = encoding.to_bytes();
    }
}

pub(super) fn hash_to_group<M: AsRef<[u8]>>(
    domain: &[u8],
    messages: &[M],
    out: &mut [RistrettoPoint],
) {
    for (message, out) in messages.iter().zip(out) {
        let uniform = expand_message(domain, message.as_ref());
        *out = RistrettoPoint::from_uniform_bytes(&uniform);
    }
}

pub(super) fn hash_to_scalars<M: AsRef<[u8]>>(
    domain: &[u8],
    messages: &[M],
    out: &mut [PublicScalar],
) {
    for (message, out) in messages.iter().zip(out) {
        let uniform = expand_message(domain, message.as_ref());
        *out = PublicScalar::of(Inner::from_bytes_mod_order_wide(&uniform));
    }
}

/// SHA-512 that has taken `Z_pad`: the same first block starts every expansion.
static PADDED: LazyLock<Sha512> = LazyLock::new(|| Sha512::new().chain_update([0; 128]));

/// `expand_message_xmd` of RFC 9380, section 5.3.1, with SHA-512 and an output of 64 bytes, so
/// that `b_1` is the whole output.
pub(super) fn expand_message(domain: &[u8], message: &[u8]) -> Zeroizing<[u8; 64]> {
    let domain_length = u8::try_from(domain.len()).expect("a Domain has at most 255 bytes");
    let first = PADDED
        .clone()
        .chain_update(message)
        .chain_update(64_u16.to_be_bytes())
        .chain_update([0])
        .chain_update(domain)
        .chain_update([domain_length])
        .finalize();
    let second = Sha512::new()
        .chain_update(first)
        .chain_update([1])
        .chain_update(domain)
        .chain_update([domain_length])
        .finalize();
    Zeroizing::new(second.into())
}

pub(super) fn multiply_all(elements: &[Element], scalar: &Scalar, out: &mut [Element]) {
    for (element, out) in elements.iter().zip(out) {
        *out = Element::of_product(element.point() * scalar.inner());
    }
}

pub(super) fn multiply_each(elements: &[Element], scalars: &[Scalar], out: &mut [Element]) {
    for ((element, scalar), out) in elements.iter().zip(scalars).zip(out) {
        *out = Element::of_product(element.point() * scalar.inner());
    }
}

pub(super) fn multiply_one(element: &Element, scalars: &[Scalar], out: &mut [Element]) {
    for (scalar, out) in scalars.iter().zip(out) {
        *out = Element::of_product(element.point() * scalar.inner());
    }
}

pub(super) fn base_multiply_each(scalars: &[Scalar], out: &mut [Element]) {
    table_multiply_each(RISTRETTO_BASEPOINT_TABLE, scalars, out);
}

pub(super) fn table_multiply_each(
    table: &RistrettoBasepointTable,
    scalars: &[Scalar],
    out: &mut [Element],
) {
    for (scalar, out) in scalars.iter().zip(out) {
        *out = Element::of_product(table * scalar.inner());
    }
}

pub(super) fn add_each(left: &[Element], right: &[Element], out: &mut [RistrettoPoint]) {
    for ((left, right), out) in left.iter().zip(right).zip(out) {
        *out = left.point() + right.point();
    }
}

pub(super) fn sub_each(left: &[Element], right: &[Element], out: &mut [RistrettoPoint]) {
    for ((left, right), out) in left.iter().zip(right).zip(out) {
        *out = left.point() - right.point();
    }
}

/// Variable time.
pub(super) fn multiscalar(coefficients: &[PublicScalar], elements: &[Element]) -> RistrettoPoint {
    RistrettoPoint::vartime_multiscalar_mul(
        coefficients.iter().map(PublicScalar::inner),
        elements.iter().map(Element::point),
    )
}

/// Variable time.
pub(super) fn combine(
    coefficients: &[PublicScalar],
    columns: &[&[Element]],
    rows: &[usize],
    out: &mut [RistrettoPoint],
) {
    for (&row, out) in rows.iter().zip(out) {
        *out = RistrettoPoint::vartime_multiscalar_mul(
            coefficients.iter().map(PublicScalar::inner),
            columns.iter().map(|column| column[row].point()),
        );
    }
}
