//! The doors against each other and against single operations, at counts around one task.

use super::*;

const DOMAIN: Domain = Domain::new(b"group tests");
const COUNTS: [usize; 6] = [0, 1, 5, 127, 129, 300];

fn scalars(count: usize) -> Vec<Scalar> {
    let scalar = |place: u64| Scalar::hash(DOMAIN, &place.to_be_bytes()).unwrap();
    (0..count as u64).map(scalar).collect()
}

fn elements(count: usize) -> Vec<Element> {
    let names: Vec<[u8; 8]> = (0..count as u64).map(u64::to_be_bytes).collect();
    hash_to_group(DOMAIN, &names).unwrap()
}

fn public(scalar: &Scalar) -> PublicScalar {
    PublicScalar::from_canonical_bytes(&scalar.expose()).unwrap()
}

#[test]
fn decoding_undoes_encoding() {
    for count in COUNTS {
        let elements = elements(count);
        assert!(decode(&encode(&elements)).unwrap() == elements);
    }
}

#[test]
fn doubled_encodings_are_those_of_the_doubles() {
    for count in COUNTS {
        let elements = elements(count);
        let doubles = add_each(&elements, &elements).unwrap();
        assert_eq!(encode_doubled(&elements), encode(&doubles));
    }
}

#[test]
fn all_kinds_of_multiplication_agree() {
    for count in COUNTS {
        let (elements, scalars) = (elements(count), scalars(count.max(1)));
        let all = multiply_all(&elements, &scalars[0]);
        assert_eq!(all.encodings(), encode(all.elements()));
        for (element, product) in elements.iter().zip(all.elements()) {
            assert!(multiply_each(&[*element], &scalars[..1])[0] == *product);
            assert!(multiscalar(&[public(&scalars[0])], &[*element]).unwrap() == *product);
        }
        let generators = vec![Element::GENERATOR; scalars.len()];
        let base = base_multiply_each(&scalars);
        assert!(base == multiply_each(&generators, &scalars));
        assert!(base == FixedBase::new(Element::GENERATOR).multiply_each(&scalars));
        let fixed = multiply_each(&vec![base[0]; scalars.len()], &scalars);
        assert!(FixedBase::new(base[0]).multiply_each(&scalars) == fixed);
    }
}

#[test]
fn combinations_are_sums_of_multiples() {
    for count in [1, 5, 129] {
        let columns = [elements(count), base_multiply_each(&scalars(count))];
        let coefficients = [public(&scalars(2)[0]), public(&scalars(2)[1])];
        let combined = combine(&coefficients, &[&columns[0], &columns[1]]).unwrap();
        assert_eq!(combined.encodings(), encode(combined.elements()));
        for (row, sum) in combined.elements().iter().enumerate() {
            let parts = [columns[0][row], columns[1][row]];
            assert!(multiscalar(&coefficients, &parts).unwrap() == *sum);
        }
    }
    assert!(combine(&[], &[]).unwrap().is_empty());
}

#[test]
fn long_sums_are_sums_of_their_pieces() {
    let elements = elements(4_100);
    let ones = vec![PublicScalar::ONE; elements.len()];
    let whole = multiscalar(&ones, &elements).unwrap();
    let head = multiscalar(&ones[..100], &elements[..100]).unwrap();
    let tail = multiscalar(&ones[100..], &elements[100..]).unwrap();
    assert!(add_each(&[head], &[tail]).unwrap()[0] == whole);
}

#[test]
fn no_result_is_the_identity() {
    let elements = elements(3);
    let mut others = self::elements(4)[1..].to_vec();
    others[1] = elements[1];
    assert_eq!(
        sub_each(&elements, &others).map(|_| ()),
        Err(GroupError::Identity { index: 1 })
    );
    let minus = sub_each(&others, &add_each(&others, &elements).unwrap()).unwrap();
    assert_eq!(
        add_each(&elements, &minus).map(|_| ()),
        Err(GroupError::Identity { index: 0 })
    );
    let zero = PublicScalar::from(0);
    assert!(multiscalar(&[zero], &elements[..1]).is_none());
    assert!(multiscalar(&[], &[]).is_none());
    let refused = combine(&[zero], &[&elements]).map(|_| ());
    assert_eq!(refused, Err(GroupError::Identity { index: 0 }));
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
fn hashing_separates_domains_and_messages() {
    const OTHER: Domain = Domain::new(b"group test2");
    let here = encode(&hash_to_group(DOMAIN, &["a", "b", ""]).unwrap());
    assert_ne!(here[0], here[1]);
    assert_ne!(
        here,
        encode(&hash_to_group(OTHER, &["a", "b", ""]).unwrap())
    );
    assert_ne!(
        hash_to_scalars(DOMAIN, &["a"]),
        hash_to_scalars(OTHER, &["a"])
    );
    let secret = Scalar::hash(DOMAIN, b"a").unwrap();
    assert_eq!(hash_to_scalars(DOMAIN, &["a"])[0], public(&secret));
}

#[test]
fn expand_message_is_its_definition() {
    // RFC 9380, section 5.3.1, with ell = 1; RFC 9497's vectors hold the bytes themselves.
    use sha2::{Digest, Sha512};
    let tail = [b"group tests".as_slice(), &[11]].concat();
    let first = [&[0; 128][..], b"abc", &[0, 64, 0], &tail].concat();
    let second = [Sha512::digest(first).as_slice(), &[1], &tail].concat();
    assert_eq!(
        *portable::expand_message(DOMAIN.0, b"abc"),
        *Sha512::digest(second)
    );
}

#[test]
fn debug_shows_no_element() {
    let batch = Batch::encode(elements(1));
    let shown = format!("{:?}", batch);
    let bytes = format!("{:?}", batch.encodings()[0]);
    assert!(!shown.contains(&bytes[1..bytes.len() - 1]), "{shown}");
}
