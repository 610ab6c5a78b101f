//! Powers, inverses and square roots: fixed chains of squarings.
//!
//! A chain's steps wait for each other, so several chains run side by side: `N` groups of lanes.

use zeroize::Zeroizing;

use super::Field;
use super::constants::{ONE, SQRT_M1};

/// `x^(2^count)`.
fn square_times<F: Field, const N: usize>(x: [F; N], count: u32) -> [F; N] {
    F::vectorize(
        x[0].set(),
        #[inline(always)]
        || {
            let mut power = x;
            for _ in 0..count {
                power = squares(power);
            }
            power
        },
    )
}

#[inline(always)]
fn squares<F: Field, const N: usize>(mut x: [F; N]) -> [F; N] {
    for x in &mut x {
        *x = x.square();
    }
    x
}

#[inline(always)]
fn times<F: Field, const N: usize>(mut left: [F; N], right: &[F; N]) -> [F; N] {
    for (left, right) in left.iter_mut().zip(right) {
        *left = *left * *right;
    }
    left
}

/// `x^(2^250 - 1)` and `x^11`.
#[inline(always)]
fn power_250<F: Field, const N: usize>(x: [F; N]) -> ([F; N], [F; N]) {
    let x2 = squares(x);
    let x9 = times(x, &square_times(x2, 2));
    let x11 = times(x2, &x9);
    let ones_5 = times(x9, &squares(x11));
    let ones_10 = times(square_times(ones_5, 5), &ones_5);
    let ones_20 = times(square_times(ones_10, 10), &ones_10);
    let ones_40 = times(square_times(ones_20, 20), &ones_20);
    let ones_50 = times(square_times(ones_40, 10), &ones_10);
    let ones_100 = times(square_times(ones_50, 50), &ones_50);
    let ones_200 = times(square_times(ones_100, 100), &ones_100);
    (times(square_times(ones_200, 50), &ones_50), x11)
}

/// `1 / x`, or 0 where x is 0: x^(p - 2).
pub(in crate::group) fn invert<F: Field>(x: F) -> F {
    F::vectorize(
        x.set(),
        #[inline(always)]
        || {
            let (ones_250, x11) = power_250([x]);
            let [high] = square_times(ones_250, 5);
            high * x11[0]
        },
    )
}

/// Inverts every value in place: one inversion for all groups together and three products each
/// (Montgomery's trick), lane by lane. A 0 makes all values of its lane 0.
pub(in crate::group) fn invert_all<F: Field>(values: &mut [F]) {
    let Some(first) = values.first() else {
        return;
    };
    let set = first.set();
    let mut before = Zeroizing::new(Vec::with_capacity(values.len()));
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let mut product = F::splat(set, &ONE);
            for value in values.iter() {
                before.push(product);
                product = product * *value;
            }
            let mut inverse = invert(product);
            for (value, before) in values.iter_mut().zip(before.iter()).rev() {
                (*value, inverse) = (inverse * *before, inverse * *value);
            }
        },
    );
}

/// `SQRT_RATIO_M1` of 1 and v (RFC 9496, section 4.2): the lanes in which v is a nonzero square, and
/// the non-negative sqrt(1 / v), or sqrt(`SQRT_M1` / v) in the others.
#[inline(always)]
pub(in crate::group) fn inverse_root<F: Field, const N: usize>(v: [F; N]) -> [(F::Mask, F); N] {
    let set = v[0].set();
    let v3 = times(squares(v), &v);
    let v7 = times(squares(v3), &v);
    let (ones_250, _) = power_250(v7);
    let power = times(square_times(ones_250, 2), &v7);
    let candidates = times(power, &v3);
    let one = F::splat(set, &ONE);
    let i = F::splat(set, &SQRT_M1);
    let mut roots = [(F::mask(set, 0), one); N];
    for at in 0..N {
        let root = candidates[at];
        let check = v[at] * root.square();
        let correct = (check - one).is_zero();
        let flipped = (check + one).is_zero();
        let flipped_i = (check + i).is_zero();
        let root = F::select(flipped | flipped_i, root * i, root);
        roots[at] = (correct | flipped, root.abs());
    }
    roots
}
