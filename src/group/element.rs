//! One element of the group.

use std::fmt;

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use zeroize::Zeroize;

use super::{DecodeError, PublicScalar, Scalar, portable};

/// The canonical encoding of an element: 32 bytes (RFC 9496, section 4.3.2).
pub type EncodedElement = [u8; 32];

/// A valid element of ristretto255 that is not the identity. It may be somebody's element N, so
/// its `Debug` shows nothing; comparison takes constant time.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct Element(RistrettoPoint);

impl Element {
    /// The generator G (RFC 9496, section 4).
    pub const GENERATOR: Self = Self(RISTRETTO_BASEPOINT_POINT);

    /// Decodes one canonical encoding; batches go through [`super::Elements::decode`].
    ///
    /// # Errors
    /// [`DecodeError`] with index 0.
    pub fn decode(encoding: &EncodedElement) -> Result<Self, DecodeError> {
        match portable::decode_one(encoding) {
            Ok(point) => Ok(Self(point)),
            Err(reason) => Err(DecodeError { index: 0, reason }),
        }
    }

    /// Its encoding; batches go through [`super::Elements::encode`].
    #[must_use]
    pub fn encode(&self) -> EncodedElement {
        self.0.compress().to_bytes()
    }

    /// `scalar * self`. Constant time; batches go through [`super::Elements`].
    #[must_use]
    pub fn multiply(&self, scalar: &Scalar) -> Self {
        Self::of_product(self.0 * scalar.inner())
    }

    /// `scalar * G`, G the generator. Constant time; batches go through [`super::FixedBase`].
    #[must_use]
    pub fn base_multiply(scalar: &Scalar) -> Self {
        Self::of_product(RISTRETTO_BASEPOINT_TABLE * scalar.inner())
    }

    /// The element, unless it is the identity.
    pub(super) fn proper(point: RistrettoPoint) -> Option<Self> {
        (!point.is_identity()).then_some(Self(point))
    }

    /// The element of a point that cannot be the identity: a nonzero multiple of an element.
    pub(super) fn of_product(point: RistrettoPoint) -> Self {
        debug_assert!(
            !point.is_identity(),
            "a nonzero multiple in a group of prime order"
        );
        Self(point)
    }

    pub(super) fn point(&self) -> &RistrettoPoint {
        &self.0
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Element(..)")
    }
}

/// `sum(coefficients[i] * elements[i])` of a few elements, or nothing when the sum is the
/// identity. **Variable time**: for public data only, which the types hold for the coefficients.
///
/// # Panics
/// When there is not one coefficient for each element.
#[must_use]
pub fn multiscalar(coefficients: &[PublicScalar], elements: &[Element]) -> Option<Element> {
    assert_eq!(
        coefficients.len(),
        elements.len(),
        "one coefficient for each element"
    );
    Element::proper(RistrettoPoint::vartime_multiscalar_mul(
        coefficients.iter().map(PublicScalar::inner),
        elements.iter().map(Element::point),
    ))
}
