//! Orders and reads that were tampered with, stolen, replayed or overtaken.

use saring::nik::Nik;
use saring::protocol::codes::Role;
use saring::protocol::order::{Order, OrderKind, SignedOrder};
use saring::protocol::{ContentDigest, Digest32, ErrorCode, Fingerprint, OrgId};

use crate::roles::{Act, Stage};
use crate::world::{json, row, somebody};

#[tokio::test]
async fn a_contributor_reads_only_buckets_with_its_own_entries() {
    let stage = Stage::new().await;
    let (world, list) = (&stage.world, &stage.keyed);
    let lender = world
        .member("ksp-satu", 10, list, &[Role::Contribute], 0)
        .await;
    let refused = world
        .look_up(&lender, list, somebody(1))
        .await
        .expect_err("none of its own");
    assert_eq!(refused.code, ErrorCode::NotGranted);
    world.list_one(&lender, list, row(somebody(1), 1)).await;
    world
        .look_up(&lender, list, somebody(1))
        .await
        .expect("its own");
    let rows: Vec<_> = (1_000..1_500).map(|n| row(somebody(n), 1)).collect();
    world.submit(&stage.bystander, list, rows).await;
    let mut refused = 0;
    for other in 1_000..1_010 {
        refused += u32::from(world.look_up(&lender, list, somebody(other)).await.is_err());
    }
    assert!((1..10).contains(&refused), "only its own half: {refused}");
}

#[tokio::test]
async fn tampered_orders_are_refused() {
    let stage = Stage::new().await;
    let (world, list) = (&stage.world, &stage.oblivious);
    let roles = [Role::Check, Role::Contribute];
    let officer = world.member("ksp-cek", 10, list, &roles, 1_000_000).await;
    let other = world.member("ksp-dua", 11, list, &roles, 1_000_000).await;
    let nik = [Nik::parse("3515144508680002").expect("valid")];
    let (_, good, elements) = world.evaluation(&officer, list, &nik).await;
    let bytes = good.to_bytes();
    let mut mutants = Vec::new();
    for at in 0..bytes.len() {
        for bit in [0, 5] {
            let mut mutant = bytes.clone();
            mutant[at] ^= 1 << bit;
            mutants.extend(SignedOrder::from_bytes(&mutant));
        }
    }
    let resigned = |change: fn(&mut Order), key| {
        let mut order = good.order.clone();
        change(&mut order);
        order.sign(key)
    };
    let changes: [fn(&mut Order); 8] = [
        |order| order.kind = OrderKind::Submit,
        |order| order.audience = Fingerprint([0; 32]),
        |order| order.record = Digest32([1; 32]),
        |order| order.count = 2,
        |order| order.list = None,
        |order| order.content = ContentDigest::of(b""),
        |order| order.created_at = order.created_at.plus(-300_001),
        |order| order.organisation = OrgId::parse("ksp-dua").expect("an id"),
    ];
    mutants.extend(changes.map(|change| resigned(change, &officer.key)));
    mutants.push(resigned(|_| (), &other.key));
    assert!(mutants.len() > 300, "{}", mutants.len());
    for mutant in &mutants {
        let outcome = world.registry.evaluate(mutant, elements.clone()).await;
        assert!(outcome.is_err(), "accepted: {mutant:?}");
    }
    let member = world.read(&officer).await.expect("may read");
    let quotas = world.registry.quota(&member).await.expect("answers");
    assert_eq!(quotas[0].quota.used, 0, "nothing was charged");
    world
        .registry
        .evaluate(&good, elements)
        .await
        .expect("the untouched one is taken");
}

#[tokio::test]
async fn a_read_serves_once() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let read = world.signed_read(&stage.bystander);
    let body = ContentDigest::of(b"");
    let ask = |path| world.registry.authenticate_read(&read, "GET", path, &body);
    let refused = ask("/v1/other").await.expect_err("another path");
    assert_eq!(refused.code, ErrorCode::ContentMismatch);
    ask("/v1/test").await.expect("the first time");
    for _ in 0..3 {
        let refused = ask("/v1/test").await.expect_err("replayed");
        assert_eq!(refused.code, ErrorCode::Replayed);
    }
}

#[tokio::test]
async fn an_older_admission_never_undoes_a_newer_one() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let officer = world
        .member("ksp-cek", 10, &stage.oblivious, &[Role::Check], 10)
        .await;
    let content = json(&saring::protocol::organisation::Admit {
        organisation: officer.id.clone(),
        key: officer.key.public_key(),
        list: stage.oblivious.clone(),
        daily_quota: 1_000,
    });
    world.clock.advance(1);
    let order = Order {
        audience: world.custodian.audience(),
        ..world.on_list(
            &world.operator,
            OrderKind::Admit,
            &stage.oblivious,
            &content,
        )
    };
    let by_officer = order.clone().sign(&officer.key);
    let refused = world.custodian.admit(&by_officer, &content).await;
    assert_eq!(
        refused,
        Err(ErrorCode::BadSignature),
        "not the administrator"
    );
    let order = order.sign(&world.operator.key);
    assert_eq!(world.custodian.admit(&order, &content).await, Ok(()));
    assert_eq!(
        world.custodian.admit(&order, &content).await,
        Ok(()),
        "again is the same"
    );
    world
        .admit(&officer, &stage.oblivious, 0)
        .await
        .expect("struck");
    let replayed = world.custodian.admit(&order, &content).await;
    assert_eq!(replayed, Err(ErrorCode::AlreadyExists));
    let refused = stage
        .try_act(&officer, Act::Evaluate)
        .await
        .expect_err("struck");
    assert_eq!(refused.code, ErrorCode::NotOnRoll);
}
