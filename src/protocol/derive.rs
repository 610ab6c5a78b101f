//! From an element to where a person stands: locators and seal keys.
//!
//! `material = utf8(list) || 0x00 || u32_le(epoch)`;
//! `locator = BLAKE3.keyed_hash(BLAKE3.derive_key("saring 2026 v1 locator", material), N)`;
//! `seal_key` likewise under `"saring 2026 v1 seal"`. `N` is an element's canonical 32 bytes, or on a
//! keyed-hash list the 32-byte keyed hash that takes its place.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::ids::{Epoch, ListId, Locator};
use crate::hash::{self, HashKey};

const LOCATOR: &str = "saring 2026 v1 locator";
const SEAL: &str = "saring 2026 v1 seal";

/// A list's epoch as the bytes that every derivation mixes in: `utf8(list) || 0x00 ||
/// u32_le(epoch)`. No list's id holds a zero, so no two pairs give the same bytes.
#[must_use]
pub fn material(list: &ListId, epoch: Epoch) -> Vec<u8> {
    [list.as_str().as_bytes(), &[0], &epoch.0.to_le_bytes()].concat()
}

/// The key that opens one person's row: 32 secret bytes, wiped when dropped, without `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// Takes 32 secret bytes. The caller wipes its own copy.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 secret bytes, for a cipher.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The derivations of one list and epoch. Making it costs two hashes, so make it once a batch.
pub struct Derivation {
    material: Vec<u8>,
    locator: HashKey,
    seal: HashKey,
}

impl Derivation {
    /// The derivations of `list` in `epoch`.
    #[must_use]
    pub fn new(list: &ListId, epoch: Epoch) -> Self {
        let material = material(list, epoch);
        Self {
            locator: hash::derive_key(LOCATOR, &[&material]),
            seal: hash::derive_key(SEAL, &[&material]),
            material,
        }
    }

    /// The bytes of list and epoch (see [`material`]).
    #[must_use]
    pub fn material(&self) -> &[u8] {
        &self.material
    }

    /// One locator for each element, in the same order.
    #[must_use]
    pub fn locators(&self, elements: &[[u8; 32]]) -> Vec<Locator> {
        let mut hashes = vec![[0; 32]; elements.len()];
        hash::keyed_blake3(&self.locator, elements, &mut hashes);
        hashes.into_iter().map(Locator).collect()
    }

    /// One filter key for each element, in the same order: bytes 16 to 24 of its locator.
    #[must_use]
    pub fn filter_keys(&self, elements: &[[u8; 32]]) -> Vec<u64> {
        self.locators(elements)
            .iter()
            .map(Locator::filter_key)
            .collect()
    }

    /// One seal key for each element, in the same order.
    #[must_use]
    pub fn seal_keys(&self, elements: &[[u8; 32]]) -> Vec<SealKey> {
        let mut hashes = Zeroizing::new(vec![[0; 32]; elements.len()]);
        hash::keyed_blake3(&self.seal, elements, &mut hashes);
        hashes.iter().map(|&bytes| SealKey(bytes)).collect()
    }
}
