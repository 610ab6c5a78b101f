//! The protocol of RFC 9497 itself, modes 0x00 and 0x01, a batch at a time: for library users,
//! known answers and other implementations. The service uses element mode instead.

use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::keys::{PrivateKey, PublicKey};
use super::proof::check_count;
use super::suite::{hash_any_to_group, hash_to_secret_scalar};
use super::{Mode, OprfError, Step, evaluate};
use crate::group::{Batch, Scalar};
use crate::machine::InstructionSet;

/// An output of the function: a SHA-512 digest.
pub type Output = [u8; 64];

/// `DeriveKeyPair(seed, info)`, section 3.2.1.
///
/// # Errors
/// [`OprfError::InputTooLong`] for an info above 65,535 bytes, [`OprfError::NoKeyDerived`].
pub fn derive_key_pair(mode: Mode, seed: &[u8; 32], info: &[u8]) -> Result<PrivateKey, OprfError> {
    let length = u16::try_from(info.len()).map_err(|_| OprfError::InputTooLong)?;
    let mut input = Zeroizing::new(seed.to_vec());
    input.extend_from_slice(&length.to_be_bytes());
    input.extend_from_slice(info);
    input.push(0);
    for counter in 0..=u8::MAX {
        if let Some(last) = input.last_mut() {
            *last = counter;
        }
        match hash_to_secret_scalar(mode.suite().derive_key_pair, &input) {
            Ok(scalar) => return Ok(PrivateKey::from(scalar)),
            Err(_zero) => continue,
        }
    }
    Err(OprfError::NoKeyDerived)
}

/// `Blind`, sections 3.3.1 and 3.3.2: a fresh blind for each input and `blind[i] * HashToGroup(input[i])`.
///
/// # Errors
/// Those of [`blind_with`].
pub fn blind<I: AsRef<[u8]> + Sync>(
    mode: Mode,
    inputs: &[I],
    rng: &mut impl CryptoRng,
) -> Result<(Vec<Scalar>, Batch), OprfError> {
    let blinds: Vec<Scalar> = inputs.iter().map(|_| Scalar::random(rng)).collect();
    let blinded = blind_with(mode, inputs, &blinds)?;
    Ok((blinds, blinded))
}

/// [`blind`] with blinds that the caller chose.
///
/// # Errors
/// [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`], [`OprfError::UnequalCounts`], and
/// [`OprfError::Group`] for an input that hashes to the identity.
pub fn blind_with<I: AsRef<[u8]> + Sync>(
    mode: Mode,
    inputs: &[I],
    blinds: &[Scalar],
) -> Result<Batch, OprfError> {
    blind_with_on(InstructionSet::chosen(), mode, inputs, blinds)
}

/// [`blind_with`] on a given instruction set.
///
/// # Errors
/// Those of [`blind_with`].
///
/// # Panics
/// When this machine does not have `set`.
pub fn blind_with_on<I: AsRef<[u8]> + Sync>(
    set: InstructionSet,
    mode: Mode,
    inputs: &[I],
    blinds: &[Scalar],
) -> Result<Batch, OprfError> {
    check_count(inputs.len())?;
    if inputs.len() != blinds.len() {
        return Err(OprfError::UnequalCounts);
    }
    let hashed = hash_any_to_group(set, mode, inputs)?;
    Ok(Batch::encode(hashed.multiply_each(blinds)))
}

/// `BlindEvaluate` of mode 0x00, section 3.3.1.
///
/// # Errors
/// [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`].
pub fn blind_evaluate(key: &PrivateKey, blinded: &Batch) -> Result<Batch, OprfError> {
    check_count(blinded.len())?;
    Ok(blinded.elements().multiply_all(key.scalar()))
}

/// `BlindEvaluate` of mode 0x01, section 3.3.2: with a proof.
///
/// # Errors
/// Those of [`evaluate()`](fn@evaluate).
pub fn blind_evaluate_verifiable(
    key: &PrivateKey,
    blinded: &Batch,
    rng: &mut impl CryptoRng,
) -> Result<Step, OprfError> {
    evaluate(key, blinded, rng)
}

/// `Finalize` of mode 0x00, section 3.3.1: one output for each input.
///
/// # Errors
/// [`OprfError::UnequalCounts`], [`OprfError::InputTooLong`] above 65,535 bytes.
pub fn finalize<I: AsRef<[u8]>>(
    inputs: &[I],
    blinds: &[Scalar],
    evaluated: &Batch,
) -> Result<Vec<Output>, OprfError> {
    if inputs.len() != blinds.len() || inputs.len() != evaluated.len() {
        return Err(OprfError::UnequalCounts);
    }
    let inverses: Vec<Scalar> = blinds.iter().map(Scalar::inverse).collect();
    let unblinded = evaluated.elements().multiply_each(&inverses).encode();
    inputs
        .iter()
        .zip(&unblinded)
        .map(|(input, element)| output(input.as_ref(), element))
        .collect()
}

/// `Finalize` of mode 0x01, section 3.3.2: verifies the proof first.
///
/// # Errors
/// [`OprfError::ProofRefused`], [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`], and those
/// of [`finalize`].
pub fn finalize_verifiable<I: AsRef<[u8]>>(
    inputs: &[I],
    blinds: &[Scalar],
    (blinded, reply): (&Batch, &Step),
    public: &PublicKey,
) -> Result<Vec<Output>, OprfError> {
    reply.proof.verify(public, blinded, &reply.outputs)?;
    finalize(inputs, blinds, &reply.outputs)
}

/// `Evaluate`: what a holder of the key computes alone, section 3.3.1.
///
/// # Errors
/// [`OprfError::InputTooLong`] above 65,535 bytes, and [`OprfError::Group`] for an input that
/// hashes to the identity.
pub fn evaluate_unblinded<I: AsRef<[u8]> + Sync>(
    mode: Mode,
    key: &PrivateKey,
    inputs: &[I],
) -> Result<Vec<Output>, OprfError> {
    let evaluated =
        hash_any_to_group(InstructionSet::chosen(), mode, inputs)?.multiply_all(key.scalar());
    let pairs = inputs.iter().zip(evaluated.encodings());
    pairs
        .map(|(input, element)| output(input.as_ref(), element))
        .collect()
}

/// `Hash(I2OSP(len(input), 2) || input || I2OSP(32, 2) || element || "Finalize")`.
fn output(input: &[u8], element: &[u8; 32]) -> Result<Output, OprfError> {
    let length = u16::try_from(input.len()).map_err(|_| OprfError::InputTooLong)?;
    let digest = Sha512::new()
        .chain_update(length.to_be_bytes())
        .chain_update(input)
        .chain_update(32_u16.to_be_bytes())
        .chain_update(element)
        .chain_update(b"Finalize")
        .finalize();
    Ok(digest.into())
}
