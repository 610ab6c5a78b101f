//! The judge: curve25519-dalek, one element after another, clear before fast.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoBasepointTable};
use curve25519_dalek::traits::{Identity, IsIdentity, VartimeMultiscalarMul};

use super::spread::{spread, spread_pairs, sum};
use super::told::told;
use super::{EncodedElement, PublicScalar, Refusal, Scalar};

/// p = 2^255 - 19, little-endian.
const FIELD_PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

type Points = Vec<RistrettoPoint>;

pub(super) fn decode(encodings: &[EncodedElement], refusals: &mut [Option<Refusal>]) -> Points {
    let decoded = spread(
        encodings,
        (RistrettoPoint::identity(), None),
        |encodings, out| {
            for (encoding, out) in encodings.iter().zip(out) {
                match decode_one(encoding) {
                    Ok(point) => out.0 = point,
                    Err(reason) => out.1 = Some(reason),
                }
            }
        },
    );
    let points = decoded.into_iter().zip(refusals);
    points
        .map(|((point, refusal), out)| {
            *out = refusal;
            point
        })
        .collect()
}

pub(super) fn decode_one(encoding: &EncodedElement) -> Result<RistrettoPoint, Refusal> {
    let Some(point) = CompressedRistretto(*encoding).decompress() else {
        let negative = encoding[0] & 1 == 1;
        let reduced = encoding.iter().rev().lt(FIELD_PRIME.iter().rev());
        return Err(if negative || !reduced {
            Refusal::NotCanonical
        } else {
            Refusal::NotInGroup
        });
    };
    if point.is_identity() {
        return Err(Refusal::Identity);
    }
    Ok(point)
}

pub(super) fn first_identity(points: &[RistrettoPoint]) -> Option<usize> {
    points.iter().position(|point| told(point.is_identity()))
}

pub(super) fn from_uniform_bytes(uniform: &[[u8; 64]]) -> Points {
    each(uniform, RistrettoPoint::from_uniform_bytes)
}

pub(super) fn encode(points: &[RistrettoPoint]) -> Vec<EncodedElement> {
    spread(points, [0; 32], |points, out| {
        for (point, out) in points.iter().zip(out) {
            *out = point.compress().to_bytes();
        }
    })
}

pub(super) fn encode_doubled(points: &[RistrettoPoint]) -> Vec<EncodedElement> {
    spread(points, [0; 32], |points, out| {
        let encodings = RistrettoPoint::double_and_compress_batch(points);
        for (encoding, out) in encodings.iter().zip(out) {
            *out = encoding.to_bytes();
        }
    })
}

pub(super) fn doubled(points: &[RistrettoPoint]) -> Points {
    each(points, |point| point + point)
}

pub(super) fn multiply_all(points: &[RistrettoPoint], scalar: &Scalar) -> Points {
    each(points, |point| point * scalar.inner())
}

pub(super) fn multiply_each(points: &[RistrettoPoint], scalars: &[Scalar]) -> Points {
    pairs(points, scalars, |point, scalar| point * scalar.inner())
}

pub(super) fn multiply_one(point: &RistrettoPoint, scalars: &[Scalar]) -> Points {
    each(scalars, |scalar| point * scalar.inner())
}

pub(super) fn table_multiply_each(table: &RistrettoBasepointTable, scalars: &[Scalar]) -> Points {
    each(scalars, |scalar| table * scalar.inner())
}

pub(super) fn add(left: &[RistrettoPoint], right: &[RistrettoPoint]) -> Points {
    pairs(left, right, |left, right| left + right)
}

pub(super) fn sub(left: &[RistrettoPoint], right: &[RistrettoPoint]) -> Points {
    pairs(left, right, |left, right| left - right)
}

/// Variable time.
pub(super) fn weighted_sum(
    coefficients: &[PublicScalar],
    points: &[RistrettoPoint],
) -> RistrettoPoint {
    sum(coefficients, points, |coefficients, points| {
        RistrettoPoint::vartime_multiscalar_mul(
            coefficients.iter().map(PublicScalar::inner),
            points,
        )
    })
}

/// Variable time.
pub(super) fn combine(coefficients: &[PublicScalar], columns: &[&[RistrettoPoint]]) -> Points {
    let rows: Vec<usize> = (0..columns[0].len()).collect();
    each(&rows, |&row| {
        RistrettoPoint::vartime_multiscalar_mul(
            coefficients.iter().map(PublicScalar::inner),
            columns.iter().map(|column| &column[row]),
        )
    })
}

fn each<I: Sync>(inputs: &[I], point: impl Fn(&I) -> RistrettoPoint + Sync) -> Points {
    spread(inputs, RistrettoPoint::identity(), |inputs, out| {
        for (input, out) in inputs.iter().zip(out) {
            *out = point(input);
        }
    })
}

fn pairs<L: Sync, R: Sync>(
    left: &[L],
    right: &[R],
    point: impl Fn(&L, &R) -> RistrettoPoint + Sync,
) -> Points {
    spread_pairs(
        left,
        right,
        RistrettoPoint::identity(),
        |left, right, out| {
            for ((left, right), out) in left.iter().zip(right).zip(out) {
                *out = point(left, right);
            }
        },
    )
}
