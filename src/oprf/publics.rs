//! The public values of a list's epoch, checked once when its record is pinned.

use std::fmt;
use std::sync::Arc;

use super::keys::PublicKey;
use super::threshold::{check_threshold, lagrange};
use super::{OprfError, Proof};
use crate::group::{Element, FixedBase, multiscalar};

/// The public values as an epoch record states them, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicsParts {
    /// Custodians whose shares evaluate together: t.
    pub threshold: u8,
    /// The custodians' public keys `pk_i = k_i * G`, in the order of their indices 1..=n.
    pub custodians: Vec<PublicKey>,
    /// The custodians' group public key `pk_E = k * G`.
    pub group: PublicKey,
    /// The registry's public factor `mG`.
    pub factor: PublicKey,
    /// The list's public key `pk = K * G`, `K = m * k`.
    pub key: PublicKey,
    /// The proof over `(G, mG; [pk_E], [pk])`.
    pub proof: Proof,
}

/// The public values of an epoch, which hold together: every custodian's key lies on one
/// polynomial of degree t - 1 with the group's key at 0, and the list's key is the registry's
/// factor times the group's key. The multiples of the list's key are kept here, so that they are
/// made once for all work on a list.
#[derive(Clone)]
pub struct ChainPublics {
    parts: PublicsParts,
    count: u8,
    base: Arc<FixedBase>,
}

impl PartialEq for ChainPublics {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for ChainPublics {}

impl fmt::Debug for ChainPublics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ChainPublics")
            .field(&self.parts)
            .finish()
    }
}

impl ChainPublics {
    /// Checks a record's public values.
    ///
    /// # Errors
    /// [`OprfError::ThresholdOutOfRange`], [`OprfError::CustodianCount`] (above the limit),
    /// [`OprfError::OffPolynomial`], [`OprfError::RecordProofRefused`].
    pub fn new(parts: PublicsParts) -> Result<Self, OprfError> {
        let count = u8::try_from(parts.custodians.len()).map_err(|_| OprfError::CustodianCount)?;
        check_threshold(parts.threshold, count)?;
        check_polynomial(&parts, count)?;
        parts
            .proof
            .verify(&parts.factor, &parts.group.batch(), &parts.key.batch())
            .map_err(|_| OprfError::RecordProofRefused)?;
        let base = Arc::new(FixedBase::new(*parts.key.element()));
        Ok(Self { parts, count, base })
    }

    /// The values themselves.
    #[must_use]
    pub fn parts(&self) -> &PublicsParts {
        &self.parts
    }

    /// How many custodians' steps a chain holds: t.
    #[must_use]
    pub fn threshold(&self) -> u8 {
        self.parts.threshold
    }

    /// How many custodians there are: n.
    #[must_use]
    pub fn count(&self) -> u8 {
        self.count
    }

    /// The public key of custodian `index`, 1..=n.
    ///
    /// # Errors
    /// [`OprfError::IndexOutOfRange`].
    pub fn custodian(&self, index: u8) -> Result<&PublicKey, OprfError> {
        usize::from(index)
            .checked_sub(1)
            .and_then(|place| self.parts.custodians.get(place))
            .ok_or(OprfError::IndexOutOfRange { index })
    }

    /// The registry's public factor `mG`.
    #[must_use]
    pub fn factor(&self) -> &PublicKey {
        &self.parts.factor
    }

    /// The list's public key pk.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.parts.key
    }

    /// The list's public key as the base of many multiples.
    #[must_use]
    pub fn base(&self) -> &FixedBase {
        &self.base
    }
}

/// The first t keys fix a polynomial of degree t - 1; the group's key must be its value at 0 and
/// every other custodian's key its value at that custodian's index.
fn check_polynomial(parts: &PublicsParts, count: u8) -> Result<(), OprfError> {
    let indices: Vec<u8> = (1..=parts.threshold).collect();
    let known: Vec<Element> = parts.custodians.iter().map(|key| *key.element()).collect();
    let (fixing, others) = known.split_at(indices.len());
    let expected = std::iter::once((0, parts.group.element()))
        .chain((parts.threshold + 1..=count).zip(others));
    for (place, element) in expected {
        if multiscalar(&lagrange(&indices, place)?, fixing) != Some(*element) {
            return Err(OprfError::OffPolynomial);
        }
    }
    Ok(())
}
