//! ristretto255 (RFC 9496) for many elements at a time.
//!
//! Callers hand over whole slices. Every door works on all cores of the caller's rayon pool, so a
//! caller bounds the number of jobs by running it inside [`rayon::ThreadPool::install`], or by
//! building the global pool once at start. Scalars that are secret have the type [`Scalar`] and
//! meet constant-time code only; those that everybody may know have the type [`PublicScalar`], and
//! only they enter the variable-time doors [`multiscalar`] and [`combine`].
//!
//! Each operation is one match over [`Backend`]; `portable` (curve25519-dalek) is the judge of
//! every other backend.

mod backend;
mod batch;
mod element;
mod error;
mod fixed_base;
#[cfg(target_arch = "x86_64")]
#[allow(dead_code, reason = "no operation of this room uses it yet")]
mod ifma;
#[allow(
    dead_code,
    unused_imports,
    reason = "no operation of this room uses it yet"
)]
mod lanes;
mod portable;
mod scalar;
mod spread;
#[cfg(test)]
mod tests;

pub use backend::Backend;
pub use batch::Batch;
pub use element::{Element, EncodedElement};
pub use error::{DecodeError, GroupError, Refusal};
pub use fixed_base::FixedBase;
pub use scalar::{PublicScalar, Scalar};

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::traits::Identity;
use spread::{spread, spread_pairs};

