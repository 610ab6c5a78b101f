//! `expand_message_xmd` of RFC 9380, section 5.3.1, with SHA-512 and an output of 64 bytes, so
//! that `b_1` is the whole output.

use std::sync::LazyLock;

use super::sha2::{Sha512, compressed};
use super::{Kernel, Lanes, Messages};
use crate::hash::Domain;

/// SHA-512's initial state (FIPS 180-4, section 5.3.5).
pub(super) const START: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// The state after `Z_pad`, the block of zeros that starts every expansion.
static PADDED: LazyLock<[u64; 8]> = LazyLock::new(|| {
    let mut state = START;
    sha2::block_api::compress512(&mut state, &[[0; 128]]);
    state
});

/// A block's big-endian words.
type Block = [u64; 16];

/// Expansion under one domain of messages of one length.
pub(in crate::hash) struct Expansion<V: Lanes> {
    proof: V::Proof,
    /// `b_0` after `Z_pad`, with zeros for the message.
    first: Vec<Block>,
    /// `b_1`, with zeros for `b_0`.
    second: Vec<Block>,
}

impl<V: Lanes<Word = u64>> Expansion<V> {
    /// Under `domain`, of messages of `length` bytes.
    pub(in crate::hash) fn new(proof: V::Proof, domain: Domain, length: usize) -> Self {
        let (tag, tag_length) = domain.parts();
        Self {
            proof,
            first: blocks(
                128,
                length,
                &[&64_u16.to_be_bytes(), &[0], tag, &tag_length],
            ),
            second: blocks(0, 64, &[&[1], tag, &tag_length]),
        }
    }

    #[inline(always)]
    fn splat<const COUNT: usize>(&self, words: &[u64; COUNT]) -> [V; COUNT] {
        let mut lanes = [V::splat(self.proof, 0); COUNT];
        for (lanes, word) in lanes.iter_mut().zip(words) {
            *lanes = V::splat(self.proof, *word);
        }
        lanes
    }
}

/// The last blocks of a hash over `before` bytes already taken, `varying` bytes that differ from
/// message to message (zeros here) and the same parts after them, with the padding of FIPS 180-4,
/// section 5.1.2.
fn blocks(before: usize, varying: usize, parts: &[&[u8]]) -> Vec<Block> {
    let mut bytes = vec![0; varying];
    bytes.extend_from_slice(&parts.concat());
    let bits = 8 * (before + bytes.len()) as u128;
    bytes.push(0x80);
    bytes.resize((bytes.len() + 16).next_multiple_of(128) - 16, 0);
    bytes.extend_from_slice(&bits.to_be_bytes());
    let words = |block: &[u8; 128]| {
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        words
    };
    bytes.as_chunks().0.iter().map(words).collect()
}

impl<V: Lanes<Word = u64>> Kernel<64> for Expansion<V> {
    const LANES: usize = V::COUNT;

    #[inline(always)]
    fn hash(&self, messages: Messages<'_>, out: &mut [[u8; 64]]) {
        let mut state = self.splat(&PADDED);
        for (number, block) in self.first.iter().enumerate() {
            let mut block = self.splat(block);
            for (half, words) in block.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                let from = 128 * number + 64 * half;
                if from < messages.length() {
                    for (word, read) in words.iter_mut().zip(V::read(self.proof, messages, from)) {
                        *word = word.xor(read.with_bytes_swapped());
                    }
                }
            }
            state = compressed::<Sha512, V>(self.proof, &state, &mut block);
        }
        let first = state;
        state = self.splat(&START);
        for (number, block) in self.second.iter().enumerate() {
            let mut block = self.splat(block);
            if number == 0 {
                block[..8].copy_from_slice(&first);
            }
            state = compressed::<Sha512, V>(self.proof, &state, &mut block);
        }
        for word in &mut state {
            *word = word.with_bytes_swapped();
        }
        V::write(state, out, 0);
    }
}
