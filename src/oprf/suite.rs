//! The suite ristretto255-SHA512 of RFC 9497, section 4.1: its context strings and domains.

use crate::group::{self, Domain, Element, GroupError};

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
pub(super) const HASH_TO_SCALAR: Domain = Domain::new(tagged!(voprf, "HashToScalar-"));
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
/// x, in order.
///
/// # Errors
/// [`GroupError::Identity`] with the index of an input that hashes to the identity.
pub fn hash_to_group<M: AsRef<[u8]> + Sync>(inputs: &[M]) -> Result<Vec<Element>, GroupError> {
    group::hash_to_group(VOPRF.hash_to_group, inputs)
}
