//! HMAC-SHA256 on SHA-NI: SHA-256 in hardware, with several messages side by side, so that one's
//! rounds fill the wait for another's.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

use std::arch::x86_64::*;

use super::HashKey;
use super::lanes::hmac::{HmacStates, padding};
use super::lanes::sha2::SHA256_CONSTANTS;
use super::lanes::{Kernel, Messages, hash_all, hash_groups, sixteen_bytes};
use crate::machine;

/// Messages side by side.
const STREAMS: usize = 2;

/// HMAC-SHA256 of messages that fit one block.
///
/// # Panics
/// When this machine does not have SHA-NI.
pub(super) fn hmac_sha256<const N: usize>(key: &HashKey, inputs: &[[u8; N]], out: &mut [[u8; 32]]) {
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn enabled(hmac: &Hmac, messages: Messages<'_>, out: &mut [[u8; 32]]) {
        hash_groups(hmac, messages, out);
    }
    let hmac = Hmac::new(key, N);
    hash_all(STREAMS, inputs, out, |messages, out| {
        // SAFETY: an Hmac exists only on a machine that has SHA-NI, SSE4.1 and SSSE3.
        unsafe { enabled(&hmac, messages, out) }
    });
}

/// HMAC under one key of messages of one length; exists only on a machine that has SHA-NI.
struct Hmac {
    states: HmacStates,
    padding: [u32; 16],
}

impl Hmac {
    fn new(key: &HashKey, length: usize) -> Self {
        assert!(machine::has_sha_ni(), "this machine does not have SHA-NI");
        Self {
            states: HmacStates::new(key),
            padding: padding(length),
        }
    }
}

impl Kernel<32> for Hmac {
    const LANES: usize = STREAMS;

    #[inline(always)]
    fn hash(&self, messages: Messages<'_>, out: &mut [[u8; 32]]) {
        // SAFETY: an Hmac exists only on a machine that has SHA-NI, SSE4.1 and SSSE3.
        unsafe { hash_streams(self, messages, out) }
    }
}

/// The eight words of a state, as the instructions want them: a, b, e, f and c, d, g, h, each from
/// the highest down.
#[derive(Clone, Copy)]
struct State {
    abef: __m128i,
    cdgh: __m128i,
}

/// The sixteen words of a block, and later ones of the schedule.
type Block = [__m128i; 4];

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn hash_streams(hmac: &Hmac, messages: Messages<'_>, out: &mut [[u8; 32]]) {
    let mut blocks = [block_of(&hmac.padding); STREAMS];
    for (number, block) in blocks.iter_mut().enumerate() {
        let message = messages.message(number);
        for (place, words) in block.iter_mut().enumerate() {
            *words = _mm_or_si128(*words, read(message, 16 * place));
        }
    }
    let mut streams = [state_of(&hmac.states.inner); STREAMS];
    compress(&mut streams, &mut blocks);
    let padded = block_of(&padding(32));
    for (block, state) in blocks.iter_mut().zip(streams) {
        let [first, second] = in_order(state);
        *block = [first, second, padded[2], padded[3]];
    }
    let mut streams = [state_of(&hmac.states.outer); STREAMS];
    compress(&mut streams, &mut blocks);
    for (state, row) in streams.into_iter().zip(out) {
        let [first, second] = in_order(state);
        write(first, &mut row[..16]);
        write(second, &mut row[16..]);
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress(streams: &mut [State; STREAMS], blocks: &mut [Block; STREAMS]) {
    let before = *streams;
    let (last, earlier) = SHA256_CONSTANTS
        .as_chunks::<16>()
        .0
        .split_last()
        .expect("four");
    for constants in earlier {
        sixteen_rounds::<true>(streams, blocks, constants);
    }
    sixteen_rounds::<false>(streams, blocks, last);
    for (state, before) in streams.iter_mut().zip(before) {
        state.abef = _mm_add_epi32(state.abef, before.abef);
        state.cdgh = _mm_add_epi32(state.cdgh, before.cdgh);
    }
}

/// Sixteen rounds. With `MORE` to come, each four words of the schedule become those 16 further on
/// as soon as their rounds are over.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn sixteen_rounds<const MORE: bool>(
    streams: &mut [State; STREAMS],
    blocks: &mut [Block; STREAMS],
    constants: &[u32; 16],
) {
    four_rounds::<0, MORE>(streams, blocks, constants);
    four_rounds::<1, MORE>(streams, blocks, constants);
    four_rounds::<2, MORE>(streams, blocks, constants);
    four_rounds::<3, MORE>(streams, blocks, constants);
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn four_rounds<const PLACE: usize, const MORE: bool>(
    streams: &mut [State; STREAMS],
    blocks: &mut [Block; STREAMS],
    constants: &[u32; 16],
) {
    let constants = block_of(constants)[PLACE];
    for (state, block) in streams.iter_mut().zip(blocks.iter()) {
        let addends = _mm_add_epi32(block[PLACE], constants);
        state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, addends);
        let later_addends = _mm_shuffle_epi32::<0b1110>(addends);
        state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, later_addends);
    }
    if MORE {
        for block in blocks {
            block[PLACE] = later_words::<PLACE>(block);
        }
    }
}

