//! The instructions: arithmetic on five vectors of eight limbs.
//!
//! Every function is safe in code compiled for AVX-512 F, DQ and IFMA, and cannot be called from
//! any other without `unsafe`. Multiplication is schoolbook: 25 low and 25 high partial products,
//! the high ones with weight 2 because 52 bits lie in front of them and a limb has 51.

use std::arch::x86_64::*;

use super::super::lanes::{Limbs, Table};

/// Five limbs of eight lanes, least significant first.
pub(super) type Vectors = [__m512i; 5];

/// A number for each lane.
pub(super) type Numbers = __m512i;

const LOW_51: i64 = (1 << 51) - 1;

/// 2^10 * p, limb by limb: no subtrahend of weight 4 has a greater limb.
const OFFSET: [i64; 5] = [
    (LOW_51 - 18) << 10,
    LOW_51 << 10,
    LOW_51 << 10,
    LOW_51 << 10,
    LOW_51 << 10,
];

/// `sum + low52(low52(left) * low52(right))`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn low(sum: __m512i, left: __m512i, right: __m512i) -> __m512i {
    _mm512_madd52lo_epu64(sum, left, right)
}

/// `sum + high52(low52(left) * low52(right))`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn high(sum: __m512i, left: __m512i, right: __m512i) -> __m512i {
    _mm512_madd52hi_epu64(sum, left, right)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn twice(limb: __m512i) -> __m512i {
    _mm512_add_epi64(limb, limb)
}

