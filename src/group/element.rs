//! One element of the group.

use std::fmt;

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::traits::IsIdentity;
use zeroize::{Zeroize, Zeroizing};

use super::{DecodeError, GroupError};

/// The canonical encoding of an element: 32 bytes (RFC 9496, section 4.3.2).
pub type EncodedElement = [u8; 32];

/// A valid element of ristretto255 that is not the identity. It may be somebody's element N, so
/// its `Debug` shows nothing; comparison takes constant time.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct Element(RistrettoPoint);

impl Element {
    /// The generator G (RFC 9496, section 4).
    pub const GENERATOR: Self = Self(RISTRETTO_BASEPOINT_POINT);

    /// Decodes one canonical encoding; batches go through [`super::decode`].
    ///
    /// # Errors
    /// [`DecodeError`] with index 0.
    pub fn decode(encoding: &EncodedElement) -> Result<Self, DecodeError> {
        super::decode(std::slice::from_ref(encoding)).map(|decoded| decoded[0])
    }

    /// Its encoding; batches go through [`super::encode`].
    #[must_use]
    pub fn encode(&self) -> EncodedElement {
        self.0.compress().to_bytes()
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

/// All the points as elements, or the place of the first identity. The points are wiped.
pub(super) fn all_proper(points: Vec<RistrettoPoint>) -> Result<Vec<Element>, GroupError> {
    let points = Zeroizing::new(points);
    match points.iter().position(IsIdentity::is_identity) {
        Some(index) => Err(GroupError::Identity { index }),
        None => Ok(points.iter().copied().map(Element).collect()),
    }
}
