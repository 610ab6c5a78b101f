//! Multiples of one point, judged by curve25519-dalek.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::{RistrettoPoint, Scalar as Inner};

use super::super::{Field, Multiples, Packed};
use super::group::{encoded, judged_elements, judged_encodings, packed, scalars};

/// Around a group of four, a group of eight and two of them.
const COUNTS: [usize; 9] = [0, 1, 3, 4, 5, 7, 8, 9, 17];

/// Runs everything below.
pub(in crate::group) fn multiples<F: Field>(set: F::Set) {
    for base in [RISTRETTO_BASEPOINT_POINT, judged_elements(1)[0]] {
        let multiples = of::<F>(set, &base);
        for count in COUNTS {
            agrees::<F>(set, &multiples, &base, &scalars(count));
        }
        agrees::<F>(set, &multiples, &base, &edges());
    }
    lanes_are_independent::<F>(set);
}

fn of<F: Field>(set: F::Set, base: &RistrettoPoint) -> Multiples {
    let everywhere = vec![base.compress().to_bytes(); F::LANES];
    Multiples::of(packed::<F>(set, &everywhere).groups[0])
}

fn agrees<F: Field>(set: F::Set, multiples: &Multiples, base: &RistrettoPoint, scalars: &[Inner]) {
    let mut products = Packed::<F>::generators(set, scalars.len());
    for (product, scalars) in products.groups.iter_mut().zip(scalars.chunks(F::LANES)) {
        *product = multiples.multiply(set, scalars.iter());
    }
    let judged: Vec<_> = scalars.iter().map(|scalar| base * scalar).collect();
    assert_eq!(encoded(&products), judged_encodings(&judged));
}

/// Small numbers and l less them, powers of two, and the scalars all of whose digits are one number.
fn edges() -> Vec<Inner> {
    let mut edges: Vec<_> = (1_u64..20).map(Inner::from).collect();
    edges.extend((1_u64..20).map(|small| -Inner::from(small)));
    let mut power = Inner::ONE;
    for _ in 0..252 {
        edges.push(power);
        power += power;
    }
    // The sum of 32^i, i to 50, times every odd digit.
    let ones = (0..51).fold(Inner::ZERO, |sum, _| sum * Inner::from(32_u8) + Inner::ONE);
    edges.extend((0_u64..16).flat_map(|half| {
        let digit = ones * Inner::from(2 * half + 1);
        [digit, -digit]
    }));
    edges
}

/// A lane's result is the same whatever the other lanes' scalars are.
fn lanes_are_independent<F: Field>(set: F::Set) {
    let base = judged_elements(1)[0];
    let multiples = of::<F>(set, &base);
    let scalars = scalars(F::LANES + 1);
    for lane in 0..F::LANES {
        for other in &scalars[1..] {
            let mut mixed = vec![*other; F::LANES];
            mixed[lane] = scalars[0];
            agrees::<F>(set, &multiples, &base, &mixed);
        }
    }
}
