//! Each condition of a chain and of a record, broken by itself, gives its own refusal.

use super::*;
use crate::group::{Batch, Elements, PublicScalar, Scalar, multiscalar};
use crate::hash::SeededStream;

/// A list's keys, 2 of 3, with an honest chain over a client's elements.
struct List {
    group: PublicKey,
    shares: Vec<Share>,
    factor: PrivateKey,
    full: PrivateKey,
    publics: ChainPublics,
    blinded: Blinded,
    stream: SeededStream,
}

impl List {
    fn new(threshold: u8, count: u8) -> Self {
        let mut stream = SeededStream::new(b"chain tests");
        let group = PrivateKey::generate(&mut stream);
        let factor = PrivateKey::generate(&mut stream);
        let full = factor.product(&group);
        let group_public = *group.public();
        let shares = deal(group, threshold, count, &mut stream).unwrap();
        let record = evaluate(&factor, &group_public.batch(), &mut stream).unwrap();
        let publics = ChainPublics::new(PublicsParts {
            threshold,
            custodians: shares.iter().map(|share| *share.key().public()).collect(),
            group: group_public,
            factor: *factor.public(),
            key: *full.public(),
            proof: record.proof,
        });
        let inputs = [
            *b"saring/v1/nik/3515144508680002",
            *b"saring/v1/nik/3273010101900001",
        ];
        let key = BlindKey::derive(&BlindSeed::new([9; 32]), b"peminjam-macet\0\x01\0\0\0");
        let blinded = Blinded::new(&key, &inputs).unwrap();
        let publics = publics.unwrap();
        Self {
            group: group_public,
            shares,
            factor,
            full,
            publics,
            blinded,
            stream,
        }
    }

    fn step(&mut self, place: usize) -> ShareStep {
        evaluate_share(&self.shares[place], self.blinded.sent(), &mut self.stream).unwrap()
    }

    /// The chain of the custodians in these places.
    fn chain(&mut self, places: &[usize]) -> Chain {
        let steps = places.iter().map(|&place| self.step(place)).collect();
        combine_and_apply_factor(&self.publics, &self.factor, steps, &mut self.stream).unwrap()
    }

    fn verdict(&self, chain: &Chain) -> Result<(), OprfError> {
        self.blinded.open(chain, &self.publics).map(|_| ())
    }

    /// The honest chain of custodians 1 and 3 with its custodian steps changed.
    fn with_shares(&mut self, change: impl FnOnce(&mut Vec<ShareStep>)) -> Result<(), OprfError> {
        let Chain::Quorum {
            mut shares,
            registry,
        } = self.chain(&[0, 2])
        else {
            unreachable!()
        };
        change(&mut shares);
        self.verdict(&Chain::Quorum { shares, registry })
    }
}

#[test]
fn an_honest_chain_opens_the_same_element_for_every_quorum() {
    let mut list = List::new(2, 3);
    let chains = [[0, 1], [0, 2], [1, 2], [2, 1]].map(|places| list.chain(&places));
    let opened = chains.map(|chain| list.blinded.open(&chain, &list.publics).unwrap());
    assert!(opened.iter().all(|elements| elements == &opened[0]));
}

#[test]
fn more_or_fewer_custodians_than_the_threshold_are_refused() {
    let mut list = List::new(2, 3);
    let second = list.step(1);
    assert_eq!(
        list.with_shares(|shares| shares.push(second)),
        Err(OprfError::WrongStepCount)
    );
    assert_eq!(
        list.with_shares(|shares| drop(shares.pop())),
        Err(OprfError::WrongStepCount)
    );
    assert_eq!(list.with_shares(Vec::clear), Err(OprfError::WrongStepCount));
}

#[test]
fn a_repeated_or_foreign_index_is_refused() {
    let mut list = List::new(2, 3);
    let repeated = list.with_shares(|shares| shares[1] = shares[0].clone());
    assert_eq!(repeated, Err(OprfError::RepeatedIndex { index: 1 }));
    for index in [0, 4, 255] {
        let foreign = list.with_shares(|shares| shares[1].index = index);
        assert_eq!(foreign, Err(OprfError::IndexOutOfRange { index }));
    }
    let renamed = list.with_shares(|shares| shares[1].index = 2);
    assert_eq!(renamed, Err(OprfError::CustodianProofRefused { index: 2 }));
}

#[test]
fn a_single_step_is_for_one_custodian_only() {
    let mut list = List::new(2, 3);
    let single = evaluate_embedded(&list.full, list.blinded.sent(), &mut list.stream).unwrap();
    assert_eq!(list.verdict(&single), Err(OprfError::SingleStepForQuorum));
    let mut list = List::new(1, 1);
    let single = evaluate_embedded(&list.full, list.blinded.sent(), &mut list.stream).unwrap();
    assert_eq!(list.verdict(&single), Ok(()));
}

