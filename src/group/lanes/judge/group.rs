//! What the algorithms must do on every [`Field`], judged by curve25519-dalek.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint, Scalar as Inner};

use super::super::constants::{ONE, SQRT_M1, ZERO};
use super::super::{Field, Packed, Point, Schedule, decode, encode, encode_doubled, multiply};
use super::Bits;
use crate::group::{EncodedElement, Refusal};

/// Around a group of four, a group of eight, two of them and a task.
const COUNTS: [usize; 14] = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 127, 128, 129];
const GUARD: EncodedElement = [0xa5; 32];

/// Runs everything below.
pub(in crate::group) fn group<F: Field>(set: F::Set) {
    for count in COUNTS {
        encodings::<F>(set, count);
    }
    for count in [1, 4, 7, 8, 9, 17, 1000] {
        multiplications::<F>(set, count);
    }
    edge_scalars::<F>(set);
    bad_encodings::<F>(set);
    decoding_is_the_judges::<F>(set);
    lanes_are_independent::<F>(set);
    additions::<F>(set);
    representatives::<F>(set);
}

pub(super) fn judged_elements(count: usize) -> Vec<RistrettoPoint> {
    let mut bits = Bits::new(4);
    let wide = |bits: &mut Bits| {
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(&bits.bytes());
        wide[32..].copy_from_slice(&bits.bytes());
        wide
    };
    (0..count)
        .map(|_| RistrettoPoint::from_uniform_bytes(&wide(&mut bits)))
        .collect()
}

pub(super) fn judged_encodings<'a>(
    elements: impl IntoIterator<Item = &'a RistrettoPoint>,
) -> Vec<EncodedElement> {
    let encode = |element: &RistrettoPoint| element.compress().to_bytes();
    elements.into_iter().map(encode).collect()
}

pub(super) fn scalars(count: usize) -> Vec<Inner> {
    let mut bits = Bits::new(5);
    (0..count)
        .map(|_| Inner::from_bytes_mod_order(bits.bytes()))
        .collect()
}

pub(super) fn packed<F: Field>(set: F::Set, encodings: &[EncodedElement]) -> Packed<F> {
    let mut packed = Packed::generators(set, encodings.len());
    let mut refusals = vec![Some(Refusal::Identity); encodings.len()];
    decode(set, encodings, &mut packed.groups, &mut refusals);
    assert!(refusals.iter().all(Option::is_none));
    packed
}

/// What `work` writes between two guards.
fn guarded(count: usize, work: impl FnOnce(&mut [EncodedElement])) -> Vec<EncodedElement> {
    let mut out = vec![GUARD; count + 2];
    work(&mut out[1..=count]);
    assert_eq!([out[0], out[count + 1]], [GUARD; 2], "guards");
    out[1..=count].to_vec()
}

pub(super) fn encoded<F: Field>(packed: &Packed<F>) -> Vec<EncodedElement> {
    guarded(packed.len, |out| encode(&packed.groups, out))
}

fn encoded_doubled<F: Field>(packed: &Packed<F>) -> Vec<EncodedElement> {
    guarded(packed.len, |out| encode_doubled(&packed.groups, out))
}

fn encodings<F: Field>(set: F::Set, count: usize) {
    let elements = judged_elements(count);
    let encodings = judged_encodings(&elements);
    let packed = packed::<F>(set, &encodings);
    assert_eq!(encoded(&packed), encodings);
    let doubles: Vec<_> = elements.iter().map(|element| element + element).collect();
    assert_eq!(encoded_doubled(&packed), judged_encodings(&doubles));
}

fn multiplications<F: Field>(set: F::Set, count: usize) {
    let elements = judged_elements(count);
    let encodings = judged_encodings(&elements);
    let scalars = scalars(count);

    let mut all = packed::<F>(set, &encodings);
    let schedule = Schedule::all(&scalars[0]);
    multiply(&mut all.groups, std::iter::repeat(&schedule));
    let products: Vec<_> = elements
        .iter()
        .map(|element| element * scalars[0])
        .collect();
    assert_eq!(encoded(&all), judged_encodings(&products));
    let doubles: Vec<_> = products.iter().map(|product| product + product).collect();
    assert_eq!(encoded_doubled(&all), judged_encodings(&doubles));

    let mut each = packed::<F>(set, &encodings);
    let schedules: Vec<Schedule> = scalars.chunks(F::LANES).map(Schedule::each).collect();
    multiply(&mut each.groups, &schedules);
    let products: Vec<_> = elements.iter().zip(&scalars).map(|(e, s)| e * s).collect();
    assert_eq!(encoded(&each), judged_encodings(&products));
}

