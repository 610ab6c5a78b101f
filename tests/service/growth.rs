//! Lists that grow: finer buckets under a new record, and never a write refused.

use saring::protocol::codes::Role;
use saring::protocol::submission::RowOutcome;
use saring::protocol::{AnswerClass, Derivation, Epoch, ErrorCode, ListKind};
use saring::registry::RefusalDetail;

use crate::world::{World, row, somebody};

#[tokio::test]
async fn buckets_get_finer_as_the_list_grows() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let first = world.record(&list).await;
    assert_eq!(first.record.bucket_bits, 0);
    let rows: Vec<_> = (0..394).map(|n| row(somebody(n), 1)).collect();
    let (old, old_content) = world
        .submission(&lender, &list, vec![row(somebody(1_000), 1)])
        .await;
    world.submit(&lender, &list, rows).await;
    let second = world.record(&list).await;
    assert_eq!((second.record.bucket_bits, second.record.revision), (1, 2));
    assert!(second.follows(&first.record).is_ok());
    assert!(second.verify(&world.registry.trust_root()).is_ok());
    for number in [0, 200, 393] {
        assert_eq!(
            world.class(&lender, &list, somebody(number)).await,
            AnswerClass::Listed
        );
    }
    assert_eq!(
        world.class(&lender, &list, somebody(394)).await,
        AnswerClass::NotListed
    );

    let refused = world
        .registry
        .submit(&old, &old_content)
        .await
        .expect_err("an old record");
    let RefusalDetail::Records {
        given,
        in_force,
        revision,
        ..
    } = refused.detail
    else {
        panic!("{refused:?}")
    };
    assert_eq!(refused.code, ErrorCode::RecordMismatch);
    assert_eq!(
        (given, in_force),
        (first.record.digest(), second.record.digest())
    );
    assert_eq!(revision, 2);
}

#[tokio::test]
async fn an_overflowing_bucket_opens_a_record_and_refuses_no_write() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let derivation = Derivation::new(&list, Epoch(1));
    let crowded = (0..).map(somebody).filter(|one| {
        let locator = derivation.locators(&[one.0])[0];
        locator.bucket(1) == 0
    });
    let crowded: Vec<_> = crowded.take(600).collect();
    let rows = crowded.iter().map(|one| row(*one, 1)).collect();
    let outcomes = world.submit(&lender, &list, rows).await;
    assert!(
        outcomes
            .iter()
            .all(|row| matches!(row, RowOutcome::Accepted { .. }))
    );
    assert_eq!(world.record(&list).await.record.bucket_bits, 1);
    let refused = world
        .look_up(&lender, &list, crowded[0])
        .await
        .expect_err("outgrown");
    assert_eq!(refused.code, ErrorCode::RecordMismatch);
    assert_eq!(world.record(&list).await.record.bucket_bits, 2);
    for one in crowded.iter().step_by(97) {
        assert_eq!(world.class(&lender, &list, *one).await, AnswerClass::Listed);
    }
}

#[tokio::test]
async fn one_body_for_one_sequence_and_one_size_for_all() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let member = world.read(&lender).await.expect("may read");
    let bucket = || world.registry.bucket(&member, &list, Epoch(1), 0);
    let empty = bucket().await.expect("serves");
    world.clock.advance(1_000);
    let again = bucket().await.expect("serves");
    assert_eq!(empty.body, again.body);
    assert!(empty.head.head.is_about_the_same(&again.head.head));
    assert_ne!(empty.head.head.as_of, again.head.head.as_of);
    world.list_one(&lender, &list, row(somebody(1), 1)).await;
    let one = bucket().await.expect("serves");
    assert_eq!(one.body.len(), empty.body.len());
    assert!(one.head.head.sequence > empty.head.head.sequence);
    let rows = |body: &[u8]| {
        body.chunks(128)
            .map(<[u8]>::to_vec)
            .collect::<std::collections::HashSet<_>>()
    };
    assert_eq!(rows(&one.body).difference(&rows(&empty.body)).count(), 1);
    world
        .submit(&lender, &list, vec![row(somebody(1), 1)])
        .await;
    assert_eq!(
        bucket().await.expect("serves").body,
        one.body,
        "nothing changed"
    );
}
