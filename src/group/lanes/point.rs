//! Points of the twisted Edwards curve -x^2 + y^2 = 1 + D x^2 y^2 (Hisil, Wong, Carter and Dawson,
//! "Twisted Edwards Curves Revisited", 2008). Every formula is complete: it holds for all points.

use zeroize::Zeroize;

use super::constants::{D_TWICE, GENERATOR, ONE, ZERO};
use super::{Affine, Field, Row};

/// A point in each lane, extended: x = X / Z, y = Y / Z, x y = T / Z. It represents the element of
/// ristretto255 that is its coset modulo the four points of order 1, 2 and 4.
#[derive(Clone, Copy, Zeroize)]
pub(in crate::group) struct Point<F: Field> {
    pub(in crate::group) x: F,
    pub(in crate::group) y: F,
    pub(in crate::group) z: F,
    pub(in crate::group) t: F,
}

/// A [`Point`] without T, which a doubling does not read.
#[derive(Clone, Copy)]
pub(in crate::group) struct Projective<F> {
    x: F,
    y: F,
    z: F,
}

/// What an addition or a doubling gives before its last products: x = E / G, y = H / F.
#[derive(Clone, Copy)]
pub(in crate::group) struct Completed<F> {
    pub(in crate::group) e: F,
    pub(in crate::group) f: F,
    pub(in crate::group) g: F,
    pub(in crate::group) h: F,
}

/// A point prepared to be added: Y - X, Y + X, 2 Z, 2 D T.
#[derive(Clone, Copy, Zeroize)]
pub(in crate::group) struct Cached<F: Field> {
    y_minus_x: F,
    y_plus_x: F,
    z_twice: F,
    t_scaled: F,
}

impl<F: Field> Point<F> {
    /// The neutral point in every lane.
    #[inline(always)]
    pub(in crate::group) fn identity(set: F::Set) -> Self {
        Self {
            x: F::splat(set, &ZERO),
            y: F::splat(set, &ONE),
            z: F::splat(set, &ONE),
            t: F::splat(set, &ZERO),
        }
    }

    /// The generator in every lane.
    #[inline(always)]
    pub(in crate::group) fn generator(set: F::Set) -> Self {
        let [x, y, t] = &GENERATOR;
        Self {
            x: F::splat(set, x),
            y: F::splat(set, y),
            z: F::splat(set, &ONE),
            t: F::splat(set, t),
        }
    }

    #[inline(always)]
    pub(in crate::group) fn projective(self) -> Projective<F> {
        let Self { x, y, z, .. } = self;
        Projective { x, y, z }
    }

    /// To be added to others.
    #[inline(always)]
    pub(in crate::group) fn cached(self) -> Cached<F> {
        let (y, x, z) = (self.y.loose(), self.x.loose(), self.z.loose());
        Cached {
            y_minus_x: F::carry(y - x),
            y_plus_x: F::carry(y + x),
            z_twice: F::carry(z + z),
            t_scaled: self.t * F::splat(self.t.set(), &D_TWICE),
        }
    }

    /// Lane i from `rows[at[i]]`: see [`Field::from_rows`].
    #[inline(always)]
    pub(in crate::group) fn from_rows(set: F::Set, rows: &[Row], at: [usize; 8]) -> Self {
        let [x, y, z, t] = F::from_rows(set, rows, at);
        Self { x, y, z, t }
    }

    /// Lane i to `rows[at[i]]`: see [`Field::to_rows`].
    #[inline(always)]
    pub(in crate::group) fn to_rows(self, rows: &mut [Row], at: [usize; 8]) {
        F::to_rows([self.x, self.y, self.z, self.t], rows, at);
    }

    /// The point of one row in every lane.
    #[inline(always)]
    pub(in crate::group) fn splat_row(set: F::Set, row: &Row) -> Self {
        let [x, y, z, t] = F::splat_row(set, row);
        Self { x, y, z, t }
    }

    /// `2 * self`.
    #[inline(always)]
    pub(in crate::group) fn double(self) -> Completed<F> {
        self.projective().double()
    }

    /// `self + other`.
    #[inline(always)]
    pub(in crate::group) fn plus(self, other: &Cached<F>) -> Completed<F> {
        let (y, x) = (self.y.loose(), self.x.loose());
        let a = F::carry(y - x).product(other.y_minus_x);
        let b = F::carry(y + x).product(other.y_plus_x);
        let c = self.t.product(other.t_scaled);
        let d = self.z.product(other.z_twice);
        Completed {
            e: F::carry(b - a),
            f: F::carry(d - c),
            g: F::carry(d + c),
            h: F::carry(b + a),
        }
    }

