//! Eight words of 32 bits.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

use std::arch::x86_64::*;

use super::Avx2;
use crate::hash::lanes::blake3::Mix;
use crate::hash::lanes::{Lanes, Messages, sixteen_bytes};

/// Lane `i` belongs to message `i`. A value exists only where an [`Avx2`] does.
#[derive(Clone, Copy)]
pub(super) struct U32x8(__m256i);

/// Operations of one instruction or a few.
macro_rules! instructions {
    ($($name:ident($($operand:ident),+) = $instruction:expr;)*) => {
        $(
            #[inline(always)]
            fn $name($($operand: Self),+) -> Self {
                // SAFETY: lanes exist, so the machine has AVX2.
                Self(unsafe { $instruction })
            }
        )*
    };
}

impl Lanes for U32x8 {
    type Word = u32;
    type Proof = Avx2;
    const COUNT: usize = 8;

    #[inline(always)]
    fn splat(_: Avx2, word: u32) -> Self {
        // SAFETY: the proof exists, so the machine has AVX2.
        Self(unsafe { _mm256_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn read(proof: Avx2, messages: Messages<'_>, from: usize) -> [Self; 8] {
        let mut rows = [Self::splat(proof, 0); 8];
        for (place, row) in rows.iter_mut().enumerate() {
            *row = Self::read_row(proof, messages.message(place), from);
        }
        transposed(rows)
    }

    #[inline(always)]
    fn write<const N: usize>(words: [Self; 8], rows: &mut [[u8; N]], from: usize) {
        assert_eq!(rows.len(), Self::COUNT);
        for (lanes, row) in transposed(words).into_iter().zip(rows) {
            lanes.write_row(&mut row[from..]);
        }
    }

    #[inline(always)]
    fn rotated_right<const BITS: i32>(self) -> Self {
        match BITS {
            8 => self.with_bytes_at(0x0003_0201),
            16 => self.with_bytes_at(0x0100_0302),
            _ => self.shifted(BITS).xor(self.shifted_left(32 - BITS)),
        }
    }

    #[inline(always)]
    fn shifted_right<const BITS: u32>(self) -> Self {
        self.shifted(BITS.cast_signed())
    }

    #[inline(always)]
    fn with_bytes_swapped(self) -> Self {
        self.with_bytes_at(0x0001_0203)
    }

    #[inline(always)]
    fn xor3(self, second: Self, third: Self) -> Self {
        self.xor(second).xor(third)
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        self.and(yes.xor(no)).xor(no)
    }

    #[inline(always)]
    fn majority(self, second: Self, third: Self) -> Self {
        self.xor(second).choose(third, second)
    }

    /// With sixteen registers, the compiler's own order is the better one.
    #[inline(always)]
    fn fenced(self) -> Self {
        self
    }

    instructions! {
        plus(self, other) = _mm256_add_epi32(self.0, other.0);
        xor(self, other) = _mm256_xor_si256(self.0, other.0);
    }
}

impl Mix for U32x8 {}

impl U32x8 {
    instructions! {
        and(self, other) = _mm256_and_si256(self.0, other.0);
        lower_words(self, other) = _mm256_unpacklo_epi32(self.0, other.0);
        upper_words(self, other) = _mm256_unpackhi_epi32(self.0, other.0);
        lower_pairs(self, other) = _mm256_unpacklo_epi64(self.0, other.0);
        upper_pairs(self, other) = _mm256_unpackhi_epi64(self.0, other.0);
        lower_halves(self, other) = _mm256_permute2x128_si256::<0x20>(self.0, other.0);
        upper_halves(self, other) = _mm256_permute2x128_si256::<0x31>(self.0, other.0);
    }

    #[inline(always)]
    fn shifted(self, bits: i32) -> Self {
        // SAFETY: lanes exist, so the machine has AVX2.
        Self(unsafe { _mm256_srl_epi32(self.0, _mm_cvtsi32_si128(bits)) })
    }

    #[inline(always)]
    fn shifted_left(self, bits: i32) -> Self {
        // SAFETY: lanes exist, so the machine has AVX2.
        Self(unsafe { _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(bits)) })
    }

    /// Each word with its bytes at the four places that `pattern` names, lowest first.
    #[inline(always)]
    fn with_bytes_at(self, pattern: i32) -> Self {
        let at = |word: i32| pattern + word * 0x0404_0404;
        // SAFETY: lanes exist, so the machine has AVX2.
        Self(unsafe {
            let bytes = _mm_setr_epi32(at(0), at(1), at(2), at(3));
            _mm256_shuffle_epi8(self.0, _mm256_broadcastsi128_si256(bytes))
        })
    }

    /// 32 bytes of a message from its byte `from` on, with zeros past its end.
    #[inline(always)]
    fn read_row(_: Avx2, message: &[u8], from: usize) -> Self {
        if let Some(whole) = message.get(from..from + 32) {
            // SAFETY: the proof exists, so the machine has AVX2; the slice has 32 bytes.
            return Self(unsafe { _mm256_loadu_si256(whole.as_ptr().cast()) });
        }
        let (low, high) = (
            sixteen_bytes(message, from),
            sixteen_bytes(message, from + 16),
        );
        let [a, b, c, d] = [low, low >> 64, high, high >> 64].map(|word| word as i64);
        // SAFETY: the proof exists, so the machine has AVX2.
        Self(unsafe { _mm256_setr_epi64x(a, b, c, d) })
    }

    /// All of it over the first 32 bytes of a row.
    #[inline(always)]
    fn write_row(self, row: &mut [u8]) {
        let row = &mut row[..32];
        // SAFETY: lanes exist, so the machine has AVX2; the slice has 32 bytes.
        unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast(), self.0) }
    }
}

/// The words of eight vectors the other way round: word `j` of vector `i` comes to be word `i` of
/// vector `j`.
#[inline(always)]
fn transposed(rows: [U32x8; 8]) -> [U32x8; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let (left, right) = (
        transposed_halves([a, b, c, d]),
        transposed_halves([e, f, g, h]),
    );
    let mut words = left;
    let mut later_words = right;
    for place in 0..4 {
        words[place] = left[place].lower_halves(right[place]);
        later_words[place] = left[place].upper_halves(right[place]);
    }
    let ([a, b, c, d], [e, f, g, h]) = (words, later_words);
    [a, b, c, d, e, f, g, h]
}

/// The same within each half, for four vectors.
#[inline(always)]
fn transposed_halves([a, b, c, d]: [U32x8; 4]) -> [U32x8; 4] {
    let (low_ab, high_ab) = (a.lower_words(b), a.upper_words(b));
    let (low_cd, high_cd) = (c.lower_words(d), c.upper_words(d));
    [
        low_ab.lower_pairs(low_cd),
        low_ab.upper_pairs(low_cd),
        high_ab.lower_pairs(high_cd),
        high_ab.upper_pairs(high_cd),
    ]
}
