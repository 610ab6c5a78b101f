//! Multiplication of points by secret scalars: a Montgomery ladder in each lane.
//!
//! The ladder runs on the curve's Montgomery form v^2 = u^3 + A u^2 + u, knows u alone, and takes the
//! same steps for every scalar: an addition, and the doubling of one of two points, which a mask
//! selects. The other coordinate is recovered at the end (Okeya and Sakurai, "Efficient elliptic
//! curve cryptosystems from a scalar multiplication algorithm with recovery of the y-coordinate on a
//! Montgomery-form elliptic curve", 2001).

use curve25519_dalek::Scalar as Inner;
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::constants::{A_MINUS_2_OVER_4, A_TWICE, MONTGOMERY_SCALE, ONE, ZERO};
use super::power::invert_all;
use super::{Field, Point};

/// l is below 2^253.
const SCALAR_BITS: usize = 253;

/// What the ladder does with a secret scalar in each lane, one bit for each, lane 0 lowest.
///
/// The ladder runs with the odd one of k and l - k, and the point is negated where that was l - k.
/// So its last bit is known, and neither the multiple nor its successor is the identity.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(in crate::group) struct Schedule {
    /// For each bit of the scalar but the lowest one, first the highest: where it differs from the bit before.
    swaps: [u8; SCALAR_BITS],
    negated: u8,
}

impl Schedule {
    /// Of one scalar for each lane, nonzero; lanes without one multiply by 1.
    pub(in crate::group) fn each<'a>(scalars: impl IntoIterator<Item = &'a Inner>) -> Self {
        let mut schedule = Self {
            swaps: [0; SCALAR_BITS],
            negated: 0,
        };
        let ones = std::iter::repeat(&Inner::ONE);
        for (lane, scalar) in scalars.into_iter().chain(ones).take(8).enumerate() {
            schedule.set(1 << lane, scalar);
        }
        schedule
    }

    /// Of one nonzero scalar for all lanes.
    pub(in crate::group) fn all(scalar: &Inner) -> Self {
        let mut schedule = Self {
            swaps: [0; SCALAR_BITS],
            negated: 0,
        };
        schedule.set(u8::MAX, scalar);
        schedule
    }

    fn set(&mut self, lanes: u8, scalar: &Inner) {
        let even = Choice::from(!scalar.as_bytes()[0] & 1);
        let mut odd = Inner::conditional_select(scalar, &-scalar, even);
        self.negated |= lanes & 0_u8.wrapping_sub(even.unwrap_u8());
        let mut bytes = odd.to_bytes();
        let mut before = 0;
        for (swap, place) in self.swaps.iter_mut().zip((0..SCALAR_BITS).rev()) {
            let bit = bytes[place / 8] >> (place % 8) & 1;
            *swap |= lanes & 0_u8.wrapping_sub(bit ^ before);
            before = bit;
        }
        odd.zeroize();
        bytes.zeroize();
    }
}

/// Coordinates of a group of points on the Montgomery form.
#[derive(Clone, Copy, Zeroize)]
struct Base<F: Field> {
    u: F,
    v: F,
}

/// `u = X / Z`: a point or its negative.
#[derive(Clone, Copy)]
struct Abscissa<F: Field> {
    x: F::Loose,
    z: F::Loose,
}

/// Multiplies every group of points by its schedule, in place. No element may be the identity.
pub(in crate::group) fn multiply<'a, F: Field>(
    points: &mut [Point<F>],
    schedules: impl IntoIterator<Item = &'a Schedule>,
) {
    let bases = bases(points);
    for ((point, base), schedule) in points.iter_mut().zip(bases.iter()).zip(schedules) {
        *point = multiply_group(base, schedule);
    }
}

/// The points on the Montgomery form, with one inversion for all groups together:
/// u = (1 + y) / (1 - y), v = `MONTGOMERY_SCALE` u / x.
fn bases<F: Field>(points: &[Point<F>]) -> Zeroizing<Vec<Base<F>>> {
    let mut bases = Zeroizing::new(Vec::with_capacity(points.len()));
    let Some(first) = points.first() else {
        return bases;
    };
    let set = first.x.set();
    let mut inverses = Zeroizing::new(Vec::with_capacity(points.len()));
    F::vectorize(
        set,
        #[inline(always)]
        || {
            for point in points {
                inverses.push((point.z - point.y) * point.x);
            }
        },
    );
    invert_all(&mut inverses);
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let scale = F::splat(set, &MONTGOMERY_SCALE);
            for (point, inverse) in points.iter().zip(inverses.iter()) {
                let shared = (point.z + point.y) * *inverse;
                bases.push(Base {
                    u: shared * point.x,
                    v: shared * point.z * scale,
                });
            }
        },
    );
    bases
}

