//! Element mode, the evaluators' side: custodians, then the registry.

use rand_core::CryptoRng;

use super::chain::{check_indices, combine_shares};
use super::keys::{PrivateKey, Share};
use super::proof::check_count;
use super::{Chain, ChainPublics, OprfError, Proof, ShareStep, Step};
use crate::group::Batch;

/// Multiplies 1 to [`super::MAX_CHUNK`] elements by `key`, with one proof over (G, key * G;
/// inputs, outputs).
///
/// # Errors
/// [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`], and [`OprfError::ProofRefused`] when
/// the composite is the identity, which happens by chance once in 2^252.
pub fn evaluate(
    key: &PrivateKey,
    inputs: &Batch,
    rng: &mut impl CryptoRng,
) -> Result<Step, OprfError> {
    check_count(inputs.len())?;
    let outputs = inputs.elements().multiply_all(key.scalar());
    let proof = Proof::generate(key, inputs, outputs.encodings(), rng)?;
    Ok(Step { outputs, proof })
}

/// A custodian of a quorum: `B_i = k_i * A`, proved over (G, `pk_i`; A, `B_i`).
///
/// # Errors
/// Those of [`evaluate`].
pub fn evaluate_share(
    share: &Share,
    inputs: &Batch,
    rng: &mut impl CryptoRng,
) -> Result<ShareStep, OprfError> {
    Ok(ShareStep {
        index: share.index(),
        step: evaluate(share.key(), inputs, rng)?,
    })
}

/// The registry of a quorum: `B' = sum(lambda_i * B_i)`, `B = m * B'`, proved over (G, mG; B', B).
/// It trusts the custodians' proofs, which the client verifies: see [`ShareStep::verify`].
///
/// # Errors
/// [`OprfError::WrongStepCount`], [`OprfError::IndexOutOfRange`], [`OprfError::RepeatedIndex`],
/// [`OprfError::UnequalCounts`], [`OprfError::Group`] when a B' is the identity, and those of
/// [`evaluate`].
pub fn combine_and_apply_factor(
    publics: &ChainPublics,
    factor: &PrivateKey,
    shares: Vec<ShareStep>,
    rng: &mut impl CryptoRng,
) -> Result<Chain, OprfError> {
    check_indices(publics, &shares)?;
    let count = shares.first().map_or(0, |share| share.step.outputs.len());
    if shares.iter().any(|share| share.step.outputs.len() != count) {
        return Err(OprfError::UnequalCounts);
    }
    let registry = evaluate(factor, &combine_shares(&shares)?, rng)?;
    Ok(Chain::Quorum { shares, registry })
}

/// The registry with its only custodian inside: one step under `key = K = m * k`.
///
/// # Errors
/// Those of [`evaluate`].
pub fn evaluate_embedded(
    key: &PrivateKey,
    inputs: &Batch,
    rng: &mut impl CryptoRng,
) -> Result<Chain, OprfError> {
    Ok(Chain::Embedded(evaluate(key, inputs, rng)?))
}
