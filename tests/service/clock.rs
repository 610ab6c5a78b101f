//! The clock's rule: nothing expires by a jumped clock, and nobody is listed by a late pass.

use saring::protocol::SnapshotIndex;
use saring::protocol::codes::Role;
use saring::protocol::order::OrderKind;
use saring::protocol::organisation::AcceptClock;
use saring::protocol::submission::SubmissionRow;
use saring::protocol::{AnswerClass, Date, ErrorCode, ListKind, Timestamp};
use saring::registry::{ClockState, Refusal, RefusalDetail};

use crate::world::{Actor, DAY, TODAY, World, json, row, somebody};

async fn accept(world: &World, by: &Actor, now: Timestamp) -> Result<(), Refusal> {
    let content = json(&AcceptClock { now });
    let order = world.order(by, OrderKind::AcceptClock, &content);
    let order = order.sign(&by.key);
    let done = world.registry.accept_clock(&order, &content).await;
    done.map(|_| ())
}

fn ending(days: i32) -> SubmissionRow {
    let mut row = row(somebody(1), 1);
    row.content.expires_on = Some(Date(TODAY.0 + days));
    row
}

#[tokio::test]
async fn a_jumped_clock_expires_nobody_until_the_operator_accepts_it() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    world.list_one(&lender, &list, ending(30)).await;
    let honest = world.now();

    for jump in [365 * DAY, DAY + 1, -300_001, -DAY, -365 * DAY] {
        world.clock.set(honest.plus(jump));
        let refused = world.registry.expire().await.expect_err("a jumped clock");
        assert_eq!(refused.code, ErrorCode::ClockWrong, "jump {jump}");
        let expected = if jump > 0 {
            ClockState::Leapt
        } else {
            ClockState::Behind
        };
        let health = world.registry.health().await;
        assert_eq!(health.clock, Some(expected));
        assert!(!health.is_ready());
        if jump < 0 {
            let refused = world.look_up(&lender, &list, somebody(1)).await;
            assert_eq!(refused.expect_err("no verdict").code, ErrorCode::ClockWrong);
        }
    }
    world.clock.set(honest.plus(-1));
    let behind = world.registry.expire().await.expect_err("behind");
    assert_eq!(behind.code, ErrorCode::ClockWrong);
    world.clock.set(honest);
    assert_eq!(world.registry.expire().await.expect("sane").people, 0);
    assert_eq!(
        world.class(&lender, &list, somebody(1)).await,
        AnswerClass::Listed
    );

    world.clock.set(honest.plus(40 * DAY));
    let now = world.now();
    let refused = accept(&world, &lender, now)
        .await
        .expect_err("not the operator");
    assert_eq!(refused.code, ErrorCode::NotGranted);
    let refused = accept(&world, &world.operator, honest)
        .await
        .expect_err("another time");
    assert_eq!(refused.code, ErrorCode::InvalidField);
    accept(&world, &world.operator, now)
        .await
        .expect("accepted");
    assert_eq!(world.registry.expire().await.expect("sane").people, 1);
    assert_eq!(
        world.registry.expire().await.expect("sane").people,
        0,
        "once"
    );
    assert_eq!(
        world.class(&lender, &list, somebody(1)).await,
        AnswerClass::Previously
    );
}

#[tokio::test]
async fn a_jumped_clock_is_not_made_good_by_the_writes_it_dates() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    world.list_one(&lender, &list, ending(30)).await;
    let honest = world.now();

    // The member's clock jumped with the registry's: its order is fresh and is taken.
    world.clock.set(honest.plus(365 * DAY));
    let mut other = row(somebody(2), 2);
    other.content.defaulted_on = Date(TODAY.0 + 100);
    world.list_one(&lender, &list, other).await;
    let refused = world.registry.expire().await.expect_err("still a leap");
    assert_eq!(refused.code, ErrorCode::ClockWrong);

    world.clock.set(honest);
    assert_eq!(world.registry.expire().await.expect("sane").people, 0);
    assert!(world.registry.health().await.is_ready(), "set right again");
    assert_eq!(
        world.class(&lender, &list, somebody(1)).await,
        AnswerClass::Listed
    );
}

#[tokio::test]
async fn a_late_pass_lists_nobody() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check, Role::Screen];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    world.list_one(&lender, &list, ending(1)).await;
    world.clock.set(Date(TODAY.0 + 1).start().plus(-1));
    assert_eq!(
        world.class(&lender, &list, somebody(1)).await,
        AnswerClass::Listed
    );
    world.clock.advance(1);
    assert_eq!(
        world.class(&lender, &list, somebody(1)).await,
        AnswerClass::Previously
    );
    let member = world.read(&lender).await.expect("may read");
    let epoch = world.record(&list).await.record.epoch;
    let served = world.registry.snapshot(&member, &list, epoch).await;
    let index = SnapshotIndex::from_bytes(&served.expect("serves").body).expect("reads");
    let sections = index.sections().iter();
    let classes: Vec<_> = sections.map(|counted| counted.section.class).collect();
    assert_eq!(classes, [AnswerClass::Previously]);
}

#[tokio::test]
async fn an_idle_registry_does_not_look_like_a_jumped_clock() {
    let world = World::new().await;
    for _ in 0..100 {
        world.clock.advance(DAY / 2);
        world.registry.expire().await.expect("a sane clock");
    }
    assert!(world.registry.health().await.is_ready());
}

#[tokio::test]
async fn stale_orders_are_told_the_servers_time() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let lender = world
        .member("ksp-satu", 10, &list, &[Role::Contribute], 0)
        .await;
    for lag in [-300_001, 300_001] {
        let (mut order, content) = world
            .submission(&lender, &list, vec![row(somebody(1), 1)])
            .await;
        order.order.created_at = world.now().plus(lag);
        let order = order.order.sign(&lender.key);
        let refused = world
            .registry
            .submit(&order, &content)
            .await
            .expect_err("stale");
        assert_eq!(refused.code, ErrorCode::StaleOrder);
        assert_eq!(refused.detail, RefusalDetail::ServerTime(world.now()));
    }
}
