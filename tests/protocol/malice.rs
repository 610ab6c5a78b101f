//! What a malicious registry tries, and how it is caught each time. The control of every case is in
//! the case itself: before the trick, and where it can be after it, the honest run passes.

use std::sync::{Arc, Mutex};

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use saring::agent::{AgentError, OwnVerdict, Served, SubmitOptions, Unwatched, join};
use saring::group::Batch;
use saring::nik::Nik;
use saring::oprf::{PrivateKey, evaluate_embedded};
use saring::protocol::evaluation::WireStep;
use saring::protocol::limits::ROW_BYTES;
use saring::protocol::record::{RecordFault, SignedRecord};
use saring::protocol::{Answer, Digest32, Evidence, Head, SignedHead, SigningKey};

use crate::cheating::Tricks;
use crate::house::{House, Member, REGISTRY_KEY, niks, officer, org, provider};

fn registry_key() -> SigningKey {
    SigningKey::from_bytes(REGISTRY_KEY)
}

/// A member, a listed person and a stranger.
async fn set_up() -> (House, Member, Nik, Nik) {
    let house = House::open().await;
    let member = house.member("ksp-maju").await;
    let people = niks(7, 6);
    let file = house.defaulters("macet.csv", &people[..5]);
    let options = SubmitOptions::default();
    let report = member
        .submit(&house.list, &file, options, &officer(), &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").new, 5);
    assert_eq!(house.answer(&member, &people[0]).await, Answer::Listed);
    assert_eq!(house.answer(&member, &people[5]).await, Answer::NotListed);
    let mut people = people.into_iter();
    let listed = people.next().expect("the first");
    (house, member, listed, people.last().expect("the last"))
}

/// The trick must end in `UNAVAILABLE` with this reason, for the listed and for the stranger.
async fn caught(house: &House, member: &Member, people: [&Nik; 2], reason: &'static str) {
    for nik in people {
        let result = house.check(member, nik).await;
        assert_eq!(
            (result.answer, result.reason),
            (Answer::Unavailable, Some(reason))
        );
        assert!(result.receipt.is_none() && result.summary.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_factor_for_one_client_is_caught() {
    let (house, member, listed, stranger) = set_up().await;
    house.door.play(Tricks {
        evaluated: Some(Box::new(|(sent, mut reply)| {
            // A valid chain with a valid proof, under another K: it would mark this client's people.
            let rng = &mut UnwrapErr(SysRng);
            let inputs = Batch::decode(sent.0.clone()).expect("decodes");
            let chain = evaluate_embedded(&PrivateKey::generate(rng), &inputs, rng);
            reply.steps = WireStep::of_chain(chain.expect("evaluates"));
            (sent, reply)
        })),
        ..Tricks::default()
    });
    caught(&house, &member, [&listed, &stranger], "evaluation_refused").await;
    house.door.play(Tricks::default());
    assert_eq!(house.answer(&member, &listed).await, Answer::Listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_elements_are_caught() {
    let (house, member, listed, stranger) = set_up().await;
    let both = [Ok(listed), Ok(stranger)];
    let lists = [house.list.clone()];
    let ask = async |expected: [Answer; 2]| {
        let results = member.check(&both, &lists, &crate::house::acting()).await;
        let answers: Vec<_> = results.expect("checks").iter().map(|r| r.answer).collect();
        assert_eq!(answers, expected);
    };
    ask([Answer::Listed, Answer::NotListed]).await;
    house.door.play(Tricks {
        evaluated: Some(Box::new(|(sent, mut reply)| {
            reply.steps[0].elements.swap(0, 1);
            (sent, reply)
        })),
        ..Tricks::default()
    });
    ask([Answer::Unavailable, Answer::Unavailable]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_record_is_never_pinned() {
    let (house, _, listed, stranger) = set_up().await;
    let fresh = house.member("ksp-jaya").await;
    let forge = |change: fn(&mut SignedRecord)| Tricks {
        records: Some(Box::new(move |mut records| {
            records.iter_mut().for_each(change);
            records
        })),
        ..Tricks::default()
    };
    let tricks: [fn(&mut SignedRecord); 3] = [
        // Signed again by the registry alone: the custodian never countersigned it.
        |record| {
            record.record.not_after = record.record.not_after.plus(1);
            *record = SignedRecord {
                custodians: record.custodians.clone(),
                ..SignedRecord::by_registry(record.record.clone(), &registry_key())
            };
        },
        |record| record.registry.0[0] ^= 1,
        // A key of the forger's own in pk's place.
        |record| {
            let key = PrivateKey::generate(&mut UnwrapErr(SysRng));
            record.record.keys.as_mut().expect("keys").public = *key.public().encoding();
        },
    ];
    for trick in tricks {
        house.door.play(forge(trick));
        caught(&house, &fresh, [&listed, &stranger], "record_refused").await;
        assert!(
            std::fs::read_dir(house.home("ksp-jaya").join("records"))
                .expect("a folder")
                .next()
                .is_none()
        );
    }
    house.door.play(Tricks::default());
    assert_eq!(house.answer(&fresh, &listed).await, Answer::Listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_record_is_refused_across_restarts() {
    let (house, member, listed, _) = set_up().await;
    let first = Arc::new(Mutex::new(Vec::new()));
    let keep = first.clone();
    house.door.play(Tricks {
        records: Some(Box::new(move |records| {
            *keep.lock().expect("whole") = records.clone();
            records
        })),
        ..Tricks::default()
    });
    member.refresh(&house.list).await.expect("the first record");
    // Enough people that the list gets finer buckets, and so a second record.
    let many = house.defaulters("banyak.csv", &niks(8, 500));
    let options = SubmitOptions::default();
    let report = member
        .submit(&house.list, &many, options, &officer(), &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").new, 500);
    house.door.play(Tricks::default());
    member
        .refresh(&house.list)
        .await
        .expect("the second record");
    assert_eq!(house.answer(&member, &listed).await, Answer::Listed);
    drop(member);
    let member = house.reopen("ksp-maju");
    let old = first.lock().expect("whole").clone();
    assert_eq!(old.len(), 1);
    house.door.play(Tricks {
        records: Some(Box::new(move |_| old.clone())),
        ..Tricks::default()
    });
    let refused = member.refresh(&house.list).await;
    assert!(
        matches!(refused, Err(AgentError::Record(RecordFault::GoesBack))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_head_is_refused_across_restarts() {
    let (house, member, listed, _) = set_up().await;
    let old = house
        .door
        .served
        .lock()
        .expect("whole")
        .last()
        .expect("served")
        .clone();
    let more = house.defaulters("lagi.csv", &niks(9, 3));
    let options = SubmitOptions::default();
    let report = member
        .submit(&house.list, &more, options, &officer(), &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").new, 3);
    assert_eq!(house.answer(&member, &listed).await, Answer::Listed);
    drop(member);
    let member = house.reopen("ksp-maju");
    // The registry signs the old state as of now, as if the last changes had never been.
    let clock = house.clock.clone();
    house.door.play(Tricks {
        bucket: Some(Box::new(move |_| {
            let as_of = saring::protocol::Clock::now(&*clock);
            let head = Head {
                as_of,
                ..old.head.head.clone()
            };
            Served {
                head: head.sign(&registry_key()),
                body: old.body.clone(),
            }
        })),
        ..Tricks::default()
    });
    caught(&house, &member, [&listed, &listed], "head_went_back").await;
    house.door.play(Tricks::default());
    assert_eq!(house.answer(&member, &listed).await, Answer::Listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_head_and_a_strangers_head_are_refused() {
    let (house, member, listed, stranger) = set_up().await;
    let clock = house.clock.clone();
    house.door.play(Tricks {
        bucket: Some(Box::new(move |served| {
            clock.pass(61_000);
            served
        })),
        ..Tricks::default()
    });
    caught(&house, &member, [&listed, &stranger], "head_too_old").await;
    house.door.play(Tricks {
        bucket: Some(Box::new(|mut served| {
            served.head = served.head.head.sign(&SigningKey::from_bytes([99; 32]));
            served
        })),
        ..Tricks::default()
    });
    caught(&house, &member, [&listed, &stranger], "head_refused").await;
    house.door.play(Tricks {
        bucket: Some(Box::new(|mut served| {
            served.body[0] ^= 1;
            served
        })),
        ..Tricks::default()
    });
    caught(&house, &member, [&listed, &stranger], "head_refused").await;
}

/// The same bucket without its listed people: other rows take their place, and the registry signs.
fn emptied(served: Served) -> Served {
    let mut rows: Vec<[u8; ROW_BYTES]> = served.body.as_chunks().0.to_vec();
    for row in &mut rows {
        let mut xof = blake3::Hasher::new().update(row).finalize_xof();
        xof.fill(row);
    }
    rows.sort_unstable();
    let body = rows.into_flattened();
    let head = Head {
        body: Head::digest_of(&body),
        ..served.head.head
    };
    Served {
        head: head.sign(&registry_key()),
        body,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bodies_for_one_bucket_and_sequence_leave_evidence() {
    let (house, member, listed, stranger) = set_up().await;
    house.door.play(Tricks {
        bucket: Some(Box::new(emptied)),
        ..Tricks::default()
    });
    caught(&house, &member, [&listed, &stranger], "two_bodies").await;
    let folder = house.home("ksp-maju").join("evidence");
    let kept = std::fs::read_dir(folder)
        .expect("a folder")
        .next()
        .expect("a file");
    let bytes = std::fs::read(kept.expect("a file").path()).expect("reads");
    let evidence: Evidence = serde_json::from_slice(&bytes).expect("parses");
    assert_eq!(evidence.verify(&registry_key().public_key()), Ok(()));
    // Anybody can check it, and nobody is accused by heads that the registry did not sign.
    let forged = Evidence {
        second: SignedHead {
            signature: evidence.first.signature,
            ..evidence.second.clone()
        },
        ..evidence
    };
    assert!(forged.verify(&registry_key().public_key()).is_err());
    house.door.play(Tricks::default());
    assert_eq!(house.answer(&member, &listed).await, Answer::Listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_entry_left_out_of_its_bucket_is_seen() {
    let (house, member, ..) = set_up().await;
    let honest = member.own_verify(&house.list, 5).await.expect("verifies");
    assert!(honest.holds() && honest.served == 5);
    // A second contributor that never saw the honest body.
    let other = house.member("ksp-jaya").await;
    let file = house.defaulters("lain.csv", &niks(10, 4));
    let options = SubmitOptions::default();
    let report = other
        .submit(&house.list, &file, options, &officer(), &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").new, 4);
    house.door.play(Tricks {
        bucket: Some(Box::new(emptied)),
        ..Tricks::default()
    });
    let report = other.own_verify(&house.list, 4).await.expect("verifies");
    assert!(!report.holds());
    assert_eq!(report.faults.len(), 4);
    assert!(
        report
            .faults
            .iter()
            .all(|(_, verdict)| *verdict == OwnVerdict::Missing)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_page_that_names_others_or_leaves_out_is_seen() {
    let (house, member, ..) = set_up().await;
    house.door.play(Tricks {
        own: Some(Box::new(|mut page| {
            let first = page.entries[0].element;
            page.entries
                .iter_mut()
                .for_each(|entry| entry.element = first);
            page
        })),
        ..Tricks::default()
    });
    let report = member.own_verify(&house.list, 5).await.expect("verifies");
    let substituted = report
        .faults
        .iter()
        .filter(|(_, v)| *v == OwnVerdict::Substituted);
    assert_eq!(substituted.count(), 4);
    house.door.play(Tricks {
        own: Some(Box::new(|mut page| {
            page.entries.truncate(2);
            page
        })),
        ..Tricks::default()
    });
    let report = member.own_verify(&house.list, 5).await.expect("verifies");
    assert_eq!((report.entries, report.unnamed), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_other_than_the_invitations_are_refused_before_the_code_is_shown() {
    let house = House::open().await;
    let url = "http://127.0.0.1:1".to_owned();
    let invite = async || {
        let legal = saring::protocol::organisation::LegalRecord::default();
        house
            .operator
            .invite(org("ksp-baru"), legal, url.clone(), &officer())
            .await
    };
    let invitation = invite().await.expect("invited");
    house.door.play(Tricks {
        info: Some(Box::new(|mut info| {
            info.registry = SigningKey::from_bytes([99; 32]).public_key();
            info.fingerprint = info.registry.fingerprint();
            info
        })),
        ..Tricks::default()
    });
    let at = house.home("ksp-baru");
    let attempt = join(
        &at,
        provider(&at),
        invitation.clone(),
        officer(),
        house.door.clone(),
        house.clock.clone(),
    );
    assert!(matches!(attempt.await, Err(AgentError::WrongKey)));
    house.door.play(Tricks::default());
    let mut other = invitation.clone();
    other.trust_root = Digest32([0; 32]);
    let attempt = join(
        &at,
        provider(&at),
        other,
        officer(),
        house.door.clone(),
        house.clock.clone(),
    );
    assert!(matches!(attempt.await, Err(AgentError::WrongKey)));
    let joined = join(
        &at,
        provider(&at),
        invitation,
        officer(),
        house.door.clone(),
        house.clock.clone(),
    );
    assert!(joined.await.is_ok(), "the code was not used up");
}
