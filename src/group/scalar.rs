//! Scalars: integers mod l, l the order of the group.

use curve25519_dalek::Scalar as Inner;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::GroupError;
use super::spread::spread_into;
use super::told::told;

/// A secret scalar, never zero: a key, a blind or a nonce. It has no `Debug`, no `Eq` and no
/// `Serialize`, is wiped when dropped, and meets constant-time code only.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Scalar(Inner);

impl Scalar {
    /// A uniform scalar.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        loop {
            let mut wide = Zeroizing::new([0; 64]);
            rng.fill_bytes(wide.as_mut());
            if let Ok(scalar) = Self::from_wide(&wide) {
                return scalar;
            }
        }
    }

    /// Reads 32 bytes, little-endian.
    ///
    /// # Errors
    /// [`GroupError::ScalarNotReduced`] at l and above, [`GroupError::ScalarZero`] at zero.
    pub fn from_canonical_bytes(bytes: &[u8; 32]) -> Result<Self, GroupError> {
        let scalar = Inner::from_canonical_bytes(*bytes);
        if !told(bool::from(scalar.is_some())) {
            return Err(GroupError::ScalarNotReduced);
        }
        Self::nonzero(scalar.unwrap_or(Inner::ZERO))
    }

    /// Reduces 64 uniform bytes, little-endian, mod l.
    ///
    /// # Errors
    /// [`GroupError::ScalarZero`] when the result is zero.
    pub fn from_wide(bytes: &[u8; 64]) -> Result<Self, GroupError> {
        Self::nonzero(Inner::from_bytes_mod_order_wide(bytes))
    }

    /// [`Scalar::from_wide`] of each 64 bytes, in order, in one vector of its final size: one that
    /// grew would leave copies behind.
    ///
    /// # Errors
    /// [`GroupError::ScalarZero`] when a result is zero.
    pub fn from_wide_each(wide: &[[u8; 64]]) -> Result<Vec<Self>, GroupError> {
        let mut scalars = Vec::with_capacity(wide.len());
        scalars.resize_with(wide.len(), || Self(Inner::ZERO));
        spread_into(wide, &mut scalars, |wide, scalars| {
            for (wide, scalar) in wide.iter().zip(scalars) {
                scalar.0 = Inner::from_bytes_mod_order_wide(wide);
            }
        });
        // One bit for all of them: which one it was is nobody's business.
        let zero = |any, scalar: &Self| any | (scalar.bits() == 0);
        if told(scalars.iter().fold(false, zero)) {
            return Err(GroupError::ScalarZero);
        }
        Ok(scalars)
    }

    /// Its 32 bytes, little-endian, for a key file.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// `self * other`.
    #[must_use]
    pub fn product(&self, other: &Self) -> Self {
        Self(self.0 * other.0)
    }

    /// `1 / self`.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self(self.0.invert())
    }

    /// `self - factor * other`: the response of a proof, which is public once said.
    #[must_use]
    pub fn response(&self, factor: &PublicScalar, other: &Self) -> PublicScalar {
        PublicScalar(self.0 - factor.0 * other.0)
    }

    /// `coefficients[0] + coefficients[1] * x + ...`: a share of a secret polynomial.
    ///
    /// # Errors
    /// [`GroupError::ScalarZero`] when the value is zero.
    pub fn polynomial(coefficients: &[Self], x: &PublicScalar) -> Result<Self, GroupError> {
        let mut value = Inner::ZERO;
        for coefficient in coefficients.iter().rev() {
            value = value * x.0 + coefficient.0;
        }
        Self::nonzero(value)
    }

    /// `self / 2`, so that a product can be encoded doubled.
    pub(super) fn halved(&self) -> Self {
        Self(self.0.div_by_2())
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    fn nonzero(scalar: Inner) -> Result<Self, GroupError> {
        let scalar = Self(scalar);
        if told(scalar.bits() == 0) {
            return Err(GroupError::ScalarZero);
        }
        Ok(scalar)
    }

    /// Bits of which one is set, unless the scalar is zero.
    fn bits(&self) -> u64 {
        let (words, []) = self.0.as_bytes().as_chunks::<8>() else {
            unreachable!("four words in 32 bytes");
        };
        let word = |bits, word: &[u8; 8]| bits | u64::from_le_bytes(*word);
        words.iter().fold(0, word)
    }
}

/// A scalar that everybody may know: a challenge, a response, a coefficient. Zero is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicScalar(Inner);

impl PublicScalar {
    /// The scalar 1.
    pub const ONE: Self = Self(Inner::ONE);

    /// Reads 32 bytes, little-endian.
    ///
    /// # Errors
    /// [`GroupError::ScalarNotReduced`] at l and above.
    pub fn from_canonical_bytes(bytes: &[u8; 32]) -> Result<Self, GroupError> {
        let scalar: Option<Inner> = Inner::from_canonical_bytes(*bytes).into();
        scalar.map(Self).ok_or(GroupError::ScalarNotReduced)
    }

    /// Reduces each 64 uniform bytes, little-endian, mod l.
    ///
    /// # Panics
    /// When `wide` and `out` differ in length: the caller sized both.
    pub fn from_wide_each(wide: &[[u8; 64]], out: &mut [Self]) {
        spread_into(wide, out, |wide, out| {
            for (wide, out) in wide.iter().zip(out) {
                *out = Self(Inner::from_bytes_mod_order_wide(wide));
            }
        });
    }

    /// Its 32 bytes, little-endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// `self * other`.
    #[must_use]
    pub fn product(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }

    /// `self - other`.
    #[must_use]
    pub fn difference(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }

    /// `1 / self`.
    ///
    /// # Errors
    /// [`GroupError::ScalarZero`] when it is zero.
    pub fn inverse(self) -> Result<Self, GroupError> {
        if self.0 == Inner::ZERO {
            return Err(GroupError::ScalarZero);
        }
        Ok(Self(self.0.invert()))
    }

    /// Whether it is below 2^64, or l less such a number: most Lagrange coefficients are.
    pub(super) fn is_short(&self) -> bool {
        let short = |scalar: Inner| scalar.as_bytes()[8..].iter().all(|byte| *byte == 0);
        short(self.0) || short(-self.0)
    }

    pub(super) fn halved(&self) -> Self {
        Self(self.0.div_by_2())
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }
}

impl From<u64> for PublicScalar {
    fn from(value: u64) -> Self {
        Self(Inner::from(value))
    }
}