/// 1, 2, 3, halves, l - 1, l - 2, l - 3, long runs of one bit: as a scalar for all, and side by side.
fn edge_scalars<F: Field>(set: F::Set) {
    let small = [1_u64, 2, 3, 4, 5, u64::MAX].map(Inner::from);
    let mut scalars: Vec<Inner> = small.to_vec();
    scalars.extend(small.map(|scalar| -scalar));
    scalars.extend(small.map(|scalar| scalar.div_by_2()));
    scalars.extend(small.map(|scalar| -scalar.div_by_2()));
    let runs = [[0xff; 32], [0x55; 32], [0xaa; 32]].map(|mut run: [u8; 32]| {
        run[31] &= 0x0f;
        Inner::from_bytes_mod_order(run)
    });
    scalars.extend(runs);
    let elements = judged_elements(F::LANES);
    let encodings = judged_encodings(&elements);
    for scalar in &scalars {
        let mut all = packed::<F>(set, &encodings);
        multiply(&mut all.groups, [&Schedule::all(scalar)]);
        let products: Vec<_> = elements.iter().map(|element| element * scalar).collect();
        assert_eq!(encoded(&all), judged_encodings(&products));
    }
    for scalars in scalars.chunks(F::LANES) {
        let mut each = packed::<F>(set, &encodings[..scalars.len()]);
        multiply(&mut each.groups, [&Schedule::each(scalars)]);
        let products: Vec<_> = elements.iter().zip(scalars).map(|(e, s)| e * s).collect();
        assert_eq!(encoded(&each), judged_encodings(&products));
    }
}

const BAD: &str = include_str!("../../../../tests/vectors/rfc9496-bad-encodings.json");

/// The encodings that every decoder must refuse, with the reason that this room gives.
fn refused() -> Vec<(EncodedElement, Refusal)> {
    let document: serde_json::Value = serde_json::from_str(BAD).expect("JSON");
    let reasons = document["refused"].as_object().expect("reasons");
    let bytes = |hex: &serde_json::Value| -> EncodedElement {
        let hex = hex.as_str().expect("hexadecimal").as_bytes();
        let bytes = data_encoding::HEXLOWER.decode(hex).expect("hexadecimal");
        bytes.try_into().expect("32 bytes")
    };
    let mut refused = vec![([0; 32], Refusal::Identity)];
    for (reason, encodings) in reasons {
        let refusal = match reason.as_str() {
            "not_canonical" | "negative" => Refusal::NotCanonical,
            _ => Refusal::NotInGroup,
        };
        let encodings = encodings.as_array().expect("encodings");
        refused.extend(encodings.iter().map(|hex| (bytes(hex), refusal)));
    }
    assert_eq!(
        refused.len(),
        30,
        "RFC 9496, appendix A.2, and the identity"
    );
    refused
}

/// Every bad encoding in every lane: it is refused, and its neighbours are not touched.
fn bad_encodings<F: Field>(set: F::Set) {
    let count = 2 * F::LANES + 1;
    let good = judged_encodings(&judged_elements(count));
    let generator = RISTRETTO_BASEPOINT_POINT.compress().to_bytes();
    for (bad, reason) in refused() {
        for place in 0..count {
            let mut encodings = good.clone();
            encodings[place] = bad;
            let mut packed = Packed::<F>::generators(set, count);
            let mut refusals = vec![None; count];
            decode(set, &encodings, &mut packed.groups, &mut refusals);
            for (at, refusal) in refusals.iter().enumerate() {
                assert_eq!(*refusal, (at == place).then_some(reason), "lane {at}");
            }
            encodings[place] = generator;
            assert_eq!(encoded(&packed), encodings);
        }
    }
}

/// Random bytes and small numbers: accepted and refused exactly as by the judge.
fn decoding_is_the_judges<F: Field>(set: F::Set) {
    let mut bits = Bits::new(6);
    let mut encodings: Vec<EncodedElement> = (0..400).map(|_| bits.bytes()).collect();
    encodings.extend((0..=u8::MAX).map(|low| {
        let mut encoding = [0; 32];
        encoding[0] = low;
        encoding
    }));
    for encoding in &mut encodings[..300] {
        encoding[0] &= 0xfe;
        encoding[31] &= 0x7f;
    }
    let mut packed = Packed::<F>::generators(set, encodings.len());
    let mut refusals = vec![None; encodings.len()];
    decode(set, &encodings, &mut packed.groups, &mut refusals);
    let mut accepted = 0;
    for (encoding, refusal) in encodings.iter().zip(&refusals) {
        let judged = CompressedRistretto(*encoding).decompress();
        let judged = judged.filter(|point| !point.is_identity());
        assert_eq!(refusal.is_none(), judged.is_some());
        accepted += usize::from(judged.is_some());
    }
    assert!((50..250).contains(&accepted), "some of each: {accepted}");
}

