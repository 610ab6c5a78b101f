//! Eight points between memory, where each is a row of twenty words, and lanes, where each word has
//! a vector: a transposition by shuffles, four words at a time.

use std::arch::x86_64::*;

use std::mem::{transmute, zeroed};

use super::Ifma;
use super::arithmetic::Vectors;
use crate::group::lanes::Row;

/// A row: its words in order, four by four.
type Quads = [__m256i; 5];

/// Row `at[i]` in lane i.
#[inline(always)]
pub(super) fn gather(_: Ifma, rows: &[Row], at: [usize; 8]) -> [Vectors; 4] {
    // SAFETY: both are 160 bytes, and any bytes are vectors.
    let quads = |lane: usize| unsafe { transmute::<&Row, &Quads>(&rows[at[lane]]) };
    let rows = [
        quads(0),
        quads(1),
        quads(2),
        quads(3),
        quads(4),
        quads(5),
        quads(6),
        quads(7),
    ];
    // SAFETY: any bytes are vectors.
    let mut words = unsafe { zeroed::<[__m512i; 20]>() };
    for quad in 0..5 {
        let [a, b, c, d, e, f, g, h] = rows;
        let quads = [
            a[quad], b[quad], c[quad], d[quad], e[quad], f[quad], g[quad], h[quad],
        ];
        // SAFETY: the function needs the instructions whose presence `Ifma` proves.
        let columns = unsafe { columns(quads) };
        words[4 * quad..4 * quad + 4].copy_from_slice(&columns);
    }
    // SAFETY: both are twenty vectors.
    unsafe { transmute::<[__m512i; 20], [Vectors; 4]>(words) }
}

/// Lane i in row `at[i]`, one after another.
#[inline(always)]
pub(super) fn scatter(_: Ifma, fields: [Vectors; 4], rows: &mut [Row], at: [usize; 8]) {
    // SAFETY: both are twenty vectors.
    let words = unsafe { transmute::<[Vectors; 4], [__m512i; 20]>(fields) };
    for quad in 0..5 {
        let word = 4 * quad;
        let columns = [
            words[word],
            words[word + 1],
            words[word + 2],
            words[word + 3],
        ];
        // SAFETY: the function needs the instructions whose presence `Ifma` proves.
        let quads = unsafe { self::rows(columns) };
        for lane in 0..8 {
            // SAFETY: both are 160 bytes, and any bytes are words.
            let row = unsafe { transmute::<&mut Row, &mut Quads>(&mut rows[at[lane]]) };
            row[quad] = quads[lane];
        }
    }
}

/// Word k of each quad, quad i in lane i.
#[inline]
#[target_feature(enable = "avx512f")]
fn columns(quads: [__m256i; 8]) -> [__m512i; 4] {
    let a = pair(quads[0], quads[4]);
    let b = pair(quads[1], quads[5]);
    let c = pair(quads[2], quads[6]);
    let d = pair(quads[3], quads[7]);
    let (first, second) = halves();
    let (even_ab, odd_ab) = (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    let (even_cd, odd_cd) = (_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
    [
        _mm512_permutex2var_epi64(even_ab, first, even_cd),
        _mm512_permutex2var_epi64(odd_ab, first, odd_cd),
        _mm512_permutex2var_epi64(even_ab, second, even_cd),
        _mm512_permutex2var_epi64(odd_ab, second, odd_cd),
    ]
}

/// Undoes [`columns`].
#[inline]
#[target_feature(enable = "avx512f")]
fn rows(columns: [__m512i; 4]) -> [__m256i; 8] {
    let [a, b, c, d] = columns;
    let (first, second) = halves();
    let (even_ab, odd_ab) = (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    let (even_cd, odd_cd) = (_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
    let a = _mm512_permutex2var_epi64(even_ab, first, even_cd);
    let b = _mm512_permutex2var_epi64(odd_ab, first, odd_cd);
    let c = _mm512_permutex2var_epi64(even_ab, second, even_cd);
    let d = _mm512_permutex2var_epi64(odd_ab, second, odd_cd);
    [
        _mm512_castsi512_si256(a),
        _mm512_castsi512_si256(b),
        _mm512_castsi512_si256(c),
        _mm512_castsi512_si256(d),
        _mm512_extracti64x4_epi64::<1>(a),
        _mm512_extracti64x4_epi64::<1>(b),
        _mm512_extracti64x4_epi64::<1>(c),
        _mm512_extracti64x4_epi64::<1>(d),
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn pair(low: __m256i, high: __m256i) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
}

/// The first and the second pair of words of each half, from two vectors, as indices.
#[inline]
#[target_feature(enable = "avx512f")]
fn halves() -> (__m512i, __m512i) {
    (
        _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13),
        _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15),
    )
}
