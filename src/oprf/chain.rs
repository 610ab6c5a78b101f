//! The chain of steps that a reply carries, and every condition under which a client accepts it.

use super::keys::PublicKey;
use super::proof::check_count;
use super::threshold::lagrange;
use super::{ChainPublics, OprfError, Proof};
use crate::group::{Batch, Elements, EncodedElement};

/// One multiplication of a batch by a secret, with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The products, in the order of the inputs.
    pub outputs: Batch,
    /// The proof over (G, public; inputs, outputs).
    pub proof: Proof,
}

impl Step {
    /// Decodes what came over the wire: 1 to [`super::MAX_CHUNK`] elements.
    ///
    /// # Errors
    /// [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`], and [`OprfError::Group`] for a bad
    /// element or a proof that is not reduced.
    pub fn decode(outputs: Vec<EncodedElement>, proof: &[u8; 64]) -> Result<Self, OprfError> {
        check_count(outputs.len())?;
        Ok(Self {
            proof: Proof::from_bytes(proof)?,
            outputs: Batch::decode(outputs)?,
        })
    }

    fn verify(&self, public: &PublicKey, inputs: &Batch) -> Result<(), OprfError> {
        self.proof.verify(public, inputs, &self.outputs)
    }
}

/// A custodian's step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareStep {
    /// The custodian's index, 1..=n.
    pub index: u8,
    /// `B_i = k_i * A` and its proof.
    pub step: Step,
}

impl ShareStep {
    /// Checks this custodian's proof over the elements it was sent. The registry does so when a
    /// client reports a bad chain, to name and exclude the custodian.
    ///
    /// # Errors
    /// [`OprfError::IndexOutOfRange`], [`OprfError::UnequalCounts`],
    /// [`OprfError::CustodianProofRefused`], [`OprfError::EmptyBatch`],
    /// [`OprfError::BatchTooLarge`].
    pub fn verify(&self, publics: &ChainPublics, inputs: &Batch) -> Result<(), OprfError> {
        let index = self.index;
        let public = publics.custodian(index)?;
        self.step
            .verify(public, inputs)
            .map_err(refused_as(OprfError::CustodianProofRefused { index }))
    }
}

/// The steps from the client's elements A to the elements `B = K * A`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// The only custodian is inside the registry: one step under K.
    Embedded(Step),
    /// t custodians' steps, then the registry's. The registry's inputs B' are not sent: the client
    /// computes them.
    Quorum {
        /// One step for each of t custodians, any order.
        shares: Vec<ShareStep>,
        /// The registry's step, `B = m * B'`.
        registry: Step,
    },
}

impl Chain {
    /// Verifies the chain over `sent`, the client's own elements, under public values from the
    /// pinned record, and returns the elements B. The conditions: a single step only where n = 1;
    /// exactly t distinct custodian indices in 1..=n; equal counts; every proof; `B'` recomputed.
    ///
    /// # Errors
    /// [`OprfError::SingleStepForQuorum`], [`OprfError::WrongStepCount`],
    /// [`OprfError::IndexOutOfRange`], [`OprfError::RepeatedIndex`],
    /// [`OprfError::UnequalCounts`], [`OprfError::CustodianProofRefused`],
    /// [`OprfError::RegistryProofRefused`], [`OprfError::EmptyBatch`],
    /// [`OprfError::BatchTooLarge`], and [`OprfError::Group`] when a B' is the identity.
    pub fn verify(&self, publics: &ChainPublics, sent: &Batch) -> Result<&Batch, OprfError> {
        let (public, combined, last) = match self {
            Self::Embedded(_) if publics.count() != 1 => {
                return Err(OprfError::SingleStepForQuorum);
            }
            Self::Embedded(step) => (publics.key(), None, step),
            Self::Quorum { shares, registry } => {
                check_indices(publics, shares)?;
                if shares
                    .iter()
                    .any(|share| share.step.outputs.len() != sent.len())
                {
                    return Err(OprfError::UnequalCounts);
                }
                for share in shares {
                    share.verify(publics, sent)?;
                }
                (publics.factor(), Some(combine_shares(shares)?), registry)
            }
        };
        last.verify(public, combined.as_ref().unwrap_or(sent))
            .map_err(refused_as(OprfError::RegistryProofRefused))?;
        Ok(&last.outputs)
    }
}

/// Exactly t distinct indices in 1..=n.
pub(super) fn check_indices(publics: &ChainPublics, shares: &[ShareStep]) -> Result<(), OprfError> {
    if shares.len() != usize::from(publics.threshold()) {
        return Err(OprfError::WrongStepCount);
    }
    for (place, share) in shares.iter().enumerate() {
        let index = share.index;
        publics.custodian(index)?;
        if shares[..place].iter().any(|earlier| earlier.index == index) {
            return Err(OprfError::RepeatedIndex { index });
        }
    }
    Ok(())
}

/// `B' = sum(lambda_i * B_i)`, of steps whose indices are distinct and whose counts are equal.
pub(super) fn combine_shares(shares: &[ShareStep]) -> Result<Batch, OprfError> {
    let indices: Vec<u8> = shares.iter().map(|share| share.index).collect();
    let columns: Vec<_> = shares
        .iter()
        .map(|share| share.step.outputs.elements())
        .collect();
    Ok(Elements::combine(&lagrange(&indices, 0)?, &columns)?)
}

/// Names whose proof was refused; other errors pass unchanged.
fn refused_as(named: OprfError) -> impl Fn(OprfError) -> OprfError {
    move |error| {
        if error == OprfError::ProofRefused {
            named
        } else {
            error
        }
    }
}
