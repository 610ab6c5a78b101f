//! Properties of element mode: what is opened does not depend on how it was blinded, who
//! evaluated, or how many jobs ran.

use proptest::prelude::*;
use saring::group::{Batch, FixedBase, Scalar};
use saring::hash::SeededStream;
use saring::oprf::{
    BlindKey, BlindSeed, Blinded, ChainPublics, Mode, PrivateKey, Proof, PublicsParts,
    combine_and_apply_factor, deal, evaluate_share, hash_to_group, rfc,
};

/// Keys of a list: the group key, the registry's factor, and the checked public values.
fn quorum(
    threshold: u8,
    count: u8,
    stream: &mut SeededStream,
) -> (
    Vec<saring::oprf::Share>,
    PrivateKey,
    ChainPublics,
    PrivateKey,
) {
    let group = PrivateKey::generate(stream);
    let factor = PrivateKey::generate(stream);
    let full = factor.product(&group);
    let (group_public, key) = (*group.public(), *full.public());
    let shares = deal(group, threshold, count, stream).unwrap();
    let inputs = Batch::decode(vec![*group_public.encoding()]).unwrap();
    let proof = Proof::generate(&factor, &inputs, &[*key.encoding()], stream).unwrap();
    let publics = ChainPublics::new(PublicsParts {
        threshold,
        custodians: shares.iter().map(|share| *share.key().public()).collect(),
        group: group_public,
        factor: *factor.public(),
        key,
        proof,
    });
    (shares, factor, publics.unwrap(), full)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_quorum_opens_the_element_that_the_key_gives(
        seed in any::<[u8; 32]>(),
        count in 1_u8..=5,
        choice in any::<u64>(),
        size in 1_usize..=4,
    ) {
        let mut stream = SeededStream::new(&seed);
        let threshold = 1 + u8::try_from(choice % u64::from(count)).unwrap();
        let (mut shares, factor, publics, full) = quorum(threshold, count, &mut stream);
        let inputs: Vec<[u8; 30]> =
            (0..size).map(|i| { let mut x = [b'7'; 30]; x[..8].copy_from_slice(&seed[..8]); x[9] = u8::try_from(i).unwrap(); x }).collect();
        let expected = hash_to_group(&inputs).unwrap().multiply_all(&scalar_of(&full));

        let blinded = Blinded::new(&BlindKey::derive(&BlindSeed::new(seed), b"list\0epoc"), &inputs).unwrap();
        let turn = usize::try_from(choice >> 32).unwrap() % shares.len();
        shares.rotate_left(turn);
        shares.truncate(usize::from(threshold));
        let steps = shares.iter().map(|share| evaluate_share(share, blinded.sent(), &mut stream).unwrap()).collect();
        let chain = combine_and_apply_factor(&publics, &factor, steps, &mut stream).unwrap();
        let opened = blinded.open(&chain, &publics).unwrap();
        prop_assert_eq!(opened.as_slice(), expected.encodings());

        // The RFC's own multiplicative blind opens the same element.
        let (blinds, sent) = rfc::blind(Mode::Voprf, &inputs, &mut stream).unwrap();
        let steps = shares.iter().map(|share| evaluate_share(share, &sent, &mut stream).unwrap()).collect();
        let chain = combine_and_apply_factor(&publics, &factor, steps, &mut stream).unwrap();
        let evaluated = chain.verify(&publics, &sent).unwrap();
        let inverses: Vec<Scalar> = blinds.iter().map(Scalar::inverse).collect();
        prop_assert_eq!(evaluated.elements().multiply_each(&inverses).encode(), expected.encodings());
    }
}

fn scalar_of(key: &PrivateKey) -> Scalar {
    Scalar::from_canonical_bytes(&key.expose()).unwrap()
}

#[test]
fn the_number_of_jobs_changes_no_byte() {
    let inputs: Vec<[u8; 30]> = (0..1_000_u16)
        .map(|i| {
            let mut input = [b'0'; 30];
            input[..2].copy_from_slice(&i.to_le_bytes());
            input
        })
        .collect();
    let key = PrivateKey::generate(&mut SeededStream::new(b"jobs"));
    let blind_key = BlindKey::derive(&BlindSeed::new([7; 32]), b"jobs");
    let run = || {
        let blinded = Blinded::new(&blind_key, &inputs).unwrap();
        let step =
            saring::oprf::evaluate(&key, blinded.sent(), &mut SeededStream::new(b"r")).unwrap();
        step.proof
            .verify(key.public(), blinded.sent(), &step.outputs)
            .unwrap();
        let base = FixedBase::new(*key.public().element());
        let opened = blinded.unblind(&step.outputs, &base).unwrap();
        (
            blinded.sent().encodings().to_vec(),
            step.proof.to_bytes(),
            opened.to_vec(),
        )
    };
    let pool = |jobs| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build()
            .unwrap()
    };
    let one = pool(1).install(run);
    assert!(one == pool(3).install(run));
    assert_eq!(
        one.2,
        hash_to_group(&inputs)
            .unwrap()
            .multiply_all(&scalar_of(&key))
            .encodings()
    );
}