#[test]
fn counts_must_be_equal() {
    let mut list = List::new(2, 3);
    let fewer = list.with_shares(|shares| {
        shares[0].step.outputs =
            Batch::encode(Elements::of(&[shares[0].step.outputs.elements().get(0)]));
    });
    assert_eq!(fewer, Err(OprfError::UnequalCounts));
    let Chain::Quorum { shares, registry } = list.chain(&[0, 2]) else {
        unreachable!()
    };
    let outputs = Batch::encode(Elements::of(&[registry.outputs.elements().get(0)]));
    let fewer = Chain::Quorum {
        shares,
        registry: Step {
            outputs,
            ..registry
        },
    };
    assert_eq!(list.verdict(&fewer), Err(OprfError::UnequalCounts));
}

#[test]
fn swapped_elements_are_refused_and_their_culprit_named() {
    let mut list = List::new(2, 3);
    let swap = |outputs: &Batch| {
        Batch::decode(outputs.encodings().iter().rev().copied().collect()).unwrap()
    };
    let swapped = list.with_shares(|shares| {
        shares[1].step.outputs = swap(&shares[1].step.outputs);
    });
    assert_eq!(swapped, Err(OprfError::CustodianProofRefused { index: 3 }));
    let Chain::Quorum { shares, registry } = list.chain(&[0, 2]) else {
        unreachable!()
    };
    let registry = Step {
        outputs: swap(&registry.outputs),
        ..registry
    };
    let swapped = list.verdict(&Chain::Quorum { shares, registry });
    assert_eq!(swapped, Err(OprfError::RegistryProofRefused));
}

#[test]
fn another_factor_or_another_clients_elements_are_refused() {
    let mut list = List::new(2, 3);
    let steps = vec![list.step(0), list.step(1)];
    let other = PrivateKey::generate(&mut list.stream);
    let chain = combine_and_apply_factor(&list.publics, &other, steps, &mut list.stream).unwrap();
    assert_eq!(list.verdict(&chain), Err(OprfError::RegistryProofRefused));
    let chain = list.chain(&[0, 1]);
    let key = BlindKey::derive(&BlindSeed::new([8; 32]), b"another job");
    let others = Blinded::new(&key, &[[b'0'; 30], [b'1'; 30]]).unwrap();
    let refused = others.open(&chain, &list.publics).map(|_| ());
    assert_eq!(refused, Err(OprfError::CustodianProofRefused { index: 1 }));
}

#[test]
fn the_registry_refuses_bad_sets_of_steps() {
    let mut list = List::new(2, 3);
    let (first, second) = (list.step(0), list.step(1));
    let mut combined = |steps| {
        combine_and_apply_factor(&list.publics, &list.factor, steps, &mut list.stream).map(|_| ())
    };
    let mut short = second.clone();
    short.step.outputs = Batch::encode(Elements::of(&[short.step.outputs.elements().get(0)]));
    assert_eq!(
        combined(vec![first.clone()]),
        Err(OprfError::WrongStepCount)
    );
    let repeated = combined(vec![first.clone(), first.clone()]);
    assert_eq!(repeated, Err(OprfError::RepeatedIndex { index: 1 }));
    assert_eq!(
        combined(vec![first.clone(), short]),
        Err(OprfError::UnequalCounts)
    );
    assert_eq!(combined(vec![first, second]), Ok(()));
}

#[test]
fn a_record_must_hold_together() {
    let mut list = List::new(2, 3);
    let broken = |change: &dyn Fn(&mut PublicsParts)| {
        let mut parts = list.publics.parts().clone();
        change(&mut parts);
        ChainPublics::new(parts).map(|_| ()).unwrap_err()
    };
    let other = *PrivateKey::generate(&mut list.stream).public();
    assert_eq!(
        broken(&|parts| parts.threshold = 0),
        OprfError::ThresholdOutOfRange
    );
    assert_eq!(
        broken(&|parts| parts.threshold = 4),
        OprfError::ThresholdOutOfRange
    );
    assert_eq!(
        broken(&|parts| parts.threshold = 1),
        OprfError::OffPolynomial
    );
    // Any three values lie on a polynomial of degree 2, but its value at 0 is not the group's key.
    for place in 0..3 {
        let moved = broken(&|parts| parts.custodians[place] = other);
        assert_eq!(moved, OprfError::OffPolynomial);
    }
    assert_eq!(
        broken(&|parts| parts.custodians.swap(0, 1)),
        OprfError::OffPolynomial
    );
    assert_eq!(
        broken(&|parts| parts.group = other),
        OprfError::OffPolynomial
    );
    assert_eq!(
        broken(&|parts| parts.factor = other),
        OprfError::RecordProofRefused
    );
    assert_eq!(
        broken(&|parts| parts.key = other),
        OprfError::RecordProofRefused
    );
    let many = broken(&|parts| parts.custodians = vec![other; 33]);
    assert_eq!(many, OprfError::ThresholdOutOfRange);
    let too_many = broken(&|parts| parts.custodians = vec![other; 256]);
    assert_eq!(too_many, OprfError::CustodianCount);
}

