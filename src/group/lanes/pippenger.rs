//! Sums of many multiples of public points: Pippenger's method with a digit of the coefficients in
//! each lane (Bernstein, Doumen, Lange, Oosterwijk, eprint 2012/549, section 4). **Variable time.**
//!
//! A pass over the points works on as many places of the coefficients as there are lanes. In each
//! place it adds every point to one bucket: that of the point's digit there. The buckets lie in
//! memory lane by lane, so that lanes never meet. In the end the buckets of a place are summed, each
//! as often as its digit says. Digits are unsigned: bytes or half-bytes of the coefficient as it is.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::traits::Identity;
use rayon::prelude::*;
use zeroize::Zeroizing;

use super::super::{PublicScalar, portable};
use super::{Affine, Field, Packed, Point, Row, encode};
use crate::machine::between_pieces;

/// Points from which bytes are the cheaper digits: they need half the passes and 16 times the
/// buckets.
const BYTES_PAY_FROM: usize = 512;

/// Up to so many points curve25519-dalek is faster, the points' way through encodings included: with
/// eight lanes, and with four.
const FEW: [usize; 2] = [2, 64];

/// Points of one task at least: fewer do not pay for buckets of their own.
const POINTS_PER_TASK: usize = 1024;

/// A place for each lane.
const LANES: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

impl<F: Field> Packed<F> {
    /// `sum(coefficients[i] * self[i])`.
    pub(in crate::group) fn weighted_sum(&self, coefficients: &[PublicScalar]) -> RistrettoPoint {
        if self.len <= FEW[usize::from(F::LANES < 8)] {
            return portable::weighted_sum(coefficients, &self.points());
        }
        let tasks = rayon::current_num_threads();
        let groups = self.groups.len().div_ceil(tasks);
        let groups = groups.max(POINTS_PER_TASK / F::LANES);
        let sums: Vec<Point<F>> = self
            .groups
            .par_chunks(groups)
            .zip(coefficients.par_chunks(groups * F::LANES))
            .map(|(points, coefficients)| {
                let coefficients: Vec<_> = coefficients.iter().map(|one| one.to_bytes()).collect();
                sum_of_multiples(self.set, &coefficients, &Affine::rows(points))
            })
            .collect();
        let sum = F::vectorize(
            self.set,
            #[inline(always)]
            || {
                let identity = Point::identity(self.set);
                sums.iter().fold(
                    identity,
                    #[inline(always)]
                    |sum, part| sum.plus(&part.cached()).point(),
                )
            },
        );
        let mut encoding = [[0; 32]];
        encode(&[sum], &mut encoding);
        // Only the identity's encoding does not decode.
        portable::decode_one(&encoding[0]).unwrap_or_else(|_| RistrettoPoint::identity())
    }
}

/// `sum(coefficients[i] * points[i])`, the same in every lane. Coefficients are 32 bytes,
/// little-endian; points are rows of [`Affine`] points.
pub(in crate::group) fn sum_of_multiples<F: Field>(
    set: F::Set,
    coefficients: &[[u8; 32]],
    points: &[Row],
) -> Point<F> {
    if points.len() < BYTES_PAY_FROM {
        passes::<F, 4, { 8 << 4 }>(set, coefficients, points)
    } else {
        passes::<F, 8, { 8 << 8 }>(set, coefficients, points)
    }
}

/// Digits of `BITS` bits; `8 << BITS` buckets: one for each digit in each lane.
fn passes<F: Field, const BITS: usize, const BUCKETS: usize>(
    set: F::Set,
    coefficients: &[[u8; 32]],
    points: &[Row],
) -> Point<F> {
    let mut memory = Zeroizing::new(vec![Row::EMPTY; BUCKETS]);
    let buckets: &mut [Row; BUCKETS] = memory.first_chunk_mut().expect("as many rows");
    let sums: Vec<Point<F>> = (0..256 / BITS / F::LANES)
        .map(|pass| {
            between_pieces();
            clear::<F>(set, buckets);
            F::vectorize(
                set,
                #[inline(always)]
                || fill::<F, BITS, BUCKETS>(set, pass, coefficients, points, buckets),
            );
            empty::<F>(set, buckets)
        })
        .collect();
    weigh::<F, BITS>(set, &sums)
}

/// Adds every point to the bucket of its digit, in each place of a pass.
#[inline(always)]
fn fill<F: Field, const BITS: usize, const BUCKETS: usize>(
    set: F::Set,
    pass: usize,
    coefficients: &[[u8; 32]],
    points: &[Row],
    buckets: &mut [Row; BUCKETS],
) {
    for (coefficient, point) in coefficients.iter().zip(points) {
        let mut at = [0; 8];
        for (lane, at) in at.iter_mut().enumerate().take(F::LANES) {
            let place = pass * F::LANES + lane;
            let digit = usize::from(coefficient[place * BITS / 8]) >> (place * BITS % 8);
            *at = (lane << BITS) + digit % (1 << BITS);
        }
        let point = Affine::splat_row(set, point);
        Point::<F>::from_rows(set, buckets, at)
            .plus_affine(&point)
            .point()
            .to_rows(buckets, at);
    }
}

/// Every bucket holds the identity.
fn clear<F: Field>(set: F::Set, buckets: &mut [Row]) {
    let mut rows = [Row::EMPTY; 8];
    F::vectorize(
        set,
        #[inline(always)]
        || Point::<F>::identity(set).to_rows(&mut rows, LANES),
    );
    buckets.fill(rows[0]);
}

/// `sum(digit * bucket[digit])` in each lane: the sum of the sums from every bucket on.
fn empty<F: Field>(set: F::Set, buckets: &[Row]) -> Point<F> {
    let each = buckets.len() / 8;
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let mut sum = Point::identity(set);
            let mut weighted = Point::identity(set);
            for digit in (1..each).rev() {
                let mut at = LANES;
                for lane in &mut at {
                    *lane = *lane * each + digit;
                }
                let bucket = Point::from_rows(set, buckets, at);
                sum = sum.plus(&bucket.cached()).point();
                weighted = weighted.plus(&sum.cached()).point();
            }
            weighted
        },
    )
}

/// The sums of the places, each times the weight of its place.
fn weigh<F: Field, const BITS: usize>(set: F::Set, sums: &[Point<F>]) -> Point<F> {
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let mut total = Point::identity(set);
            for sums in sums.iter().rev() {
                let mut rows = [Row::EMPTY; 8];
                sums.to_rows(&mut rows, LANES);
                for row in rows[..F::LANES].iter().rev() {
                    let sum = Point::splat_row(set, row).cached();
                    total = doubled::<F, BITS>(total).plus(&sum).point();
                }
            }
            total
        },
    )
}

/// `2^TIMES * point`.
#[inline(always)]
pub(super) fn doubled<F: Field, const TIMES: usize>(point: Point<F>) -> Point<F> {
    let mut projective = point.projective();
    for _ in 1..TIMES {
        projective = projective.double().projective();
    }
    projective.double().point()
}
