//! What registries that cheat and disks that fail try on a copy. The control of every case is in the
//! case itself.

use saring::agent::{AgentError, SyncBy};
use saring::protocol::codes::RemovalCause;
use saring::protocol::watch::HeadFault;
use saring::protocol::{Delta, Evidence, Head, HeadSubject, KeyMove, Placement, SigningKey};

use super::{copy, counts, folder, set_up, settle, signed, sync};
use crate::cheating::Tricks;
use crate::house::REGISTRY_KEY;

#[tokio::test(flavor = "multi_thread")]
async fn two_deltas_for_one_pair_are_evidence() {
    let (house, member, _) = set_up(5).await;
    sync(&house, &member).await.expect("syncs");
    sync(&house, &member)
        .await
        .expect("the control: the same delta again");
    let before = copy(&house, &member);
    house.door.play(Tricks {
        delta: Some(Box::new(|mut served| {
            let added = KeyMove {
                key: 7,
                before: Placement::NOWHERE,
                after: Placement::try_from(1).expect("debtors"),
            };
            served.body = Delta::net(vec![added]).to_bytes();
            let body = Head::digest_of(&served.body);
            served.head = signed(Head {
                body,
                ..served.head.head
            });
            served
        })),
        ..Tricks::default()
    });
    let caught = sync(&house, &member).await;
    assert!(matches!(
        caught,
        Err(AgentError::Head(HeadFault::TwoBodies(_)))
    ));
    let evidence = std::fs::read_dir(house.home("prakerja").join("evidence"));
    let file = evidence
        .expect("a folder")
        .next()
        .expect("one")
        .expect("reads");
    let evidence = std::fs::read(file.path()).expect("reads");
    let evidence: Evidence = serde_json::from_slice(&evidence).expect("parses");
    let registry = SigningKey::from_bytes(REGISTRY_KEY).public_key();
    assert_eq!(evidence.verify(&registry), Ok(()));
    let after = copy(&house, &member);
    assert_eq!(
        (after.sequence(), counts(&after)),
        (before.sequence(), (5, 0))
    );
    house.door.play(Tricks::default());
    sync(&house, &member).await.expect("honest again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_that_does_not_fit_changes_nothing() {
    let (house, member, _) = set_up(5).await;
    sync(&house, &member).await.expect("syncs");
    settle(&house, &member, "PK-1", RemovalCause::Lunas).await;
    house.door.play(Tricks {
        delta: Some(Box::new(|mut served| {
            let gone = KeyMove {
                key: 7,
                before: Placement::try_from(1).expect("debtors"),
                after: Placement::NOWHERE,
            };
            served.body = Delta::net(vec![gone]).to_bytes();
            let body = Head::digest_of(&served.body);
            served.head = signed(Head {
                body,
                ..served.head.head
            });
            served
        })),
        ..Tricks::default()
    });
    let refused = sync(&house, &member).await.expect_err("refused");
    assert_eq!(refused.code(), "delta_unfit");
    assert!(refused.is_suspicious());
    assert_eq!(counts(&copy(&house, &member)), (5, 0));
    // The honest delta between the same sequences is another body: the lie is remembered.
    house.door.play(Tricks::default());
    let caught = sync(&house, &member).await.expect_err("evidence");
    assert_eq!(caught.code(), "two_bodies");
    settle(&house, &member, "PK-2", RemovalCause::Lunas).await;
    sync(&house, &member).await.expect("the control");
    assert_eq!(counts(&copy(&house, &member)), (3, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_sequence_and_a_foreign_delta_are_refused() {
    let (house, member, _) = set_up(5).await;
    let first = sync(&house, &member).await.expect("syncs").sequence;
    settle(&house, &member, "PK-1", RemovalCause::Lunas).await;
    let second = sync(&house, &member).await.expect("syncs").sequence;
    assert!(second > first);
    type Change = fn(&mut Head, u64);
    let cases: [(Change, &str); 5] = [
        (
            |head, first| {
                head.what = HeadSubject::Delta {
                    from: first,
                    to: first,
                };
                head.sequence = first;
            },
            "head_refused",
        ),
        (|head, first| head.sequence = first, "head_refused"),
        (|head, _| head.what = HeadSubject::Snapshot, "head_refused"),
        (|head, _| head.epoch.0 += 1, "head_refused"),
        (|head, _| head.as_of.0 += 60_000, "clock_behind"),
    ];
    for (change, reason) in cases {
        house.door.play(Tricks {
            delta: Some(Box::new(move |mut served| {
                let mut head = served.head.head;
                change(&mut head, first);
                served.head = signed(head);
                served
            })),
            ..Tricks::default()
        });
        let refused = sync(&house, &member).await.expect_err("refused");
        assert_eq!(refused.code(), reason);
        assert_eq!(copy(&house, &member).sequence(), second);
    }
    house.door.play(Tricks::default());
    assert_eq!(
        sync(&house, &member).await.expect("honest").sequence,
        second
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_base_with_a_delta_to_the_past_is_refused() {
    let (house, member, _) = set_up(5).await;
    let base = sync(&house, &member).await.expect("syncs").sequence;
    settle(&house, &member, "PK-1", RemovalCause::NikSalah).await;
    sync(&house, &member).await.expect("syncs");
    std::fs::remove_dir_all(folder(&house)).expect("the copy is lost");
    house.door.play(Tricks {
        delta: Some(Box::new(move |mut served| {
            // "Nothing changed since": the person who was removed would stand again.
            served.body = Delta::default().to_bytes();
            served.head = signed(Head {
                what: HeadSubject::Delta {
                    from: base,
                    to: base,
                },
                sequence: base,
                body: Head::digest_of(&served.body),
                ..served.head.head
            });
            served
        })),
        ..Tricks::default()
    });
    let refused = sync(&house, &member).await.expect_err("refused");
    assert_eq!(refused.code(), "head_went_back");
    assert!(
        member
            .copy(&house.list, saring::protocol::Epoch(1))
            .is_err()
    );
    house.door.play(Tricks::default());
    let report = sync(&house, &member).await.expect("honest");
    assert_eq!(counts(&copy(&house, &member)), (4, 0));
    assert!(report.fetched < 100, "the base was fetched whole before");
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_chunks_are_refused_and_lost_answers_asked_for_again() {
    let (house, member, _) = set_up(5).await;
    house.door.play(Tricks {
        keys: Some(Box::new(|(start, mut bytes)| {
            if let Some(bytes) = &mut bytes {
                bytes[9] ^= 1;
            }
            (start, bytes)
        })),
        ..Tricks::default()
    });
    let refused = sync(&house, &member).await.expect_err("refused");
    assert_eq!(refused.code(), "snapshot_refused");
    assert!(
        member
            .copy(&house.list, saring::protocol::Epoch(1))
            .is_err()
    );
    let mut left = 3;
    house.door.play(Tricks {
        keys: Some(Box::new(move |(start, bytes)| {
            let lost = left > 0;
            left -= i32::from(lost);
            (start, bytes.filter(|_| !lost))
        })),
        ..Tricks::default()
    });
    sync(&house, &member).await.expect("asks again");
    assert_eq!(counts(&copy(&house, &member)), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_is_noticed_and_fetched_anew() {
    let (house, member, _) = set_up(5).await;
    let sequence = sync(&house, &member).await.expect("syncs").sequence;
    let keys = folder(&house).join(format!("keys.{sequence}"));
    let good = std::fs::read(&keys).expect("reads");
    copy(&house, &member).verify().expect("the control");
    let mut bad = good.clone();
    bad[3] ^= 1;
    std::fs::write(&keys, bad).expect("writes");
    assert!(matches!(
        copy(&house, &member).verify(),
        Err(AgentError::CopyDamaged)
    ));
    // A changed byte is met when a delta is put on top of it; a cut file at once.
    settle(&house, &member, "PK-1", RemovalCause::NikSalah).await;
    let report = sync(&house, &member).await.expect("syncs");
    assert_eq!((report.by, report.keys), (SyncBy::Snapshot, 4));
    copy(&house, &member).verify().expect("whole again");
    let keys = folder(&house).join(format!("keys.{}", report.sequence));
    std::fs::write(&keys, b"short").expect("writes");
    assert_eq!(
        sync(&house, &member).await.expect("syncs").by,
        SyncBy::Snapshot
    );
    std::fs::write(folder(&house).join("copy.sealed"), b"nonsense").expect("writes");
    assert_eq!(
        sync(&house, &member).await.expect("syncs").by,
        SyncBy::Snapshot
    );
    assert_eq!(counts(&copy(&house, &member)), (4, 0));
}
