//! Elements packed into lanes, and every operation on them spread over the caller's rayon pool.

use curve25519_dalek::RistrettoPoint;
use rayon::prelude::*;
use zeroize::Zeroize;

use super::super::told::told;
use super::super::{Element, EncodedElement, Refusal, Scalar, portable};
use super::{Cached, Field, Point, Schedule, decode, encode, encode_doubled, multiply};
use crate::machine::between_pieces;

/// Groups of one task: an inversion is shared by so many.
pub(super) const GROUPS_PER_TASK: usize = 16;

/// Elements in order, [`Field::LANES`] in a group; the lanes after the last hold some element that
/// nobody reads, never the identity. Wiped when dropped, because a hash of a person's number tells
/// the number.
#[derive(Clone)]
pub(in crate::group) struct Packed<F: Field> {
    pub(in crate::group) set: F::Set,
    pub(in crate::group) groups: Vec<Point<F>>,
    pub(in crate::group) len: usize,
}

impl<F: Field> Packed<F> {
    /// `len` generators, to be overwritten.
    pub(in crate::group) fn generators(set: F::Set, len: usize) -> Self {
        Self {
            set,
            groups: vec![Point::generator(set); len.div_ceil(F::LANES)],
            len,
        }
    }

    /// Decodes, and writes for each encoding why it is refused, if it is; a refused one holds the
    /// generator.
    pub(in crate::group) fn decode(
        set: F::Set,
        encodings: &[EncodedElement],
        refusals: &mut [Option<Refusal>],
    ) -> Self {
        let mut packed = Self::generators(set, encodings.len());
        let elements_per_task = GROUPS_PER_TASK * F::LANES;
        packed
            .groups
            .par_chunks_mut(GROUPS_PER_TASK)
            .zip(encodings.par_chunks(elements_per_task))
            .zip(refusals.par_chunks_mut(elements_per_task))
            .for_each(|((groups, encodings), refusals)| {
                between_pieces();
                decode(set, encodings, groups, refusals);
            });
        packed
    }

    /// Few elements, through their encodings.
    pub(in crate::group) fn gather(set: F::Set, elements: &[Element]) -> Self {
        let points: Vec<RistrettoPoint> = elements.iter().map(|e| *e.point()).collect();
        Self::of_points(set, &points)
    }

    /// Points through their encodings.
    pub(in crate::group) fn of_points(set: F::Set, points: &[RistrettoPoint]) -> Self {
        let encodings = portable::encode(points);
        let mut refusals = vec![None; encodings.len()];
        let packed = Self::decode(set, &encodings, &mut refusals);
        debug_assert!(refusals.iter().all(Option::is_none), "elements decode");
        packed
    }

    /// The point at `index`, which must be an element's, through its encoding.
    pub(in crate::group) fn get(&self, index: usize) -> RistrettoPoint {
        assert!(index < self.len, "an index below the count");
        let mut encodings = [[0; 32]; 8];
        let group = &self.groups[index / F::LANES..=index / F::LANES];
        encode(group, &mut encodings[..F::LANES]);
        portable::decode_one(&encodings[index % F::LANES]).expect("an element's encoding decodes")
    }

    pub(in crate::group) fn points(&self) -> Vec<RistrettoPoint> {
        let mut refusals = vec![None; self.len];
        portable::decode(&self.encode(), &mut refusals)
    }

    /// The index of the first identity: the one bit of a secret group that is told.
    pub(in crate::group) fn first_identity(&self) -> Option<usize> {
        F::vectorize(
            self.set,
            #[inline(always)]
            || {
                for (place, group) in self.groups.iter().enumerate() {
                    let mask = F::bits(group.is_identity());
                    if told(mask != 0) {
                        return Some(place * F::LANES + mask.trailing_zeros() as usize);
                    }
                }
                None
            },
        )
        .filter(|index| *index < self.len)
    }

    /// The encodings, in order.
    pub(in crate::group) fn encode(&self) -> Vec<EncodedElement> {
        self.encode_with(encode)
    }

    /// The encodings of the doubles, in order. No element may be the identity.
    pub(in crate::group) fn encode_doubled(&self) -> Vec<EncodedElement> {
        self.encode_with(encode_doubled)
    }

