//! The instructions: arithmetic on ten vectors of four limbs.
//!
//! Every function is safe in code compiled for AVX2, and cannot be called from any other without
//! `unsafe`. Limbs have 26 and 25 bits in turn: limb i has weight `2^ceil(25.5 i)`, so a product of two
//! odd limbs counts twice. Multiplication is schoolbook, 100 partial products of 32 bits by 32.

use std::arch::x86_64::*;

use super::super::lanes::{Limbs, Table};

/// Ten limbs of four lanes, least significant first.
pub(super) type Vectors = [__m256i; 10];

/// A number for each lane.
pub(super) type Numbers = __m256i;

/// All bits set in the lanes that are meant.
pub(super) type Lanes = __m256i;

const LOW_26: i64 = (1 << 26) - 1;
const LOW_25: i64 = (1 << 25) - 1;

/// 3 * 2^34 * p, limb by limb: no subtrahend of weight 4 has a greater limb.
const OFFSET: [i64; 10] = {
    let mut offset = [0; 10];
    let mut place = 0;
    while place < 10 {
        let limb = match place {
            0 => LOW_26 - 18,
            even if even % 2 == 0 => LOW_26,
            _ => LOW_25,
        };
        offset[place] = (3 * limb) << 34;
        place += 1;
    }
    offset
};

/// `low32(left) * low32(right)`.
#[inline]
#[target_feature(enable = "avx2")]
fn times(left: __m256i, right: __m256i) -> __m256i {
    _mm256_mul_epu32(left, right)
}

#[inline]
#[target_feature(enable = "avx2")]
fn plus(left: __m256i, right: __m256i) -> __m256i {
    _mm256_add_epi64(left, right)
}

#[inline]
#[target_feature(enable = "avx2")]
fn twice(limb: __m256i) -> __m256i {
    plus(limb, limb)
}

/// `19 * limb`, for limbs of any width below 2^59. Not by a multiplication: of a product whose upper
/// half is not used, the compiler makes one of 64 by 64 bits, which the instructions do not have.
#[inline]
#[target_feature(enable = "avx2")]
fn nineteen_times(limb: __m256i) -> __m256i {
    let sixteen = _mm256_slli_epi64::<4>(limb);
    plus(plus(sixteen, twice(limb)), limb)
}

/// Loops over the limbs are unrolled early enough to stay in registers, which a map over an array is
/// not everywhere.
#[inline]
#[target_feature(enable = "avx2")]
fn all_nineteen_times(mut limbs: Vectors) -> Vectors {
    for limb in &mut limbs {
        *limb = nineteen_times(*limb);
    }
    limbs
}

/// Whether `left < right` in any lane, as unsigned numbers: for checks in debug builds.
#[inline]
#[target_feature(enable = "avx2")]
fn any_below(left: __m256i, right: __m256i) -> bool {
    let sign = _mm256_set1_epi64x(i64::MIN);
    let (left, right) = (_mm256_xor_si256(left, sign), _mm256_xor_si256(right, sign));
    _mm256_movemask_epi8(_mm256_cmpgt_epi64(right, left)) != 0
}

/// Two limbs of 26 and 25 bits from each limb below 2^52; an odd limb may have one bit more.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn halves(limbs: [__m256i; 5]) -> Vectors {
    let low_26 = _mm256_set1_epi64x(LOW_26);
    let mut halves = [low_26; 10];
    for (pair, limb) in halves.as_chunks_mut::<2>().0.iter_mut().zip(limbs) {
        *pair = [
            _mm256_and_si256(limb, low_26),
            _mm256_srli_epi64::<26>(limb),
        ];
    }
    halves
}

