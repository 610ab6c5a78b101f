//! The key of a keyed hash.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 32-byte secret key for the hashes of this room. It has no `Debug`, no `Eq` and no
/// `Serialize`, and is wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct HashKey([u8; 32]);

impl HashKey {
    /// Takes 32 secret bytes. The caller wipes its own copy.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 secret bytes, for a key file or a cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}
