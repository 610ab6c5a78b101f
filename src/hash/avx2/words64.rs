//! Four words of 64 bits.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

use std::arch::x86_64::*;

use super::Avx2;
use crate::hash::lanes::{Lanes, Messages, sixteen_bytes};

/// Lane `i` belongs to message `i`. A value exists only where an [`Avx2`] does.
#[derive(Clone, Copy)]
pub(super) struct U64x4(__m256i);

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

impl Lanes for U64x4 {
    type Word = u64;
    type Proof = Avx2;
    const COUNT: usize = 4;

    #[inline(always)]
    fn splat(_: Avx2, word: u64) -> Self {
        // SAFETY: the proof exists, so the machine has AVX2.
        Self(unsafe { _mm256_set1_epi64x(word.cast_signed()) })
    }

    #[inline(always)]
    fn read(proof: Avx2, messages: Messages<'_>, from: usize) -> [Self; 8] {
        let (mut left, mut right) = ([Self::splat(proof, 0); 4], [Self::splat(proof, 0); 4]);
        for (place, (left, right)) in left.iter_mut().zip(&mut right).enumerate() {
            let message = messages.message(place);
            *left = Self::read_row(proof, message, from);
            *right = Self::read_row(proof, message, from + 32);
        }
        let ([a, b, c, d], [e, f, g, h]) = (transposed(left), transposed(right));
        [a, b, c, d, e, f, g, h]
    }

    #[inline(always)]
    fn write<const N: usize>(words: [Self; 8], rows: &mut [[u8; N]], from: usize) {
        assert_eq!(rows.len(), Self::COUNT);
        let [a, b, c, d, e, f, g, h] = words;
        let (left, right) = (transposed([a, b, c, d]), transposed([e, f, g, h]));
        for (place, row) in rows.iter_mut().enumerate() {
            Self::write_row(left[place], right[place], &mut row[from..]);
        }
    }

    #[inline(always)]
    fn rotated_right<const BITS: i32>(self) -> Self {
        self.shifted(BITS).xor(self.shifted_left(64 - BITS))
    }

    #[inline(always)]
    fn shifted_right<const BITS: u32>(self) -> Self {
        self.shifted(BITS.cast_signed())
    }

    #[inline(always)]
    fn with_bytes_swapped(self) -> Self {
        // SAFETY: lanes exist, so the machine has AVX2.
        Self(unsafe {
            let bytes = _mm_set_epi64x(0x0809_0a0b_0c0d_0e0f, 0x0001_0203_0405_0607);
            _mm256_shuffle_epi8(self.0, _mm256_broadcastsi128_si256(bytes))
        })
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
        plus(self, other) = _mm256_add_epi64(self.0, other.0);
        xor(self, other) = _mm256_xor_si256(self.0, other.0);
    }
}

impl U64x4 {
    instructions! {
        and(self, other) = _mm256_and_si256(self.0, other.0);
        lower_words(self, other) = _mm256_unpacklo_epi64(self.0, other.0);
        upper_words(self, other) = _mm256_unpackhi_epi64(self.0, other.0);
        lower_halves(self, other) = _mm256_permute2x128_si256::<0x20>(self.0, other.0);
        upper_halves(self, other) = _mm256_permute2x128_si256::<0x31>(self.0, other.0);
    }

    #[inline(always)]
    fn shifted(self, bits: i32) -> Self {
        // SAFETY: lanes exist, so the machine has AVX2.
        Self(unsafe { _mm256_srl_epi64(self.0, _mm_cvtsi32_si128(bits)) })
    }

    #[inline(always)]
    fn shifted_left(self, bits: i32) -> Self {
        // SAFETY: lanes exist, so the machine has AVX2.
        Self(unsafe { _mm256_sll_epi64(self.0, _mm_cvtsi32_si128(bits)) })
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

    /// Both over the first 64 bytes of a row.
    #[inline(always)]
    fn write_row(left: Self, right: Self, row: &mut [u8]) {
        let (first, second) = row[..64].split_at_mut(32);
        // SAFETY: lanes exist, so the machine has AVX2; each slice has 32 bytes.
        unsafe {
            _mm256_storeu_si256(first.as_mut_ptr().cast(), left.0);
            _mm256_storeu_si256(second.as_mut_ptr().cast(), right.0);
        }
    }
}

/// The words of four vectors the other way round: word `j` of vector `i` comes to be word `i` of
/// vector `j`.
#[inline(always)]
fn transposed([a, b, c, d]: [U64x4; 4]) -> [U64x4; 4] {
    let (low_ab, high_ab) = (a.lower_words(b), a.upper_words(b));
    let (low_cd, high_cd) = (c.lower_words(d), c.upper_words(d));
    [
        low_ab.lower_halves(low_cd),
        high_ab.lower_halves(high_cd),
        low_ab.upper_halves(low_cd),
        high_ab.upper_halves(high_cd),
    ]
}
