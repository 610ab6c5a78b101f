//! Whole versions of a programme's list: staged aside, compared, switched in, dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use saring::protocol::codes::{Reason, Role};
use saring::protocol::order::{Order, OrderKind};
use saring::protocol::submission::{RowOutcome, SubmissionRow};
use saring::protocol::version::{
    DiffCounts, Handover, OpenVersion, SwitchVersion, Validity, Version, VersionState,
};
use saring::protocol::{Date, Digest32, ErrorCode, ListKind, OfficerId};
use saring::registry::RefusalDetail;
use saring::store::Store;

use crate::programme::{Programme, entry_of, handover, row};
use crate::world::{Actor, TODAY, World, json};

#[tokio::test]
async fn a_version_answers_nobody_before_it_is_switched_in() {
    let world = World::new().await;
    let programme = Programme::new(&world, "asn").await;
    let owner = &programme.owner;
    let first = (1..=4).map(|number| row(number, Reason::Asn)).collect();
    let one = programme.replace(&world, 1, first).await;
    assert_eq!(programme.listed(&world, 1..=6).await, [1, 2, 3, 4]);

    let two = programme.begin(&world, 2).await;
    assert_eq!(two, one.next());
    let mut rows: Vec<_> = (3..=6).map(|number| row(number, Reason::Asn)).collect();
    rows[0].content.reason = Reason::Tni;
    let (order, content) = programme.rows_order(&world, owner, two, rows).await;
    let reply = world
        .registry
        .submit(&order, &content)
        .await
        .expect("staged");
    let again = world
        .registry
        .submit(&order, &content)
        .await
        .expect("again");
    assert_eq!(again.rows, reply.rows, "once");
    let kept = entry_of(&world, &programme, 4).await;
    assert!(reply.rows.contains(&RowOutcome::Accepted {
        entry: kept,
        also_listed_by_another: false
    }));
    let listed = programme.listed(&world, 1..=6).await;
    assert_eq!(listed, [1, 2, 3, 4], "the old one answers");
    let counts = DiffCounts {
        added: 2,
        removed: 2,
        unchanged: 1,
        changed: 1,
    };
    assert_eq!(programme.diff(&world, two).await, counts);
    let states: Vec<_> = programme
        .versions(&world)
        .await
        .iter()
        .map(|v| (v.version, v.state, v.people))
        .collect();
    assert_eq!(
        states,
        [
            (one, VersionState::Answering, 4),
            (two, VersionState::Staging, 4)
        ]
    );

    whole_and_switched(&world, &programme, (one, two)).await;
    let entry = entry_of(&world, &programme, 4).await;
    assert_eq!(entry, kept, "an entry keeps its id");
    let again = world.registry.submit(&order, &content).await;
    assert_eq!(again.expect("still answered").rows, reply.rows);
}

/// Closed, switched in, and the old version destroyed.
async fn whole_and_switched(world: &World, programme: &Programme, (one, two): (Version, Version)) {
    let owner = &programme.owner;
    let short = programme
        .close(world, owner, two, 3)
        .await
        .expect_err("a row is missing");
    assert_eq!(short.detail, RefusalDetail::Field("listings"));
    programme.close(world, owner, two, 4).await.expect("closed");
    let late = programme
        .stage(world, owner, two, vec![row(7, Reason::Asn)])
        .await;
    assert_eq!(late.expect_err("closed").code, ErrorCode::NotFound);
    programme.take_effect(world, two, one).await;
    assert_eq!(programme.listed(world, 1..=7).await, [3, 4, 5, 6]);
    world.registry.expire().await.expect("a pass");
    let held = world
        .registry
        .store()
        .list(&programme.list)
        .await
        .expect("reads")
        .expect("there");
    assert!(
        held.versions.retired.is_empty(),
        "the old version is destroyed"
    );
    assert_eq!(programme.listed(world, 1..=7).await, [3, 4, 5, 6]);
}

