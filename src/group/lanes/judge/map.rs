//! The one-way map, judged by curve25519-dalek.

use curve25519_dalek::RistrettoPoint;
use num_bigint::BigUint;

use super::super::{Field, Packed};
use super::Bits;
use super::field::prime;
use super::group::{encoded, judged_encodings};

/// Around a group of four, a group of eight and two of them.
const COUNTS: [usize; 9] = [0, 1, 3, 4, 5, 7, 8, 9, 17];

/// Runs everything below.
pub(in crate::group) fn one_way_map<F: Field>(set: F::Set) {
    let mut bits = Bits::new(7);
    for count in COUNTS {
        let uniform: Vec<_> = (0..count)
            .map(|_| joined(&bits.bytes(), &bits.bytes()))
            .collect();
        agrees::<F>(set, &uniform);
    }
    let edges = edges();
    let pairs = edges
        .iter()
        .flat_map(|first| edges.iter().map(move |second| joined(first, second)));
    agrees::<F>(set, &pairs.collect::<Vec<_>>());
}

fn joined(first: &[u8; 32], second: &[u8; 32]) -> [u8; 64] {
    let mut both = [0; 64];
    both[..32].copy_from_slice(first);
    both[32..].copy_from_slice(second);
    both
}

fn agrees<F: Field>(set: F::Set, uniform: &[[u8; 64]]) {
    let packed = Packed::<F>::from_uniform_bytes(set, uniform);
    let judged: Vec<_> = uniform
        .iter()
        .map(RistrettoPoint::from_uniform_bytes)
        .collect();
    assert_eq!(encoded(&packed), judged_encodings(&judged));
}

/// All zeros, all ones, 1, around p and 2 p, with the highest bit and without, and the t for which
/// the map's v is 0: those with t^2 = `SQRT_M1` D and its inverse.
fn edges() -> Vec<[u8; 32]> {
    let prime = prime();
    let power = |base: &BigUint, exponent: BigUint| base.modpow(&exponent, &prime);
    let i = power(&BigUint::from(2_u8), (&prime - 1_u8) >> 2_u32);
    let inverse = power(&BigUint::from(121_666_u32), &prime - 2_u8);
    let d = (&prime - 121_665_u32) * inverse % &prime;
    let square = &i * &d % &prime;
    let root = power(&square, (&prime + 3_u8) >> 3_u32);
    let root = match &root * &root % &prime == square {
        true => root,
        false => root * &i % &prime,
    };
    assert_eq!(&root * &root % &prime, square, "a root");
    // (SQRT_M1 / root)^2 is SQRT_M1 / D up to sign, and so is the square for r = -1 / D.
    let other = &i * power(&root, &prime - 2_u8) % &prime;
    let high = BigUint::from(1_u8) << 255_u32;
    let mut edges: Vec<BigUint> = (0_u8..3).map(BigUint::from).collect();
    edges.extend((0_u8..4).map(|above| &prime - 2_u8 + above));
    edges.extend([&high - 1_u8, root, other]);
    let with_high: Vec<_> = edges.iter().map(|edge| edge + &high).collect();
    edges.extend(with_high);
    let bytes = |number: BigUint| {
        let mut bytes = number.to_bytes_le();
        bytes.resize(32, 0);
        bytes.try_into().expect("32 bytes")
    };
    edges.into_iter().map(bytes).collect()
}
