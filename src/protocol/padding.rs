//! Rows that stand for nobody, so that a bucket's size tells nothing.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::limits::ROW_BYTES;
use super::row::Row;
use crate::hash::{self, HashKey};

/// The secret from which a list's padding rows are made: without it they look like sealed rows. It
/// has no `Debug` and is wiped when dropped.
pub struct PaddingKey(HashKey);

impl PaddingKey {
    /// A new key from 32 bytes of `rng`.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self(HashKey::new(*bytes))
    }

    /// The key of 32 secret bytes. The caller wipes its own copy.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(HashKey::new(bytes))
    }

    /// The 32 secret bytes, for a key file.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Padding row `index` of `bucket`: `BLAKE3.keyed_xof(key, material || u32_le(bucket) ||
    /// u32_le(index))[0..128]` with its first `bits` bits (at most 32) set to the bucket.
    #[must_use]
    pub fn row(&self, material: &[u8], bits: u8, bucket: u32, index: u32) -> Row {
        let mut row = [0; ROW_BYTES];
        let parts = [material, &bucket.to_le_bytes(), &index.to_le_bytes()];
        hash::keyed_xof(&self.0, &parts, &mut row);
        let head = u32::from_be_bytes([row[0], row[1], row[2], row[3]]);
        let kept = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
        let prefix = bucket.checked_shl(32 - u32::from(bits)).unwrap_or(0);
        row[..4].copy_from_slice(&(prefix | head & kept).to_be_bytes());
        row
    }
}