#[tokio::test]
async fn nothing_but_a_whole_version_under_a_handover_takes_effect() {
    let world = World::new().await;
    let programme = Programme::new(&world, "asn").await;
    let owner = &programme.owner;
    let tomorrow = Validity {
        berlaku_dari: Some(Date(TODAY.0 + 1)),
        berlaku_sampai: Some(Date(TODAY.0 + 30)),
    };
    let open = OpenVersion {
        source: Digest32([1; 32]),
        validity: tomorrow,
    };
    let two = programme
        .open(&world, owner, &open)
        .await
        .expect("begins")
        .version;
    let again = programme
        .open(&world, owner, &open)
        .await
        .expect("the same");
    assert_eq!(again.version, two, "the same source goes on");
    let other = OpenVersion {
        source: Digest32([2; 32]),
        ..open.clone()
    };
    let refused = programme
        .open(&world, owner, &other)
        .await
        .expect_err("one at a time");
    assert_eq!(refused.code, ErrorCode::AlreadyExists);
    programme
        .stage(&world, owner, two, vec![row(1, Reason::Asn)])
        .await
        .expect("staged");

    let good = SwitchVersion {
        version: two,
        replaces: Version::FIRST,
        handover: handover(),
    };
    assert_eq!(
        refusal(&world, &programme, good.clone()).await,
        RefusalDetail::Field("version"),
        "not closed"
    );
    programme
        .close(&world, owner, two, 1)
        .await
        .expect("closed");
    assert_eq!(
        refusal(&world, &programme, good.clone()).await,
        RefusalDetail::Field("validity"),
        "tomorrow"
    );
    holding_today(&world, &programme, good).await;
}

async fn refusal(world: &World, programme: &Programme, switch: SwitchVersion) -> RefusalDetail {
    let refused = programme.switch(world, &programme.owner, &switch).await;
    refused.expect_err("refused").detail
}

/// The day has come: all but one order of a second officer under a handover is refused.
async fn holding_today(world: &World, programme: &Programme, good: SwitchVersion) {
    let (owner, two) = (&programme.owner, good.version);
    world.clock.set(Date(TODAY.0 + 1).start());
    let elsewhere = SwitchVersion {
        replaces: two,
        ..good.clone()
    };
    assert_eq!(
        refusal(world, programme, elsewhere).await,
        RefusalDetail::Field("replaces")
    );
    let unsigned = Handover {
        clauses: vec![],
        ..handover()
    };
    let without = SwitchVersion {
        handover: unsigned,
        ..good.clone()
    };
    assert_eq!(
        refusal(world, programme, without).await,
        RefusalDetail::Field("handover")
    );
    let content = json(&good);
    let order = Order {
        officer: OfficerId::parse("petugas-07").expect("an id"),
        ..programme.order(world, owner, OrderKind::SwitchVersion, &content)
    };
    let same = world
        .registry
        .switch_version(&order.sign(&owner.key), &content)
        .await;
    assert_eq!(
        same.expect_err("who staged it").detail,
        RefusalDetail::Field("officer")
    );
    assert!(programme.listed(world, [1]).await.is_empty());
    programme
        .switch(world, owner, &good)
        .await
        .expect("switched");
    assert_eq!(programme.listed(world, [1]).await, [1]);
    let summary = programme.summary(world, 1).await.expect("a row");
    assert_eq!(
        summary.listed_until,
        Date(TODAY.0 + 31).start(),
        "it ends with its version"
    );
}

