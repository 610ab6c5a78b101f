//! Eight words of 64 bits.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

use std::arch::x86_64::*;

use super::Avx512;
use crate::hash::lanes::{Lanes, Messages};

/// Lane `i` belongs to message `i`. A value exists only where an [`Avx512`] does.
#[derive(Clone, Copy)]
pub(super) struct U64x8(__m512i);

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

impl Lanes for U64x8 {
    type Word = u64;
    type Proof = Avx512;
    const COUNT: usize = 8;

    #[inline(always)]
    fn splat(_: Avx512, word: u64) -> Self {
        // SAFETY: the proof exists, so the machine has AVX-512 F.
        Self(unsafe { _mm512_set1_epi64(word.cast_signed()) })
    }

    #[inline(always)]
    fn read(proof: Avx512, messages: Messages<'_>, from: usize) -> [Self; 8] {
        let mut rows = [Self::splat(proof, 0); 8];
        let count = messages.available(from, 64);
        for (place, row) in rows.iter_mut().enumerate() {
            *row = Self::read_row(proof, count, &messages.message(place)[from..from + count]);
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
        // SAFETY: lanes exist, so the machine has AVX-512 F.
        Self(unsafe { _mm512_ror_epi64::<BITS>(self.0) })
    }

    #[inline(always)]
    fn shifted_right<const BITS: u32>(self) -> Self {
        // SAFETY: lanes exist, so the machine has AVX-512 F.
        Self(unsafe { _mm512_srli_epi64::<BITS>(self.0) })
    }

    /// SHA-512 waits less for its sums than SHA-256 does, and needs no fence.
    #[inline(always)]
    fn fenced(self) -> Self {
        self
    }

    instructions! {
        plus(self, other) = _mm512_add_epi64(self.0, other.0);
        xor(self, other) = _mm512_xor_si512(self.0, other.0);
        xor3(self, second, third) = _mm512_ternarylogic_epi64::<0x96>(self.0, second.0, third.0);
        choose(self, yes, no) = _mm512_ternarylogic_epi64::<0xca>(self.0, yes.0, no.0);
        majority(self, second, third) = _mm512_ternarylogic_epi64::<0xe8>(self.0, second.0, third.0);
        with_bytes_swapped(self) = _mm512_shuffle_epi8(
            self.0,
            _mm512_set4_epi32(0x0809_0a0b, 0x0c0d_0e0f, 0x0001_0203, 0x0405_0607),
        );
    }
}

impl U64x8 {
    instructions! {
        lower_words(self, other) = _mm512_unpacklo_epi64(self.0, other.0);
        upper_words(self, other) = _mm512_unpackhi_epi64(self.0, other.0);
        even_quarters(self, other) = _mm512_shuffle_i64x2::<0b10_00_10_00>(self.0, other.0);
        odd_quarters(self, other) = _mm512_shuffle_i64x2::<0b11_01_11_01>(self.0, other.0);
    }

    /// A row of `count` bytes, at most 64; zeros after them.
    #[inline(always)]
    fn read_row(_: Avx512, count: usize, row: &[u8]) -> Self {
        assert!(count <= 64 && row.len() == count);
        let mask = u64::MAX.unbounded_shr(64 - count as u32);
        // SAFETY: the proof exists, so the machine has AVX-512 BW. The mask lets through the bytes
        // of the slice, and no others are accessed.
        Self(unsafe { _mm512_maskz_loadu_epi8(mask, row.as_ptr().cast()) })
    }

    /// All of it over the first 64 bytes of a row.
    #[inline(always)]
    fn write_row(self, row: &mut [u8]) {
        let row = &mut row[..64];
        // SAFETY: lanes exist, so the machine has AVX-512 F; the slice has 64 bytes.
        unsafe { _mm512_storeu_si512(row.as_mut_ptr().cast(), self.0) }
    }
}

/// The words of eight vectors the other way round: word `j` of vector `i` comes to be word `i` of
/// vector `j`.
#[inline(always)]
fn transposed(rows: [U64x8; 8]) -> [U64x8; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let even = transposed_quarters([
        a.lower_words(b),
        c.lower_words(d),
        e.lower_words(f),
        g.lower_words(h),
    ]);
    let odd = transposed_quarters([
        a.upper_words(b),
        c.upper_words(d),
        e.upper_words(f),
        g.upper_words(h),
    ]);
    [
        even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3],
    ]
}

/// The same for quarters (two words each) of four vectors.
#[inline(always)]
fn transposed_quarters([a, b, c, d]: [U64x8; 4]) -> [U64x8; 4] {
    let (even_ab, odd_ab) = (a.even_quarters(b), a.odd_quarters(b));
    let (even_cd, odd_cd) = (c.even_quarters(d), c.odd_quarters(d));
    [
        even_ab.even_quarters(even_cd),
        odd_ab.even_quarters(odd_cd),
        even_ab.odd_quarters(even_cd),
        odd_ab.odd_quarters(odd_cd),
    ]
}
