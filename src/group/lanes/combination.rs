//! Rows of sums of a few columns, each column times one public coefficient. **Variable time.**
//!
//! The coefficients are the same for all rows, so all lanes do the same: doublings shared by the
//! columns, and additions of odd multiples where a coefficient's sparse signed digits say so
//! (Straus 1964 with width-5 non-adjacent forms). Short coefficients, or long ones that are l less a
//! short one, take few doublings.

use curve25519_dalek::Scalar as Inner;
use rayon::prelude::*;

use super::super::PublicScalar;
use super::packed::GROUPS_PER_TASK;
use super::{Cached, Field, Packed, Point};

/// Bits of a digit, its sign included: digits are odd, from -15 to 15.
const WIDTH: usize = 5;
/// Digits of a scalar: its bits, and a carry.
const DIGITS: usize = 254;

/// What is done with the columns, the same for every row.
struct Plan {
    /// From the highest bit on: the columns and digits that are added there after doubling.
    steps: Vec<Vec<(usize, i8)>>,
    /// For each column how many odd multiples are needed.
    multiples: Vec<usize>,
}

impl Plan {
    fn of(coefficients: &[PublicScalar]) -> Self {
        let mut steps = vec![Vec::new(); DIGITS];
        let mut multiples = vec![0; coefficients.len()];
        for (column, coefficient) in coefficients.iter().enumerate() {
            for (step, digit) in steps.iter_mut().zip(digits(coefficient.inner())) {
                if digit != 0 {
                    step.push((column, digit));
                    let needed = usize::from(digit.unsigned_abs() / 2) + 1;
                    multiples[column] = multiples[column].max(needed);
                }
            }
        }
        while steps.last().is_some_and(Vec::is_empty) {
            steps.pop();
        }
        steps.reverse();
        Self { steps, multiples }
    }

    /// One group of rows: `points` holds one group of each column.
    #[inline(always)]
    fn run<F: Field>(&self, set: F::Set, points: &[Point<F>]) -> Point<F> {
        let mut tables: Vec<Vec<Cached<F>>> = Vec::with_capacity(points.len());
        for (point, count) in points.iter().zip(&self.multiples) {
            tables.push(odd_multiples(*point, *count));
        }
        let mut sum = Point::identity(set);
        for step in &self.steps {
            sum = sum.double().point();
            for (column, digit) in step {
                let multiple = tables[*column][usize::from(digit.unsigned_abs() / 2)];
                let multiple = if *digit < 0 {
                    multiple.negated()
                } else {
                    multiple
                };
                sum = sum.plus(&multiple).point();
            }
        }
        sum
    }
}

/// `point`, `3 * point`, ..., as many as asked for.
#[inline(always)]
fn odd_multiples<F: Field>(point: Point<F>, count: usize) -> Vec<Cached<F>> {
    let mut multiples = Vec::with_capacity(count);
    if count > 0 {
        multiples.push(point.cached());
    }
    if count > 1 {
        let twice = point.double().point().cached();
        let mut multiple = point;
        for _ in 1..count {
            multiple = multiple.plus(&twice).point();
            multiples.push(multiple.cached());
        }
    }
    multiples
}

/// The width-5 non-adjacent form of the shorter of the scalar and l less it, negated then; the
/// lowest digit first.
fn digits(scalar: &Inner) -> [i8; DIGITS] {
    let (own, other) = (scalar.to_bytes(), (-scalar).to_bytes());
    let negative = other.iter().rev().lt(own.iter().rev());
    let bytes = if negative { other } else { own };
    let bit = |place: usize| match bytes.get(place / 8) {
        Some(byte) => (byte >> (place % 8) & 1) as i8,
        None => 0,
    };
    let mut digits = [0; DIGITS];
    let (mut place, mut carry) = (0, 0);
    while place < DIGITS {
        let window = (0..WIDTH).fold(carry, |window, above| {
            window + (bit(place + above) << above)
        });
        if window % 2 == 0 {
            // The carry and the lowest bit are equal, so the next place has the same carry.
            place += 1;
            continue;
        }
        let digit = if window < 16 { window } else { window - 32 };
        carry = i8::from(digit < 0);
        digits[place] = if negative { -digit } else { digit };
        place += WIDTH;
    }
    digits
}

impl<F: Field> Packed<F> {
    /// `sum over i of coefficients[i] * columns[i]`, row by row, of columns as long as this one.
    pub(in crate::group) fn combine(
        &self,
        coefficients: &[PublicScalar],
        columns: &[&Self],
    ) -> Self {
        let plan = Plan::of(coefficients);
        let mut sums = self.clone();
        let set = sums.set;
        let pieces = sums.groups.par_chunks_mut(GROUPS_PER_TASK).enumerate();
        pieces.for_each(|(piece, sums)| {
            let mut points = Vec::with_capacity(columns.len());
            for (place, sum) in sums.iter_mut().enumerate() {
                points.clear();
                let group = piece * GROUPS_PER_TASK + place;
                points.extend(columns.iter().map(|column| column.groups[group]));
                *sum = F::vectorize(
                    set,
                    #[inline(always)]
                    || plan.run(set, &points),
                );
            }
        });
        sums.filled()
    }
}
