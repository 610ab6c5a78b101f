//! Arithmetic on five vectors of eight limbs, radix 2^51.
//!
//! Multiplication is schoolbook: 25 low and 25 high partial products, the high ones with weight 2
//! because 52 bits lie in front of them and a limb has 51.

use super::vector::Vector;

/// Five limbs of eight lanes, least significant first.
pub(super) type Vectors = [Vector; 5];

const LOW_51: u64 = (1 << 51) - 1;

/// 2^10 * p, limb by limb: no subtrahend of weight 4 has a greater limb.
const OFFSET: [u64; 5] = [
    (LOW_51 - 18) << 10,
    LOW_51 << 10,
    LOW_51 << 10,
    LOW_51 << 10,
    LOW_51 << 10,
];

#[inline(always)]
pub(super) fn sum(left: Vectors, right: Vectors) -> Vectors {
    let mut sum = left;
    for limb in 0..5 {
        sum[limb] = left[limb].plus(right[limb]);
        debug_assert!(
            sum[limb].less(left[limb]) == 0,
            "a sum of weight 16 does not overflow"
        );
    }
    sum
}

#[inline(always)]
pub(super) fn difference(left: Vectors, right: Vectors) -> Vectors {
    let mut opposite = right;
    for limb in 0..5 {
        let offset = right[limb].all(OFFSET[limb]);
        debug_assert!(
            offset.less(right[limb]) == 0,
            "a subtrahend of weight 4 is below the offset"
        );
        opposite[limb] = offset.minus(right[limb]);
    }
    sum(left, opposite)
}

/// One round of carries, all limbs at once: from any limbs to limbs below 2^51 + 2^18.
#[inline(always)]
pub(super) fn carry(limbs: Vectors) -> Vectors {
    let [a, b, c, d, e] = limbs;
    let low_51 = a.all(LOW_51);
    [
        a.and(low_51).plus_low(e.above::<51>(), a.all(19)),
        b.and(low_51).plus(a.above::<51>()),
        c.and(low_51).plus(b.above::<51>()),
        d.and(low_51).plus(c.above::<51>()),
        e.and(low_51).plus(d.above::<51>()),
    ]
}

/// Panics, in builds with debug assertions, when a limb has more than 52 bits.
#[inline(always)]
fn debug_assert_factor(limbs: Vectors) {
    let [a, b, c, d, e] = limbs;
    debug_assert!(
        a.or(b).or(c).or(d).or(e).less(a.all(1 << 52)) == u8::MAX,
        "a factor's limbs are below 2^52"
    );
}

/// Column k of a product has weight 2^(51 k).
type Columns = [Vector; 10];

#[inline(always)]
fn twice(limb: Vector) -> Vector {
    limb.plus(limb)
}

#[inline(always)]
pub(super) fn product(left: Vectors, right: Vectors) -> Vectors {
    debug_assert_factor(left);
    debug_assert_factor(right);
    let mut columns: Columns = [left[0].all(0); 10];
    // The high halves go first, so that they are doubled before the low ones join them.
    for i in 0..5 {
        for j in 0..5 {
            columns[i + j + 1] = columns[i + j + 1].plus_high(left[i], right[j]);
        }
    }
    for column in &mut columns[1..] {
        *column = twice(*column);
    }
    for i in 0..5 {
        for j in 0..5 {
            columns[i + j] = columns[i + j].plus_low(left[i], right[j]);
        }
    }
    fold(columns)
}

