//! Points with Z = 1, prepared to be added: the cheapest to add, and the smallest to keep.

use zeroize::Zeroizing;

use super::constants::D_TWICE;
use super::power::invert_all;
use super::{Field, Point, Row};

/// A point in each lane, as y - x, y + x and 2 D x y.
#[derive(Clone, Copy)]
pub(in crate::group) struct Affine<F> {
    pub(in crate::group) y_minus_x: F,
    pub(in crate::group) y_plus_x: F,
    pub(in crate::group) t_scaled: F,
}

impl<F: Field> Affine<F> {
    /// Of a point, given 1 / Z.
    #[inline(always)]
    fn of(point: &Point<F>, inverse: F) -> Self {
        let (x, y) = (point.x.product(inverse), point.y.product(inverse));
        Self {
            y_minus_x: F::carry(y - x),
            y_plus_x: F::carry(y + x),
            t_scaled: point.t * inverse * F::splat(inverse.set(), &D_TWICE),
        }
    }

    /// The points of all groups, with one inversion for all of them together.
    pub(in crate::group) fn each(points: &[Point<F>]) -> Vec<Self> {
        let mut affine = Vec::with_capacity(points.len());
        with_inverses(
            points,
            #[inline(always)]
            |_, point, inverse| affine.push(Self::of(point, inverse)),
        );
        affine
    }

    /// The points of all groups in order, a row each; wiped, because they may be a person's.
    pub(in crate::group) fn rows(points: &[Point<F>]) -> Zeroizing<Vec<Row>> {
        let mut rows = Zeroizing::new(vec![Row::EMPTY; points.len() * F::LANES]);
        with_inverses(
            points,
            #[inline(always)]
            |group, point, inverse| {
                let mut at = [group * F::LANES; 8];
                for (lane, at) in at.iter_mut().enumerate().take(F::LANES) {
                    *at += lane;
                }
                let affine = Self::of(point, inverse);
                let (minus, plus, t) = (affine.y_minus_x, affine.y_plus_x, affine.t_scaled);
                F::to_rows([minus, plus, t, t], &mut rows, at);
            },
        );
        rows
    }

    /// One row of [`Affine::rows`] in every lane.
    #[inline(always)]
    pub(in crate::group) fn splat_row(set: F::Set, row: &Row) -> Self {
        let [y_minus_x, y_plus_x, t_scaled, _] = F::splat_row(set, row);
        Self {
            y_minus_x,
            y_plus_x,
            t_scaled,
        }
    }

    /// Of the negated point in the lanes of the mask.
    #[inline(always)]
    pub(in crate::group) fn negate_if(self, mask: F::Mask) -> Self {
        let (y_minus_x, y_plus_x) = F::swap(mask, self.y_minus_x, self.y_plus_x);
        Self {
            y_minus_x,
            y_plus_x,
            t_scaled: self.t_scaled.negate_if(mask),
        }
    }
}

/// Calls `work` with every group, its index and 1 / Z.
fn with_inverses<F: Field>(points: &[Point<F>], mut work: impl FnMut(usize, &Point<F>, F)) {
    let Some(first) = points.first() else {
        return;
    };
    let mut inverses: Vec<F> = points.iter().map(|point| point.z).collect();
    invert_all(&mut inverses);
    F::vectorize(
        first.z.set(),
        #[inline(always)]
        || {
            for (group, (point, inverse)) in points.iter().zip(&inverses).enumerate() {
                work(group, point, *inverse);
            }
        },
    );
}
