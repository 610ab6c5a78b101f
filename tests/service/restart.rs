//! What survives: charges, rolls, countersigned records, removals that only the journal holds.

use saring::nik::Nik;
use saring::protocol::codes::{RemovalCause, Role};
use saring::protocol::organisation::CreateList;
use saring::protocol::submission::{Removal, RemovalOutcome};
use saring::protocol::{AnswerClass, Epoch, ErrorCode, ListKind};
use saring::store::{JournaledRemoval, Memory};

use crate::world::{World, row, somebody};

#[tokio::test]
async fn the_custodian_remembers_across_restarts() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let officer = world.member("ksp-cek", 10, &list, &[Role::Check], 10).await;
    let nik = [Nik::parse("3515144508680002").expect("valid")];
    let (before, _) = world
        .evaluate(&officer, &list, &nik)
        .await
        .expect("evaluates");
    let (_, order, elements) = world.evaluation(&officer, &list, &nik).await;
    world
        .registry
        .evaluate(&order, elements.clone())
        .await
        .expect("evaluates");
    let world = world.restart(|store| store).await;
    let today = world.now().date();
    assert_eq!(world.custodian.used(&list, &officer.id, today), 2);
    let again = world
        .registry
        .evaluate(&order, elements)
        .await
        .expect("free");
    assert_eq!(again.quota.used, 2);
    assert_eq!(world.custodian.used(&list, &officer.id, today), 2);
    let (after, _) = world
        .evaluate(&officer, &list, &nik)
        .await
        .expect("evaluates");
    assert_eq!(before, after, "the same key");
}

#[tokio::test]
async fn a_creation_that_crashed_is_gone_on_with_or_passed_by() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let first = world.record(&list).await;
    // The store forgets: as if the process had died after the countersignature.
    let world = world.restart(|_| Memory::default()).await;
    world.clock.advance(5_000);
    let again = world.list("peminjam-macet", ListKind::OprfNik).await;
    assert_eq!(
        world.record(&again).await,
        first,
        "the same record, not a second one"
    );

    let world = world.restart(|_| Memory::default()).await;
    let other = CreateList {
        epoch_days: 30,
        ..World::creation(&list, ListKind::OprfNik)
    };
    let other = world.create(&other).await.expect("created");
    assert_eq!((other.record.epoch, other.record.revision), (Epoch(2), 1));
    assert_ne!(other.record.keys, first.record.keys);
    assert!(other.verify(&world.registry.trust_root()).is_ok());
    let officer = world.member("ksp-cek", 10, &list, &[Role::Check], 10).await;
    let nik = [Nik::parse("3515144508680002").expect("valid")];
    world
        .evaluate(&officer, &list, &nik)
        .await
        .expect("evaluates");
}

#[tokio::test]
async fn a_store_older_than_its_records_takes_them_up() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let lender = world
        .member("ksp-satu", 10, &list, &[Role::Contribute], 1_000)
        .await;
    let nik = |n| Nik::parse(&format!("351514450868{n:04}")).expect("valid");
    let niks: Vec<Nik> = (1..=394).map(nik).collect();
    let (elements, _) = world
        .evaluate(&lender, &list, &niks)
        .await
        .expect("evaluates");
    let rows = elements
        .into_iter()
        .map(|element| row(element, 1))
        .collect();
    world.submit(&lender, &list, rows).await;
    let pinned = world.record(&list).await;
    assert_eq!(pinned.record.revision, 2);
    let world = world.restart(|_| Memory::default()).await;
    world.list("peminjam-macet", ListKind::OprfNik).await;
    assert_eq!(world.record(&list).await.record.revision, 1);
    let world = world.restart(|store| store).await;
    assert_eq!(world.record(&list).await, pinned, "clients never go back");
}

#[tokio::test]
async fn creating_a_list_twice_is_one_list_or_a_conflict() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let refused = world
        .create(&World::creation(&list, ListKind::OprfNik))
        .await;
    assert_eq!(
        refused.expect_err("another order").code,
        ErrorCode::AlreadyExists
    );
    let other = World::creation(&list, ListKind::HashBlake3);
    let refused = world.create(&other).await;
    assert_eq!(
        refused.expect_err("another kind").code,
        ErrorCode::AlreadyExists
    );
}

#[tokio::test]
async fn a_removal_that_only_the_journal_holds_is_carried_out_before_anybody_is_served() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let gone = world.list_one(&lender, &list, row(somebody(1), 1)).await;
    let paid = world.list_one(&lender, &list, row(somebody(2), 1)).await;
    let at = world.now();
    let journaled = |cause, entry| {
        let (order, _) = world.removal(&lender, &list, cause, &[entry]);
        JournaledRemoval {
            list: list.clone(),
            removal: Removal {
                cause,
                entries: vec![entry],
            },
            signed_order: order.to_bytes(),
            at,
        }
    };
    let removals = [
        journaled(RemovalCause::Meninggal, gone),
        journaled(RemovalCause::Lunas, paid),
    ];
    let world = world
        .restart(|store| {
            removals
                .into_iter()
                .for_each(|removal| store.journal_only(removal));
            store
        })
        .await;
    assert_eq!(
        world.look_up(&lender, &list, somebody(1)).await,
        Ok((AnswerClass::NotListed, None))
    );
    assert_eq!(
        world.class(&lender, &list, somebody(2)).await,
        AnswerClass::Previously
    );
    let again = world
        .remove(&lender, &list, RemovalCause::Meninggal, &[gone])
        .await;
    assert_eq!(again, Ok(vec![RemovalOutcome::NotFound]));
}

#[tokio::test]
async fn a_store_older_than_a_list_starts_though_the_journal_names_it() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let lender = world
        .member("ksp-satu", 10, &list, &[Role::Contribute], 0)
        .await;
    let entry = world.list_one(&lender, &list, row(somebody(1), 1)).await;
    let cause = RemovalCause::Meninggal;
    let (order, _) = world.removal(&lender, &list, cause, &[entry]);
    let journaled = JournaledRemoval {
        list: list.clone(),
        removal: Removal {
            cause,
            entries: vec![entry],
        },
        signed_order: order.to_bytes(),
        at: world.now(),
    };
    let older = Memory::default();
    older.journal_only(journaled);
    let world = world.restart(|_| older).await;
    assert!(world.registry.health().await.is_ready());
}
