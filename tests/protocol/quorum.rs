//! A list whose key two of three custodians hold, and a registry that cuts corners with it.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use saring::agent::{Agent, Answering, DoorError, Home, Profile, RegistryDoor, Served};
use saring::group::{Batch, Elements};
use saring::oprf::{
    Chain, ChainPublics, PrivateKey, Proof, Share, combine_and_apply_factor, deal,
    evaluate_embedded, evaluate_share,
};
use saring::protocol::bucket::assemble;
use saring::protocol::evaluation::{BlindedElements, Evaluated, WireStep};
use saring::protocol::order::SignedOrder;
use saring::protocol::organisation::{Done, Organisation, Quota, QuotaOf, RegistryInfo};
use saring::protocol::policy::ListInfo;
use saring::protocol::read::SignedRead;
use saring::protocol::receipt::Receipt;
use saring::protocol::record::{EpochKeys, EpochRecord, KeyOrigin, SignedRecord};
use saring::protocol::submission::{OwnPage, RemovalReply, SubmissionReply};
use saring::protocol::trust::TrustRoot;
use saring::protocol::version::{VersionDiff, VersionInfo};
use saring::protocol::{
    Answer, BucketShape, Clock, Digest32, Epoch, ErrorCode, Head, HeadSubject, ListId, ListKind,
    PaddingKey, Signature, SigningKey, Timestamp,
};

use crate::house::{SetClock, acting, niks, org, provider};

const HONEST: u8 = 0;
const REPEATED_INDEX: u8 = 1;
const EMBEDDED_STEP: u8 = 2;
const ONE_SHARE: u8 = 3;
const OTHER_FACTOR: u8 = 4;

/// A registry with an empty list whose custodians hold a key together.
struct Quorum {
    clock: Arc<SetClock>,
    shares: Vec<Share>,
    factor: PrivateKey,
    /// K itself, which a registry in league with two custodians could know.
    full: PrivateKey,
    publics: ChainPublics,
    record: SignedRecord,
    trick: AtomicU8,
}

fn signer(byte: u8) -> SigningKey {
    SigningKey::from_bytes([byte; 32])
}

fn root() -> TrustRoot {
    TrustRoot {
        registry: signer(1).public_key(),
        custodians: (2..5).map(|byte| signer(byte).public_key()).collect(),
    }
}

fn list() -> ListId {
    ListId::parse("peminjam-macet").expect("an id")
}

impl Quorum {
    fn open(clock: Arc<SetClock>) -> Self {
        let rng = &mut UnwrapErr(SysRng);
        let (key, factor) = (PrivateKey::generate(rng), PrivateKey::generate(rng));
        let full = factor.product(&key);
        let group = *key.public();
        let public = *full.public().encoding();
        let inputs = Batch::encode(Elements::of(&[*group.element()]));
        let proof = Proof::generate(&factor, &inputs, &[public], rng).expect("a proof");
        let shares = deal(key, 2, 3, rng).expect("shares");
        let encoded = |share: &Share| *share.key().public().encoding();
        let keys = EpochKeys {
            threshold: 2,
            custodians: shares.iter().map(encoded).collect(),
            group: *group.encoding(),
            factor: *factor.public().encoding(),
            public,
            origin: KeyOrigin::Dealer,
            proof: Signature(proof.to_bytes()),
        };
        let record = EpochRecord {
            list: list(),
            kind: ListKind::OprfNik,
            epoch: Epoch(1),
            revision: 1,
            previous: Digest32([0; 32]),
            keys: Some(keys.clone()),
            hash_key: None,
            bucket_bits: 0,
            rows_per_bucket: 512,
            not_before: Timestamp(0),
            not_after: Timestamp(i64::MAX),
        };
        let mut record = SignedRecord::by_registry(record, &signer(1));
        let bytes = record.record.to_bytes();
        record.custodians = (2..5).map(|byte| signer(byte).sign(&bytes)).collect();
        Self {
            clock,
            shares,
            factor,
            full,
            publics: keys.publics().expect("hold together"),
            record,
            trick: AtomicU8::new(HONEST),
        }
    }

    fn chain(&self, sent: &Batch) -> Vec<WireStep> {
        let rng = &mut UnwrapErr(SysRng);
        let trick = self.trick.load(Ordering::SeqCst);
        if trick == EMBEDDED_STEP {
            // Right elements and a right proof under pk, but nobody can tell who multiplied.
            let chain = evaluate_embedded(&self.full, sent, rng).expect("evaluates");
            return WireStep::of_chain(chain);
        }
        let other = PrivateKey::generate(rng);
        let factor = if trick == OTHER_FACTOR {
            &other
        } else {
            &self.factor
        };
        let shares = [&self.shares[0], &self.shares[2]];
        let steps = shares.map(|share| evaluate_share(share, sent, rng).expect("evaluates"));
        let chain = combine_and_apply_factor(&self.publics, factor, steps.to_vec(), rng);
        let mut chain = chain.expect("combines");
        if let Chain::Quorum { shares, .. } = &mut chain {
            match trick {
                REPEATED_INDEX => shares[1] = shares[0].clone(),
                ONE_SHARE => shares.truncate(1),
                _ => {}
            }
        }
        WireStep::of_chain(chain)
    }
}

