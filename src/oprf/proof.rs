//! The batch proofs of RFC 9497, sections 2.2.1 and 2.2.2.
//!
//! A proof shows that one secret k gives both `B = k * G` and `D[i] = k * C[i]` for every i. The
//! RFC's transcript does not hash its base, so the base is always the generator here.

use rand_core::CryptoRng;

use super::keys::{PrivateKey, PublicKey};
use super::suite::{SEED, hash_to_scalars};
use super::{MAX_CHUNK, OprfError};
use crate::group::{Batch, Element, EncodedElement, PublicScalar, Scalar, multiscalar};
use crate::machine::InstructionSet;
use rayon::prelude::*;
use sha2::{Digest, Sha512};

/// Bytes of a composite transcript: seed, index and two elements with their lengths, and the label.
const COMPOSITE: usize = (2 + 64) + 2 + (2 + 32) + (2 + 32) + 9;
/// Where the index, the input and the output stand in it.
const INDEX_AT: usize = 2 + 64;
const INPUT_AT: usize = INDEX_AT + 2 + 2;
const OUTPUT_AT: usize = INPUT_AT + 32 + 2;
/// Composite transcripts that are hashed together: they fit a core's cache, and are worth a task.
const COMPOSITES_PER_TASK: usize = 512;
/// Bytes of a challenge transcript: five elements with their lengths, and the label.
const CHALLENGE: usize = 5 * (2 + 32) + 9;

/// A batch proof: challenge c and response s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    challenge: PublicScalar,
    response: PublicScalar,
}

impl Proof {
    /// Bytes of a proof: c, then s, 32 bytes each, little-endian.
    pub const LENGTH: usize = 64;

    /// Reads a proof.
    ///
    /// # Errors
    /// [`OprfError::Group`] when c or s is not below l.
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Result<Self, OprfError> {
        let scalar = |from: usize| {
            let mut half = [0; 32];
            half.copy_from_slice(&bytes[from..from + 32]);
            PublicScalar::from_canonical_bytes(&half)
        };
        Ok(Self {
            challenge: scalar(0)?,
            response: scalar(32)?,
        })
    }

    /// Its 64 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..32].copy_from_slice(&self.challenge.to_bytes());
        bytes[32..].copy_from_slice(&self.response.to_bytes());
        bytes
    }

    /// `GenerateProof(k, G, k * G, C, D)`: `outputs` are the encodings of `key * inputs[i]`.
    ///
    /// # Errors
    /// [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`], [`OprfError::UnequalCounts`], and
    /// [`OprfError::ProofRefused`] when the composite is the identity, which happens by chance
    /// once in 2^252.
    pub fn generate(
        key: &PrivateKey,
        inputs: &Batch,
        outputs: &[EncodedElement],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, OprfError> {
        Self::generate_with_nonce(key, inputs, outputs, Scalar::random(rng))
    }

    /// [`Proof::generate`] with the nonce r of known answers. A nonce that serves two proofs gives
    /// the key away.
    ///
    /// # Errors
    /// Those of [`Proof::generate`].
    pub fn generate_with_nonce(
        key: &PrivateKey,
        inputs: &Batch,
        outputs: &[EncodedElement],
        nonce: Scalar,
    ) -> Result<Self, OprfError> {
        let public = key.public().encoding();
        let set = inputs.instruction_set();
        let coefficients = composite_coefficients(set, public, inputs.encodings(), outputs)?;
        // ComputeCompositesFast: Z = k * M.
        let composite = inputs.elements().weighted_sum(&coefficients);
        let composite = composite.ok_or(OprfError::ProofRefused)?;
        let said = [
            composite,
            composite.multiply(key.scalar()),
            Element::base_multiply(&nonce),
            composite.multiply(&nonce),
        ];
        let challenge = challenge(public, &said);
        Ok(Self {
            challenge,
            response: nonce.response(&challenge, key.scalar()),
        })
    }

    /// `VerifyProof(G, public, C, D, proof)`.
    ///
    /// # Errors
    /// [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`], [`OprfError::UnequalCounts`], and
    /// [`OprfError::ProofRefused`] when the proof does not hold.
    pub fn verify(
        &self,
        public: &PublicKey,
        inputs: &Batch,
        outputs: &Batch,
    ) -> Result<(), OprfError> {
        let coefficients = composite_coefficients(
            inputs.instruction_set(),
            public.encoding(),
            inputs.encodings(),
            outputs.encodings(),
        )?;
        let (input, output) = rayon::join(
            || inputs.elements().weighted_sum(&coefficients),
            || outputs.elements().weighted_sum(&coefficients),
        );
        let (Some(input), Some(output)) = (input, output) else {
            return Err(OprfError::ProofRefused);
        };
        let said = [self.response, self.challenge];
        let first = multiscalar(&said, &[Element::GENERATOR, *public.element()]);
        let second = multiscalar(&said, &[input, output]);
        let (Some(first), Some(second)) = (first, second) else {
            return Err(OprfError::ProofRefused);
        };
        if challenge(public.encoding(), &[input, output, first, second]) != self.challenge {
            return Err(OprfError::ProofRefused);
        }
        Ok(())
    }
}

