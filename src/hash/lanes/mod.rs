//! The batch hashes, written once for any number of lanes.
//!
//! One message goes through each lane of a vector; no lane sees another's bytes. A backend brings
//! vectors ([`Lanes`]) whose operations are single instructions, and calls a hash of this folder
//! from a function that has those instructions enabled. Everything in between is
//! `#[inline(always)]`, because the instructions are only used as such inside that function; for
//! the same reason no closure computes on lanes.
//!
//! All of it is constant time: no branch and no address depends on a key or a message.

pub(super) mod blake3;
pub(super) mod expand;
pub(super) mod hmac;
#[cfg(test)]
pub(super) mod judge;
mod prefetch;
pub(super) mod sha2;

use zeroize::Zeroizing;

/// One word of each of [`Lanes::COUNT`] messages, side by side. Additions wrap.
pub(super) trait Lanes: Copy {
    /// `u32` or `u64`.
    type Word: Copy + 'static;
    /// What proves that the machine has the instructions: lanes are made from it only.
    type Proof: Copy;
    /// How many messages go side by side, at most [`MOST_LANES`].
    const COUNT: usize;

    /// The same word in every lane.
    fn splat(proof: Self::Proof, word: Self::Word) -> Self;
    /// Of each of `COUNT` messages the eight little-endian words from byte `from` on, with zeros for
    /// bytes past the message's end. Nothing past it is read.
    fn read(proof: Self::Proof, messages: Messages<'_>, from: usize) -> [Self; 8];
    /// The reverse of [`Lanes::read`], for rows that hold eight words from `from` on.
    fn write<const N: usize>(words: [Self; 8], rows: &mut [[u8; N]], from: usize);

    fn plus(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn rotated_right<const BITS: i32>(self) -> Self;
    fn shifted_right<const BITS: u32>(self) -> Self;
    fn with_bytes_swapped(self) -> Self;
    /// The exclusive or of three.
    fn xor3(self, second: Self, third: Self) -> Self;
    /// Where a bit is set that of `yes`, elsewhere that of `no`: Ch of FIPS 180-4.
    fn choose(self, yes: Self, no: Self) -> Self;
    /// The bit that two or three of three have: Maj of FIPS 180-4.
    fn majority(self, second: Self, third: Self) -> Self;
    /// The same value, as a fence against the compiler's reordering of additions: the caller put
    /// first what is known first.
    fn fenced(self) -> Self;
}

/// The most lanes that any backend has.
const MOST_LANES: usize = 32;

/// Messages of one length, one after another. The length is no constant here, so that each hash is
/// compiled once for all lengths.
#[derive(Clone, Copy)]
pub(super) struct Messages<'a> {
    bytes: &'a [u8],
    length: usize,
}

impl<'a> Messages<'a> {
    /// The messages, which are not empty.
    pub(super) fn new<const N: usize>(messages: &'a [[u8; N]]) -> Self {
        assert!(N > 0, "an empty message has no place");
        Self {
            bytes: messages.as_flattened(),
            length: N,
        }
    }

    /// Bytes of a message.
    #[inline(always)]
    fn length(self) -> usize {
        self.length
    }

    #[inline(always)]
    pub(super) fn message(self, place: usize) -> &'a [u8] {
        &self.bytes[place * self.length..][..self.length]
    }

    /// How many bytes of a message there are from its byte `from` on, or `most` if there are more.
    #[inline(always)]
    pub(super) fn available(self, from: usize, most: usize) -> usize {
        self.length.saturating_sub(from).min(most)
    }

    /// `count` messages, and those after them.
    #[inline(always)]
    pub(super) fn split_at(self, count: usize) -> (Self, Self) {
        let (first, others) = self.bytes.split_at(count * self.length);
        let of = |bytes| Self { bytes, ..self };
        (of(first), of(others))
    }
}

/// Sixteen bytes of a message from its byte `from` on, little-endian, with zeros past its end.
#[inline(always)]
pub(super) fn sixteen_bytes(message: &[u8], from: usize) -> u128 {
    let there = message.len().saturating_sub(from);
    if there >= 16 {
        message[from..]
            .first_chunk()
            .map_or(0, |bytes| u128::from_le_bytes(*bytes))
    } else if there == 0 {
        0
    } else if let Some(last) = message.last_chunk() {
        u128::from_le_bytes(*last) >> (8 * (16 - there))
    } else {
        let bytes = message[from..].iter().rev();
        bytes.fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
    }
}

/// A hash of `LANES` messages at once, `OUT` bytes each.
pub(super) trait Kernel<const OUT: usize> {
    const LANES: usize;
    /// Takes exactly `LANES` messages and outputs.
    fn hash(&self, messages: Messages<'_>, out: &mut [[u8; OUT]]);
}

/// Hashes messages whose number is a multiple of `LANES`.
#[inline(always)]
pub(super) fn hash_groups<K: Kernel<OUT>, const OUT: usize>(
    kernel: &K,
    mut messages: Messages<'_>,
    out: &mut [[u8; OUT]],
) {
    for out in out.chunks_exact_mut(K::LANES) {
        let group;
        (group, messages) = messages.split_at(K::LANES);
        prefetch::ahead_of(group.bytes);
        prefetch::ahead_of(out.as_flattened());
        kernel.hash(group, out);
    }
}

/// Hashes any number of messages by a `hash` of multiples of `lanes`: the last few are filled up
/// with zero messages.
pub(super) fn hash_all<const N: usize, const OUT: usize>(
    lanes: usize,
    messages: &[[u8; N]],
    out: &mut [[u8; OUT]],
    hash: impl Fn(Messages<'_>, &mut [[u8; OUT]]),
) {
    let whole = messages.len() - messages.len() % lanes;
    let ((messages, last), (out, last_out)) = (messages.split_at(whole), out.split_at_mut(whole));
    hash(Messages::new(messages), out);
    if !last.is_empty() {
        let mut filled = Zeroizing::new([[0; N]; MOST_LANES]);
        let mut hashes = Zeroizing::new([[0; OUT]; MOST_LANES]);
        filled[..last.len()].copy_from_slice(last);
        hash(Messages::new(&filled[..lanes]), &mut hashes[..lanes]);
        last_out.copy_from_slice(&hashes[..last.len()]);
    }
}
