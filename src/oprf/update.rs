//! Rotation without re-upload: every person's element moves to the next key, `N' = Delta * N`.
//!
//! Each chunk is proved over `(G, D; [pk] || N, [pk'] || N')`, `D = Delta * G`: the public key
//! comes first in each, so a chunk cannot use another Delta than the one that turned pk into pk'.

use rand_core::CryptoRng;

use super::evaluate::evaluate;
use super::keys::{PrivateKey, PublicKey};
use super::proof::check_count;
use super::{MAX_CHUNK, OprfError, Proof, Step};
use crate::group::Batch;

/// Persons in one chunk of an update at most: the public key takes the first place.
pub const MAX_PERSONS: usize = MAX_CHUNK - 1;

/// The next public key, `pk' = Delta * pk`.
#[must_use]
pub fn next_key(delta: &PrivateKey, key: &PublicKey) -> PublicKey {
    PublicKey::of(key.element().multiply(delta.scalar()))
}

/// Moves 0 to [`MAX_PERSONS`] elements N to the next key. The first output is pk'.
///
/// # Errors
/// [`OprfError::BatchTooLarge`], and [`OprfError::ProofRefused`] when the composite is the
/// identity, which happens by chance once in 2^252.
pub fn update_chunk(
    delta: &PrivateKey,
    key: &PublicKey,
    elements: &Batch,
    rng: &mut impl CryptoRng,
) -> Result<Step, OprfError> {
    evaluate(
        delta,
        &elements.prefixed(*key.element(), *key.encoding()),
        rng,
    )
}

/// Checks one chunk: `next[i] = Delta * elements[i]` for the Delta of `delta_public` that turned
/// `key` into `next_key`.
///
/// # Errors
/// [`OprfError::UnequalCounts`], [`OprfError::BatchTooLarge`], [`OprfError::ProofRefused`].
pub fn verify_chunk(
    delta_public: &PublicKey,
    (key, elements): (&PublicKey, &Batch),
    (next_key, next): (&PublicKey, &Batch),
    proof: &Proof,
) -> Result<(), OprfError> {
    if elements.len() != next.len() {
        return Err(OprfError::UnequalCounts);
    }
    check_count(elements.len() + 1)?;
    proof.verify(
        delta_public,
        &elements.prefixed(*key.element(), *key.encoding()),
        &next.prefixed(*next_key.element(), *next_key.encoding()),
    )
}