/// One limb of 51 bits from each two of canonical numbers.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn joined(limbs: Vectors) -> [__m256i; 5] {
    [0, 2, 4, 6, 8].map(|even: usize| {
        let high = _mm256_slli_epi64::<26>(limbs[even + 1]);
        _mm256_or_si256(limbs[even], high)
    })
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn splat(limbs: &Limbs) -> Vectors {
    let mut vectors = [_mm256_setzero_si256(); 5];
    for (vector, limb) in vectors.iter_mut().zip(limbs) {
        *vector = _mm256_set1_epi64x(*limb as i64);
    }
    halves(vectors)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sum(left: Vectors, right: Vectors) -> Vectors {
    let mut sum = left;
    for (sum, right) in sum.iter_mut().zip(right) {
        *sum = plus(*sum, right);
        debug_assert!(
            !any_below(*sum, right),
            "a sum of weight 16 does not overflow"
        );
    }
    sum
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn difference(left: Vectors, right: Vectors) -> Vectors {
    let mut complement = right;
    for (limb, offset) in complement.iter_mut().zip(OFFSET) {
        let offset = _mm256_set1_epi64x(offset);
        debug_assert!(
            !any_below(offset, *limb),
            "a subtrahend of weight 4 is below the offset"
        );
        *limb = _mm256_sub_epi64(offset, *limb);
    }
    sum(left, complement)
}

/// The bits of limb `PLACE` that belong to the next one go there, or, from the last, 19 times to
/// the first.
#[inline]
#[target_feature(enable = "avx2")]
fn carry_one<const PLACE: usize>(limbs: &mut Vectors) {
    let limb = limbs[PLACE];
    let (low, up) = match PLACE % 2 {
        0 => (LOW_26, _mm256_srli_epi64::<26>(limb)),
        _ => (LOW_25, _mm256_srli_epi64::<25>(limb)),
    };
    limbs[PLACE] = _mm256_and_si256(limb, _mm256_set1_epi64x(low));
    match PLACE {
        9 => limbs[0] = plus(limbs[0], nineteen_times(up)),
        _ => limbs[PLACE + 1] = plus(limbs[PLACE + 1], up),
    }
}

/// Two chains of carries side by side, each half way round: from any limbs whose carries do not
/// overflow to even limbs below 2^26 and odd ones below 2^25 + 2^18.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn carry(mut limbs: Vectors) -> Vectors {
    carry_one::<0>(&mut limbs);
    carry_one::<4>(&mut limbs);
    carry_one::<1>(&mut limbs);
    carry_one::<5>(&mut limbs);
    carry_one::<2>(&mut limbs);
    carry_one::<6>(&mut limbs);
    carry_one::<3>(&mut limbs);
    carry_one::<7>(&mut limbs);
    carry_one::<4>(&mut limbs);
    carry_one::<8>(&mut limbs);
    carry_one::<9>(&mut limbs);
    carry_one::<0>(&mut limbs);
    limbs
}

/// Panics, in builds with debug assertions, when a limb is too wide for a product: above 2^26, or
/// 2^25 + 2^18 at an odd place.
#[inline]
#[target_feature(enable = "avx2")]
fn debug_assert_factor(limbs: Vectors) {
    if cfg!(debug_assertions) {
        for (place, limb) in limbs.into_iter().enumerate() {
            let greatest = [1 << 26, (1 << 25) + (1 << 18)][place % 2];
            assert!(
                !any_below(_mm256_set1_epi64x(greatest), limb),
                "a factor's limbs are carried"
            );
        }
    }
}

/// A column of a product. Taken apart by patterns, because the compiler keeps in memory what is
/// indexed.
#[inline]
#[target_feature(enable = "avx2")]
fn column(left: Vectors, right: Vectors) -> __m256i {
    let [a, b, c, d, e, f, g, h, i, j] = left;
    let [k, l, m, n, o, p, q, r, s, t] = right;
    let first = plus(plus(times(a, k), times(b, l)), times(c, m));
    let second = plus(plus(times(d, n), times(e, o)), times(f, p));
    let third = plus(
        plus(times(g, q), times(h, r)),
        plus(times(i, s), times(j, t)),
    );
    plus(plus(first, second), third)
}

/// With factors carried, the worst column, the first, comes to `(1 + 19 * 6.5) * 2^52` and a
/// little, below 2^59.
#[inline]
#[target_feature(enable = "avx2")]
#[rustfmt::skip]
pub(super) fn product(left: Vectors, right: Vectors) -> Vectors {
    debug_assert_factor(left);
    debug_assert_factor(right);
    let [a, b, c, d, e, f, g, h, i, j] = left;
    // Odd limbs meet odd limbs in even columns.
    let even = [a, twice(b), c, twice(d), e, twice(f), g, twice(h), i, twice(j)];
    // Limb i of the left meets limb k - i of the right in column k, and, where that is negative,
    // limb k - i + 10, 19 times.
    let [k, l, m, n, o, p, q, r, s, t] = right;
    let [_, ll, mm, nn, oo, pp, qq, rr, ss, tt] = all_nineteen_times(right);
    [
        column(even, [k, tt, ss, rr, qq, pp, oo, nn, mm, ll]),
        column(left, [l, k, tt, ss, rr, qq, pp, oo, nn, mm]),
        column(even, [m, l, k, tt, ss, rr, qq, pp, oo, nn]),
        column(left, [n, m, l, k, tt, ss, rr, qq, pp, oo]),
        column(even, [o, n, m, l, k, tt, ss, rr, qq, pp]),
        column(left, [p, o, n, m, l, k, tt, ss, rr, qq]),
        column(even, [q, p, o, n, m, l, k, tt, ss, rr]),
        column(left, [r, q, p, o, n, m, l, k, tt, ss]),
        column(even, [s, r, q, p, o, n, m, l, k, tt]),
        column(left, [t, s, r, q, p, o, n, m, l, k]),
    ]
}

/// Products of two different limbs are computed once and doubled.
#[inline]
#[target_feature(enable = "avx2")]
#[rustfmt::skip]
pub(super) fn square(limbs: Vectors) -> Vectors {
    debug_assert_factor(limbs);
    let one = limbs;
    let two = sum(limbs, limbs);
    // Twice for the pair, and twice because both are odd.
    let four = sum(two, two);
    // Limbs from 2^255 on count 19 times.
    let up = all_nineteen_times(limbs);
    let five = |[a, b, c, d, e]: [__m256i; 5]| plus(plus(plus(a, b), plus(c, d)), e);
    let six = |five_of: [__m256i; 5], f| plus(five(five_of), f);
    let t = |left: &Vectors, i: usize, right: &Vectors, j: usize| times(left[i], right[j]);
    [
        six([t(&one, 0, &one, 0), t(&four, 1, &up, 9), t(&two, 2, &up, 8), t(&four, 3, &up, 7), t(&two, 4, &up, 6)], t(&two, 5, &up, 5)),
        five([t(&two, 0, &one, 1), t(&two, 2, &up, 9), t(&two, 3, &up, 8), t(&two, 4, &up, 7), t(&two, 5, &up, 6)]),
        six([t(&two, 0, &one, 2), t(&two, 1, &one, 1), t(&four, 3, &up, 9), t(&two, 4, &up, 8), t(&four, 5, &up, 7)], t(&one, 6, &up, 6)),
        five([t(&two, 0, &one, 3), t(&two, 1, &one, 2), t(&two, 4, &up, 9), t(&two, 5, &up, 8), t(&two, 6, &up, 7)]),
        six([t(&two, 0, &one, 4), t(&four, 1, &one, 3), t(&one, 2, &one, 2), t(&four, 5, &up, 9), t(&two, 6, &up, 8)], t(&two, 7, &up, 7)),
        five([t(&two, 0, &one, 5), t(&two, 1, &one, 4), t(&two, 2, &one, 3), t(&two, 6, &up, 9), t(&two, 7, &up, 8)]),
        six([t(&two, 0, &one, 6), t(&four, 1, &one, 5), t(&two, 2, &one, 4), t(&two, 3, &one, 3), t(&four, 7, &up, 9)], t(&one, 8, &up, 8)),
        five([t(&two, 0, &one, 7), t(&two, 1, &one, 6), t(&two, 2, &one, 5), t(&two, 3, &one, 4), t(&two, 8, &up, 9)]),
        six([t(&two, 0, &one, 8), t(&four, 1, &one, 7), t(&two, 2, &one, 6), t(&four, 3, &one, 5), t(&one, 4, &one, 4)], t(&two, 9, &up, 9)),
        five([t(&two, 0, &one, 9), t(&two, 1, &one, 8), t(&two, 2, &one, 7), t(&two, 3, &one, 6), t(&two, 4, &one, 5)]),
    ]
}

/// Factors below 2^20: every limb is below 2^46.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn scale(mut limbs: Vectors, factor: u32) -> Vectors {
    debug_assert_factor(limbs);
    debug_assert!(factor < 1 << 20, "a factor below 2^20");
    let factor = _mm256_set1_epi64x(i64::from(factor));
    for limb in &mut limbs {
        *limb = times(*limb, factor);
    }
    limbs
}

