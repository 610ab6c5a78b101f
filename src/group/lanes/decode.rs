//! Decoding (RFC 9496, section 4.3.1).

use super::super::{EncodedElement, Refusal};
use super::constants::{D, ONE, ZERO};
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
#[derive(Clone, Copy, Default)]
struct Findings {
    canonical: u8,
    in_group: u8,
    identity: u8,
}

impl Findings {
    /// The lanes that are not refused.
    #[inline(always)]
    fn good(self) -> u8 {
        self.canonical & self.in_group & !self.identity
    }

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

/// A number s on its way to a point, in the RFC's names.
#[derive(Clone, Copy)]
struct Candidate<F> {
    s: F,
    u1: F,
    u2: F,
    v: F,
    /// v u2^2, whose inverse root is wanted.
    radicand: F,
}

impl<F: Field> Candidate<F> {
    #[inline(always)]
    fn new(s: F) -> Self {
        let set = s.set();
        let one = F::splat(set, &ONE).loose();
        let square = s.square().loose();
        let u1 = F::carry(one - square);
        let u2 = F::carry(one + square);
        let u2_square = u2.square();
        let d_u1_square = u1.square().product(F::splat(set, &D));
        let zero = F::splat(set, &ZERO).loose();
        let v = F::carry(zero - (d_u1_square + u2_square.loose()));
        let radicand = v * u2_square;
        Self {
            s,
            u1,
            u2,
            v,
            radicand,
        }
    }

    /// `below` has one bit for each lane whose encoding is below p.
    #[inline(always)]
    fn point(self, below: u8, was_square: F::Mask, root: F) -> (Point<F>, Findings) {
        let set = root.set();
        let x_denominator = root * self.u2;
        let y_denominator = root * x_denominator * self.v;
        let x = ((self.s + self.s) * x_denominator).abs();
        let y = self.u1 * y_denominator;
        let t = x * y;
        let findings = Findings {
            canonical: below & F::bits(!self.s.is_negative()),
            in_group: F::bits(was_square & !t.is_negative() & !y.is_zero()),
            identity: F::bits(self.s.is_zero()),
        };
        let z = F::splat(set, &ONE);
        let good = F::mask(set, findings.good());
        let point = Point::select(good, Point { x, y, z, t }, Point::generator(set));
        (point, findings)
    }
}

fn decode_groups<F: Field, const N: usize>(
    set: F::Set,
    encodings: &[EncodedElement],
    points: &mut [Point<F>],
    refusals: &mut [Option<Refusal>],
) {
    let mut findings = [Findings::default(); N];
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let mut candidates = [Candidate::new(F::splat(set, &ZERO)); N];
            let mut radicands = [F::splat(set, &ONE); N];
            let groups = encodings.chunks(F::LANES);
            for ((candidate, radicand), encodings) in
                candidates.iter_mut().zip(&mut radicands).zip(groups)
            {
                *candidate = Candidate::new(load(set, encodings));
                *radicand = candidate.radicand;
            }
            let roots = inverse_root(radicands);
            for (at, encodings) in encodings.chunks(F::LANES).enumerate() {
                let (was_square, root) = roots[at];
                (points[at], findings[at]) =
                    candidates[at].point(below_prime(encodings), was_square, root);
            }
        },
    );
    for (refusals, findings) in refusals.chunks_mut(F::LANES).zip(findings) {
        for (lane, refusal) in refusals.iter_mut().enumerate() {
            *refusal = findings.refusal(lane);
        }
    }
}
