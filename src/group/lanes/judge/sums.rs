//! Sums of multiples, judged by curve25519-dalek.

use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar as Inner};

use super::super::{Affine, Field, Point, encode, sum_of_multiples};
use super::group::{judged_elements, judged_encodings, packed, scalars};

/// Around groups of lanes, and around the count from which digits are bytes.
const COUNTS: [usize; 11] = [0, 1, 2, 7, 8, 9, 17, 100, 511, 512, 1030];

/// Runs everything below.
pub(in crate::group) fn sums<F: Field>(set: F::Set) {
    for count in COUNTS {
        agrees::<F>(set, &judged_elements(count), &scalars(count));
    }
    edge_coefficients::<F>(set);
    nothing_is_left::<F>(set);
    not_only_affine::<F>(set);
}

fn sum<F: Field>(set: F::Set, points: &[Point<F>], coefficients: &[Inner]) -> Point<F> {
    let rows = Affine::rows(points);
    let coefficients: Vec<_> = coefficients.iter().map(Inner::to_bytes).collect();
    sum_of_multiples(set, &coefficients, &rows[..coefficients.len()])
}

fn expect<F: Field>(sum: Point<F>, judged: RistrettoPoint) {
    let mut encodings = vec![[0xa5; 32]; F::LANES];
    encode(&[sum], &mut encodings);
    assert_eq!(encodings, judged_encodings(&vec![judged; F::LANES]));
}

fn agrees<F: Field>(set: F::Set, elements: &[RistrettoPoint], coefficients: &[Inner]) {
    let points = packed::<F>(set, &judged_encodings(elements)).groups.clone();
    let judged = RistrettoPoint::vartime_multiscalar_mul(coefficients, elements);
    expect(sum(set, &points, coefficients), judged);
}

/// 0, 1, l - 1, and every digit the same, beside each other; elements that repeat.
fn edge_coefficients<F: Field>(set: F::Set) {
    let mut edges = vec![Inner::ZERO, Inner::ONE, -Inner::ONE];
    edges.extend((0..16_u8).map(|digit| Inner::from_bytes_mod_order([digit * 17; 32])));
    for count in [1, edges.len(), 600] {
        let coefficients: Vec<_> = edges.iter().copied().cycle().take(count).collect();
        agrees::<F>(set, &judged_elements(count), &coefficients);
        agrees::<F>(set, &vec![judged_elements(1)[0]; count], &coefficients);
    }
}

/// Elements that cancel leave the identity, whichever way.
fn nothing_is_left<F: Field>(set: F::Set) {
    for count in [2, 10, 600] {
        let mut elements = judged_elements(count);
        let mut coefficients = scalars(count);
        for pair in elements.chunks_exact_mut(2) {
            pair[1] = -pair[0];
        }
        for pair in coefficients.chunks_exact_mut(2) {
            pair[1] = pair[0];
        }
        let points = packed::<F>(set, &judged_encodings(&elements))
            .groups
            .clone();
        for coefficients in [coefficients, vec![Inner::ZERO; count]] {
            let nothing = sum(set, &points, &coefficients);
            assert_eq!(F::bits(nothing.is_identity()), u8::MAX >> (8 - F::LANES));
        }
        assert!((elements[0] + elements[1]).is_identity());
    }
}

/// Points whose Z is not 1.
fn not_only_affine<F: Field>(set: F::Set) {
    let (elements, coefficients) = (judged_elements(40), scalars(40));
    let mut points = packed::<F>(set, &judged_encodings(&elements))
        .groups
        .clone();
    for point in &mut points {
        *point = point.double().point();
    }
    let judged = RistrettoPoint::vartime_multiscalar_mul(&coefficients, &elements);
    expect(sum(set, &points, &coefficients), judged + judged);
}
