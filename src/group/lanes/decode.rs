//! Decoding (RFC 9496, section 4.3.1).

use super::super::{EncodedElement, Refusal};
use super::constants::{D, ONE};
use super::power::inverse_root;
use super::{Field, Point, below_prime, load};

/// Groups that are decoded side by side: the roots of two fill the processor's pipelines.
const TOGETHER: usize = 2;

/// Decodes canonical encodings into `points`, [`Field::LANES`] a group, and says for each encoding
/// why it was refused, if it was. A refused lane and the lanes after the last encoding hold the
/// generator. A refusal shows in the time that is taken; which element it is does not.
///
/// # Panics
/// When the groups have no room for all encodings, or there is not one answer for each.
pub(in crate::group) fn decode<F: Field>(
    set: F::Set,
    encodings: &[EncodedElement],
    points: &mut [Point<F>],
    refusals: &mut [Option<Refusal>],
) {
    assert_eq!(encodings.len().div_ceil(F::LANES), points.len());
    assert_eq!(encodings.len(), refusals.len());
    let several = F::LANES * TOGETHER;
    let encodings = encodings.chunks(several);
    let groups = points.chunks_mut(TOGETHER);
    for ((encodings, points), refusals) in encodings.zip(groups).zip(refusals.chunks_mut(several)) {
        match points {
            [_] => decode_groups::<F, 1>(set, encodings, points, refusals),
            _ => decode_groups::<F, TOGETHER>(set, encodings, points, refusals),
        }
    }
}

/// What decoding found, one bit for each lane.
#[derive(Clone, Copy)]
struct Findings {
    canonical: u8,
    in_group: u8,
    identity: u8,
}

impl Findings {
    fn refusal(self, lane: usize) -> Option<Refusal> {
        let holds = |bits: u8| bits >> lane & 1 == 1;
        match () {
            () if !holds(self.canonical) => Some(Refusal::NotCanonical),
            () if !holds(self.in_group) => Some(Refusal::NotInGroup),
            () if holds(self.identity) => Some(Refusal::Identity),
            () => None,
        }
    }
}

fn decode_groups<F: Field, const N: usize>(
    set: F::Set,
    encodings: &[EncodedElement],
    points: &mut [Point<F>],
    refusals: &mut [Option<Refusal>],
) {
    let mut padded = [[0; 32]; 8];
    let decoded = F::vectorize(
        set,
        #[inline(always)]
        || {
            let mut fields = [F::splat(set, &ONE); N];
            let mut below = [0; N];
            let groups = encodings.chunks(F::LANES);
            for ((field, below), encodings) in fields.iter_mut().zip(&mut below).zip(groups) {
                padded[..encodings.len()].copy_from_slice(encodings);
                *field = load(set, &padded[..encodings.len()]);
                *below = below_prime(encodings);
            }
            roots(set, fields, below)
        },
    );
    let refusals = refusals.chunks_mut(F::LANES);
    for ((point, (decoded, findings)), refusals) in points.iter_mut().zip(decoded).zip(refusals) {
        *point = decoded;
        for (lane, refusal) in refusals.iter_mut().enumerate() {
            *refusal = findings.refusal(lane);
        }
    }
}

#[inline(always)]
fn roots<F: Field, const N: usize>(
    set: F::Set,
    s: [F; N],
    below: [u8; N],
) -> [(Point<F>, Findings); N] {
    let one = F::splat(set, &ONE);
    let squares = s.map(F::square);
    let u1 = squares.map(|square| one - square);
    let u2 = squares.map(|square| one + square);
    let u2_squares = u2.map(F::square);
    let v: [F; N] = std::array::from_fn(
        #[inline(always)]
        |at| {
            let d_u1_square = u1[at].square() * F::splat(set, &D);
            let zero = F::splat(set, &super::constants::ZERO);
            F::carry(zero.loose() - d_u1_square.loose() - u2_squares[at].loose())
        },
    );
    let inverse = inverse_root(std::array::from_fn::<F, N, _>(
        #[inline(always)]
        |at| v[at] * u2_squares[at],
    ));
    std::array::from_fn(
        #[inline(always)]
        |at| {
            let (was_square, root) = inverse[at];
            let x_denominator = root * u2[at];
            let y_denominator = root * x_denominator * v[at];
            let x = ((s[at] + s[at]) * x_denominator).abs();
            let y = u1[at] * y_denominator;
            let t = x * y;
            let findings = Findings {
                canonical: below[at] & F::bits(!s[at].is_negative()),
                in_group: F::bits(was_square & !t.is_negative() & !y.is_zero()),
                identity: F::bits(s[at].is_zero()),
            };
            let good = findings.canonical & findings.in_group & !findings.identity;
            let point = Point { x, y, z: one, t };
            let good = F::mask(set, good);
            let chosen = Point::select(good, point, Point::generator(set));
            (chosen, findings)
        },
    )
}