/// The canonical numbers of carried limbs.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn canonical(limbs: Vectors) -> Vectors {
    // Below 2^255 + 2^26 after this, so p goes into it at most once.
    let mut limbs = carry(limbs);
    // x >= p exactly if x + 19 >= 2^255.
    let mut over = _mm256_set1_epi64x(19);
    for (place, limb) in limbs.into_iter().enumerate() {
        let sum = plus(limb, over);
        over = match place % 2 {
            0 => _mm256_srli_epi64::<26>(sum),
            _ => _mm256_srli_epi64::<25>(sum),
        };
    }
    limbs[0] = plus(limbs[0], nineteen_times(over));
    carry_one::<0>(&mut limbs);
    carry_one::<1>(&mut limbs);
    carry_one::<2>(&mut limbs);
    carry_one::<3>(&mut limbs);
    carry_one::<4>(&mut limbs);
    carry_one::<5>(&mut limbs);
    carry_one::<6>(&mut limbs);
    carry_one::<7>(&mut limbs);
    carry_one::<8>(&mut limbs);
    limbs[9] = _mm256_and_si256(limbs[9], _mm256_set1_epi64x(LOW_25));
    limbs
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn select(mask: Lanes, yes: Vectors, no: Vectors) -> Vectors {
    let mut chosen = no;
    for (chosen, yes) in chosen.iter_mut().zip(yes) {
        *chosen = _mm256_blendv_epi8(*chosen, yes, mask);
    }
    chosen
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn is_zero(limbs: Vectors) -> Lanes {
    let any = canonical(limbs)
        .into_iter()
        .reduce(|any, limb| _mm256_or_si256(any, limb));
    let zero = _mm256_setzero_si256();
    _mm256_cmpeq_epi64(any.unwrap_or(zero), zero)
}

/// The lanes whose canonical number is odd.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn is_negative(limbs: Vectors) -> Lanes {
    let one = _mm256_set1_epi64x(1);
    _mm256_cmpeq_epi64(_mm256_and_si256(canonical(limbs)[0], one), one)
}

