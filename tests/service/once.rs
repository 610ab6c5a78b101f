//! Exactly once, with many at a time, lost replies and the same key under other content.

use std::sync::Arc;

use saring::nik::Nik;
use saring::protocol::codes::Role;
use saring::protocol::evaluation::{BlindedElements, StepMaker};
use saring::protocol::order::Order;
use saring::protocol::submission::RowOutcome;
use saring::protocol::{ContentDigest, ErrorCode, ListKind};

use crate::world::{World, row, somebody};

fn nik() -> Vec<Nik> {
    vec![Nik::parse("3515144508680002").expect("valid")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_charge_counts_once_however_often_its_order_comes() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let officer = world.member("ksp-cek", 10, &list, &[Role::Check], 50).await;
    let mut tasks = Vec::new();
    for _ in 0..10 {
        let (_, order, elements) = world.evaluation(&officer, &list, &nik()).await;
        for _ in 0..4 {
            let registry = Arc::clone(&world.registry);
            let (order, elements) = (order.clone(), elements.clone());
            tasks.push(tokio::spawn(async move {
                let reply = registry
                    .evaluate(&order, elements)
                    .await
                    .expect("evaluates");
                (
                    order.order.job,
                    reply.steps[0].elements.clone(),
                    reply.steps[0].by,
                )
            }));
        }
    }
    let mut answers = std::collections::HashMap::new();
    for task in tasks {
        let (job, elements, by) = task.await.expect("no panic");
        assert_eq!(by, StepMaker::Embedded);
        let first = answers.entry(job).or_insert_with(|| elements.clone());
        assert_eq!(*first, elements, "the same elements each time");
    }
    let member = world.read(&officer).await.expect("may read");
    let quotas = world.registry.quota(&member).await.expect("answers");
    assert_eq!(quotas[0].quota.used, 10);
    let today = world.now().date();
    assert_eq!(world.custodian.used(&list, &officer.id, today), 10);
}

#[tokio::test]
async fn a_renewed_order_is_free_and_other_content_is_a_conflict() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let officer = world.member("ksp-cek", 10, &list, &[Role::Check], 2).await;
    let (_, order, elements) = world.evaluation(&officer, &list, &nik()).await;
    let first = world
        .registry
        .evaluate(&order, elements.clone())
        .await
        .expect("evaluates");
    world.clock.advance(600_000);
    let stale = world
        .registry
        .evaluate(&order, elements.clone())
        .await
        .expect_err("stale");
    assert_eq!(stale.code, ErrorCode::StaleOrder);
    let renewed = Order {
        created_at: world.now(),
        ..order.order.clone()
    };
    let renewed = renewed.sign(&officer.key);
    let again = world
        .registry
        .evaluate(&renewed, elements)
        .await
        .expect("free");
    assert_eq!(again.steps[0].elements, first.steps[0].elements);
    assert_eq!(again.quota.used, 1);

    let (_, other, elements) = world.evaluation(&officer, &list, &nik()).await;
    let other = Order {
        job: order.order.job,
        ..other.order
    };
    let conflict = world
        .registry
        .evaluate(&other.sign(&officer.key), elements)
        .await;
    assert_eq!(
        conflict.expect_err("other content").code,
        ErrorCode::OrderConflict
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_submission_in_flight_many_times_is_one() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let lender = world
        .member("ksp-satu", 10, &list, &[Role::Contribute], 0)
        .await;
    let rows: Vec<_> = (0..50).map(|n| row(somebody(n), 1)).collect();
    let (order, content) = world.submission(&lender, &list, rows).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let registry = Arc::clone(&world.registry);
            let (order, content) = (order.clone(), content.clone());
            tokio::spawn(async move { registry.submit(&order, &content).await.expect("taken") })
        })
        .collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.expect("no panic"));
    }
    assert!(
        replies.windows(2).all(|pair| pair[0] == pair[1]),
        "one answer for all"
    );
    let accepted = |row: &RowOutcome| matches!(row, RowOutcome::Accepted { .. });
    assert!(replies[0].rows.iter().all(accepted));
    let counters = world.registry.counters().now();
    assert_eq!((counters.submissions, counters.rows_accepted), (1, 50));

    let changed = String::from_utf8(content)
        .expect("text")
        .replace("\"5\"", "\"4\"");
    let other = Order {
        content: ContentDigest::of(changed.as_bytes()),
        ..order.order
    };
    let other = other.sign(&lender.key);
    let conflict = world.registry.submit(&other, changed.as_bytes()).await;
    assert_eq!(
        conflict.expect_err("other content").code,
        ErrorCode::OrderConflict
    );
}

#[tokio::test]
async fn bad_elements_are_not_charged() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let officer = world.member("ksp-cek", 10, &list, &[Role::Check], 2).await;
    let (_, order, _) = world.evaluation(&officer, &list, &nik()).await;
    for bad in [[0; 32], [0xff; 32]] {
        let elements = BlindedElements(vec![bad]);
        let order = Order {
            content: elements.content(),
            ..order.order.clone()
        };
        let refused = world
            .registry
            .evaluate(&order.sign(&officer.key), elements)
            .await;
        assert_eq!(
            refused.expect_err("bad element").code,
            ErrorCode::BadElement
        );
    }
    let member = world.read(&officer).await.expect("may read");
    let quotas = world.registry.quota(&member).await.expect("answers");
    assert_eq!(quotas[0].quota.used, 0);
}
