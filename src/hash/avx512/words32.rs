//! Sixteen words of 32 bits.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

use std::arch::asm;
use std::arch::x86_64::*;

use super::Avx512;
use crate::hash::lanes::{Lanes, Messages};

/// Lane `4k + j` belongs to message `4j + k` of sixteen, which spares the shuffles that would
/// bring the lanes into order. A value exists only where an [`Avx512`] does.
#[derive(Clone, Copy)]
pub(super) struct U32x16(pub(super) __m512i);

/// Operations that are one instruction or, of constants, none.
macro_rules! instructions {
    ($($name:ident($($operand:ident),+) = $instruction:expr;)*) => {
        $(
            #[inline(always)]
            fn $name($($operand: Self),+) -> Self {
                // SAFETY: lanes exist, so the machine has AVX-512 F and BW.
                Self(unsafe { $instruction })
            }
        )*
    };
}

impl Lanes for U32x16 {
    type Word = u32;
    type Proof = Avx512;
    const COUNT: usize = 16;

    #[inline(always)]
    fn splat(_: Avx512, word: u32) -> Self {
        // SAFETY: the proof exists, so the machine has AVX-512 F.
        Self(unsafe { _mm512_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn read(proof: Avx512, messages: Messages<'_>, from: usize) -> [Self; 8] {
        let (mut even, mut odd) = ([Self::splat(proof, 0); 4], [Self::splat(proof, 0); 4]);
        let count = messages.available(from, 32);
        for place in 0..4 {
            let (first, third) = (messages.message(4 * place), messages.message(4 * place + 2));
            let (low, high) = (&first[from..from + count], &third[from..from + count]);
            even[place] = Self::read_two_rows(proof, count, low, high);
            let (second, last) = (
                messages.message(4 * place + 1),
                messages.message(4 * place + 3),
            );
            let (low, high) = (&second[from..from + count], &last[from..from + count]);
            odd[place] = Self::read_two_rows(proof, count, low, high);
        }
        let (even, odd) = (transposed_quarters(even), transposed_quarters(odd));
        let mut words = [even[0]; 8];
        for place in 0..4 {
            words[place] = even[place].quarters::<0, 8, 4, 12>(odd[place]);
            words[4 + place] = even[place].quarters::<2, 10, 6, 14>(odd[place]);
        }
        words
    }

    #[inline(always)]
    fn write<const N: usize>(words: [Self; 8], rows: &mut [[u8; N]], from: usize) {
        assert_eq!(rows.len(), Self::COUNT);
        let left = transposed_quarters([words[0], words[1], words[2], words[3]]);
        let right = transposed_quarters([words[4], words[5], words[6], words[7]]);
        for (place, four) in rows.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let [first, second, third, fourth] = four;
            left[place]
                .quarters::<0, 8, 2, 10>(right[place])
                .write_two_rows(&mut first[from..], &mut second[from..]);
            left[place]
                .quarters::<4, 12, 6, 14>(right[place])
                .write_two_rows(&mut third[from..], &mut fourth[from..]);
        }
    }

    #[inline(always)]
    fn rotated_right<const BITS: i32>(self) -> Self {
        // SAFETY: lanes exist, so the machine has AVX-512 F.
        Self(unsafe { _mm512_ror_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn shifted_right<const BITS: u32>(self) -> Self {
        // SAFETY: lanes exist, so the machine has AVX-512 F.
        Self(unsafe { _mm512_srli_epi32::<BITS>(self.0) })
    }

    instructions! {
        plus(self, other) = _mm512_add_epi32(self.0, other.0);
        xor(self, other) = _mm512_xor_si512(self.0, other.0);
        xor3(self, second, third) = _mm512_ternarylogic_epi32::<0x96>(self.0, second.0, third.0);
        choose(self, yes, no) = _mm512_ternarylogic_epi32::<0xca>(self.0, yes.0, no.0);
        majority(self, second, third) = _mm512_ternarylogic_epi32::<0xe8>(self.0, second.0, third.0);
        fenced(self) = fence(self.0);
        with_bytes_swapped(self) = _mm512_shuffle_epi8(
            self.0,
            _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203),
        );
    }
}

impl U32x16 {
    instructions! {
        lower_words(self, other) = _mm512_unpacklo_epi32(self.0, other.0);
        upper_words(self, other) = _mm512_unpackhi_epi32(self.0, other.0);
        lower_pairs(self, other) = _mm512_unpacklo_epi64(self.0, other.0);
        upper_pairs(self, other) = _mm512_unpackhi_epi64(self.0, other.0);
    }

    /// The quarters (four words each) of two vectors that begin with these pairs of words: those
    /// of `self` from 0, those of `other` from 8.
    #[inline(always)]
    fn quarters<const A: i64, const B: i64, const C: i64, const D: i64>(self, other: Self) -> Self {
        // SAFETY: lanes exist, so the machine has AVX-512 F.
        Self(unsafe {
            let pairs = _mm512_setr_epi64(A, A + 1, B, B + 1, C, C + 1, D, D + 1);
            _mm512_permutex2var_epi64(self.0, pairs, other.0)
        })
    }

    /// Two rows of `count` bytes, at most 32, in the halves; zeros after them.
    #[inline(always)]
    fn read_two_rows(_: Avx512, count: usize, low: &[u8], high: &[u8]) -> Self {
        assert!(count <= 32 && low.len() == count && high.len() == count);
        let mask = (1 << count) - 1;
        let high_bytes = high.as_ptr().wrapping_sub(32);
        // SAFETY: the proof exists, so the machine has AVX-512 F and BW. The masks let through
        // the bytes of the two slices, and no others are accessed.
        Self(unsafe {
            let low = _mm512_maskz_loadu_epi8(mask, low.as_ptr().cast());
            _mm512_mask_loadu_epi8(low, mask << 32, high_bytes.cast())
        })
    }

    /// Its halves over the first 32 bytes of each of two rows.
    #[inline(always)]
    fn write_two_rows(self, low: &mut [u8], high: &mut [u8]) {
        let (low, high) = (&mut low[..32], &mut high[..32]);
        // SAFETY: lanes exist, so the machine has AVX-512 F; both slices have 32 bytes.
        unsafe {
            _mm256_storeu_si256(low.as_mut_ptr().cast(), _mm512_castsi512_si256(self.0));
            let upper = _mm512_extracti64x4_epi64::<1>(self.0);
            _mm256_storeu_si256(high.as_mut_ptr().cast(), upper);
        }
    }
}

/// Within each quarter, the words of four vectors the other way round: word `j` of vector `i`
/// comes to be word `i` of vector `j`.
#[inline(always)]
fn transposed_quarters(rows: [U32x16; 4]) -> [U32x16; 4] {
    let [a, b, c, d] = rows;
    let (low_ab, high_ab) = (a.lower_words(b), a.upper_words(b));
    let (low_cd, high_cd) = (c.lower_words(d), c.upper_words(d));
    [
        low_ab.lower_pairs(low_cd),
        low_ab.upper_pairs(low_cd),
        high_ab.lower_pairs(high_cd),
        high_ab.upper_pairs(high_cd),
    ]
}

/// The same value, from where the compiler cannot tell.
#[inline]
#[target_feature(enable = "avx512f")]
fn fence(mut lanes: __m512i) -> __m512i {
    // SAFETY: there is no instruction.
    unsafe {
        asm!("/* {0} */", inout(zmm_reg) lanes, options(pure, nomem, nostack, preserves_flags));
    }
    lanes
}
