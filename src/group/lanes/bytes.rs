//! Field elements as 32 bytes, little-endian (RFC 9496, section 4.1).

use super::{Field, Words};

const LOW_51: u64 = (1 << 51) - 1;

/// One number for each of at most [`Field::LANES`] byte strings, in lane order, their highest bit
/// left out and not reduced; the remaining lanes hold 0.
#[inline(always)]
pub(in crate::group) fn load<F: Field>(set: F::Set, encodings: &[[u8; 32]]) -> F {
    debug_assert!(encodings.len() <= F::LANES, "one encoding a lane");
    let mut words: Words = [[0; 8]; 5];
    for (lane, encoding) in encodings.iter().enumerate() {
        let [a, b, c, d] = quarters(encoding);
        words[0][lane] = a & LOW_51;
        words[1][lane] = (a >> 51 | b << 13) & LOW_51;
        words[2][lane] = (b >> 38 | c << 26) & LOW_51;
        words[3][lane] = (c >> 25 | d << 39) & LOW_51;
        words[4][lane] = d >> 12 & LOW_51;
    }
    F::from_words(set, &words)
}

/// The canonical encodings of the first `encodings.len()` lanes.
#[inline(always)]
pub(in crate::group) fn store<F: Field>(field: F, encodings: &mut [[u8; 32]]) {
    debug_assert!(encodings.len() <= F::LANES, "one encoding a lane");
    let words = field.to_words();
    for (lane, encoding) in encodings.iter_mut().enumerate() {
        let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|limb: usize| words[limb][lane]);
        let quarters = [
            a | b << 51,
            b >> 13 | c << 38,
            c >> 26 | d << 25,
            d >> 39 | e << 12,
        ];
        for (bytes, quarter) in encoding.chunks_exact_mut(8).zip(quarters) {
            bytes.copy_from_slice(&quarter.to_le_bytes());
        }
    }
}

/// One bit for each encoding, the first lowest: whether it is below p. Takes constant time.
#[inline(always)]
pub(in crate::group) fn below_prime(encodings: &[[u8; 32]]) -> u8 {
    let mut bits = 0;
    for (lane, encoding) in encodings.iter().enumerate() {
        let [a, b, c, d] = quarters(encoding);
        // x < p exactly if x + 19 < 2^255.
        let (_, carry) = a.overflowing_add(19);
        let (_, carry) = b.overflowing_add(u64::from(carry));
        let (_, carry) = c.overflowing_add(u64::from(carry));
        let (top, carry) = d.overflowing_add(u64::from(carry));
        let below = (top >> 63 | u64::from(carry)) ^ 1;
        bits |= (below as u8) << lane;
    }
    bits
}

#[inline(always)]
fn quarters(encoding: &[u8; 32]) -> [u64; 4] {
    let (quarters, _) = encoding.as_chunks::<8>();
    [0, 1, 2, 3].map(|quarter: usize| u64::from_le_bytes(quarters[quarter]))
}
