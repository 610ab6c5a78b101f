//! Keys: a secret scalar with its public element.

use std::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::OprfError;
use crate::group::{Batch, Element, Elements, EncodedElement, Scalar};

/// A public key: an element with its encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    element: Element,
    encoding: EncodedElement,
}

impl PublicKey {
    /// Decodes a public key.
    ///
    /// # Errors
    /// [`OprfError::Group`] for an encoding that is not canonical, names no element, or is the
    /// identity's.
    pub fn decode(encoding: &EncodedElement) -> Result<Self, OprfError> {
        Ok(Self {
            element: Element::decode(encoding)?,
            encoding: *encoding,
        })
    }

    /// The public key that is this element.
    #[must_use]
    pub fn of(element: Element) -> Self {
        Self {
            element,
            encoding: element.encode(),
        }
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn encoding(&self) -> &EncodedElement {
        &self.encoding
    }

    /// Its element.
    #[must_use]
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// The batch that holds this key alone.
    pub(super) fn batch(&self) -> Batch {
        Batch::encode(Elements::of(&[self.element]))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = data_encoding::HEXLOWER.encode(&self.encoding);
        formatter.debug_tuple("PublicKey").field(&hex).finish()
    }
}

/// A secret key (k, m, `K = m * k`, Delta or a share) with its public key. It has no `Debug`, no
/// `Eq` and no `Serialize`, and its scalar is wiped when dropped.
pub struct PrivateKey {
    scalar: Scalar,
    public: PublicKey,
}

impl PrivateKey {
    /// A fresh uniform key.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::from(Scalar::random(rng))
    }

    /// Reads 32 bytes, little-endian.
    ///
    /// # Errors
    /// [`OprfError::Group`] when the scalar is zero or not below l.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, OprfError> {
        Ok(Self::from(Scalar::from_canonical_bytes(bytes)?))
    }

    /// Its 32 secret bytes, little-endian, for a key file.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        self.scalar.expose()
    }

    /// Its public key, `scalar * G`.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The product of two keys: `K = m * k`, `m' = Delta * m`.
    #[must_use]
    pub fn product(&self, other: &Self) -> Self {
        Self::from(self.scalar.product(&other.scalar))
    }

    pub(super) fn scalar(&self) -> &Scalar {
        &self.scalar
    }

    pub(super) fn into_scalar(self) -> Scalar {
        self.scalar
    }
}

impl From<Scalar> for PrivateKey {
    fn from(scalar: Scalar) -> Self {
        Self {
            public: PublicKey::of(Element::base_multiply(&scalar)),
            scalar,
        }
    }
}

/// One custodian's share `k_i` of a list's key k.
pub struct Share {
    index: u8,
    key: PrivateKey,
}

impl Share {
    /// The share of custodian `index`, 1..=n.
    ///
    /// # Errors
    /// [`OprfError::IndexOutOfRange`] for index 0 and above [`super::MAX_CUSTODIANS`].
    pub fn new(index: u8, key: PrivateKey) -> Result<Self, OprfError> {
        if index == 0 || index > super::MAX_CUSTODIANS {
            return Err(OprfError::IndexOutOfRange { index });
        }
        Ok(Self { index, key })
    }

    /// The custodian's index, 1..=n: the place of its share on the polynomial.
    #[must_use]
    pub fn index(&self) -> u8 {
        self.index
    }

    /// The share itself.
    #[must_use]
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }
}