/// Products of two different limbs are computed once and doubled, their high halves twice; the
/// halves of squared limbs join before and after the second doubling.
#[inline(always)]
pub(super) fn square(limbs: Vectors) -> Vectors {
    debug_assert_factor(limbs);
    let mut columns: Columns = [limbs[0].all(0); 10];
    for i in 0..5 {
        for j in i + 1..5 {
            columns[i + j + 1] = columns[i + j + 1].plus_high(limbs[i], limbs[j]);
        }
    }
    for column in &mut columns[2..9] {
        *column = twice(*column);
    }
    for i in 0..5 {
        for j in i + 1..5 {
            columns[i + j] = columns[i + j].plus_low(limbs[i], limbs[j]);
        }
    }
    for i in 0..5 {
        columns[2 * i + 1] = columns[2 * i + 1].plus_high(limbs[i], limbs[i]);
    }
    for column in &mut columns[1..] {
        *column = twice(*column);
    }
    for i in 0..5 {
        columns[2 * i] = columns[2 * i].plus_low(limbs[i], limbs[i]);
    }
    fold(columns)
}

/// The value mod p: columns from 2^255 on count 19 times. With factors carried, a column has at
/// most 5 low halves below 2^52 and 5 high ones below 2^50 + 2^19, twice; the worst limb, the
/// first, comes to (1 + 19 * 6.5) * 2^52 and a little, below 2^59.
#[inline(always)]
fn fold(columns: Columns) -> Vectors {
    let [a, b, c, d, e, f, g, h, i, j] = columns;
    let nineteen = a.all(19);
    [
        a.plus(f.times(nineteen)),
        b.plus(g.times(nineteen)),
        c.plus(h.times(nineteen)),
        d.plus(i.times(nineteen)),
        e.plus(j.times(nineteen)),
    ]
}

/// Factors below 2^20: the high halves are below 2^20, so that the last one, 38 times, is a carry
/// like any other.
#[inline(always)]
pub(super) fn scale(limbs: Vectors, factor: u32) -> Vectors {
    debug_assert_factor(limbs);
    debug_assert!(factor < 1 << 20, "a factor below 2^20");
    let factor = limbs[0].all(u64::from(factor));
    let zero = limbs[0].all(0);
    let mut low = limbs;
    let mut twice_high = limbs;
    for limb in 0..5 {
        low[limb] = zero.plus_low(limbs[limb], factor);
        let high = zero.plus_high(limbs[limb], factor);
        twice_high[limb] = high.plus(high);
    }
    [
        low[0].plus_low(twice_high[4], zero.all(19)),
        low[1].plus(twice_high[0]),
        low[2].plus(twice_high[1]),
        low[3].plus(twice_high[2]),
        low[4].plus(twice_high[3]),
    ]
}

/// The canonical numbers of carried limbs.
#[inline(always)]
pub(super) fn canonical(limbs: Vectors) -> Vectors {
    // Below 2^255 + 2^223 after this, so p goes into it at most once.
    let [mut a, mut b, mut c, mut d, mut e] = carry(limbs);
    let low_51 = a.all(LOW_51);
    let nineteen = a.all(19);
    // x >= p exactly if x + 19 >= 2^255.
    let mut over = a.plus(nineteen).above::<51>();
    for limb in [b, c, d, e] {
        over = limb.plus(over).above::<51>();
    }
    a = a.plus_low(over, nineteen);
    b = b.plus(a.above::<51>());
    c = c.plus(b.above::<51>());
    d = d.plus(c.above::<51>());
    e = e.plus(d.above::<51>());
    [
        a.and(low_51),
        b.and(low_51),
        c.and(low_51),
        d.and(low_51),
        e.and(low_51),
    ]
}

#[inline(always)]
pub(super) fn select(mask: u8, yes: Vectors, no: Vectors) -> Vectors {
    let mut selected = no;
    for limb in 0..5 {
        selected[limb] = Vector::select(mask, yes[limb], no[limb]);
    }
    selected
}

#[inline(always)]
pub(super) fn is_zero(limbs: Vectors) -> u8 {
    let [a, b, c, d, e] = canonical(limbs);
    a.or(b).or(c).or(d).or(e).equal(a.all(0))
}

/// The lanes whose canonical number is odd.
#[inline(always)]
pub(super) fn is_negative(limbs: Vectors) -> u8 {
    let [first, ..] = canonical(limbs);
    let one = first.all(1);
    first.and(one).equal(one)
}
