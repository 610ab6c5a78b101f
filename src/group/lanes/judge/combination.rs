//! Sums of columns, judged by curve25519-dalek.

use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar as Inner};

use super::super::{Field, Packed};
use super::group::{encoded, judged_elements, judged_encodings, packed, scalars};
use crate::group::PublicScalar;

/// Runs everything below.
pub(in crate::group) fn combinations<F: Field>(set: F::Set) {
    for rows in [1, 4, 7, 8, 9, 129] {
        agrees::<F>(set, rows, &scalars(3));
    }
    let edges = edges();
    for coefficient in &edges {
        agrees::<F>(set, 3, &[*coefficient]);
    }
    for pair in edges.windows(2) {
        agrees::<F>(set, 2, pair);
    }
    nothing_is_left::<F>(set);
}

fn combined<F: Field>(
    set: F::Set,
    columns: &[Vec<RistrettoPoint>],
    coefficients: &[Inner],
) -> Packed<F> {
    let columns: Vec<Packed<F>> = columns
        .iter()
        .map(|column| packed(set, &judged_encodings(column)))
        .collect();
    let coefficients: Vec<_> = coefficients
        .iter()
        .map(|one| PublicScalar::from_canonical_bytes(one.as_bytes()).expect("reduced"))
        .collect();
    columns[0].combine(&coefficients, &columns.iter().collect::<Vec<_>>())
}

fn agrees<F: Field>(set: F::Set, rows: usize, coefficients: &[Inner]) {
    let elements = judged_elements(rows * coefficients.len());
    let columns: Vec<_> = elements.chunks(rows).map(<[_]>::to_vec).collect();
    let judged: Vec<_> = (0..rows)
        .map(|row| {
            let row = columns.iter().map(|column| column[row]);
            RistrettoPoint::vartime_multiscalar_mul(coefficients, row)
        })
        .collect();
    let combined = combined::<F>(set, &columns, coefficients);
    assert_eq!(encoded(&combined), judged_encodings(&judged));
}

/// Small numbers, powers of two and their neighbours, l less each, halves and thirds.
fn edges() -> Vec<Inner> {
    let mut edges: Vec<_> = (0_u64..40).map(Inner::from).collect();
    edges.extend([1_u64 << 32, u64::MAX, u64::MAX - 1].map(Inner::from));
    let high = Inner::from(u64::MAX) * Inner::from(u64::MAX) * Inner::from(u64::MAX);
    edges.extend([high, high * Inner::from(u64::MAX >> 4)]);
    edges.extend(edges.clone().iter().map(|edge| -edge));
    edges.extend(edges.clone().iter().take(20).map(Inner::div_by_2));
    let third = Inner::from(3_u8).invert();
    edges.extend([third, -third, third + third]);
    edges
}

fn nothing_is_left<F: Field>(set: F::Set) {
    let column = judged_elements(9);
    let negated: Vec<_> = column.iter().map(|element| -element).collect();
    let scalar = scalars(1)[0];
    for coefficients in [[Inner::ONE; 2], [scalar; 2], [Inner::ZERO; 2]] {
        let columns = [column.clone(), negated.clone()];
        let combined = combined::<F>(set, &columns, &coefficients);
        assert_eq!(combined.first_identity(), Some(0));
        assert_eq!(encoded(&combined), vec![[0; 32]; 9]);
    }
}