#[test]
fn lagrange_gives_values_of_the_polynomial() {
    // f(x) = 5 + 3x + 2x^2: f(1) = 10, f(2) = 19, f(4) = 49, f(0) = 5, f(3) = 32.
    let values = [10_u64, 19, 49].map(PublicScalar::from);
    for (at, expected) in [(0, 5_u64), (3, 32), (1, 10)] {
        let coefficients = lagrange(&[1, 2, 4], at).unwrap();
        let base = |value| multiscalar(&[value], &[crate::group::Element::GENERATOR]).unwrap();
        let sum = multiscalar(&coefficients, &values.map(base));
        assert!(sum == Some(base(PublicScalar::from(expected))));
    }
    assert_eq!(
        lagrange(&[1, 2, 1], 0),
        Err(OprfError::RepeatedIndex { index: 1 })
    );
}

#[test]
fn shares_stay_within_their_bounds() {
    let mut stream = SeededStream::new(b"bounds");
    for (threshold, count) in [(0, 1), (2, 1), (1, 33), (0, 0)] {
        let key = PrivateKey::generate(&mut stream);
        let refused = deal(key, threshold, count, &mut stream).map(|_| ());
        assert_eq!(refused, Err(OprfError::ThresholdOutOfRange));
    }
    for index in [0, 33] {
        let key = PrivateKey::generate(&mut stream);
        let refused = Share::new(index, key).map(|_| ());
        assert_eq!(refused, Err(OprfError::IndexOutOfRange { index }));
    }
}

#[test]
fn an_update_under_two_deltas_is_refused() {
    let mut list = List::new(1, 1);
    let old = list.full.public();
    let deltas = [(); 2].map(|()| PrivateKey::generate(&mut list.stream));
    let [delta, other] = &deltas;
    let elements = list.blinded.sent();
    let step = update::update_chunk(delta, old, elements, &mut list.stream).unwrap();
    let next = Batch::decode(step.outputs.encodings()[1..].to_vec()).unwrap();
    let (right, wrong) = (update::next_key(delta, old), update::next_key(other, old));
    let verify = |public: &PublicKey, key: &PublicKey, next: &Batch| {
        update::verify_chunk(public, (old, elements), (key, next), &step.proof)
    };
    assert_eq!(verify(delta.public(), &right, &next), Ok(()));
    assert_eq!(
        verify(delta.public(), &wrong, &next),
        Err(OprfError::ProofRefused)
    );
    assert_eq!(
        verify(other.public(), &right, &next),
        Err(OprfError::ProofRefused)
    );
    assert_eq!(
        verify(delta.public(), &right, elements),
        Err(OprfError::ProofRefused)
    );
    let fewer = Batch::encode(Elements::of(&[next.elements().get(0)]));
    assert_eq!(
        verify(delta.public(), &right, &fewer),
        Err(OprfError::UnequalCounts)
    );
    assert_ne!(list.group, right);
}

#[test]
fn blinds_depend_on_seed_material_and_input() {
    let blind = |seed: u8, material: &[u8], input: &[u8; 30]| {
        let key = BlindKey::derive(&BlindSeed::new([seed; 32]), material);
        *key.blinds(&[*input]).unwrap()[0].expose()
    };
    let all = [
        blind(1, b"a\0\x01\0\0\0", &[b'1'; 30]),
        blind(2, b"a\0\x01\0\0\0", &[b'1'; 30]),
        blind(1, b"a\0\x02\0\0\0", &[b'1'; 30]),
        blind(1, b"a\0\x01\0\0\0", &[b'2'; 30]),
    ];
    for (place, one) in all.iter().enumerate() {
        assert!(!all[..place].contains(one));
    }
    assert_eq!(all[0], blind(1, b"a\0\x01\0\0\0", &[b'1'; 30]));
}

#[test]
fn the_rfcs_inputs_have_their_limit() {
    let mut stream = SeededStream::new(b"limits");
    let key = PrivateKey::generate(&mut stream);
    let longest = vec![0; 65_535];
    assert!(rfc::evaluate_unblinded(Mode::Oprf, &key, &[&longest]).is_ok());
    let longer = vec![0; 65_536];
    let refused = rfc::evaluate_unblinded(Mode::Oprf, &key, &[&longer]);
    assert_eq!(refused, Err(OprfError::InputTooLong));
    let refused = rfc::derive_key_pair(Mode::Oprf, &[0; 32], &longer).map(|_| ());
    assert_eq!(refused, Err(OprfError::InputTooLong));
    let blinds: Vec<Scalar> = Vec::new();
    assert_eq!(
        rfc::blind_with(Mode::Oprf, &[b"x"], &blinds).map(|_| ()),
        Err(OprfError::UnequalCounts)
    );
}
