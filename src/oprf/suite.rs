//! The suite ristretto255-SHA512 of RFC 9497, section 4.1: its context strings and domains.

use zeroize::Zeroizing;

use crate::group::{Elements, GroupError, PublicScalar, Scalar};
use crate::hash::{Domain, expand_any_message_xmd, expand_message_xmd_on};
use crate::machine::InstructionSet;

macro_rules! tagged {
    (oprf, $prefix:literal) => {
        concat!($prefix, "OPRFV1-\x00-ristretto255-SHA512").as_bytes()
    };
    (voprf, $prefix:literal) => {
        concat!($prefix, "OPRFV1-\x01-ristretto255-SHA512").as_bytes()
    };
}

macro_rules! suite {
    ($mode:ident) => {
        Suite {
            hash_to_group: Domain::new(tagged!($mode, "HashToGroup-")),
            derive_key_pair: Domain::new(tagged!($mode, "DeriveKeyPair")),
        }
    };
}

/// The context string of mode 0x01, `"OPRFV1-" || 0x01 || "-ristretto255-SHA512"`.
pub const CONTEXT_STRING: &[u8] = tagged!(voprf, "");

/// `HashToScalar` of mode 0x01: the only mode here that has proofs.
const HASH_TO_SCALAR: Domain = Domain::new(tagged!(voprf, "HashToScalar-"));
/// The tag of the seed of a batch proof's composites, mode 0x01.
pub(super) const SEED: &[u8] = tagged!(voprf, "Seed-");

const OPRF: Suite = suite!(oprf);
const VOPRF: Suite = suite!(voprf);

/// A mode of RFC 9497, section 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 0x00: without proofs.
    Oprf,
    /// 0x01: verifiable. Element mode is built on it.
    Voprf,
}

/// The domains that both modes have.
pub(super) struct Suite {
    pub(super) hash_to_group: Domain,
    pub(super) derive_key_pair: Domain,
}

impl Mode {
    pub(super) fn suite(self) -> &'static Suite {
        match self {
            Self::Oprf => &OPRF,
            Self::Voprf => &VOPRF,
        }
    }
}

/// `HashToGroup` of RFC 9497 in mode 0x01, as element mode uses it: the elements P of the inputs
/// x, in order. It expands each input to 64 bytes (RFC 9380, section 5.3.1) and maps them to the
/// group (RFC 9496, section 4.3.4). Constant time in the inputs' bytes.
///
/// # Errors
/// [`GroupError::Identity`] with the index of an input that hashes to the identity.
pub fn hash_to_group<const N: usize>(inputs: &[[u8; N]]) -> Result<Elements, GroupError> {
    hash_to_group_on(InstructionSet::chosen(), inputs)
}

/// [`hash_to_group`] on a given instruction set.
///
/// # Errors
/// Those of [`hash_to_group`].
///
/// # Panics
/// When this machine does not have `set`.
pub fn hash_to_group_on<const N: usize>(
    set: InstructionSet,
    inputs: &[[u8; N]],
) -> Result<Elements, GroupError> {
    let mut uniform = Zeroizing::new(vec![[0; 64]; inputs.len()]);
    expand_message_xmd_on(set, VOPRF.hash_to_group, inputs, &mut uniform);
    Elements::from_uniform_bytes_on(set, &uniform)
}

/// `HashToGroup` of inputs of any lengths.
pub(super) fn hash_any_to_group<M: AsRef<[u8]> + Sync>(
    set: InstructionSet,
    mode: Mode,
    inputs: &[M],
) -> Result<Elements, GroupError> {
    let mut uniform = Zeroizing::new(vec![[0; 64]; inputs.len()]);
    expand_any_message_xmd(mode.suite().hash_to_group, inputs, &mut uniform);
    Elements::from_uniform_bytes_on(set, &uniform)
}

/// `HashToScalar` of public transcripts, mode 0x01. `uniform` is room for the expansions.
pub(super) fn hash_to_scalars<const N: usize>(
    set: InstructionSet,
    transcripts: &[[u8; N]],
    uniform: &mut [[u8; 64]],
    out: &mut [PublicScalar],
) {
    expand_message_xmd_on(set, HASH_TO_SCALAR, transcripts, uniform);
    PublicScalar::from_wide_each(uniform, out);
}

/// `HashToScalar` of one secret message under `domain`.
pub(super) fn hash_to_secret_scalar(domain: Domain, message: &[u8]) -> Result<Scalar, GroupError> {
    let mut uniform = Zeroizing::new([[0; 64]]);
    expand_any_message_xmd(domain, &[message], uniform.as_mut());
    Scalar::from_wide(&uniform[0])
}
