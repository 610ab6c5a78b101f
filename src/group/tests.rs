//! The doors against each other and against single operations on every instruction set of this
//! machine, at counts around the lanes of a group and around one task.

use sha2::{Digest, Sha512};

use super::*;
use crate::machine::InstructionSet;

const COUNTS: [usize; 12] = [0, 1, 2, 5, 7, 8, 9, 16, 127, 128, 129, 300];

fn uniform(label: &str, count: usize) -> Vec<[u8; 64]> {
    let bytes = |place: usize| Sha512::digest(format!("{label} {place}")).into();
    (0..count).map(bytes).collect()
}

fn scalars(count: usize) -> Vec<Scalar> {
    Scalar::from_wide_each(&uniform("scalar", count)).unwrap()
}

fn elements(set: InstructionSet, count: usize) -> Elements {
    Elements::from_uniform_bytes_on(set, &uniform("element", count)).unwrap()
}

fn public(scalar: &Scalar) -> PublicScalar {
    PublicScalar::from_canonical_bytes(&scalar.expose()).unwrap()
}

fn each(elements: &Elements) -> impl Iterator<Item = Element> {
    (0..elements.len()).map(|index| elements.get(index))
}

fn encodings(elements: impl IntoIterator<Item = Element>) -> Vec<EncodedElement> {
    let encode = |element: Element| element.encode();
    elements.into_iter().map(encode).collect()
}

/// Every instruction set with every count.
fn everywhere(check: impl Fn(InstructionSet, usize)) {
    for &set in InstructionSet::available() {
        COUNTS.into_iter().for_each(|count| check(set, count));
    }
}

#[test]
fn every_set_runs_the_code_that_it_should() {
    for &set in InstructionSet::available() {
        let expected = match set {
            InstructionSet::Portable => "portable",
            InstructionSet::Avx2 | InstructionSet::Avx512 => "avx2",
            InstructionSet::Avx512Ifma => "avx512ifma",
        };
        let made = elements(set, 9);
        let based = FixedBase::generator().multiply_each_on(set, &scalars(9));
        let products = made.multiply_all(&scalars(1)[0]);
        for elements in [&made, &based, products.elements()] {
            assert_eq!(
                (elements.code(), elements.instruction_set()),
                (expected, set)
            );
        }
    }
}

#[test]
fn decoding_undoes_encoding() {
    everywhere(|set, count| {
        let encoded = elements(set, count).encode();
        let decoded = Elements::decode_on(set, &encoded).unwrap();
        assert_eq!((decoded.len(), decoded.instruction_set()), (count, set));
        assert_eq!(decoded.encode(), encoded);
        assert_eq!(encodings(each(&decoded)), encoded);
    });
}

#[test]
fn every_set_maps_as_the_judge_does() {
    everywhere(|set, count| {
        let judged = elements(InstructionSet::Portable, count).encode();
        assert_eq!(elements(set, count).encode(), judged);
    });
}

#[test]
fn a_bad_encoding_is_named_wherever_it_stands_and_changes_no_other() {
    let identity = [0; 32];
    let mut negative = Element::GENERATOR.encode();
    negative[0] |= 1;
    // p - 1: canonical, but its y is zero (RFC 9496, appendix A.3).
    let mut no_element = [0xff; 32];
    no_element[0] = 0xec;
    no_element[31] = 0x7f;
    let bad = [
        (identity, Refusal::Identity),
        (negative, Refusal::NotCanonical),
        ([0xff; 32], Refusal::NotCanonical),
        (no_element, Refusal::NotInGroup),
    ];
    for &set in InstructionSet::available() {
        let good = elements(set, 19).encode();
        for place in 0..good.len() {
            let (encoding, reason) = bad[place % bad.len()];
            let mut encoded = good.clone();
            encoded[place] = encoding;
            let mut expected = vec![None; good.len()];
            expected[place] = Some(reason);
            assert_eq!(refusals_on(set, &encoded), expected);
            let refused = Elements::decode_on(set, &encoded).unwrap_err();
            assert_eq!((refused.index, refused.reason), (place, reason));
            if place > 0 {
                encoded[place - 1] = identity;
                let refused = Elements::decode_on(set, &encoded).unwrap_err();
                assert_eq!(refused.index, place - 1, "the first is named");
            }
        }
    }
}

#[test]
fn doubled_encodings_are_those_of_the_doubles() {
    everywhere(|set, count| {
        let elements = elements(set, count);
        let doubles = elements.add(&elements).unwrap();
        assert_eq!(elements.encode_doubled(), doubles.encode());
        assert_eq!(elements.doubled().encode(), doubles.encode());
    });
}

