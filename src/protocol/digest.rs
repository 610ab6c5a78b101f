//! Digests: BLAKE3 under a context for the protocol's own forms, SHA-512 for contents.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};

use super::ids::{Digest32, IdError, byte_id};

impl Digest32 {
    /// The BLAKE3 digest of `context || 0x00 || body`. The context has no zero byte, so that no
    /// two pairs give the same input.
    #[must_use]
    pub fn of(context: &str, body: &[u8]) -> Self {
        debug_assert!(!context.as_bytes().contains(&0), "a context has no zero");
        let mut hasher = blake3::Hasher::new();
        hasher.update(context.as_bytes()).update(&[0]).update(body);
        Self(*hasher.finalize().as_bytes())
    }
}

byte_id! {
    /// The SHA-512 digest of an order's content: 64 bytes.
    ContentDigest, 64
}

impl ContentDigest {
    /// The digest of `content`.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(Sha512::digest(content).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_their_standards() {
        // FIPS 180-4's example "abc".
        assert!(
            ContentDigest::of(b"abc")
                .to_string()
                .starts_with("ddaf35a193617abacc417349ae204131")
        );
        assert_eq!(
            Digest32::of("saring/v1/test", b"body").0,
            *blake3::hash(b"saring/v1/test\0body").as_bytes()
        );
    }

    #[test]
    fn a_context_is_part_of_the_digest() {
        assert_ne!(Digest32::of("a", b"bc"), Digest32::of("ab", b"c"));
    }
}