    fn encode_with(
        &self,
        encode: impl Fn(&[Point<F>], &mut [EncodedElement]) + Sync,
    ) -> Vec<EncodedElement> {
        let mut encodings = vec![[0; 32]; self.len];
        self.groups
            .par_chunks(GROUPS_PER_TASK)
            .zip(encodings.par_chunks_mut(GROUPS_PER_TASK * F::LANES))
            .for_each(|(groups, encodings)| {
                between_pieces();
                encode(groups, encodings);
            });
        encodings
    }

    /// `2 * self[i]`.
    pub(in crate::group) fn doubled(&self) -> Self {
        let mut doubles = self.clone();
        let tasks = doubles.groups.par_chunks_mut(GROUPS_PER_TASK);
        tasks.for_each(|groups| {
            F::vectorize(
                self.set,
                #[inline(always)]
                || {
                    for group in groups {
                        *group = group.double().point();
                    }
                },
            );
        });
        doubles
    }

    /// `scalar * self[i]`. Constant time.
    pub(in crate::group) fn multiply_all(&self, scalar: &Scalar) -> Self {
        self.multiplied(&Schedule::all(scalar.inner()))
    }

    fn multiplied(&self, schedule: &Schedule) -> Self {
        let mut products = self.clone();
        products
            .groups
            .par_chunks_mut(GROUPS_PER_TASK)
            .for_each(|groups| {
                between_pieces();
                multiply(groups, std::iter::repeat(schedule));
            });
        products
    }

    /// `scalars[i] * self[i]`. Constant time.
    pub(in crate::group) fn multiply_each(&self, scalars: &[Scalar]) -> Self {
        let mut products = self.clone();
        products
            .groups
            .par_chunks_mut(GROUPS_PER_TASK)
            .zip(scalars.par_chunks(GROUPS_PER_TASK * F::LANES))
            .for_each(|(groups, scalars)| {
                between_pieces();
                let lanes = scalars.chunks(F::LANES);
                let schedules: Vec<Schedule> = lanes
                    .map(|scalars| Schedule::each(scalars.iter().map(Scalar::inner)))
                    .collect();
                multiply(groups, &schedules);
            });
        products
    }

    /// `self[i] + other[i]`.
    pub(in crate::group) fn add(&self, other: &Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |cached| cached,
        )
    }

    /// `self[i] - other[i]`.
    pub(in crate::group) fn sub(&self, other: &Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |cached| cached.negated(),
        )
    }

    /// `first`, then these.
    pub(in crate::group) fn prefixed(&self, first: &Element) -> Self {
        let mut prefixed = Self::gather(self.set, &[*first]);
        let (mut before, mut lane) = (prefixed.groups[0], 0);
        prefixed.len += self.len;
        let groups = prefixed.len.div_ceil(F::LANES);
        prefixed.groups.clear();
        for group in self.groups.iter().chain([&before.clone()]).take(groups) {
            prefixed.groups.push(group.after(&before, lane));
            (before, lane) = (*group, F::LANES - 1);
        }
        prefixed
    }

    /// Puts generators into the lanes after the last element again. The sum of two of them may be the
    /// identity, and whatever shares an inversion with an identity is lost.
    pub(super) fn filled(mut self) -> Self {
        let used = self.len % F::LANES;
        if let Some(last) = self.groups.last_mut().filter(|_| used > 0) {
            let used = F::mask(self.set, (1 << used) - 1);
            *last = Point::select(used, *last, Point::generator(self.set));
        }
        self
    }

    fn zip(&self, other: &Self, prepare: impl Fn(Cached<F>) -> Cached<F> + Sync) -> Self {
        let mut sums = self.clone();
        let left = sums.groups.par_chunks_mut(GROUPS_PER_TASK);
        let right = other.groups.par_chunks(GROUPS_PER_TASK);
        left.zip(right).for_each(|(left, right)| {
            F::vectorize(
                self.set,
                #[inline(always)]
                || {
                    for (left, right) in left.iter_mut().zip(right) {
                        *left = left.plus(&prepare(right.cached())).point();
                    }
                },
            );
        });
        sums.filled()
    }
}

impl<F: Field> Drop for Packed<F> {
    fn drop(&mut self) {
        self.groups.zeroize();
    }
}