fn multiply_group<F: Field>(base: &Base<F>, schedule: &Schedule) -> Point<F> {
    let set = base.u.set();
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let one = F::splat(set, &ONE).loose();
            let zero = F::splat(set, &ZERO).loose();
            let mut doubled = Abscissa { x: one, z: zero };
            let mut summed = Abscissa {
                x: base.u.loose(),
                z: one,
            };
            for swap in &schedule.swaps {
                (doubled, summed) = step(base.u, F::mask(set, *swap), doubled, summed);
            }
            // The last bit is 1: the multiple's successor was doubled.
            let negated = F::mask(set, schedule.negated);
            recover(base, &summed, &doubled).edwards(negated)
        },
    )
}

/// One step of the ladder: of two points that differ by the base, doubles `doubled`, or `summed` in
/// the lanes of the mask, and adds them.
#[inline(always)]
fn step<F: Field>(
    base: F,
    mask: F::Mask,
    doubled: Abscissa<F>,
    summed: Abscissa<F>,
) -> (Abscissa<F>, Abscissa<F>) {
    let a = F::carry(doubled.x + doubled.z);
    let b = F::carry(doubled.x - doubled.z);
    let c = F::carry(summed.x + summed.z);
    let d = F::carry(summed.x - summed.z);

    let crossed_1 = d.product(a);
    let crossed_2 = c.product(b);
    let sum = F::carry(crossed_1 + crossed_2);
    let difference = F::carry(crossed_1 - crossed_2);

    let plus = F::select(mask, c, a).squared();
    let minus = F::select(mask, d, b).squared();
    let e = F::carry(plus - minus);
    let tangent = F::carry(e.scaled(A_MINUS_2_OVER_4) + plus);
    (
        Abscissa {
            x: F::carry(plus).product(F::carry(minus)),
            z: e.product(tangent),
        },
        Abscissa {
            x: sum.squared(),
            z: difference.square().product(base),
        },
    )
}

/// A point on the Montgomery form: u = U / W, v = V / W.
struct Montgomery<F> {
    u: F,
    v: F,
    w: F,
}

/// The point whose abscissa is `multiple`, given that of its sum with the base: v is
/// ((u u' + 1) (u + u' + 2 A) - 2 A - (u - u')^2 u'') / (2 v') with the base (u', v') and u'' the
/// sum's abscissa.
#[inline(always)]
fn recover<F: Field>(
    base: &Base<F>,
    multiple: &Abscissa<F>,
    successor: &Abscissa<F>,
) -> Montgomery<F> {
    let (x, z) = (F::carry(multiple.x), F::carry(multiple.z));
    let (x_next, z_next) = (F::carry(successor.x), F::carry(successor.z));
    let slope = F::carry(z.scaled(A_TWICE));
    let u_x_and_1 = F::carry(base.u.product(x) + z.loose());
    let u_z = base.u.product(z);
    let spread = F::carry(u_z + x.loose() + slope.loose());
    let left = F::carry(u_x_and_1.product(spread) - slope.product(z));
    let apart = F::carry(u_z - x.loose()).square();
    let z_both = z * z_next * (base.v + base.v);
    Montgomery {
        u: x * z_both,
        v: F::carry(left.product(z_next) - apart.product(x_next)),
        w: z * z_both,
    }
}

impl<F: Field> Montgomery<F> {
    /// y = (u - 1) / (u + 1), x = `MONTGOMERY_SCALE` u / v.
    #[inline(always)]
    fn edwards(self, negated: F::Mask) -> Point<F> {
        let scale = F::splat(self.u.set(), &MONTGOMERY_SCALE);
        let plus = self.u + self.w;
        let minus = self.u - self.w;
        let scaled = self.u * scale;
        let v = self.v.negate_if(negated);
        Point {
            x: scaled * plus,
            y: minus * v,
            z: v * plus,
            t: scaled * minus,
        }
    }
}
