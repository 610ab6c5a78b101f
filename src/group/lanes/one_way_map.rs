//! The one-way map of 64 uniform bytes (RFC 9496, section 4.3.4): Elligator twice.

use rayon::prelude::*;

use super::constants::{D, D_MINUS_ONE_SQ, ONE, ONE_MINUS_D_SQ, SQRT_AD_MINUS_ONE, SQRT_M1};
use super::packed::GROUPS_PER_TASK;
use super::power::inverse_root;
use super::{Completed, Field, Packed, Point, load};

/// Maps each 64 bytes into `points`, [`Field::LANES`] a group. The lanes after the last map zeros.
///
/// # Panics
/// When the groups are not those of so many elements.
pub(in crate::group) fn one_way_map<F: Field>(
    set: F::Set,
    uniform: &[[u8; 64]],
    points: &mut [Point<F>],
) {
    assert_eq!(uniform.len().div_ceil(F::LANES), points.len());
    for (uniform, point) in uniform.chunks(F::LANES).zip(points) {
        *point = map_group(set, uniform);
    }
}

impl<F: Field> Packed<F> {
    /// Maps each 64 bytes.
    pub(in crate::group) fn from_uniform_bytes(set: F::Set, uniform: &[[u8; 64]]) -> Self {
        let mut packed = Self::generators(set, uniform.len());
        packed
            .groups
            .par_chunks_mut(GROUPS_PER_TASK)
            .zip(uniform.par_chunks(GROUPS_PER_TASK * F::LANES))
            .for_each(|(groups, uniform)| one_way_map(set, uniform, groups));
        packed.filled()
    }
}

/// The roots of both halves are taken side by side.
fn map_group<F: Field>(set: F::Set, uniform: &[[u8; 64]]) -> Point<F> {
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let mut halves = [[[0; 32]; 8]; 2];
            for (lane, uniform) in uniform.iter().enumerate() {
                let (first, second) = uniform.split_at(32);
                halves[0][lane].copy_from_slice(first);
                halves[1][lane].copy_from_slice(second);
            }
            let first = load(set, &halves[0][..F::LANES]);
            let second = load(set, &halves[1][..F::LANES]);
            let starts = [Start::of(first), Start::of(second)];
            let [first, second] =
                inverse_root([starts[0].u * starts[0].v, starts[1].u * starts[1].v]);
            let first = starts[0].finish(first.0, first.1).point();
            let second = starts[1].finish(second.0, second.1).point();
            first.plus(&second.cached()).point()
        },
    )
}

/// What the map computes of t before the root: the names are the RFC's.
#[derive(Clone, Copy)]
struct Start<F> {
    t: F,
    r: F,
    u: F,
    v: F,
}

impl<F: Field> Start<F> {
    #[inline(always)]
    fn of(t: F) -> Self {
        let set = t.set();
        let (one, d) = (F::splat(set, &ONE), F::splat(set, &D));
        let r = t.square() * F::splat(set, &SQRT_M1);
        let u = (r + one) * F::splat(set, &ONE_MINUS_D_SQ);
        let v = -(one + r * d) * (r + d);
        Self { t, r, u, v }
    }

    /// `root` is sqrt(1 / (u v)) in the lanes of `was_square`, sqrt(`SQRT_M1` / (u v)) in the others,
    /// so that u `root` is the RFC's s up to its sign. u is never 0, since -1 / `SQRT_M1` is no
    /// square; where v is 0, neither `was_square` nor the RFC's says that it was one.
    #[inline(always)]
    fn finish(&self, was_square: F::Mask, root: F) -> Completed<F> {
        let set = root.set();
        let Self { t, r, u, v } = *self;
        let one = F::splat(set, &ONE);
        let s = u * root;
        let s = F::select(was_square, s, s * t).abs();
        let s = s.negate_if(!was_square);
        let c = F::select(was_square, -one, r);
        let n = F::carry(((r - one) * c).product(F::splat(set, &D_MINUS_ONE_SQ)) - v.loose());
        let s_square = s.squared();
        Completed {
            e: (s + s) * v,
            f: F::carry(one.loose() + s_square),
            g: n * F::splat(set, &SQRT_AD_MINUS_ONE),
            h: F::carry(one.loose() - s_square),
        }
    }
}