    /// `self + other`: a product less than [`Point::plus`].
    #[inline(always)]
    pub(in crate::group) fn plus_affine(self, other: &Affine<F>) -> Completed<F> {
        let (y, x, z) = (self.y.loose(), self.x.loose(), self.z.loose());
        let a = F::carry(y - x).product(other.y_minus_x);
        let b = F::carry(y + x).product(other.y_plus_x);
        let c = self.t.product(other.t_scaled);
        Completed {
            e: F::carry(b - a),
            f: F::carry(z + z - c),
            g: F::carry(z + z + c),
            h: F::carry(b + a),
        }
    }

    /// `yes` in the lanes of the mask, `no` in the others.
    #[inline(always)]
    pub(in crate::group) fn select(mask: F::Mask, yes: Self, no: Self) -> Self {
        Self {
            x: F::select(mask, yes.x, no.x),
            y: F::select(mask, yes.y, no.y),
            z: F::select(mask, yes.z, no.z),
            t: F::select(mask, yes.t, no.t),
        }
    }

    /// In the first lane what `before` has in lane `last`, in every other what its neighbour had.
    pub(in crate::group) fn after(&self, before: &Self, last: usize) -> Self {
        F::vectorize(
            self.x.set(),
            #[inline(always)]
            || Self {
                x: after(self.x, before.x, last),
                y: after(self.y, before.y, last),
                z: after(self.z, before.z, last),
                t: after(self.t, before.t, last),
            },
        )
    }

    pub(in crate::group) fn lane(&self, lane: usize) -> Self {
        let mut point = *self;
        for _ in 0..F::LANES {
            point = point.after(self, lane);
        }
        point
    }

    /// The lanes whose element is the identity: the points of order 1, 2 and 4, which are those
    /// with x y = 0.
    #[inline(always)]
    pub(in crate::group) fn is_identity(self) -> F::Mask {
        self.t.is_zero()
    }

    /// The lanes in which both represent one element (RFC 9496, section 4.3.3).
    #[cfg(test)]
    #[inline(always)]
    pub(in crate::group) fn equals(self, other: Self) -> F::Mask {
        let crossed = F::carry(self.x.product(other.y) - self.y.product(other.x));
        let straight = F::carry(self.y.product(other.y) - self.x.product(other.x));
        crossed.is_zero() | straight.is_zero()
    }
}

#[inline(always)]
fn after<F: Field>(field: F, before: F, last: usize) -> F {
    let mut words = field.to_words();
    for (limb, before) in words.iter_mut().zip(before.to_words()) {
        limb.copy_within(..7, 1);
        limb[0] = before[last];
    }
    F::from_words(field.set(), &words)
}

impl<F: Field> Projective<F> {
    /// `2 * self`: four squares and a product less than an addition needs.
    #[inline(always)]
    pub(in crate::group) fn double(self) -> Completed<F> {
        let xx = self.x.squared();
        let yy = self.y.squared();
        let zz = self.z.squared();
        let xy = self.x.product(self.y);
        Completed {
            e: F::carry(xy + xy),
            f: F::carry(zz + zz + xx - yy),
            g: F::carry(yy - xx),
            h: F::carry(yy + xx),
        }
    }
}

impl<F: Field> Completed<F> {
    /// With T: one product more than [`Completed::projective`].
    #[inline(always)]
    pub(in crate::group) fn point(self) -> Point<F> {
        // First what is ready first.
        let t = self.e * self.h;
        Point {
            x: self.e * self.f,
            y: self.g * self.h,
            z: self.f * self.g,
            t,
        }
    }

    /// Without T, to be doubled.
    #[inline(always)]
    pub(in crate::group) fn projective(self) -> Projective<F> {
        Projective {
            x: self.e * self.f,
            y: self.g * self.h,
            z: self.f * self.g,
        }
    }
}

impl<F: Field> Cached<F> {
    /// Of the negated point.
    #[inline(always)]
    pub(in crate::group) fn negated(self) -> Self {
        Self {
            y_minus_x: self.y_plus_x,
            y_plus_x: self.y_minus_x,
            z_twice: self.z_twice,
            t_scaled: -self.t_scaled,
        }
    }

    /// Of the negated point in the lanes of the mask.
    #[cfg(test)]
    #[inline(always)]
    pub(in crate::group) fn negate_if(self, mask: F::Mask) -> Self {
        let (y_minus_x, y_plus_x) = F::swap(mask, self.y_minus_x, self.y_plus_x);
        Self {
            y_minus_x,
            y_plus_x,
            z_twice: self.z_twice,
            t_scaled: self.t_scaled.negate_if(mask),
        }
    }
}