/// The coefficients d of `ComputeComposites` (RFC 9497, section 2.2.1).
fn composite_coefficients(
    set: InstructionSet,
    public: &EncodedElement,
    inputs: &[EncodedElement],
    outputs: &[EncodedElement],
) -> Result<Vec<PublicScalar>, OprfError> {
    if inputs.len() != outputs.len() {
        return Err(OprfError::UnequalCounts);
    }
    check_count(inputs.len())?;
    let blank = blank_composite(public);
    let mut coefficients = vec![PublicScalar::ONE; inputs.len()];
    let room = inputs.len().min(COMPOSITES_PER_TASK);
    coefficients
        .par_chunks_mut(COMPOSITES_PER_TASK)
        .zip(inputs.par_chunks(COMPOSITES_PER_TASK))
        .zip(outputs.par_chunks(COMPOSITES_PER_TASK))
        .enumerate()
        .for_each_init(
            || (vec![blank; room], vec![[0; 64]; room]),
            |(transcripts, uniform), (task, ((coefficients, inputs), outputs))| {
                let transcripts = &mut transcripts[..inputs.len()];
                let said = inputs.iter().zip(outputs);
                let first = task * COMPOSITES_PER_TASK;
                for (index, (transcript, (input, output))) in
                    (first..).zip(transcripts.iter_mut().zip(said))
                {
                    transcript[INDEX_AT..INDEX_AT + 2].copy_from_slice(&index_of(index));
                    transcript[INPUT_AT..INPUT_AT + 32].copy_from_slice(input);
                    transcript[OUTPUT_AT..OUTPUT_AT + 32].copy_from_slice(output);
                }
                hash_to_scalars(set, transcripts, &mut uniform[..inputs.len()], coefficients);
            },
        );
    Ok(coefficients)
}

/// A composite transcript under `public` with index and elements left zero.
fn blank_composite(public: &EncodedElement) -> [u8; COMPOSITE] {
    let seed: [u8; 64] = Sha512::new()
        .chain_update(length_of(public))
        .chain_update(public)
        .chain_update(length_of(SEED))
        .chain_update(SEED)
        .finalize()
        .into();
    let element = [0; 32];
    joined(&[
        &length_of(&seed),
        &seed,
        &[0; 2],
        &length_of(&element),
        &element,
        &length_of(&element),
        &element,
        b"Composite",
    ])
}

/// The challenge over the public key and a0..a3 = M, Z, t2, t3.
fn challenge(public: &EncodedElement, said: &[Element; 4]) -> PublicScalar {
    let said = said.map(|element| element.encode());
    let prefix = length_of(public);
    let transcript: [u8; CHALLENGE] = joined(&[
        &prefix,
        public,
        &prefix,
        &said[0],
        &prefix,
        &said[1],
        &prefix,
        &said[2],
        &prefix,
        &said[3],
        b"Challenge",
    ]);
    let mut challenge = [PublicScalar::ONE];
    hash_to_scalars(
        InstructionSet::Portable,
        &[transcript],
        &mut [[0; 64]],
        &mut challenge,
    );
    challenge[0]
}

/// `1..=MAX_CHUNK` elements.
pub(super) fn check_count(count: usize) -> Result<(), OprfError> {
    match count {
        0 => Err(OprfError::EmptyBatch),
        1..=MAX_CHUNK => Ok(()),
        _ => Err(OprfError::BatchTooLarge),
    }
}

/// `I2OSP(index, 2)`.
fn index_of(index: usize) -> [u8; 2] {
    u16::try_from(index)
        .expect("a chunk has at most MAX_CHUNK elements")
        .to_be_bytes()
}

/// `I2OSP(len(bytes), 2)`.
fn length_of(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len())
        .expect("transcript parts are short")
        .to_be_bytes()
}

/// The parts one after another, `N` bytes in all.
fn joined<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut bytes = [0; N];
    let mut rest = bytes.as_mut_slice();
    for part in parts {
        let (head, tail) = rest.split_at_mut(part.len());
        head.copy_from_slice(part);
        rest = tail;
    }
    debug_assert!(rest.is_empty(), "N is the length of all parts");
    bytes
}