#[tokio::test]
async fn a_dropped_version_leaves_nothing_and_another_begins() {
    let world = World::new().await;
    let programme = Programme::new(&world, "asn").await;
    programme
        .replace(&world, 1, vec![row(1, Reason::Asn)])
        .await;
    let three = programme.begin(&world, 2).await;
    let rows = vec![row(2, Reason::Asn)];
    programme
        .stage(&world, &programme.owner, three, rows.clone())
        .await
        .expect("staged");
    programme
        .discard(&world, &programme.owner, three)
        .await
        .expect("dropped");
    let gone = programme.stage(&world, &programme.owner, three, rows).await;
    assert_eq!(gone.expect_err("dropped").code, ErrorCode::NotFound);
    let four = programme.begin(&world, 2).await;
    assert_eq!(four, three.next(), "a number is never used again");
    assert_eq!(programme.diff(&world, four).await.added, 0);
    assert_eq!(programme.listed(&world, 1..=2).await, [1]);
    let world = world.restart(|store| store).await;
    world.registry.expire().await.expect("a pass");
    assert_eq!(programme.listed(&world, 1..=2).await, [1]);
}

#[tokio::test]
async fn only_the_owner_contributes_and_only_an_owned_list_has_versions() {
    let world = World::new().await;
    let programme = Programme::new(&world, "asn").await;
    let roles = [Role::Contribute];
    let other = world
        .member("ksp-lain", 121, &programme.list, &roles, 0)
        .await;
    let (order, content) = world
        .submission(&other, &programme.list, vec![row(1, Reason::Asn)])
        .await;
    let refused = world.registry.submit(&order, &content).await;
    assert_eq!(
        refused.expect_err("not its list").code,
        ErrorCode::NotGranted
    );
    let borrowers = Programme {
        list: world.list("peminjam", ListKind::HashBlake3).await,
        owner: Actor::new("ksp-lain", 121),
        checker: Actor::new("ksp-lain", 121),
    };
    world
        .grant(&other, &borrowers.list, &roles, 0)
        .await
        .expect("granted");
    let open = OpenVersion {
        source: Digest32([1; 32]),
        validity: Validity::default(),
    };
    let refused = borrowers.open(&world, &other, &open).await;
    assert_eq!(
        refused.expect_err("no versions").detail,
        RefusalDetail::Field("list")
    );
    let version = programme.begin(&world, 1).await;
    let (order, content) = programme
        .rows_order(&world, &programme.owner, version, vec![row(1, Reason::Asn)])
        .await;
    let submit = Order {
        kind: OrderKind::Submit,
        ..order.order
    };
    let as_submission = submit.sign(&programme.owner.key);
    let refused = world.registry.submit(&as_submission, &content).await;
    assert_eq!(
        refused.expect_err("another kind").code,
        ErrorCode::ContentMismatch
    );
}

/// Odd people are on odd versions and even ones on even versions: an answer that mixed two would
/// show both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_checks_see_one_version_each() {
    let world = Arc::new(World::new().await);
    let programme = Programme::new(&world, "asn").await;
    let people = |version: u32| -> Vec<SubmissionRow> {
        (0..40)
            .map(|n| row(n * 2 + version % 2, Reason::Asn))
            .collect()
    };
    programme.replace(&world, 1, people(1)).await;
    let stop = Arc::new(AtomicBool::new(false));
    let programme = Arc::new(programme);
    let checks = (0..2).map(|_| {
        let (world, stop) = (Arc::clone(&world), Arc::clone(&stop));
        let programme = Arc::clone(&programme);
        tokio::spawn(async move {
            let mut checks = 0_u32;
            while !stop.load(Ordering::Relaxed) {
                let listed = programme.in_one_answer(&world, 80).await;
                let odd = listed.iter().filter(|number| *number % 2 == 1).count();
                assert_eq!(listed.len(), 40);
                assert!(odd == 0 || odd == 40, "an answer of two versions");
                checks += 1;
            }
            checks
        })
    });
    let checks: Vec<_> = checks.collect();
    for version in 2..12 {
        programme
            .replace(&world, version, people(u32::from(version)))
            .await;
        world.registry.expire().await.expect("a pass");
    }
    stop.store(true, Ordering::Relaxed);
    for check in checks {
        assert!(check.await.expect("holds") > 0);
    }
}
