//! Four points between memory, where each is a row of twenty words, and lanes. A word holds two
//! limbs, the even one below.

use std::arch::x86_64::*;
use std::mem::transmute;

use super::super::lanes::Row;
use super::Avx2;
use super::arithmetic::{Lanes, Vectors};

/// A row: its words in order, four by four.
type Quads = [__m256i; 5];

/// Row `at[i]` in lane i.
#[inline(always)]
pub(super) fn gather(_: Avx2, rows: &[Row], at: [usize; 8]) -> [Vectors; 4] {
    // SAFETY: both are 160 bytes, and any bytes are vectors.
    let quads = |lane: usize| unsafe { transmute::<&Row, &Quads>(&rows[at[lane]]) };
    let [a, b, c, d] = [quads(0), quads(1), quads(2), quads(3)];
    let mut words = [[a[0]; 4]; 5];
    for quad in 0..5 {
        // SAFETY: the function needs the instructions whose presence `Avx2` proves.
        words[quad] = unsafe { transposed([a[quad], b[quad], c[quad], d[quad]]) };
    }
    // SAFETY: both are twenty vectors.
    let fields = unsafe { transmute::<[[Lanes; 4]; 5], [[Lanes; 5]; 4]>(words) };
    // SAFETY: the function needs the instructions whose presence `Avx2` proves.
    unsafe {
        [
            split(fields[0]),
            split(fields[1]),
            split(fields[2]),
            split(fields[3]),
        ]
    }
}

/// Lane i in row `at[i]`, one after another.
#[inline(always)]
pub(super) fn scatter(_: Avx2, fields: [Vectors; 4], rows: &mut [Row], at: [usize; 8]) {
    // SAFETY: the function needs the instructions whose presence `Avx2` proves.
    let words = unsafe {
        [
            paired(fields[0]),
            paired(fields[1]),
            paired(fields[2]),
            paired(fields[3]),
        ]
    };
    // SAFETY: both are twenty vectors.
    let words = unsafe { transmute::<[[Lanes; 5]; 4], [[Lanes; 4]; 5]>(words) };
    for quad in 0..5 {
        // SAFETY: the function needs the instructions whose presence `Avx2` proves.
        let quads = unsafe { transposed(words[quad]) };
        for lane in 0..4 {
            // SAFETY: both are 160 bytes, and any bytes are words.
            let row = unsafe { transmute::<&mut Row, &mut Quads>(&mut rows[at[lane]]) };
            row[quad] = quads[lane];
        }
    }
}

/// One row in every lane.
#[inline(always)]
pub(super) fn splat(_: Avx2, row: &Row) -> [Vectors; 4] {
    let (fields, _) = row.0.as_chunks::<5>();
    // SAFETY: the function needs the instructions whose presence `Avx2` proves.
    unsafe {
        [
            split(everywhere(&fields[0])),
            split(everywhere(&fields[1])),
            split(everywhere(&fields[2])),
            split(everywhere(&fields[3])),
        ]
    }
}

/// Rows of four words and columns of four lanes are each other's transposition.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed(quads: [__m256i; 4]) -> [__m256i; 4] {
    let [a, b, c, d] = quads;
    let (even_ab, odd_ab) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    let (even_cd, odd_cd) = (_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    [
        _mm256_permute2x128_si256::<0x20>(even_ab, even_cd),
        _mm256_permute2x128_si256::<0x20>(odd_ab, odd_cd),
        _mm256_permute2x128_si256::<0x31>(even_ab, even_cd),
        _mm256_permute2x128_si256::<0x31>(odd_ab, odd_cd),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn everywhere(words: &[u64; 5]) -> [Lanes; 5] {
    let [a, b, c, d, e] = *words;
    [
        _mm256_set1_epi64x(a as i64),
        _mm256_set1_epi64x(b as i64),
        _mm256_set1_epi64x(c as i64),
        _mm256_set1_epi64x(d as i64),
        _mm256_set1_epi64x(e as i64),
    ]
}

/// The limbs of five words.
#[inline]
#[target_feature(enable = "avx2")]
fn split(words: [Lanes; 5]) -> Vectors {
    let low_32 = _mm256_set1_epi64x(0xffff_ffff);
    let mut limbs = [low_32; 10];
    for (pair, word) in limbs.as_chunks_mut::<2>().0.iter_mut().zip(words) {
        *pair = [
            _mm256_and_si256(word, low_32),
            _mm256_srli_epi64::<32>(word),
        ];
    }
    limbs
}

/// The words of ten limbs below 2^32.
#[inline]
#[target_feature(enable = "avx2")]
fn paired(limbs: Vectors) -> [Lanes; 5] {
    let mut words = [limbs[0]; 5];
    for (word, pair) in words.iter_mut().zip(limbs.as_chunks::<2>().0) {
        *word = _mm256_or_si256(pair[0], _mm256_slli_epi64::<32>(pair[1]));
    }
    words
}