/// `19 * limb`: 2^255 is 19 mod p.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn wrapped(limb: __m512i) -> __m512i {
    _mm512_mullo_epi64(limb, _mm512_set1_epi64(19))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn splat(limbs: &Limbs) -> Vectors {
    limbs.map(|limb| _mm512_set1_epi64(limb as i64))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn sum(left: Vectors, right: Vectors) -> Vectors {
    let mut sum = left;
    for (sum, right) in sum.iter_mut().zip(right) {
        *sum = _mm512_add_epi64(*sum, right);
        debug_assert!(
            _mm512_cmplt_epu64_mask(*sum, right) == 0,
            "a sum of weight 16 does not overflow"
        );
    }
    sum
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn difference(left: Vectors, right: Vectors) -> Vectors {
    let mut offset = OFFSET.map(|limb| _mm512_set1_epi64(limb));
    for (offset, right) in offset.iter_mut().zip(right) {
        debug_assert!(
            _mm512_cmplt_epu64_mask(*offset, right) == 0,
            "a subtrahend of weight 4 is below the offset"
        );
        *offset = _mm512_sub_epi64(*offset, right);
    }
    sum(left, offset)
}

/// One round of carries, all limbs at once: from any limbs to limbs below 2^51 + 2^18.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn carry(limbs: Vectors) -> Vectors {
    let low_51 = _mm512_set1_epi64(LOW_51);
    let [a, b, c, d, e] = limbs.map(|limb| _mm512_and_si512(limb, low_51));
    let [up_a, up_b, up_c, up_d, up_e] = limbs.map(|limb| _mm512_srli_epi64::<51>(limb));
    [
        low(a, up_e, _mm512_set1_epi64(19)),
        _mm512_add_epi64(b, up_a),
        _mm512_add_epi64(c, up_b),
        _mm512_add_epi64(d, up_c),
        _mm512_add_epi64(e, up_d),
    ]
}

/// Panics, in builds with debug assertions, when a limb has more than 52 bits.
#[inline]
#[target_feature(enable = "avx512f")]
fn debug_assert_factor(limbs: Vectors) {
    if cfg!(debug_assertions) {
        let any = limbs.into_iter().fold(_mm512_setzero_si512(), |any, limb| {
            _mm512_or_si512(any, limb)
        });
        let over = _mm512_srli_epi64::<52>(any);
        assert!(
            _mm512_test_epi64_mask(over, over) == 0,
            "a factor's limbs are below 2^52"
        );
    }
}

/// Columns of a product: `low[k]` has weight 2^(51 k), `high[k]` has 2^(51 k + 52).
struct Columns {
    low: [__m512i; 9],
    high: [__m512i; 9],
}

impl Columns {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn zero() -> Self {
        Self {
            low: [_mm512_setzero_si512(); 9],
            high: [_mm512_setzero_si512(); 9],
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_product(&mut self, column: usize, left: __m512i, right: __m512i) {
        self.low[column] = low(self.low[column], left, right);
        self.high[column] = high(self.high[column], left, right);
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn double(&mut self) {
        self.low = self.low.map(|column| twice(column));
        self.high = self.high.map(|column| twice(column));
    }

    /// The value mod p: columns from 2^255 on count 19 times. With factors carried, `low` has at
    /// most 5 terms below 2^52 and `high` 5 below 2^50 + 2^19, twice; the worst limb, the first,
    /// comes to (1 + 19 * 6.5) * 2^52 and a little, below 2^59.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn fold(self) -> Vectors {
        let Self { low, high } = self;
        let sum = |limb, other| _mm512_add_epi64(limb, other);
        [
            sum(low[0], wrapped(sum(low[5], twice(high[4])))),
            sum(
                sum(low[1], twice(high[0])),
                wrapped(sum(low[6], twice(high[5]))),
            ),
            sum(
                sum(low[2], twice(high[1])),
                wrapped(sum(low[7], twice(high[6]))),
            ),
            sum(
                sum(low[3], twice(high[2])),
                wrapped(sum(low[8], twice(high[7]))),
            ),
            sum(sum(low[4], twice(high[3])), wrapped(twice(high[8]))),
        ]
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn product(left: Vectors, right: Vectors) -> Vectors {
    debug_assert_factor(left);
    debug_assert_factor(right);
    let mut columns = Columns::zero();
    for i in 0..5 {
        for j in 0..5 {
            columns.add_product(i + j, left[i], right[j]);
        }
    }
    columns.fold()
}

/// Products of two different limbs are computed once and doubled.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn square(limbs: Vectors) -> Vectors {
    debug_assert_factor(limbs);
    let mut columns = Columns::zero();
    for i in 0..5 {
        for j in i + 1..5 {
            columns.add_product(i + j, limbs[i], limbs[j]);
        }
    }
    columns.double();
    for (i, limb) in limbs.into_iter().enumerate() {
        columns.add_product(2 * i, limb, limb);
    }
    columns.fold()
}

/// Factors below 2^20: the high halves are below 2^20, so that the last one, 38 times, is a carry
/// like any other.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn scale(limbs: Vectors, factor: u32) -> Vectors {
    debug_assert_factor(limbs);
    debug_assert!(factor < 1 << 20, "a factor below 2^20");
    let factor = _mm512_set1_epi64(i64::from(factor));
    let zero = _mm512_setzero_si512();
    let [a, b, c, d, e] = limbs.map(|limb| low(zero, limb, factor));
    let [up_a, up_b, up_c, up_d, up_e] = limbs.map(|limb| high(zero, limb, factor));
    [
        low(a, up_e, _mm512_set1_epi64(38)),
        _mm512_add_epi64(b, twice(up_a)),
        _mm512_add_epi64(c, twice(up_b)),
        _mm512_add_epi64(d, twice(up_c)),
        _mm512_add_epi64(e, twice(up_d)),
    ]
}

/// The canonical numbers of carried limbs.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn canonical(limbs: Vectors) -> Vectors {
    // Below 2^255 + 2^223 after this, so p goes into it at most once.
    let [mut a, mut b, mut c, mut d, mut e] = carry(limbs);
    let low_51 = _mm512_set1_epi64(LOW_51);
    let nineteen = _mm512_set1_epi64(19);
    let up = |limb| _mm512_srli_epi64::<51>(limb);
    // x >= p exactly if x + 19 >= 2^255.
    let mut over = up(_mm512_add_epi64(a, nineteen));
    for limb in [b, c, d, e] {
        over = up(_mm512_add_epi64(limb, over));
    }
    a = low(a, over, nineteen);
    b = _mm512_add_epi64(b, up(a));
    c = _mm512_add_epi64(c, up(b));
    d = _mm512_add_epi64(d, up(c));
    e = _mm512_add_epi64(e, up(d));
    [a, b, c, d, e].map(|limb| _mm512_and_si512(limb, low_51))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn select(mask: u8, yes: Vectors, no: Vectors) -> Vectors {
    [0, 1, 2, 3, 4].map(|limb: usize| _mm512_mask_mov_epi64(no[limb], mask, yes[limb]))
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn is_zero(limbs: Vectors) -> u8 {
    let [a, b, c, d, e] = canonical(limbs);
    let any = _mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, d));
    let any = _mm512_or_si512(any, e);
    _mm512_testn_epi64_mask(any, any)
}

/// The lanes whose canonical number is odd.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn is_negative(limbs: Vectors) -> u8 {
    _mm512_test_epi64_mask(canonical(limbs)[0], _mm512_set1_epi64(1))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn numbers(numbers: [u64; 8]) -> Numbers {
    let [a, b, c, d, e, f, g, h] = numbers;
    _mm512_setr_epi64(
        a as i64, b as i64, c as i64, d as i64, e as i64, f as i64, g as i64, h as i64,
    )
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn is_number(numbers: Numbers, number: u8) -> u8 {
    _mm512_cmpeq_epi64_mask(numbers, _mm512_set1_epi64(i64::from(number)))
}

/// Sixteen entries are two registers: one instruction finds the limb of every lane.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn look_up(index: Numbers, table: &Table) -> Vectors {
    let eight = |half: &[u64]| {
        let [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(|at: usize| half[at] as i64);
        _mm512_setr_epi64(a, b, c, d, e, f, g, h)
    };
    [0, 1, 2, 3, 4].map(|limb: usize| {
        let (first, second) = table[limb].split_at(8);
        _mm512_permutex2var_epi64(eight(first), index, eight(second))
    })
}
