//! Bad encodings at every door: the RFC's own, every non-canonical residue, the identity, bad
//! scalars, and random bytes against the reference decoder.

use num_bigint::BigUint;
use rand_core::Rng;
use rayon::prelude::*;
use saring::group::{
    Batch, Element, Elements, FixedBase, GroupError, PublicScalar, Refusal, Scalar, refusals,
};
use saring::hash::SeededStream;
use saring::oprf::{OprfError, PrivateKey, Proof, PublicKey, Step};

use crate::count;
use crate::reference::{self, Refused};
use crate::vectors::{arrays, rfc9496};

/// Our reason for a refusal of the reference.
fn ours(reason: Refused) -> Refusal {
    match reason {
        Refused::NotCanonical | Refused::Negative => Refusal::NotCanonical,
        Refused::NotSquare | Refused::NegativeXy | Refused::ZeroY => Refusal::NotInGroup,
        Refused::Identity => Refusal::Identity,
    }
}

/// Every door that reads an element refuses this one, for this reason, and names its place.
fn refused_everywhere(encoding: [u8; 32], reason: Refusal) {
    let good = Element::GENERATOR.encode();
    let proof = [0; 64];
    assert_eq!(refusals(&[good, encoding]), [None, Some(reason)]);
    let refused = Elements::decode(&[good, encoding, good]).unwrap_err();
    assert_eq!((refused.index, refused.reason), (1, reason));
    assert_eq!(Element::decode(&encoding).unwrap_err().reason, reason);
    assert_eq!(
        Batch::decode(vec![good, good, encoding]).unwrap_err().index,
        2
    );
    assert!(matches!(
        PublicKey::decode(&encoding),
        Err(OprfError::Group(_))
    ));
    assert!(matches!(
        Step::decode(vec![encoding], &proof),
        Err(OprfError::Group(_))
    ));
    assert!(Step::decode(vec![good], &proof).is_ok());
}

#[test]
fn the_29_bad_encodings_of_rfc_9496_are_refused() {
    let vectors = rfc9496();
    let mut seen = 0;
    for (name, encodings) in vectors["refused"].as_object().unwrap() {
        for encoding in arrays::<32>(encodings) {
            let reason = Refused::named(name);
            assert_eq!(reference::decode(&encoding), Err(reason));
            refused_everywhere(encoding, ours(reason));
            seen += 1;
        }
    }
    assert_eq!(seen, 29);
}

#[test]
fn every_non_canonical_residue_and_the_identity_are_refused() {
    let identity = [0; 32];
    refused_everywhere(identity, Refusal::Identity);
    let prime = (BigUint::from(1_u8) << 255_u32) - 19_u8;
    for offset in 0..19_u8 {
        let mut residue: [u8; 32] = (&prime + offset).to_bytes_le().try_into().unwrap();
        refused_everywhere(residue, Refusal::NotCanonical);
        residue[31] |= 0x80;
        refused_everywhere(residue, Refusal::NotCanonical);
    }
    for encoding in sample_elements(64) {
        let mut high = encoding;
        high[31] |= 0x80;
        refused_everywhere(high, Refusal::NotCanonical);
    }
}

#[test]
fn random_bytes_are_judged_as_the_reference_judges() {
    let pieces = count(20_000, 10_000_000) / 1_000;
    let accepted: usize = (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let mut stream = SeededStream::new(format!("random encodings {piece}").as_bytes());
            let encodings = random_encodings(&mut stream, 1_000);
            let mut accepted = Vec::new();
            for (encoding, refusal) in encodings.iter().zip(refusals(&encodings)) {
                let expected = reference::decode(encoding).err().map(ours);
                assert_eq!(refusal, expected, "{encoding:02x?}");
                if refusal.is_none() {
                    accepted.push(*encoding);
                }
            }
            assert_eq!(Elements::decode(&accepted).unwrap().encode(), accepted);
            accepted.len()
        })
        .sum();
    // Even bytes below p name an element in about one of four: the control that both judges
    // accept anything at all.
    assert!(
        accepted > pieces * 150,
        "{accepted} of {} accepted",
        pieces * 1_000
    );
}

/// Random even residues with the top bit clear, some of them close to an accepted encoding.
fn random_encodings(stream: &mut SeededStream, count: usize) -> Vec<[u8; 32]> {
    let mut encodings = vec![[0; 32]; count];
    for (place, encoding) in encodings.iter_mut().enumerate() {
        stream.fill_bytes(encoding);
        if place % 8 != 0 {
            encoding[31] &= 0x7f;
            encoding[0] &= 0xfe;
        }
    }
    encodings
}

#[test]
fn bad_scalars_are_refused_at_every_door() {
    let order = reference::order();
    let bytes = |value: &BigUint| -> [u8; 32] {
        let mut bytes = value.to_bytes_le();
        bytes.resize(32, 0);
        bytes.try_into().unwrap()
    };
    let refused: Vec<[u8; 32]> = (0..3_u8)
        .map(|over| bytes(&(&order + over)))
        .chain([[0xff; 32]])
        .collect();
    for scalar in refused {
        assert!(matches!(
            Scalar::from_canonical_bytes(&scalar),
            Err(GroupError::ScalarNotReduced)
        ));
        assert!(PublicScalar::from_canonical_bytes(&scalar).is_err());
        assert!(PrivateKey::from_bytes(&scalar).is_err());
        for place in [0, 32] {
            let mut proof = [0; 64];
            proof[place..place + 32].copy_from_slice(&scalar);
            assert!(Proof::from_bytes(&proof).is_err());
        }
    }
    let zero = [0; 32];
    assert!(matches!(
        Scalar::from_canonical_bytes(&zero),
        Err(GroupError::ScalarZero)
    ));
    assert!(matches!(
        Scalar::from_wide(&[0; 64]),
        Err(GroupError::ScalarZero)
    ));
    assert!(PrivateKey::from_bytes(&zero).is_err());
    let largest = bytes(&(&order - 1_u8));
    assert_eq!(
        *Scalar::from_canonical_bytes(&largest).unwrap().expose(),
        largest
    );
    assert_eq!(
        PublicScalar::from_canonical_bytes(&largest)
            .unwrap()
            .to_bytes(),
        largest
    );
}

/// Encodings of random elements.
pub(crate) fn sample_elements(count: usize) -> Vec<[u8; 32]> {
    let mut stream = SeededStream::new(b"sample elements");
    let scalars: Vec<Scalar> = (0..count).map(|_| Scalar::random(&mut stream)).collect();
    FixedBase::generator().multiply_each(&scalars).encode()
}
