//! Proofs and chains under attack: no mutant of a proof, of what it speaks about or of the key it
//! speaks for is accepted.

use rand_core::Rng;
use rayon::prelude::*;
use saring::group::{Batch, Elements, FixedBase, Scalar};
use saring::hash::SeededStream;
use saring::oprf::{PrivateKey, Proof, PublicKey, evaluate};

use crate::count;
use crate::encodings::sample_elements;

/// What a proof speaks about, all of it in an attacker's hands.
#[derive(Clone)]
struct Statement {
    proof: [u8; 64],
    public: [u8; 32],
    inputs: Vec<[u8; 32]>,
    outputs: Vec<[u8; 32]>,
}

impl Statement {
    /// A true statement about `size` random elements.
    fn honest(size: usize, stream: &mut SeededStream) -> Self {
        let key = PrivateKey::generate(stream);
        let scalars: Vec<Scalar> = (0..size).map(|_| Scalar::random(stream)).collect();
        let inputs = Batch::encode(FixedBase::generator().multiply_each(&scalars));
        let step = evaluate(&key, &inputs, stream).unwrap();
        Self {
            proof: step.proof.to_bytes(),
            public: *key.public().encoding(),
            inputs: inputs.into_encodings(),
            outputs: step.outputs.into_encodings(),
        }
    }

    /// Whether a verifier who reads these bytes accepts them.
    fn accepted(&self) -> bool {
        let read = || -> Option<bool> {
            let proof = Proof::from_bytes(&self.proof).ok()?;
            let public = PublicKey::decode(&self.public).ok()?;
            let inputs = Batch::decode(self.inputs.clone()).ok()?;
            let outputs = Batch::decode(self.outputs.clone()).ok()?;
            Some(proof.verify(&public, &inputs, &outputs).is_ok())
        };
        read() == Some(true)
    }

    /// One change, of a kind drawn at random; never none.
    fn mutant(&self, other: &Self, stream: &mut SeededStream) -> Self {
        let mut mutant = self.clone();
        let draw = |stream: &mut SeededStream, bound: usize| {
            usize::try_from(stream.next_u64() % u64::try_from(bound).unwrap()).unwrap()
        };
        let size = self.inputs.len();
        let place = draw(stream, size);
        let next = (place + 1) % size;
        match draw(stream, 11) {
            0..=3 => flip(&mut mutant.proof, draw(stream, 512)),
            4 => flip(&mut mutant.public, draw(stream, 256)),
            5 => flip(&mut mutant.inputs[place], draw(stream, 256)),
            6 => flip(&mut mutant.outputs[place], draw(stream, 256)),
            7 if size > 1 => mutant.inputs.swap(place, next),
            8 if size > 1 => mutant.outputs.swap(place, next),
            // Another key, an older epoch's proof.
            9 => mutant.public = other.public,
            7 | 8 => mutant.outputs[place] = other.outputs[0],
            _ => mutant.proof = other.proof,
        }
        mutant
    }
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn no_mutant_of_a_proof_is_accepted() {
    let sizes = [1, 2, 3, 5];
    let rounds = count(1_000, 250_000);
    sizes.par_iter().for_each(|&size| {
        let mut stream = SeededStream::new(format!("mutants of {size}").as_bytes());
        let (honest, other) = (
            Statement::honest(size, &mut stream),
            Statement::honest(size, &mut stream),
        );
        assert!(
            honest.accepted() && other.accepted(),
            "the control: unchanged it is accepted"
        );
        for round in 0..rounds {
            let mutant = honest.mutant(&other, &mut stream);
            assert!(!mutant.accepted(), "round {round} of size {size}");
        }
        assert!(honest.accepted());
    });
}

#[test]
fn every_bit_of_a_proof_matters() {
    let honest = Statement::honest(2, &mut SeededStream::new(b"every bit"));
    (0..512).into_par_iter().for_each(|bit| {
        let mut mutant = honest.clone();
        flip(&mut mutant.proof, bit);
        assert!(!mutant.accepted(), "bit {bit}");
    });
}

#[test]
fn chunks_of_every_size_up_to_the_limit_hold_and_notice_one_change() {
    let sizes: &[usize] = if count(0, 1) == 1 {
        &[
            1, 2, 127, 128, 129, 1_000, 4_095, 4_096, 4_097, 16_383, 16_384,
        ]
    } else {
        &[1, 127, 129, 4_097]
    };
    for &size in sizes {
        let mut stream = SeededStream::new(b"sizes");
        let honest = Statement::honest(size, &mut stream);
        assert!(honest.accepted(), "size {size}");
        let mut mutant = honest.clone();
        mutant.outputs[size - 1] = sample_elements(1)[0];
        assert!(!mutant.accepted(), "size {size}");
        let mut shorter = honest.clone();
        shorter.outputs.pop();
        assert!(!shorter.accepted(), "size {size}");
    }
}

#[test]
fn empty_and_too_large_chunks_are_refused() {
    let key = PrivateKey::generate(&mut SeededStream::new(b"limits"));
    let mut stream = SeededStream::new(b"limits");
    let many = vec![*key.public().element(); saring::oprf::MAX_CHUNK + 1];
    let over = Batch::encode(Elements::of(&many));
    assert_eq!(
        evaluate(&key, &over, &mut stream).map(|_| ()),
        Err(saring::oprf::OprfError::BatchTooLarge)
    );
    assert_eq!(
        evaluate(&key, &Batch::default(), &mut stream).map(|_| ()),
        Err(saring::oprf::OprfError::EmptyBatch)
    );
}