#[test]
fn all_kinds_of_multiplication_agree() {
    everywhere(|set, count| {
        let (elements, scalars) = (elements(set, count), scalars(count));
        let [factor] = &self::scalars(1)[..] else {
            unreachable!()
        };
        let all = elements.multiply_all(factor);
        let expected = encodings(each(&elements).map(|element| element.multiply(factor)));
        assert_eq!(all.encodings(), expected);
        assert_eq!(all.elements().encode(), expected);
        let products = each(&elements).zip(&scalars);
        let expected = encodings(products.map(|(element, scalar)| element.multiply(scalar)));
        assert_eq!(elements.multiply_each(&scalars).encode(), expected);
    });
}

#[test]
fn a_fixed_base_is_multiplied_with_and_without_its_table() {
    let other = Element::base_multiply(&scalars(2)[1]);
    everywhere(|set, count| {
        let scalars = scalars(count);
        let fresh = FixedBase::new(other);
        let kept = FixedBase::new(other);
        drop(kept.multiply_each_on(set, &self::scalars(300)));
        for base in [&fresh, &kept, FixedBase::generator()] {
            let expected = encodings(scalars.iter().map(|scalar| base.element().multiply(scalar)));
            assert_eq!(base.multiply_each_on(set, &scalars).encode(), expected);
        }
    });
}

#[test]
fn sums_and_differences_undo_each_other() {
    everywhere(|set, count| {
        let left = elements(set, count);
        let right = FixedBase::generator().multiply_each_on(set, &scalars(count));
        let sum = left.add(&right).unwrap();
        let pairs = each(&left).zip(each(&right));
        let ones = [PublicScalar::ONE; 2];
        let expected =
            encodings(pairs.map(|(left, right)| multiscalar(&ones, &[left, right]).unwrap()));
        assert_eq!(sum.encode(), expected);
        assert_eq!(sum.sub(&right).unwrap().encode(), left.encode());
    });
}

#[test]
fn whatever_was_computed_can_be_computed_with() {
    everywhere(|set, count| {
        let decoded = |label: &str| {
            let made = Elements::from_uniform_bytes_on(set, &uniform(label, count)).unwrap();
            Elements::decode_on(set, &made.encode()).unwrap()
        };
        let (left, right) = (decoded("left"), decoded("right"));
        let minus = PublicScalar::from(0).difference(PublicScalar::ONE);
        let long = minus.product(PublicScalar::from(3).inverse().unwrap());
        let combined = |by: [PublicScalar; 2]| Elements::combine(&by, &[&left, &right]).unwrap();
        let results = [
            elements(set, count),
            left.add(&right).unwrap(),
            left.sub(&right).unwrap(),
            combined([PublicScalar::ONE, minus]).elements().clone(),
            combined([long, minus.product(long)]).elements().clone(),
            left.multiply_each(&scalars(count)),
        ];
        let [factor] = &scalars(1)[..] else {
            unreachable!()
        };
        for result in &results {
            let products = each(result).map(|element| element.multiply(factor));
            assert_eq!(result.multiply_all(factor).encodings(), encodings(products));
        }
    });
}

#[test]
fn weighted_sums_agree_with_the_judge() {
    everywhere(|set, count| {
        let coefficients: Vec<_> = scalars(count).iter().map(public).collect();
        let elements = elements(set, count);
        let all: Vec<_> = each(&elements).collect();
        let sum = elements.weighted_sum(&coefficients);
        assert!(sum == multiscalar(&coefficients, &all));
        assert_eq!(sum.is_none(), count == 0);
        let zeros = vec![PublicScalar::from(0); count];
        assert!(elements.weighted_sum(&zeros).is_none());
    });
}

#[test]
fn long_sums_are_sums_of_their_pieces() {
    for &set in InstructionSet::available() {
        let encoded = elements(set, 4_100).encode();
        let ones = vec![PublicScalar::ONE; encoded.len()];
        let sum = |range: std::ops::Range<usize>| {
            let piece = Elements::decode_on(set, &encoded[range.clone()]).unwrap();
            piece.weighted_sum(&ones[range]).unwrap()
        };
        let pieces = [sum(0..100), sum(100..4_100)];
        assert!(multiscalar(&[PublicScalar::ONE; 2], &pieces).unwrap() == sum(0..4_100));
    }
}

