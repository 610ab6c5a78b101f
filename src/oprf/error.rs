//! What this room refuses: each variant is the rule that was broken.

use thiserror::Error;

use crate::group::{DecodeError, GroupError};

/// A rule of this room that was broken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum OprfError {
    /// An encoding, a scalar or a result was refused by the group.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// A batch holds no element.
    #[error("batch is empty")]
    EmptyBatch,
    /// A batch holds more than [`super::MAX_CHUNK`] elements.
    #[error("batch holds more than 16384 elements")]
    BatchTooLarge,
    /// Two batches that belong together differ in length.
    #[error("batches that belong together differ in length")]
    UnequalCounts,
    /// A proof does not hold.
    #[error("proof does not hold")]
    ProofRefused,
    /// A threshold is not in 1..=n, or n is not in 1..=[`super::MAX_CUSTODIANS`].
    #[error("threshold is not in 1..=n, or n is not in 1..=32")]
    ThresholdOutOfRange,
    /// There are not as many custodian public keys as custodians.
    #[error("there are not as many custodian public keys as custodians")]
    CustodianCount,
    /// The custodians' public keys and the group's lie on no polynomial of degree t - 1.
    #[error(
        "custodian public keys lie on no polynomial of degree t - 1 through the group public key"
    )]
    OffPolynomial,
    /// The record's proof, that its key is the factor times the group's key, does not hold.
    #[error("the record's proof does not hold")]
    RecordProofRefused,
    /// An embedded single step came where the record names more than one custodian.
    #[error("a single step where the record names more than one custodian")]
    SingleStepForQuorum,
    /// A chain holds more or fewer custodian steps than the record's threshold.
    #[error("not exactly as many custodian steps as the record's threshold")]
    WrongStepCount,
    /// A custodian's index is not in 1..=n.
    #[error("custodian index {index} is out of range")]
    IndexOutOfRange {
        /// The index.
        index: u8,
    },
    /// A custodian's index occurs twice.
    #[error("custodian index {index} occurs twice")]
    RepeatedIndex {
        /// The index.
        index: u8,
    },
    /// A custodian's proof does not hold: that custodian is to be named and excluded.
    #[error("the proof of custodian {index} does not hold")]
    CustodianProofRefused {
        /// The custodian's index.
        index: u8,
    },
    /// The registry's proof does not hold.
    #[error("the registry's proof does not hold")]
    RegistryProofRefused,
    /// An input of the RFC's modes is longer than 65,535 bytes.
    #[error("input is longer than 65535 bytes")]
    InputTooLong,
    /// `DeriveKeyPair` found no key in 256 tries (RFC 9497, section 3.2.1).
    #[error("no key could be derived")]
    NoKeyDerived,
}

impl From<DecodeError> for OprfError {
    fn from(error: DecodeError) -> Self {
        Self::Group(GroupError::Encoding(error))
    }
}
