//! A list's copy on the client's machine, kept up to date by deltas.

mod lies;

use std::path::PathBuf;

use saring::agent::{AgentError, Home, LocalCopy, SubmitOptions, SyncBy, SyncReport, Unwatched};
use saring::nik::Nik;
use saring::protocol::codes::RemovalCause;
use saring::protocol::watch::HeadFault;
use saring::protocol::{AnswerClass, ErrorCode, Head, SigningKey};

use crate::cheating::Tricks;
use crate::house::{House, Member, REGISTRY_KEY, niks, officer, provider};

const HOUR: i64 = 3_600_000;

/// A member with people listed under `PK-0`, `PK-1`, ...
async fn set_up(people: usize) -> (House, Member, Vec<Nik>) {
    let house = House::open().await;
    let member = house.member("prakerja").await;
    let listed = niks(31, people);
    list(&house, &member, "awal.csv", &listed).await;
    (house, member, listed)
}

async fn list(house: &House, member: &Member, name: &str, people: &[Nik]) {
    let file = house.defaulters(name, people);
    let options = SubmitOptions::default();
    let report = member
        .submit(&house.list, &file, options, &officer(), &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").new, people.len() as u64);
}

async fn settle(house: &House, member: &Member, reference: &str, cause: RemovalCause) {
    let references = [reference];
    let settled = member
        .settle(&house.list, &references, cause, &officer())
        .await;
    settled.expect("settles");
}

async fn sync(house: &House, member: &Member) -> Result<SyncReport, AgentError> {
    house.clock.pass(1);
    member.sync(&house.list, &mut Unwatched).await
}

fn copy(house: &House, member: &Member) -> LocalCopy {
    let epoch = saring::protocol::Epoch(1);
    member.copy(&house.list, epoch).expect("a copy")
}

/// Keys by class, as the copy has them.
fn counts(copy: &LocalCopy) -> (usize, usize) {
    let of = |class| {
        let places = copy.sections().iter().enumerate();
        let places = places.filter(move |(_, counted)| counted.section.class == class);
        places
            .map(|(place, _)| {
                let keys: Result<Vec<u64>, _> = copy.keys(place).collect();
                keys.expect("reads").len()
            })
            .sum()
    };
    (of(AnswerClass::Listed), of(AnswerClass::Previously))
}

fn folder(house: &House) -> PathBuf {
    let copies = house.home("prakerja").join("copies");
    copies.join(house.list.as_str()).join("1")
}

fn signed(head: Head) -> saring::protocol::SignedHead {
    head.sign(&SigningKey::from_bytes(REGISTRY_KEY))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_in_the_making_is_waited_for() {
    let (house, member, _) = set_up(5).await;
    house.door.play(Tricks {
        in_the_making: 2,
        ..Tricks::default()
    });
    let synced = sync(&house, &member).await.expect("waits");
    assert_eq!((synced.by, synced.keys), (SyncBy::Snapshot, 5));
    assert_eq!(counts(&copy(&house, &member)), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_follows_every_change_by_the_next_delta() {
    let (house, member, _) = set_up(20).await;
    let none = member.copy(&house.list, saring::protocol::Epoch(1));
    assert!(matches!(none, Err(AgentError::NoCopy)));
    let first = sync(&house, &member).await.expect("syncs");
    assert_eq!(
        (first.by, first.keys, first.bytes),
        (SyncBy::Snapshot, 20, 160)
    );
    assert_eq!(counts(&copy(&house, &member)), (20, 0));

    house.clock.pass(HOUR);
    let again = sync(&house, &member).await.expect("syncs");
    assert_eq!(
        (again.by, again.sequence),
        (SyncBy::Nothing, first.sequence)
    );
    assert!(
        again.as_of.since(first.as_of) > HOUR,
        "an empty delta renews the time"
    );
    assert_eq!(copy(&house, &member).as_of(), again.as_of);

    settle(&house, &member, "PK-3", RemovalCause::Lunas).await;
    settle(&house, &member, "PK-4", RemovalCause::NikSalah).await;
    settle(&house, &member, "PK-5", RemovalCause::Sanggahan).await;
    list(&house, &member, "lagi.csv", &niks(32, 2)).await;
    let open = copy(&house, &member);
    let led = sync(&house, &member).await.expect("syncs");
    assert_eq!((led.by, led.changed, led.keys), (SyncBy::Delta, 5, 20));
    assert_eq!(counts(&copy(&house, &member)), (19, 1));
    assert_eq!(counts(&open), (20, 0), "whoever reads goes on");

    // The same as whoever comes anew gets.
    let newcomer = house.member("ksp-baru").await;
    let fresh = sync(&house, &newcomer).await.expect("syncs");
    assert_eq!((fresh.by, fresh.sequence), (SyncBy::Snapshot, led.sequence));
    let (one, other) = (copy(&house, &member), copy(&house, &newcomer));
    assert_eq!(one.sections(), other.sections());
    for place in 0..one.sections().len() {
        let read = |copy: &LocalCopy| {
            copy.keys(place)
                .map(|k| k.expect("reads"))
                .collect::<Vec<_>>()
        };
        assert_eq!(read(&one), read(&other));
    }
    drop(member);
    let member = house.reopen("prakerja");
    assert_eq!(counts(&copy(&house, &member)), (19, 1), "after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_and_a_clock_behind_say_nothing() {
    let (house, member, _) = set_up(2).await;
    sync(&house, &member).await.expect("syncs");
    let held = copy(&house, &member);
    house.clock.pass(24 * HOUR - 1_000);
    assert!(member.may_clear(held.head()).is_ok());
    house.clock.pass(2_000);
    let old = member.may_clear(held.head());
    assert!(matches!(
        old,
        Err(AgentError::Head(HeadFault::TooOld { .. }))
    ));
    sync(&house, &member).await.expect("syncs");
    assert!(member.may_clear(copy(&house, &member).head()).is_ok());
    house.clock.pass(-10_000);
    let behind = member.may_clear(copy(&house, &member).head());
    assert!(matches!(
        behind,
        Err(AgentError::Head(HeadFault::ClockBehind { .. }))
    ));
    let refused = sync(&house, &member).await;
    assert!(matches!(
        refused,
        Err(AgentError::Head(HeadFault::ClockBehind { .. }))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_copy_serves_when_the_registry_is_away() {
    let (house, member, _) = set_up(5).await;
    sync(&house, &member).await.expect("syncs");
    house.door.play(Tricks {
        delta: Some(Box::new(|mut served| {
            served.body.push(0);
            served
        })),
        ..Tricks::default()
    });
    assert!(sync(&house, &member).await.is_err());
    assert_eq!(counts(&copy(&house, &member)), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_share_what_they_saw() {
    let (house, member, _) = set_up(5).await;
    let at = house.home("prakerja");
    let beside = || Home::open(&at, provider(&at)).expect("opens beside");
    let daemon = saring::agent::Agent::new(beside(), house.door.clone(), house.clock.clone());
    let first = sync(&house, &daemon).await.expect("syncs").sequence;
    assert_eq!(copy(&house, &member).sequence(), first);
    settle(&house, &member, "PK-1", RemovalCause::Lunas).await;
    let second = sync(&house, &daemon).await.expect("syncs").sequence;
    assert!(second > first);
    // What the daemon saw, the other process holds the registry to.
    house.door.play(Tricks {
        bucket: Some(Box::new(move |mut served| {
            served.head = signed(Head {
                sequence: first,
                ..served.head.head
            });
            served
        })),
        ..Tricks::default()
    });
    let result = house.check(&member, &niks(31, 1)[0]).await;
    assert_eq!(result.reason, Some("head_went_back"));
    house.door.play(Tricks::default());
    assert_eq!(
        house.check(&member, &niks(31, 1)[0]).await.reason,
        None,
        "the control"
    );
    // What one submitted the other settles.
    let settled = daemon
        .settle(&house.list, &["PK-2"], RemovalCause::Lunas, &officer())
        .await;
    let settled = settled.expect("settles").references;
    assert_eq!(
        settled,
        [saring::agent::Settled::Outcomes(vec![
            saring::protocol::submission::RemovalOutcome::Done
        ])]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_screen_gets_nothing() {
    let (house, member, _) = set_up(1).await;
    sync(&house, &member).await.expect("the control");
    let stranger = house.member("ksp-lain").await;
    let grant = saring::protocol::organisation::Grant {
        organisation: crate::house::org("ksp-lain"),
        list: house.list.clone(),
        roles: vec![saring::protocol::codes::Role::Check],
        daily_quota: 10,
    };
    house
        .operator
        .grant(&grant, &officer())
        .await
        .expect("granted");
    let refused = sync(&house, &stranger).await.expect_err("refused");
    assert_eq!(refused.refusal(), Some(ErrorCode::NotGranted));
    let delta = stranger
        .delta(&house.list, saring::protocol::Epoch(1), 1)
        .await;
    assert_eq!(
        delta.expect_err("refused").refusal(),
        Some(ErrorCode::NotGranted)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_after_one_percent_is_a_tenth_of_a_snapshot_at_most() {
    let (house, member, _) = set_up(2_000).await;
    let whole = sync(&house, &member).await.expect("syncs");
    assert_eq!(whole.bytes, 16_000);
    for reference in 0..10 {
        settle(
            &house,
            &member,
            &format!("PK-{reference}"),
            RemovalCause::Lunas,
        )
        .await;
    }
    list(&house, &member, "lagi.csv", &niks(33, 10)).await;
    let led = sync(&house, &member).await.expect("syncs");
    assert_eq!((led.by, led.changed), (SyncBy::Delta, 20));
    assert!(led.fetched * 10 <= whole.bytes, "{} bytes", led.fetched);
}