#[test]
fn combinations_are_sums_of_multiples() {
    everywhere(|set, count| {
        let masks = FixedBase::generator().multiply_each_on(set, &scalars(count));
        let columns = [elements(set, count), masks];
        let coefficients = [public(&scalars(2)[0]), public(&scalars(2)[1])];
        let combined = Elements::combine(&coefficients, &[&columns[0], &columns[1]]).unwrap();
        let rows = each(&columns[0]).zip(each(&columns[1]));
        let sums = rows.map(|(left, right)| multiscalar(&coefficients, &[left, right]).unwrap());
        assert_eq!(combined.encodings(), encodings(sums));
        assert_eq!(combined.elements().encode(), combined.encodings());
    });
}

#[test]
fn a_prefix_comes_first() {
    everywhere(|set, count| {
        let batch = Batch::encode(elements(set, count));
        let first = Element::base_multiply(&scalars(1)[0]);
        let prefixed = batch.prefixed(first, first.encode());
        let expected: Vec<_> = std::iter::once(first)
            .chain(each(batch.elements()))
            .collect();
        assert_eq!(prefixed.encodings(), encodings(expected.iter().copied()));
        assert_eq!(prefixed.elements().encode(), prefixed.encodings());
        assert!(Batch::encode(Elements::of_on(set, &expected)) == prefixed);
    });
}

#[test]
fn no_result_is_the_identity() {
    for &set in InstructionSet::available() {
        let elements = elements(set, 9);
        let mut others: Vec<_> = each(&self::elements(set, 10)).skip(1).collect();
        others[6] = elements.get(6);
        let others = Elements::of_on(set, &others);
        let refused = Err(GroupError::Identity { index: 6 });
        assert_eq!(elements.sub(&others).map(|_| ()), refused);
        let minus = |at: usize| {
            let scalar = if at == 6 {
                PublicScalar::ONE
            } else {
                PublicScalar::from(3)
            };
            let negative = PublicScalar::from(0).difference(scalar);
            multiscalar(&[negative], &[elements.get(at)]).unwrap()
        };
        let negated: Vec<_> = (0..9).map(minus).collect();
        let negated = Elements::of_on(set, &negated);
        assert_eq!(elements.add(&negated).map(|_| ()), refused);
        let zero = PublicScalar::from(0);
        let first = Err(GroupError::Identity { index: 0 });
        assert_eq!(Elements::combine(&[zero], &[&elements]).map(|_| ()), first);
        assert!(multiscalar(&[zero], &[Element::GENERATOR]).is_none());
    }
    assert!(multiscalar(&[], &[]).is_none());
}

#[test]
fn scalars_compute_mod_l() {
    let scalars = scalars(3);
    let [a, b, c] = [&scalars[0], &scalars[1], &scalars[2]];
    assert!(public(&a.product(&a.inverse())) == PublicScalar::ONE);
    let halves = Scalar::polynomial(&[a.halved(), a.halved()], &PublicScalar::ONE).unwrap();
    assert_eq!(*halves.expose(), *a.expose());
    let response = a.response(&public(b), c);
    assert_eq!(response, public(a).difference(public(b).product(public(c))));
    assert_eq!(PublicScalar::from(0).inverse(), Err(GroupError::ScalarZero));
    let third = PublicScalar::from(3).inverse().unwrap();
    assert_eq!(third.product(PublicScalar::from(3)), PublicScalar::ONE);
}

#[test]
fn wide_bytes_are_reduced_alike_at_every_door() {
    for count in COUNTS {
        let wide = uniform("wide", count);
        let secret = Scalar::from_wide_each(&wide).unwrap();
        let mut reduced = vec![PublicScalar::ONE; count];
        PublicScalar::from_wide_each(&wide, &mut reduced);
        for ((wide, secret), reduced) in wide.iter().zip(&secret).zip(&reduced) {
            assert_eq!(public(secret), *reduced);
            assert_eq!(*Scalar::from_wide(wide).unwrap().expose(), *secret.expose());
        }
    }
    let refused = Scalar::from_wide_each(&[[1; 64], [0; 64]]).map(|_| ());
    assert_eq!(refused, Err(GroupError::ScalarZero));
}

#[test]
fn debug_shows_no_element() {
    let batch = Batch::encode(elements(InstructionSet::chosen(), 1));
    let bytes = format!("{:?}", batch.encodings()[0]);
    for shown in [format!("{batch:?}"), format!("{:?}", batch.elements())] {
        assert!(!shown.contains(&bytes[1..bytes.len() - 1]), "{shown}");
    }
}

#[test]
#[should_panic(expected = "operands of one length")]
fn operands_of_two_lengths_are_a_bug_of_the_caller() {
    let set = InstructionSet::chosen();
    let _ = elements(set, 1).add(&elements(set, 2));
}
