use super::*;
use crate::group::{Batch, Elements};
use crate::oprf::{PrivateKey, deal};
use crate::protocol::ids::Digest32;
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;

fn signer(byte: u8) -> SigningKey {
    SigningKey::from_bytes([byte; 32])
}

fn root(n: u8) -> TrustRoot {
    let custodians = (2..2 + n).map(|byte| signer(byte).public_key()).collect();
    TrustRoot {
        registry: signer(1).public_key(),
        custodians,
    }
}

fn keys(threshold: u8, count: u8) -> EpochKeys {
    let rng = &mut UnwrapErr(SysRng);
    let (key, factor) = (PrivateKey::generate(rng), PrivateKey::generate(rng));
    let full = factor.product(&key);
    let group = *key.public();
    let public = *full.public().encoding();
    let proof = Proof::generate(
        &factor,
        &Batch::encode(Elements::of(&[*group.element()])),
        &[public],
        rng,
    )
    .expect("a proof");
    let shares = deal(key, threshold, count, rng).expect("shares");
    EpochKeys {
        threshold,
        custodians: shares
            .iter()
            .map(|share| *share.key().public().encoding())
            .collect(),
        group: *group.encoding(),
        factor: *factor.public().encoding(),
        public,
        origin: if count == 1 {
            KeyOrigin::Single
        } else {
            KeyOrigin::Dealer
        },
        proof: Signature(proof.to_bytes()),
    }
}

fn record(keys: EpochKeys) -> EpochRecord {
    EpochRecord {
        list: ListId::parse("peminjam-macet").expect("an id"),
        kind: ListKind::OprfNik,
        epoch: Epoch(1),
        revision: 1,
        previous: Digest32([0; 32]),
        keys: Some(keys),
        hash_key: None,
        bucket_bits: 3,
        rows_per_bucket: 512,
        not_before: Timestamp(0),
        not_after: Timestamp(1),
    }
}

fn signed(record: EpochRecord) -> SignedRecord {
    let bytes = record.to_bytes();
    let n = record
        .keys
        .as_ref()
        .map_or(0, |keys| keys.custodians.len() as u8);
    let mut signed = SignedRecord::by_registry(record, &signer(1));
    signed.custodians = (2..2 + n).map(|byte| signer(byte).sign(&bytes)).collect();
    signed
}

#[test]
fn an_honest_record_is_accepted_and_reads_back() {
    for (threshold, count) in [(1, 1), (2, 3), (3, 3)] {
        let signed = signed(record(keys(threshold, count)));
        assert_eq!(signed.verify(&root(count)), Ok(()));
        assert_eq!(
            EpochRecord::from_bytes(&signed.record.to_bytes()),
            Ok(signed.record.clone())
        );
        let json = serde_json::to_string(&signed).expect("serialises");
        assert_eq!(
            serde_json::from_str::<SignedRecord>(&json).expect("parses"),
            signed
        );
    }
}

#[test]
fn each_lie_has_its_own_refusal() {
    let honest = keys(2, 3);
    let other = keys(2, 3);
    let lies = [
        (
            EpochKeys {
                group: [0; 32],
                ..honest.clone()
            },
            RecordFault::Element,
        ),
        (
            EpochKeys {
                group: other.group,
                ..honest.clone()
            },
            RecordFault::Polynomial,
        ),
        (
            EpochKeys {
                threshold: 1,
                ..honest.clone()
            },
            RecordFault::Polynomial,
        ),
        (
            EpochKeys {
                public: other.public,
                ..honest.clone()
            },
            RecordFault::Proof,
        ),
        (
            EpochKeys {
                factor: other.factor,
                ..honest.clone()
            },
            RecordFault::Proof,
        ),
        (
            EpochKeys {
                origin: KeyOrigin::Single,
                ..honest.clone()
            },
            RecordFault::Form,
        ),
        (
            EpochKeys {
                threshold: 4,
                ..honest.clone()
            },
            RecordFault::Form,
        ),
    ];
    for (keys, fault) in lies {
        assert_eq!(signed(record(keys)).verify(&root(3)), Err(fault));
    }
    let honest = signed(record(honest));
    let three = root(3);
    let mut root = three.clone();
    root.registry = signer(9).public_key();
    assert_eq!(honest.verify(&root), Err(RecordFault::Registry));
    let mut missing = honest.clone();
    missing.custodians.pop();
    assert_eq!(missing.verify(&three), Err(RecordFault::Custodian));
    let mut swapped = honest;
    swapped.custodians.swap(0, 1);
    assert_eq!(swapped.verify(&three), Err(RecordFault::Custodian));
}

#[test]
fn later_records_follow_and_never_go_back() {
    let first = record(keys(1, 1));
    let next = EpochRecord {
        revision: 2,
        previous: first.digest(),
        bucket_bits: 4,
        ..first.clone()
    };
    assert_eq!(signed(next.clone()).follows(&first), Ok(()));
    assert_eq!(
        signed(first.clone()).follows(&next),
        Err(RecordFault::GoesBack)
    );
    assert_eq!(
        signed(first.clone()).follows(&first),
        Err(RecordFault::GoesBack)
    );
    let stranger = EpochRecord {
        previous: Digest32([9; 32]),
        ..next.clone()
    };
    assert_eq!(
        signed(stranger).follows(&first),
        Err(RecordFault::NotSuccessor)
    );
    let rekeyed = EpochRecord {
        keys: Some(keys(1, 1)),
        ..next
    };
    assert_eq!(
        signed(rekeyed).follows(&first),
        Err(RecordFault::ChangedWithinEpoch)
    );
}

#[test]
fn the_words_of_trust_promise_no_more_than_the_numbers() {
    assert_eq!(trust_words(1, 1), "1 of 1: trusts the operator");
    assert_eq!(trust_words(1, 3), "1 of 3: trusts each of them alone");
    assert_eq!(
        trust_words(2, 3),
        "2 of 3: fewer than 2 of them learn nothing"
    );
}
