//! Encoding (RFC 9496, section 4.3.2), and encoding of doubles many at a time.

use zeroize::{Zeroize, Zeroizing};

use super::super::EncodedElement;
use super::constants::{D, INVSQRT_A_MINUS_D, ONE, SQRT_M1};
use super::power::{inverse_root, invert_all};
use super::{Field, Point, store};

/// Groups that are encoded side by side: the roots of two fill the processor's pipelines.
const TOGETHER: usize = 2;

/// The encodings of the first `encodings.len()` elements.
///
/// # Panics
/// When the groups are not those of so many elements.
pub(in crate::group) fn encode<F: Field>(points: &[Point<F>], encodings: &mut [EncodedElement]) {
    assert_eq!(encodings.len().div_ceil(F::LANES), points.len());
    let encodings = encodings.chunks_mut(F::LANES * TOGETHER);
    for (points, encodings) in points.chunks(TOGETHER).zip(encodings) {
        match points {
            [one] => encode_groups(&[*one], encodings),
            [one, other] => encode_groups(&[*one, *other], encodings),
            _ => unreachable!("chunks of two"),
        }
    }
}

fn encode_groups<F: Field, const N: usize>(
    points: &[Point<F>; N],
    encodings: &mut [EncodedElement],
) {
    let set = points[0].x.set();
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let one = F::splat(set, &ONE);
            let (mut u1, mut u2, mut radicands) = ([one; N], [one; N], [one; N]);
            for (at, point) in points.iter().enumerate() {
                u1[at] = (point.z + point.y) * (point.z - point.y);
                u2[at] = point.x * point.y;
                radicands[at] = u1[at] * u2[at].square();
            }
            let roots = inverse_root(radicands);
            for (at, encodings) in encodings.chunks_mut(F::LANES).enumerate() {
                let s = encode_one(&points[at], u1[at], u2[at], roots[at].1);
                store(s, encodings);
            }
        },
    );
}

#[inline(always)]
fn encode_one<F: Field>(point: &Point<F>, u1: F, u2: F, root: F) -> F {
    let set = root.set();
    let i = F::splat(set, &SQRT_M1);
    let denominator_1 = root * u1;
    let denominator_2 = root * u2;
    let z_inverse = denominator_1 * denominator_2 * point.t;
    let rotate = (point.t * z_inverse).is_negative();
    let x = F::select(rotate, point.y * i, point.x);
    let y = F::select(rotate, point.x * i, point.y);
    let enchanted = denominator_1 * F::splat(set, &INVSQRT_A_MINUS_D);
    let denominator = F::select(rotate, enchanted, denominator_2);
    let y = y.negate_if((x * z_inverse).is_negative());
    (denominator * (point.z - y)).abs()
}

/// What the encoding of a double needs of a point, x the abscissa of the double over its y and so
/// on: Hamburg's formulas as curve25519-dalek has them (`double_and_compress_batch`).
#[derive(Clone, Copy, Zeroize)]
struct Doubled<F: Field> {
    e: F,
    f: F,
    g: F,
    h: F,
    eg: F,
    fh: F,
}

/// The encodings of the doubles of the first `encodings.len()` elements, with one inversion for all
/// groups together. No element may be the identity.
///
/// # Panics
/// When the groups are not those of so many elements.
pub(in crate::group) fn encode_doubled<F: Field>(
    points: &[Point<F>],
    encodings: &mut [EncodedElement],
) {
    assert_eq!(encodings.len().div_ceil(F::LANES), points.len());
    let Some(first) = points.first() else {
        return;
    };
    let set = first.x.set();
    let mut doubled = Zeroizing::new(Vec::with_capacity(points.len()));
    let mut inverses = Zeroizing::new(Vec::with_capacity(points.len()));
    F::vectorize(
        set,
        #[inline(always)]
        || {
            for point in points {
                let double = Doubled::of(point);
                inverses.push(double.eg * double.fh);
                doubled.push(double);
            }
        },
    );
    invert_all(&mut inverses);
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let encodings = encodings.chunks_mut(F::LANES);
            for ((doubled, inverse), encodings) in
                doubled.iter().zip(inverses.iter()).zip(encodings)
            {
                store(doubled.encode(*inverse), encodings);
            }
        },
    );
}

impl<F: Field> Doubled<F> {
    #[inline(always)]
    fn of(point: &Point<F>) -> Self {
        let set = point.x.set();
        let xx = point.x.squared();
        let yy = point.y.squared();
        let zz = point.z.squared();
        let dtt = point.t.square().product(F::splat(set, &D));
        let xy = point.x.product(point.y);
        let e = F::carry(xy + xy);
        let f = F::carry(zz + dtt);
        let g = F::carry(yy + xx);
        let h = F::carry(zz - dtt);
        let (eg, fh) = (e * g, f * h);
        Self { e, f, g, h, eg, fh }
    }

    /// `inverse` is 1 / (E F G H).
    #[inline(always)]
    fn encode(&self, inverse: F) -> F {
        let set = inverse.set();
        let i = F::splat(set, &SQRT_M1);
        let z_inverse = self.eg * inverse;
        let t_inverse = self.fh * inverse;
        let rotate = (self.eg * z_inverse).is_negative();
        let e = F::select(rotate, self.g, self.e);
        let g = F::select(rotate, -self.e, self.g);
        let h = F::select(rotate, self.f * i, self.h);
        let magic = F::select(rotate, i, F::splat(set, &INVSQRT_A_MINUS_D));
        let g = g.negate_if((h * e * z_inverse).is_negative());
        ((h - g) * (magic * (g * t_inverse))).abs()
    }
}
