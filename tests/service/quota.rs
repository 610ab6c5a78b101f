//! Quotas of the registry, quotas and cap of the custodian, and what happens without its ledger.

use saring::nik::Nik;
use saring::protocol::codes::{RemovalCause, Role};
use saring::protocol::organisation::CreateList;
use saring::protocol::submission::RemovalOutcome;
use saring::protocol::{AnswerClass, ErrorCode, ListId, ListKind};
use saring::registry::RefusalDetail;

use crate::world::{Actor, DAY, World, row};

fn niks(count: u32) -> Vec<Nik> {
    let nik = |n| Nik::parse(&format!("351514450868{n:04}")).expect("valid");
    (1..=count).map(nik).collect()
}

async fn code(world: &World, by: &Actor, list: &ListId, count: u32) -> Result<u64, ErrorCode> {
    match world.evaluate(by, list, &niks(count)).await {
        Ok((_, reply)) => Ok(reply.quota.used),
        Err(refusal) => Err(refusal.code),
    }
}

#[tokio::test]
async fn a_stolen_key_enumerates_no_more_than_a_days_quota() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let thief = world.member("ksp-cek", 10, &list, &[Role::Check], 10).await;
    let mut evaluated = 0;
    for chunk in [4, 4, 4, 2, 1, 1] {
        if code(&world, &thief, &list, chunk).await.is_ok() {
            evaluated += chunk;
        }
    }
    assert_eq!(evaluated, 10);
    let refused = world
        .evaluate(&thief, &list, &niks(1))
        .await
        .expect_err("used up");
    assert_eq!(refused.code, ErrorCode::QuotaExceeded);
    let RefusalDetail::Quota(quota) = refused.detail else {
        panic!("{refused:?}")
    };
    assert_eq!((quota.used, quota.allowed), (10, 10));
    assert_eq!(quota.reset.date().0, world.now().date().0 + 1);
    world.clock.set(quota.reset);
    assert_eq!(
        code(&world, &thief, &list, 10).await,
        Ok(10),
        "the next day"
    );
}

#[tokio::test]
async fn the_custodian_keeps_its_own_roll_quota_and_cap() {
    let world = World::new().await;
    let list = ListId::parse("peminjam-macet").expect("an id");
    let creation = CreateList {
        daily_cap: 20,
        ..World::creation(&list, ListKind::OprfNik)
    };
    world.create(&creation).await.expect("created");
    let one = world
        .member("ksp-satu", 10, &list, &[Role::Check], 100)
        .await;
    let two = world
        .member("ksp-dua", 11, &list, &[Role::Check], 100)
        .await;

    world.admit(&one, &list, 5).await.expect("admitted");
    assert_eq!(
        code(&world, &one, &list, 6).await,
        Err(ErrorCode::QuotaExceeded)
    );
    world.admit(&one, &list, 0).await.expect("struck");
    assert_eq!(
        code(&world, &one, &list, 1).await,
        Err(ErrorCode::NotOnRoll)
    );
    world.admit(&one, &list, 15).await.expect("admitted");
    assert!(code(&world, &one, &list, 15).await.is_ok());
    assert_eq!(
        code(&world, &two, &list, 6).await,
        Err(ErrorCode::CapReached)
    );
    assert!(code(&world, &two, &list, 5).await.is_ok());
    assert_eq!(
        code(&world, &two, &list, 1).await,
        Err(ErrorCode::CapReached)
    );
    world.clock.advance(DAY);
    assert!(code(&world, &two, &list, 20).await.is_ok());

    // A key that the custodian's administrator did not check is not believed.
    let impostor = Actor {
        id: two.id.clone(),
        ..Actor::new("ksp-dua", 99)
    };
    world.admit(&impostor, &list, 100).await.expect("admitted");
    assert_eq!(
        code(&world, &two, &list, 1).await,
        Err(ErrorCode::BadSignature)
    );
}

#[tokio::test]
async fn without_its_ledger_nothing_is_evaluated_and_removals_go_on() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-maju", 10, &list, &roles, 100).await;
    let (elements, _) = world
        .evaluate(&lender, &list, &niks(1))
        .await
        .expect("evaluates");
    let entry = world.list_one(&lender, &list, row(elements[0], 1)).await;
    assert!(world.registry.health().await.is_ready());

    world
        .ledger_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let (_, order, blinded) = world.evaluation(&lender, &list, &niks(1)).await;
    for _ in 0..3 {
        let refused = world.registry.evaluate(&order, blinded.clone()).await;
        assert_eq!(
            refused.expect_err("never free").code,
            ErrorCode::Unavailable
        );
    }
    assert!(!world.registry.health().await.ledger_takes_writes);
    let admitted = world.admit(&lender, &list, 50).await;
    assert_eq!(admitted, Err(ErrorCode::Unavailable));
    assert_eq!(
        world.class(&lender, &list, elements[0]).await,
        AnswerClass::Listed
    );
    let removed = world
        .remove(&lender, &list, RemovalCause::Lunas, &[entry])
        .await;
    assert_eq!(removed, Ok(vec![RemovalOutcome::Done]));

    world
        .ledger_full
        .store(false, std::sync::atomic::Ordering::SeqCst);
    assert!(
        world.registry.health().await.is_ready(),
        "heals without a restart"
    );
    let reply = world
        .registry
        .evaluate(&order, blinded)
        .await
        .expect("evaluates");
    assert_eq!(reply.quota.used, 2, "charged once by the registry");
    let today = world.now().date();
    assert_eq!(
        world.custodian.used(&list, &lender.id, today),
        2,
        "and by the custodian"
    );
    assert_eq!(
        code(&world, &lender, &list, 100).await,
        Err(ErrorCode::QuotaExceeded)
    );
}
