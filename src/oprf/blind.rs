//! Element mode, the client's side: derived additive blinds.
//!
//! `A = P + r * G` and `N = B - r * pk`, with `r` derived from a job's seed and the input, so a
//! row that changes under a resumed job never meets an old blind. Additive blinding is sound only
//! with an authenticated pk (eprint 2021/273), hence [`ChainPublics`].

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::proof::check_count;
use super::{Chain, ChainPublics, OprfError, hash_to_group_on};
use crate::group::{Batch, EncodedElement, FixedBase, Scalar};
use crate::hash::{HashKey, derive_key, keyed_blake3_xof64_on};
use crate::machine::InstructionSet;

/// The derivation context of blinds.
const CONTEXT: &str = "saring 2026 v1 blind";

/// The elements N of a chunk, encoded, in the order of its inputs; wiped when dropped.
pub type Opened = Zeroizing<Vec<EncodedElement>>;

/// The 32-byte seed of a job's blinds: as secret as the NIKs of the job, fresh for a single check.
/// It has no `Debug`, no `Eq` and no `Serialize`, and is wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct BlindSeed([u8; 32]);

impl BlindSeed {
    /// A fresh seed.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Self([0; 32]);
        rng.fill_bytes(&mut seed.0);
        seed
    }

    /// The seed of a job that is resumed.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 secret bytes, to be kept encrypted until the job ends.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The key from which the blinds of one job on one list and epoch are derived.
pub struct BlindKey(HashKey);

impl BlindKey {
    /// `BLAKE3.derive_key("saring 2026 v1 blind", seed || material)`, with `material` the list
    /// and epoch.
    #[must_use]
    pub fn derive(seed: &BlindSeed, material: &[u8]) -> Self {
        Self(derive_key(CONTEXT, &[seed.expose(), material]))
    }

    /// `r[i] = le(BLAKE3.keyed_xof(blind_key, x[i])[0..64]) mod l`.
    ///
    /// # Errors
    /// [`OprfError::Group`] when a blind is zero, which happens by chance once in 2^252.
    pub fn blinds<const N: usize>(&self, inputs: &[[u8; N]]) -> Result<Vec<Scalar>, OprfError> {
        self.blinds_on(InstructionSet::chosen(), inputs)
    }

    /// [`BlindKey::blinds`] on a given instruction set.
    ///
    /// # Errors
    /// Those of [`BlindKey::blinds`].
    ///
    /// # Panics
    /// When this machine does not have `set`.
    pub fn blinds_on<const N: usize>(
        &self,
        set: InstructionSet,
        inputs: &[[u8; N]],
    ) -> Result<Vec<Scalar>, OprfError> {
        let mut wide = Zeroizing::new(vec![[0; 64]; inputs.len()]);
        keyed_blake3_xof64_on(set, &self.0, inputs, &mut wide);
        Ok(Scalar::from_wide_each(&wide)?)
    }
}

/// A chunk of blinded inputs, with what is needed to open the answer. The blinds are wiped when
/// dropped.
pub struct Blinded {
    blinds: Vec<Scalar>,
    sent: Batch,
}

impl Blinded {
    /// Blinds 1 to [`super::MAX_CHUNK`] inputs x: `A[i] = P[i] + r[i] * G`.
    ///
    /// # Errors
    /// [`OprfError::EmptyBatch`], [`OprfError::BatchTooLarge`], and [`OprfError::Group`] when a
    /// blind is zero or an element the identity, which happens by chance once in 2^252.
    pub fn new<const N: usize>(key: &BlindKey, inputs: &[[u8; N]]) -> Result<Self, OprfError> {
        Self::new_on(InstructionSet::chosen(), key, inputs)
    }

    /// [`Blinded::new`] on a given instruction set.
    ///
    /// # Errors
    /// Those of [`Blinded::new`].
    ///
    /// # Panics
    /// When this machine does not have `set`.
    pub fn new_on<const N: usize>(
        set: InstructionSet,
        key: &BlindKey,
        inputs: &[[u8; N]],
    ) -> Result<Self, OprfError> {
        check_count(inputs.len())?;
        let blinds = key.blinds_on(set, inputs)?;
        let hashed = hash_to_group_on(set, inputs)?;
        let masks = FixedBase::generator().multiply_each_on(set, &blinds);
        Ok(Self {
            blinds,
            sent: Batch::encode(hashed.add(&masks)?),
        })
    }

    /// The elements A that are sent, in the order of the inputs.
    #[must_use]
    pub fn sent(&self) -> &Batch {
        &self.sent
    }

    /// Verifies a reply's chain against the pinned record and opens it: the elements N.
    ///
    /// # Errors
    /// Those of [`Chain::verify`] and [`Blinded::unblind`].
    pub fn open(&self, chain: &Chain, publics: &ChainPublics) -> Result<Opened, OprfError> {
        let evaluated = chain.verify(publics, &self.sent)?;
        self.unblind(evaluated, publics.base())
    }

    /// `N[i] = B[i] - r[i] * pk`, of elements B that [`Chain::verify`] accepted, with `key` the
    /// list's public key ([`ChainPublics::base`]).
    ///
    /// # Errors
    /// [`OprfError::UnequalCounts`], and [`OprfError::Group`] when an N is the identity.
    pub fn unblind(&self, evaluated: &Batch, key: &FixedBase) -> Result<Opened, OprfError> {
        if evaluated.len() != self.blinds.len() {
            return Err(OprfError::UnequalCounts);
        }
        let masks = key.multiply_each_on(evaluated.instruction_set(), &self.blinds);
        Ok(Zeroizing::new(evaluated.elements().sub(&masks)?.encode()))
    }
}
