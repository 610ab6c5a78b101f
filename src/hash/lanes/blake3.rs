//! BLAKE3 in keyed mode, of messages that fit one block: one compression each.
//!
//! Section numbers are those of the BLAKE3 paper.

use zeroize::Zeroizing;

use super::{Kernel, Lanes, Messages};
use crate::hash::HashKey;

/// The first half of SHA-256's initial state (table 1).
const IV: [u32; 4] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a];

/// `CHUNK_START | CHUNK_END | ROOT | KEYED_HASH`: the only block of the only chunk (table 3).
const FLAGS: u32 = 1 | 2 | 8 | 16;

/// Which message words each round takes, in the order of its mixings: table 2, applied once more
/// each round.
const ORDER: [[usize; 16]; 7] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8],
    [3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1],
    [10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6],
    [12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4],
    [9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7],
    [11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13],
];

/// Lanes that BLAKE3 runs on, with the two things that its mixing G (section 2.2) consists of.
pub(in crate::hash) trait Mix: Lanes<Word = u32> {
    /// `sum + word`, of a word of the message.
    #[inline(always)]
    fn with_word(self, word: &Self) -> Self {
        self.plus(*word)
    }

    /// `x + y`, and `(z ^ (x + y)) >>> BITS`.
    #[inline(always)]
    fn step<const BITS: i32>(x: Self, y: Self, z: Self) -> (Self, Self) {
        let sum = x.plus(y);
        (sum, z.xor(sum).rotated_right::<BITS>())
    }
}

/// Keyed hashing under one key; the words of the key are wiped when dropped.
pub(in crate::hash) struct KeyedBlake3<V: Mix> {
    proof: V::Proof,
    key: Zeroizing<[u32; 8]>,
}

impl<V: Mix> KeyedBlake3<V> {
    /// Under `key`. The length of the messages does not matter.
    pub(in crate::hash) fn new(proof: V::Proof, key: &HashKey, _: usize) -> Self {
        let mut words = Zeroizing::new([0; 8]);
        for (word, bytes) in words.iter_mut().zip(key.expose().as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Self { proof, key: words }
    }

    /// The state after seven rounds over messages of at most 64 bytes.
    #[inline(always)]
    fn state(&self, messages: Messages<'_>) -> [V; 16] {
        let mut words = [V::splat(self.proof, 0); 16];
        let mut state = words;
        for (word, key) in state.iter_mut().zip(self.key.iter()) {
            *word = V::splat(self.proof, *key);
        }
        for (word, constant) in state[8..12].iter_mut().zip(IV) {
            *word = V::splat(self.proof, constant);
        }
        state[14] = V::splat(self.proof, messages.length() as u32);
        state[15] = V::splat(self.proof, FLAGS);
        words[..8].copy_from_slice(&V::read(self.proof, messages, 0));
        if messages.length() <= 32 {
            rounds::<V, 8>(&mut state, &words);
        } else {
            words[8..].copy_from_slice(&V::read(self.proof, messages, 32));
            rounds::<V, 16>(&mut state, &words);
        }
        state
    }
}

/// Seven rounds. Message words from `WORDS` on are zero.
#[inline(always)]
fn rounds<V: Mix, const WORDS: usize>(state: &mut [V; 16], words: &[V; 16]) {
    round::<V, WORDS>(state, words, &ORDER[0]);
    round::<V, WORDS>(state, words, &ORDER[1]);
    round::<V, WORDS>(state, words, &ORDER[2]);
    round::<V, WORDS>(state, words, &ORDER[3]);
    round::<V, WORDS>(state, words, &ORDER[4]);
    round::<V, WORDS>(state, words, &ORDER[5]);
    round::<V, WORDS>(state, words, &ORDER[6]);
}

/// The words of the state that each of four mixings takes: columns, then diagonals.
const COLUMNS: [[usize; 4]; 4] = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]];
const DIAGONALS: [[usize; 4]; 4] = [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

#[inline(always)]
fn round<V: Mix, const WORDS: usize>(state: &mut [V; 16], words: &[V; 16], order: &[usize; 16]) {
    let [columns, diagonals] = [&order[..8], &order[8..]];
    mix::<V, WORDS>(state, words, &COLUMNS, columns);
    mix::<V, WORDS>(state, words, &DIAGONALS, diagonals);
}

/// Four mixings step by step, because they do not wait for each other.
#[inline(always)]
fn mix<V: Mix, const WORDS: usize>(
    state: &mut [V; 16],
    words: &[V; 16],
    places: &[[usize; 4]; 4],
    order: &[usize],
) {
    half_mix::<V, WORDS, 16, 12>(
        state,
        words,
        places,
        [order[0], order[2], order[4], order[6]],
    );
    half_mix::<V, WORDS, 8, 7>(
        state,
        words,
        places,
        [order[1], order[3], order[5], order[7]],
    );
}

#[inline(always)]
fn half_mix<V: Mix, const WORDS: usize, const FIRST: i32, const SECOND: i32>(
    state: &mut [V; 16],
    words: &[V; 16],
    places: &[[usize; 4]; 4],
    order: [usize; 4],
) {
    for (&[a, b, _, d], word) in places.iter().zip(order) {
        if word < WORDS {
            state[a] = state[a].with_word(&words[word]);
        }
        (state[a], state[d]) = V::step::<FIRST>(state[a], state[b], state[d]);
    }
    for &[_, b, c, d] in places {
        (state[c], state[b]) = V::step::<SECOND>(state[c], state[d], state[b]);
    }
}

impl<V: Mix> Kernel<32> for KeyedBlake3<V> {
    const LANES: usize = V::COUNT;

    #[inline(always)]
    fn hash(&self, messages: Messages<'_>, out: &mut [[u8; 32]]) {
        V::write(first_half(&self.state(messages)), out, 0);
    }
}

impl<V: Mix> Kernel<64> for KeyedBlake3<V> {
    const LANES: usize = V::COUNT;

    #[inline(always)]
    fn hash(&self, messages: Messages<'_>, out: &mut [[u8; 64]]) {
        let state = self.state(messages);
        V::write(first_half(&state), out, 0);
        let mut second = [state[8]; 8];
        for (place, word) in second.iter_mut().enumerate() {
            *word = state[8 + place].xor(V::splat(self.proof, self.key[place]));
        }
        V::write(second, out, 32);
    }
}

/// The 32 bytes of a hash; extended output goes on with the other half (section 2.6).
#[inline(always)]
fn first_half<V: Mix>(state: &[V; 16]) -> [V; 8] {
    let mut half = [state[0]; 8];
    for (place, word) in half.iter_mut().enumerate() {
        *word = state[place].xor(state[8 + place]);
    }
    half
}