/// The four words of the schedule 16 after those at `place`.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn later_words<const PLACE: usize>(block: &Block) -> __m128i {
    let (now, next) = (block[PLACE], block[(PLACE + 1) % 4]);
    let (third, last) = (block[(PLACE + 2) % 4], block[(PLACE + 3) % 4]);
    let early = _mm_sha256msg1_epu32(now, next);
    let middle = _mm_alignr_epi8::<4>(last, third);
    _mm_sha256msg2_epu32(_mm_add_epi32(early, middle), last)
}

/// a, b, c, d and e, f, g, h, each from the lowest up.
#[inline]
#[target_feature(enable = "sse4.1")]
fn in_order(state: State) -> [__m128i; 2] {
    let abef = _mm_shuffle_epi32::<0b00_01_10_11>(state.abef);
    let cdgh = _mm_shuffle_epi32::<0b00_01_10_11>(state.cdgh);
    [
        _mm_unpacklo_epi64(abef, cdgh),
        _mm_unpackhi_epi64(abef, cdgh),
    ]
}

#[inline]
#[target_feature(enable = "sse4.1")]
fn state_of(words: &[u32; 8]) -> State {
    let [a, b, c, d, e, f, g, h] = *words;
    State {
        abef: lanes_of(&[f, e, b, a]),
        cdgh: lanes_of(&[h, g, d, c]),
    }
}

#[inline]
#[target_feature(enable = "sse4.1")]
fn block_of(words: &[u32; 16]) -> Block {
    let mut block = [_mm_setzero_si128(); 4];
    for (lanes, words) in block.iter_mut().zip(words.as_chunks().0) {
        *lanes = lanes_of(words);
    }
    block
}

#[inline]
#[target_feature(enable = "sse4.1")]
fn lanes_of(words: &[u32; 4]) -> __m128i {
    let [a, b, c, d] = words.map(u32::cast_signed);
    _mm_setr_epi32(a, b, c, d)
}

/// Four big-endian words of a message from its byte `from` on, with zeros past its end.
#[inline]
#[target_feature(enable = "ssse3")]
fn read(message: &[u8], from: usize) -> __m128i {
    let bytes = sixteen_bytes(message, from);
    swapped(_mm_set_epi64x((bytes >> 64) as i64, bytes as i64))
}

/// The words, big-endian, over the first 16 bytes.
#[inline]
#[target_feature(enable = "ssse3")]
fn write(words: __m128i, bytes: &mut [u8]) {
    let bytes = &mut bytes[..16];
    // SAFETY: the slice has 16 bytes.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), swapped(words)) }
}

/// Each word with its bytes the other way round.
#[inline]
#[target_feature(enable = "ssse3")]
fn swapped(words: __m128i) -> __m128i {
    let bytes = _mm_setr_epi32(0x0001_0203, 0x0405_0607, 0x0809_0a0b, 0x0c0d_0e0f);
    _mm_shuffle_epi8(words, bytes)
}