/// A lane's result is the same whatever the other lanes hold.
fn lanes_are_independent<F: Field>(set: F::Set) {
    let encodings = judged_encodings(&judged_elements(F::LANES + 1));
    let scalars = scalars(F::LANES + 1);
    let run = |others: &EncodedElement, lane: usize| {
        let mut mixed = vec![*others; F::LANES];
        mixed[lane] = encodings[0];
        let mut chosen = scalars[1..].to_vec();
        chosen[lane] = scalars[0];
        let mut packed = packed::<F>(set, &mixed);
        multiply(&mut packed.groups, [&Schedule::each(&chosen)]);
        [encoded(&packed)[lane], encoded_doubled(&packed)[lane]]
    };
    let alone = run(&encodings[0], 0);
    for lane in 0..F::LANES {
        for others in &encodings[1..] {
            assert_eq!(run(others, lane), alone);
        }
    }
}

fn additions<F: Field>(set: F::Set) {
    let elements = judged_elements(2 * F::LANES);
    let (left, right) = elements.split_at(F::LANES);
    let one = packed::<F>(set, &judged_encodings(left)).groups[0];
    let other = packed::<F>(set, &judged_encodings(right)).groups[0];
    let results = F::vectorize(
        set,
        #[inline(always)]
        || {
            let all = F::mask(set, u8::MAX);
            [
                one.plus(&other.cached()).point(),
                one.plus(&other.cached().negate_if(all)).point(),
                one.double().point(),
                one.plus(&one.cached()).point(),
                Point::identity(set).plus(&one.cached()).point(),
                one.double().projective().double().point(),
            ]
        },
    );
    let judged: [fn(&RistrettoPoint, &RistrettoPoint) -> RistrettoPoint; 6] = [
        |one, other| one + other,
        |one, other| one - other,
        |one, _| one + one,
        |one, _| one + one,
        |one, _| *one,
        |one, _| one + one + one + one,
    ];
    for (result, judged) in results.into_iter().zip(judged) {
        let expected: Vec<_> = left.iter().zip(right).map(|(l, r)| judged(l, r)).collect();
        let mut encodings = vec![[0; 32]; F::LANES];
        encode(&[result], &mut encodings);
        assert_eq!(encodings, judged_encodings(&expected));
    }
    let nothing = one
        .plus(&one.cached().negate_if(F::mask(set, 0b101)))
        .point();
    let all = u8::MAX >> (8 - F::LANES);
    assert_eq!(F::bits(nothing.is_identity()), 0b101);
    assert_eq!(F::bits(one.equals(other)), 0);
    assert_eq!(F::bits(one.equals(one)), all);
    let mixed = Point::select(F::mask(set, 0b110), one, other);
    assert_eq!(F::bits(mixed.equals(one)), 0b110);
    assert_eq!(F::bits(mixed.equals(other)), !0b110 & all);
}

/// An element has four representatives: each gives the same encoding and the same products.
fn representatives<F: Field>(set: F::Set) {
    let elements = judged_elements(F::LANES);
    let encodings = judged_encodings(&elements);
    let scalar = scalars(1)[0];
    let products: Vec<_> = elements.iter().map(|element| element * scalar).collect();
    let point = packed::<F>(set, &encodings).groups[0];
    let (zero, one, i) = (&ZERO, &ONE, &SQRT_M1);
    let zero = F::splat(set, zero);
    let one = F::splat(set, one);
    let i = F::splat(set, i);
    // The points of order 1, 2 and 4: (0, 1), (0, -1), (i, 0), (-i, 0).
    for (x, y) in [(zero, one), (zero, -one), (i, zero), (-i, zero)] {
        let torsion = Point {
            x,
            y,
            z: one,
            t: zero,
        };
        let other = point.plus(&torsion.cached()).point();
        assert_eq!(F::bits(other.equals(point)), F::bits(!F::mask(set, 0)));
        assert_eq!(F::bits(torsion.is_identity()), F::bits(!F::mask(set, 0)));
        let mut out = vec![[0; 32]; F::LANES];
        encode(&[other], &mut out);
        assert_eq!(out, encodings);
        let mut multiplied = [other];
        multiply(&mut multiplied, [&Schedule::all(&scalar)]);
        encode(&multiplied, &mut out);
        assert_eq!(out, judged_encodings(&products));
    }
}
