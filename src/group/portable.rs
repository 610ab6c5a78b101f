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

pub(super) fn decode_each(encodings: &[EncodedElement]) -> Vec<Result<Element, Refusal>> {
    encodings.iter().map(decode_one).collect()
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

pub(super) fn encode(elements: &[Element]) -> Vec<EncodedElement> {
    elements.iter().map(Element::encode).collect()
}

pub(super) fn encode_doubled(elements: &[Element]) -> Vec<EncodedElement> {
    RistrettoPoint::double_and_compress_batch(elements.iter().map(Element::point))
        .into_iter()
        .map(|compressed| compressed.to_bytes())
        .collect()
}

pub(super) fn hash_to_group<M: AsRef<[u8]>>(domain: &[u8], messages: &[M]) -> Vec<RistrettoPoint> {
    let one =
        |message: &M| RistrettoPoint::from_uniform_bytes(&expand_message(domain, message.as_ref()));
    messages.iter().map(one).collect()
}

pub(super) fn hash_to_scalars<M: AsRef<[u8]>>(domain: &[u8], messages: &[M]) -> Vec<PublicScalar> {
    let one = |message: &M| {
        let uniform = expand_message(domain, message.as_ref());
        PublicScalar::of(Inner::from_bytes_mod_order_wide(&uniform))
    };
    messages.iter().map(one).collect()
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

pub(super) fn multiply_all(elements: &[Element], scalar: &Scalar) -> Vec<Element> {
    let product = |element: &Element| Element::of_product(element.point() * scalar.inner());
    elements.iter().map(product).collect()
}

pub(super) fn multiply_each(elements: &[Element], scalars: &[Scalar]) -> Vec<Element> {
    let pairs = elements.iter().zip(scalars);
    pairs
        .map(|(element, scalar)| Element::of_product(element.point() * scalar.inner()))
        .collect()
}

pub(super) fn multiply_one(element: &Element, scalars: &[Scalar]) -> Vec<Element> {
    let product = |scalar: &Scalar| Element::of_product(element.point() * scalar.inner());
    scalars.iter().map(product).collect()
}

pub(super) fn base_multiply_each(scalars: &[Scalar]) -> Vec<Element> {
    table_multiply_each(RISTRETTO_BASEPOINT_TABLE, scalars)
}

pub(super) fn table_multiply_each(
    table: &RistrettoBasepointTable,
    scalars: &[Scalar],
) -> Vec<Element> {
    scalars
        .iter()
        .map(|scalar| Element::of_product(table * scalar.inner()))
        .collect()
}

pub(super) fn add_each(left: &[Element], right: &[Element]) -> Vec<RistrettoPoint> {
    left.iter()
        .zip(right)
        .map(|(left, right)| left.point() + right.point())
        .collect()
}

pub(super) fn sub_each(left: &[Element], right: &[Element]) -> Vec<RistrettoPoint> {
    left.iter()
        .zip(right)
        .map(|(left, right)| left.point() - right.point())
        .collect()
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
) -> Vec<RistrettoPoint> {
    let row_sum = |&row: &usize| {
        RistrettoPoint::vartime_multiscalar_mul(
            coefficients.iter().map(PublicScalar::inner),
            columns.iter().map(|column| column[row].point()),
        )
    };
    rows.iter().map(row_sum).collect()
}
