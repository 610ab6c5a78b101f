//! The oblivious pseudorandom function: RFC 9497 over ristretto255-SHA512, and what Saring builds
//! from it.
//!
//! | module | what |
//! |---|---|
//! | [`rfc`] | the RFC's own protocol, modes 0x00 and 0x01: for the library and its tests, not the service |
//! | [`Proof`] | the RFC's batch proofs (`GenerateProof`, `VerifyProof`), always over the generator |
//! | [`Blinded`] | element mode, the client: derived additive blinds, and the element N as output |
//! | [`evaluate()`] | element mode, the evaluators: custodians, then the registry |
//! | [`Chain`] | what a reply carries, verified under [`ChainPublics`] with every condition |
//! | [`deal`] | Shamir shares, verification shares, Lagrange coefficients |
//! | [`update`] | rotation without re-upload |
//!
//! Context strings, transcripts and derivations are written out in docs/PROTOCOL.md.
//!
//! **Never** store or send, under one key, both an element N and anything made by
//! [`rfc::finalize`]: whoever has N could then test guesses with SHA-512 alone.

mod blind;
mod chain;
mod error;
mod evaluate;
mod keys;
mod proof;
mod publics;
pub mod rfc;
mod suite;
#[cfg(test)]
mod tests;
mod threshold;
pub mod update;

pub use blind::{BlindKey, BlindSeed, Blinded, Opened};
pub use chain::{Chain, ShareStep, Step};
pub use error::OprfError;
pub use evaluate::{combine_and_apply_factor, evaluate, evaluate_embedded, evaluate_share};
pub use keys::{PrivateKey, PublicKey, Share};
pub use proof::Proof;
pub use publics::{ChainPublics, PublicsParts};
pub use suite::{CONTEXT_STRING, Mode, hash_to_group, hash_to_group_on};
pub use threshold::{deal, lagrange};

/// Elements in one chunk at most: one proof covers a chunk.
pub const MAX_CHUNK: usize = 16_384;

/// Custodians of one list at most.
pub const MAX_CUSTODIANS: u8 = 32;
