//! What this room refuses.

use thiserror::Error;

/// Why one encoding names no usable element.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are not the canonical encoding of a non-negative field element: at least p, or odd.
    #[error("encoding is not canonical")]
    NotCanonical,
    /// The bytes are canonical, and encode no element of the group.
    #[error("encoding names no element of the group")]
    NotInGroup,
    /// The bytes encode the identity element.
    #[error("encoding is that of the identity")]
    Identity,
}

/// The first encoding of a batch that was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("element {index}: {reason}")]
pub struct DecodeError {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Why.
    pub reason: Refusal,
}

/// A rule of this room that was broken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum GroupError {
    /// An encoding was refused.
    #[error(transparent)]
    Encoding(#[from] DecodeError),
    /// A result is the identity element, which nothing here may hold.
    #[error("result {index} is the identity")]
    Identity {
        /// Its place in the batch, from 0.
        index: usize,
    },
    /// A scalar's 32 bytes are not below the group's order l.
    #[error("scalar is not reduced")]
    ScalarNotReduced,
    /// A scalar is zero where a key, a blind or a nonce is needed.
    #[error("scalar is zero")]
    ScalarZero,
}