impl RegistryDoor for Quorum {
    fn info(&self) -> Answering<'_, RegistryInfo> {
        unused()
    }

    fn join<'a>(&'a self, _: &'a SignedOrder, _: &'a [u8]) -> Answering<'a, Done> {
        unused()
    }

    fn lists<'a>(&'a self, _: &'a SignedRead) -> Answering<'a, Vec<ListInfo>> {
        unused()
    }

    fn records<'a>(&'a self, _: &'a SignedRead, _: &'a ListId) -> Answering<'a, Vec<SignedRecord>> {
        Box::pin(async { Ok(vec![self.record.clone()]) })
    }

    fn evaluate<'a>(
        &'a self,
        order: &'a SignedOrder,
        elements: &'a BlindedElements,
    ) -> Answering<'a, Evaluated> {
        Box::pin(async {
            let sent = Batch::decode(elements.0.clone()).expect("decodes");
            let receipt = Receipt {
                order: order.order.digest(),
                list: list(),
                epoch: Epoch(1),
                record: self.record.record.digest(),
                sequence: 0,
                time: self.clock.now(),
            };
            Ok(Evaluated {
                steps: self.chain(&sent),
                quota: Quota {
                    used: 1,
                    allowed: 100,
                    reset: Timestamp(0),
                },
                receipt: receipt.sign(&signer(1)),
            })
        })
    }

    fn submit<'a>(&'a self, _: &'a SignedOrder, _: &'a [u8]) -> Answering<'a, SubmissionReply> {
        unused()
    }

    fn remove<'a>(&'a self, _: &'a SignedOrder, _: &'a [u8]) -> Answering<'a, RemovalReply> {
        unused()
    }

    fn bucket<'a>(
        &'a self,
        _: &'a SignedRead,
        _: &'a ListId,
        epoch: Epoch,
        bucket: u32,
    ) -> Answering<'a, Served> {
        Box::pin(async move {
            let shape = BucketShape::new(0, 512).expect("a shape");
            let material = saring::protocol::derive::material(&list(), epoch);
            let padding = PaddingKey::from_bytes([6; 32]);
            let body = assemble(&[], shape, bucket, &material, &padding).expect("fits");
            let head = Head {
                list: list(),
                epoch,
                revision: 1,
                record: self.record.record.digest(),
                sequence: 0,
                as_of: self.clock.now(),
                what: HeadSubject::Bucket(bucket),
                body: Head::digest_of(&body),
            };
            Ok(Served {
                head: head.sign(&signer(1)),
                body,
            })
        })
    }

    fn snapshot<'a>(&'a self, _: &'a SignedRead, _: &'a ListId, _: Epoch) -> Answering<'a, Served> {
        unused()
    }

    fn snapshot_keys<'a>(
        &'a self,
        _: &'a SignedRead,
        _: &'a ListId,
        _: Epoch,
        _: u64,
        _: Range<u64>,
    ) -> Answering<'a, Vec<u8>> {
        unused()
    }

    fn delta<'a>(
        &'a self,
        _: &'a SignedRead,
        _: &'a ListId,
        _: Epoch,
        _: u64,
    ) -> Answering<'a, Served> {
        unused()
    }

    fn quota<'a>(&'a self, _: &'a SignedRead) -> Answering<'a, Vec<QuotaOf>> {
        unused()
    }

    fn own<'a>(
        &'a self,
        _: &'a SignedRead,
        _: &'a ListId,
        _: Option<&'a str>,
        _: usize,
    ) -> Answering<'a, OwnPage> {
        unused()
    }

    fn organisations<'a>(&'a self, _: &'a SignedRead) -> Answering<'a, Vec<Organisation>> {
        unused()
    }

    fn create_list<'a>(&'a self, _: &'a SignedOrder, _: &'a [u8]) -> Answering<'a, ListInfo> {
        unused()
    }

    fn open_version<'a>(&'a self, _: &'a SignedOrder, _: &'a [u8]) -> Answering<'a, VersionInfo> {
        unused()
    }

    fn versions<'a>(&'a self, _: &'a SignedRead) -> Answering<'a, Vec<VersionInfo>> {
        unused()
    }

    fn version_diff<'a>(&'a self, _: &'a SignedRead) -> Answering<'a, VersionDiff> {
        unused()
    }

    fn administer<'a>(&'a self, _: &'a SignedOrder, _: &'a [u8]) -> Answering<'a, Done> {
        unused()
    }
}

fn unused<'a, T>() -> Answering<'a, T> {
    Box::pin(async { Err(DoorError::refused(ErrorCode::NotFound)) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quorums_chain_is_believed_and_every_short_cut_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("agent");
    let profile = Profile {
        url: "http://127.0.0.1:1".to_owned(),
        organisation: org("ksp-maju"),
        trust: root(),
    };
    let home = Home::create(&at, profile, provider(&at)).expect("a home");
    let clock = SetClock::new();
    let agent = Agent::new(home, Quorum::open(clock.clone()), clock);
    assert_eq!(
        agent.trust(&list()).await.expect("a record"),
        "2 of 3: fewer than 2 of them learn nothing"
    );
    let nik = niks(1, 1).remove(0);
    let ask = async |trick: u8| {
        agent.door().trick.store(trick, Ordering::SeqCst);
        let results = agent.check(&[Ok(nik.clone())], &[list()], &acting()).await;
        let result = results.expect("checks").remove(0);
        (result.answer, result.reason)
    };
    let honest = (Answer::NotListed, None);
    let refused = (Answer::Unavailable, Some("evaluation_refused"));
    assert_eq!(ask(HONEST).await, honest);
    for trick in [REPEATED_INDEX, EMBEDDED_STEP, ONE_SHARE, OTHER_FACTOR] {
        assert_eq!(ask(trick).await, refused, "trick {trick}");
    }
    assert_eq!(ask(HONEST).await, honest);
}