/// A domain separation tag of RFC 9380: a constant of the protocol, 1 to 255 bytes.
#[derive(Clone, Copy)]
pub struct Domain(&'static [u8]);

impl Domain {
    /// Names a domain.
    ///
    /// # Panics
    /// When the tag is empty or longer than 255 bytes; in a constant, at compile time.
    #[must_use]
    pub const fn new(tag: &'static [u8]) -> Self {
        assert!(
            !tag.is_empty() && tag.len() <= 255,
            "RFC 9380, section 5.3.1"
        );
        Self(tag)
    }
}

/// Decodes canonical 32-byte encodings (RFC 9496, section 4.3.1), in order.
///
/// # Errors
/// [`DecodeError`] for the first encoding that is not canonical, names no element, or is the
/// identity's.
pub fn decode(encodings: &[EncodedElement]) -> Result<Vec<Element>, DecodeError> {
    decode_each(encodings)
        .into_iter()
        .enumerate()
        .map(|(index, decoded)| decoded.map_err(|reason| DecodeError { index, reason }))
        .collect()
}

/// Decodes as [`decode`] does, but answers for each encoding by itself: one bad encoding changes
/// nothing for the others.
#[must_use]
pub fn decode_each(encodings: &[EncodedElement]) -> Vec<Result<Element, Refusal>> {
    spread(
        encodings,
        Err(Refusal::Identity),
        |piece, out| match Backend::chosen() {
            Backend::Portable => portable::decode_each(piece, out),
        },
    )
}

/// The 32-byte encodings of the elements, in order (RFC 9496, section 4.3.2).
#[must_use]
pub fn encode(elements: &[Element]) -> Vec<EncodedElement> {
    spread(elements, [0; 32], |piece, out| match Backend::chosen() {
        Backend::Portable => portable::encode(piece, out),
    })
}

/// The 32-byte encodings of `2 * elements[i]`. Twice as fast as doubling and [`encode`], because
/// one inversion serves many, so products are computed halved and encoded doubled: see [`Batch`].
#[must_use]
pub fn encode_doubled(elements: &[Element]) -> Vec<EncodedElement> {
    spread(elements, [0; 32], |piece, out| match Backend::chosen() {
        Backend::Portable => portable::encode_doubled(piece, out),
    })
}

/// `HashToGroup` of RFC 9497 for ristretto255-SHA512: `expand_message_xmd` with SHA-512 to 64 bytes
/// (RFC 9380, section 5.3.1), then the one-way map (RFC 9496, section 4.3.4). Constant time in the
/// messages' bytes, not in their lengths.
///
/// # Errors
/// [`GroupError::Identity`] with the index of a message that hashes to the identity.
pub fn hash_to_group<M: AsRef<[u8]> + Sync>(
    domain: Domain,
    messages: &[M],
) -> Result<Vec<Element>, GroupError> {
    element::all_proper(spread(
        messages,
        RistrettoPoint::identity(),
        |piece, out| match Backend::chosen() {
            Backend::Portable => portable::hash_to_group(domain.0, piece, out),
        },
    ))
}

/// `HashToScalar` of RFC 9497 for ristretto255-SHA512: `expand_message_xmd` with SHA-512 to 64 bytes
/// as a little-endian integer mod l. The results are public; a secret one is
/// [`Scalar::hash`].
#[must_use]
pub fn hash_to_scalars<M: AsRef<[u8]> + Sync>(domain: Domain, messages: &[M]) -> Vec<PublicScalar> {
    spread(
        messages,
        PublicScalar::ONE,
        |piece, out| match Backend::chosen() {
            Backend::Portable => portable::hash_to_scalars(domain.0, piece, out),
        },
    )
}

/// `scalar * elements[i]`, each with its encoding. Constant time.
#[must_use]
pub fn multiply_all(elements: &[Element], scalar: &Scalar) -> Batch {
    let half = scalar.halved();
    let halves = spread(
        elements,
        Element::GENERATOR,
        |piece, out| match Backend::chosen() {
            Backend::Portable => portable::multiply_all(piece, &half, out),
        },
    );
    Batch::double(&halves)
}

/// `scalars[i] * elements[i]`. Constant time.
///
/// # Panics
/// When the slices differ in length.
#[must_use]
pub fn multiply_each(elements: &[Element], scalars: &[Scalar]) -> Vec<Element> {
    spread_pairs(
        elements,
        scalars,
        Element::GENERATOR,
        |elements, scalars, out| match Backend::chosen() {
            Backend::Portable => portable::multiply_each(elements, scalars, out),
        },
    )
}

/// `scalars[i] * G`, G the generator, from a table of its multiples. Constant time.
#[must_use]
pub fn base_multiply_each(scalars: &[Scalar]) -> Vec<Element> {
    spread(
        scalars,
        Element::GENERATOR,
        |piece, out| match Backend::chosen() {
            Backend::Portable => portable::base_multiply_each(piece, out),
        },
    )
}

/// `left[i] + right[i]`. Constant time.
///
/// # Errors
/// [`GroupError::Identity`] with the index of a sum that is the identity.
///
/// # Panics
/// When the slices differ in length.
pub fn add_each(left: &[Element], right: &[Element]) -> Result<Vec<Element>, GroupError> {
    element::all_proper(spread_pairs(
        left,
        right,
        RistrettoPoint::identity(),
        |left, right, out| match Backend::chosen() {
            Backend::Portable => portable::add_each(left, right, out),
        },
    ))
}

/// `left[i] - right[i]`. Constant time.
///
/// # Errors
/// [`GroupError::Identity`] with the index of a difference that is the identity.
///
/// # Panics
/// When the slices differ in length.
pub fn sub_each(left: &[Element], right: &[Element]) -> Result<Vec<Element>, GroupError> {
    element::all_proper(spread_pairs(
        left,
        right,
        RistrettoPoint::identity(),
        |left, right, out| match Backend::chosen() {
            Backend::Portable => portable::sub_each(left, right, out),
        },
    ))
}

/// `sum(coefficients[i] * elements[i])`, or nothing when the sum is the identity. **Variable
/// time**: for public data only, which the types hold for the coefficients.
///
/// # Panics
/// When the slices differ in length.
#[must_use]
pub fn multiscalar(coefficients: &[PublicScalar], elements: &[Element]) -> Option<Element> {
    assert_eq!(
        coefficients.len(),
        elements.len(),
        "one coefficient for each element"
    );
    let sum = spread::sum(
        coefficients,
        elements,
        |coefficients, elements| match Backend::chosen() {
            Backend::Portable => portable::multiscalar(coefficients, elements),
        },
    );
    Element::proper(sum)
}

/// Row by row, `sum over i of coefficients[i] * columns[i][row]`, each with its encoding.
/// **Variable time**: for public data only.
///
/// # Errors
/// [`GroupError::Identity`] with the row whose sum is the identity.
///
/// # Panics
/// When there is not one coefficient for each column, or the columns differ in length.
pub fn combine(coefficients: &[PublicScalar], columns: &[&[Element]]) -> Result<Batch, GroupError> {
    assert_eq!(
        coefficients.len(),
        columns.len(),
        "one coefficient for each column"
    );
    let rows = columns.first().map_or(0, |column| column.len());
    assert!(
        columns.iter().all(|column| column.len() == rows),
        "columns of one length"
    );
    let halves: Vec<_> = coefficients.iter().map(PublicScalar::halved).collect();
    let rows: Vec<usize> = (0..rows).collect();
    let sums = spread(
        &rows,
        RistrettoPoint::identity(),
        |rows, out| match Backend::chosen() {
            Backend::Portable => portable::combine(&halves, columns, rows, out),
        },
    );
    Ok(Batch::double(&element::all_proper(sums)?))
}
