//! HMAC-SHA256 (RFC 2104) of messages that fit the inner hash's second block: two compressions
//! each, from states that have taken the padded key.

use zeroize::Zeroizing;

use super::sha2::{Sha256, compressed};
use super::{Kernel, Lanes, Messages};
use crate::hash::HashKey;

/// SHA-256's initial state (FIPS 180-4, section 5.3.3).
pub(super) const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A key's two states, wiped when dropped.
pub(in crate::hash) struct HmacStates {
    pub(in crate::hash) inner: Zeroizing<[u32; 8]>,
    pub(in crate::hash) outer: Zeroizing<[u32; 8]>,
}

impl HmacStates {
    pub(in crate::hash) fn new(key: &HashKey) -> Self {
        Self {
            inner: after(key, 0x36),
            outer: after(key, 0x5c),
        }
    }
}

/// The state after the block of the key, zeros and the constant `pad`.
fn after(key: &HashKey, pad: u8) -> Zeroizing<[u32; 8]> {
    let mut block = Zeroizing::new([pad; 64]);
    for (byte, key) in block.iter_mut().zip(key.expose()) {
        *byte ^= key;
    }
    let mut state = Zeroizing::new(START);
    sha2::block_api::compress256(&mut state, std::slice::from_ref(&block));
    state
}

/// What is the same in the second and last block of every hash of `length` bytes after 64 others: the
/// byte 0x80 and the length in bits (FIPS 180-4, section 5.1.1), as big-endian words.
pub(in crate::hash) fn padding(length: usize) -> [u32; 16] {
    let mut words = [0; 16];
    words[length / 4] = 0x80 << (24 - 8 * (length % 4));
    words[15] = 8 * (64 + length as u32);
    words
}

/// HMAC-SHA256 under one key.
pub(in crate::hash) struct HmacSha256<V: Lanes> {
    proof: V::Proof,
    states: HmacStates,
    padding: [u32; 16],
}

impl<V: Lanes<Word = u32>> HmacSha256<V> {
    /// Under `key`, of messages of `length` bytes.
    pub(in crate::hash) fn new(proof: V::Proof, key: &HashKey, length: usize) -> Self {
        Self {
            proof,
            states: HmacStates::new(key),
            padding: padding(length),
        }
    }

    #[inline(always)]
    fn splat<const COUNT: usize>(&self, words: &[u32; COUNT]) -> [V; COUNT] {
        let mut lanes = [V::splat(self.proof, 0); COUNT];
        for (lanes, word) in lanes.iter_mut().zip(words) {
            *lanes = V::splat(self.proof, *word);
        }
        lanes
    }
}

impl<V: Lanes<Word = u32>> Kernel<32> for HmacSha256<V> {
    const LANES: usize = V::COUNT;

    #[inline(always)]
    fn hash(&self, messages: Messages<'_>, out: &mut [[u8; 32]]) {
        let mut block = self.splat(&self.padding);
        for (from, words) in [0, 32].into_iter().zip(block.as_chunks_mut::<8>().0) {
            if from < messages.length() {
                for (word, read) in words.iter_mut().zip(V::read(self.proof, messages, from)) {
                    *word = word.xor(read.with_bytes_swapped());
                }
            }
        }
        let inner = self.splat(&self.states.inner);
        let hashes = compressed::<Sha256, V>(self.proof, &inner, &mut block);
        let mut block = self.splat(&padding(32));
        block[..8].copy_from_slice(&hashes);
        let outer = self.splat(&self.states.outer);
        let mut hashes = compressed::<Sha256, V>(self.proof, &outer, &mut block);
        for word in &mut hashes {
            *word = word.with_bytes_swapped();
        }
        V::write(hashes, out, 0);
    }
}