/// The lanes whose bits are set.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn lanes(bits: u8) -> Lanes {
    let own = _mm256_setr_epi64x(1, 2, 4, 8);
    let bits = _mm256_set1_epi64x(i64::from(bits));
    _mm256_cmpeq_epi64(_mm256_and_si256(bits, own), own)
}

/// One bit for each lane.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn bits(mask: Lanes) -> u8 {
    _mm256_movemask_pd(_mm256_castsi256_pd(mask)) as u8
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn both(left: Lanes, right: Lanes) -> Lanes {
    _mm256_and_si256(left, right)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn either(left: Lanes, right: Lanes) -> Lanes {
    _mm256_or_si256(left, right)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn neither(mask: Lanes) -> Lanes {
    _mm256_xor_si256(mask, _mm256_set1_epi64x(-1))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn numbers(numbers: [u64; 8]) -> Numbers {
    let [a, b, c, d, ..] = numbers;
    _mm256_setr_epi64x(a as i64, b as i64, c as i64, d as i64)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn is_number(numbers: Numbers, number: u8) -> Lanes {
    _mm256_cmpeq_epi64(numbers, _mm256_set1_epi64x(i64::from(number)))
}

/// Four entries are a register of halves, in which `within` finds one.
#[inline]
#[target_feature(enable = "avx2")]
fn quarter(entries: &[u64; 4], within: __m256i) -> __m256i {
    let [a, b, c, d] = *entries;
    let four = _mm256_setr_epi64x(a as i64, b as i64, c as i64, d as i64);
    _mm256_permutevar8x32_epi32(four, within)
}

/// Sixteen entries are four registers of halves: the lower bits of an index choose in each
/// register, the upper two among them.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn look_up(index: Numbers, table: &Table) -> Vectors {
    // The 32-bit halves of entry i are 2i and 2i + 1.
    let twice_index = twice(index);
    let doubled = _mm256_or_si256(twice_index, _mm256_slli_epi64::<32>(twice_index));
    let within = plus(doubled, _mm256_set1_epi64x(1 << 32));
    let (four, eight) = (_mm256_set1_epi64x(4), _mm256_set1_epi64x(8));
    let second = _mm256_cmpeq_epi64(_mm256_and_si256(index, four), four);
    let upper = _mm256_cmpeq_epi64(_mm256_and_si256(index, eight), eight);
    let mut found = [four; 5];
    for (found, entries) in found.iter_mut().zip(table) {
        let (quarters, _) = entries.as_chunks::<4>();
        let low = quarter(&quarters[0], within);
        let low = _mm256_blendv_epi8(low, quarter(&quarters[1], within), second);
        let high = quarter(&quarters[2], within);
        let high = _mm256_blendv_epi8(high, quarter(&quarters[3], within), second);
        *found = _mm256_blendv_epi8(low, high, upper);
    }
    halves(found)
}
