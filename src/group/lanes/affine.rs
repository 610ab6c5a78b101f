//! Points with Z = 1, prepared to be added: the cheapest to add, and the smallest to keep.

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
    /// The points of all groups, with one inversion for all of them together.
    pub(in crate::group) fn each(points: &[Point<F>]) -> Vec<Self> {
        let mut affine = Vec::with_capacity(points.len());
        let Some(first) = points.first() else {
            return affine;
        };
        let set = first.x.set();
        let mut inverses: Vec<F> = points.iter().map(|point| point.z).collect();
        invert_all(&mut inverses);
        F::vectorize(
            set,
            #[inline(always)]
            || {
                let d_twice = F::splat(set, &D_TWICE);
                for (point, inverse) in points.iter().zip(&inverses) {
                    let (x, y) = (point.x.product(*inverse), point.y.product(*inverse));
                    affine.push(Self {
                        y_minus_x: F::carry(y - x),
                        y_plus_x: F::carry(y + x),
                        t_scaled: point.t * *inverse * d_twice,
                    });
                }
            },
        );
        affine
    }

    /// The points of all groups in order, a row each.
    pub(in crate::group) fn rows(points: &[Self]) -> Vec<Row> {
        let Some(first) = points.first() else {
            return Vec::new();
        };
        let mut rows = vec![Row::EMPTY; points.len() * F::LANES];
        F::vectorize(
            first.t_scaled.set(),
            #[inline(always)]
            || {
                for (place, point) in points.iter().enumerate() {
                    let mut at = [place * F::LANES; 8];
                    for (lane, at) in at.iter_mut().enumerate().take(F::LANES) {
                        *at += lane;
                    }
                    let fields = [
                        point.y_minus_x,
                        point.y_plus_x,
                        point.t_scaled,
                        point.t_scaled,
                    ];
                    F::to_rows(fields, &mut rows, at);
                }
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
