//! The whole life of a listing, answers as members see them.

use saring::nik::Nik;
use saring::protocol::codes::{CountBand, Reason, RemovalCause, Role};
use saring::protocol::organisation::{LegalRecord, Standing};
use saring::protocol::submission::{RemovalOutcome, RowOutcome, RowRefusal, SubmissionRow};
use saring::protocol::{AnswerClass, EntryId, ErrorCode, ListId, ListKind};

use crate::world::{Actor, DAY, TODAY, World, debt, json, row, somebody};

use AnswerClass::{Listed, NotListed, Previously};

#[tokio::test]
async fn listed_then_paid_then_gone_on_an_oblivious_list() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let lender = world
        .member("ksp-maju", 10, &list, &[Role::Contribute], 100)
        .await;
    let officer = world
        .member("ksp-cek", 11, &list, &[Role::Check], 100)
        .await;
    let niks = ["3515144508680002", "3515144508680003"].map(|n| Nik::parse(n).expect("valid"));

    let (elements, reply) = world
        .evaluate(&lender, &list, &niks)
        .await
        .expect("evaluates");
    assert_eq!((reply.quota.used, reply.quota.allowed), (2, 100));
    let entry = world.list_one(&lender, &list, row(elements[0], 1)).await;

    let (asked, _) = world
        .evaluate(&officer, &list, &niks)
        .await
        .expect("evaluates");
    assert_eq!(asked, elements, "one person has one element, whoever asks");
    let (class, summary) = world
        .look_up(&officer, &list, asked[0])
        .await
        .expect("answers");
    assert_eq!(class, Listed);
    assert_eq!(summary.expect("a row").count, CountBand::One);
    assert_eq!(world.class(&officer, &list, asked[1]).await, NotListed);

    let settled = world
        .remove(&lender, &list, RemovalCause::Lunas, &[entry])
        .await;
    assert_eq!(settled, Ok(vec![RemovalOutcome::Done]));
    assert_eq!(world.class(&officer, &list, asked[0]).await, Previously);
    let again = world
        .remove(&lender, &list, RemovalCause::Lunas, &[entry])
        .await;
    assert_eq!(again, Ok(vec![RemovalOutcome::Unchanged]));
    // The same row again changes nothing: a paid debt does not come back.
    let same = world
        .submit(&lender, &list, vec![row(elements[0], 1)])
        .await;
    assert_eq!(same, [RowOutcome::Unchanged { entry }]);
    assert_eq!(world.class(&officer, &list, asked[0]).await, Previously);

    for _ in 0..730 {
        world.clock.advance(DAY);
        world.registry.expire().await.expect("a sane clock");
    }
    assert_eq!(world.class(&officer, &list, asked[0]).await, NotListed);
    let gone = world
        .remove(&lender, &list, RemovalCause::NikSalah, &[entry])
        .await;
    assert_eq!(gone, Ok(vec![RemovalOutcome::NotFound]));
}

#[tokio::test]
async fn two_lenders_of_one_person_stand_side_by_side() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check];
    let one = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let two = world.member("ksp-dua", 11, &list, &roles, 0).await;
    let person = somebody(1);

    let first = world.list_one(&one, &list, row(person, 1)).await;
    let outcomes = world.submit(&two, &list, vec![row(person, 1)]).await;
    let [
        RowOutcome::Accepted {
            entry: second,
            also_listed_by_another: true,
        },
    ] = outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    let (_, summary) = world.look_up(&one, &list, person).await.expect("answers");
    assert_eq!(summary.expect("a row").count, CountBand::TwoOrThree);

    let settle =
        |by, entry| world.remove(by, &list, RemovalCause::Lunas, std::slice::from_ref(entry));
    assert_eq!(
        settle(&one, &second).await,
        Ok(vec![RemovalOutcome::NotFound]),
        "not its own"
    );
    assert_eq!(settle(&one, &first).await, Ok(vec![RemovalOutcome::Done]));
    let (class, summary) = world.look_up(&one, &list, person).await.expect("answers");
    assert_eq!(
        (class, summary.expect("a row").count),
        (Listed, CountBand::One)
    );
    assert_eq!(settle(&two, &second).await, Ok(vec![RemovalOutcome::Done]));
    assert_eq!(world.class(&one, &list, person).await, Previously);

    let withdraw = world
        .remove(&one, &list, RemovalCause::NikSalah, &[first])
        .await;
    assert_eq!(withdraw, Ok(vec![RemovalOutcome::Done]));
    assert_eq!(
        world.class(&one, &list, person).await,
        Previously,
        "the other's stands"
    );
    let withdraw = world
        .remove(&two, &list, RemovalCause::PutusanPengadilan, &[second])
        .await;
    assert_eq!(withdraw, Ok(vec![RemovalOutcome::Done]));
    assert_eq!(
        world.look_up(&one, &list, person).await,
        Ok((NotListed, None))
    );
}

#[tokio::test]
async fn a_dispute_suspends_until_it_is_decided() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashHmacSha256).await;
    let roles = [Role::Contribute, Role::Check];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let judge = world
        .member("dinas-koperasi", 11, &list, &[Role::Administer], 0)
        .await;
    let person = somebody(1);
    let entry = world.list_one(&lender, &list, row(person, 1)).await;
    let remove = |by, cause| world.remove(by, &list, cause, std::slice::from_ref(&entry));

    assert_eq!(
        remove(&judge, RemovalCause::Sanggahan).await,
        Ok(vec![RemovalOutcome::Done])
    );
    assert_eq!(
        world.look_up(&lender, &list, person).await,
        Ok((NotListed, None))
    );
    let again = remove(&lender, RemovalCause::Sanggahan).await;
    assert_eq!(again, Ok(vec![RemovalOutcome::Unchanged]));
    let rejected = remove(&judge, RemovalCause::SanggahanDitolak).await;
    assert_eq!(rejected, Ok(vec![RemovalOutcome::Done]));
    assert_eq!(world.class(&lender, &list, person).await, Listed);

    // Paid while disputed: stays absent, and comes back as paid.
    remove(&judge, RemovalCause::Sanggahan)
        .await
        .expect("suspends");
    assert_eq!(
        remove(&lender, RemovalCause::Lunas).await,
        Ok(vec![RemovalOutcome::Done])
    );
    assert_eq!(world.class(&lender, &list, person).await, NotListed);
    remove(&judge, RemovalCause::SanggahanDitolak)
        .await
        .expect("reinstates");
    assert_eq!(world.class(&lender, &list, person).await, Previously);
}

#[tokio::test]
async fn a_victim_is_flagged_and_stands_in_no_snapshot() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check, Role::Screen];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let mut victim = row(somebody(1), 1);
    victim.content.reason = Reason::Korban;
    victim.content.collectibility = None;
    victim.content.plafond_band = None;
    let entry = world.list_one(&lender, &list, victim).await;
    let (class, summary) = world
        .look_up(&lender, &list, somebody(1))
        .await
        .expect("answers");
    assert_eq!(class, NotListed);
    assert!(summary.expect("a row").verify_identity);
    let member = world.read(&lender).await.expect("may read");
    let epoch = world.record(&list).await.record.epoch;
    let served = world.registry.snapshot(&member, &list, epoch).await;
    let index = saring::protocol::SnapshotIndex::from_bytes(&served.expect("serves").body);
    assert!(index.expect("reads").sections().is_empty());
    let paid = world
        .remove(&lender, &list, RemovalCause::Lunas, &[entry])
        .await;
    assert_eq!(paid, Ok(vec![RemovalOutcome::NotPossible]));
}

#[tokio::test]
async fn rows_are_answered_one_by_one() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::OprfNik).await;
    let lender = world
        .member("ksp-maju", 10, &list, &[Role::Contribute], 100)
        .await;
    let nik = [Nik::parse("3515144508680002").expect("valid")];
    let (elements, _) = world
        .evaluate(&lender, &list, &nik)
        .await
        .expect("evaluates");
    let good = row(elements[0], 1);
    let other = |change: fn(&mut SubmissionRow)| {
        let mut row = good.clone();
        change(&mut row);
        row
    };
    let rows = vec![
        good.clone(),
        good.clone(),
        other(|row| row.element.0 = [0; 32]),
        other(|row| row.element.0 = [0xff; 32]),
        other(|row| row.content.reason = Reason::Asn),
        other(|row| row.content.collectibility = None),
        other(|row| row.reference.0 = [2; 32]),
    ];
    let outcomes = world.submit(&lender, &list, rows).await;
    let refused = |reason| RowOutcome::Refused { reason };
    assert!(matches!(
        outcomes[0],
        RowOutcome::Accepted {
            also_listed_by_another: false,
            ..
        }
    ));
    assert_eq!(outcomes[1], refused(RowRefusal::Repeated));
    assert_eq!(outcomes[2], refused(RowRefusal::BadElement));
    assert_eq!(outcomes[3], refused(RowRefusal::BadElement));
    assert_eq!(outcomes[4], refused(RowRefusal::Reason));
    assert_eq!(outcomes[5], refused(RowRefusal::Collectibility));
    assert!(matches!(outcomes[6], RowOutcome::Accepted { .. }));

    let RowOutcome::Accepted { entry, .. } = outcomes[0] else {
        unreachable!()
    };
    rows_change_only_as_updates(&world, &lender, &list, good, entry).await;
    own_pages_follow_each_other(&world, &lender, &list).await;
}

async fn rows_change_only_as_updates(
    world: &World,
    lender: &Actor,
    list: &ListId,
    mut changed: SubmissionRow,
    entry: EntryId,
) {
    changed.content.reason = Reason::Kabur;
    let refused = |reason| RowOutcome::Refused { reason };
    let conflict = world.submit(lender, list, vec![changed.clone()]).await;
    assert_eq!(conflict, [refused(RowRefusal::Conflict)]);
    let update = SubmissionRow {
        update: true,
        ..changed
    };
    let updated = world.submit(lender, list, vec![update.clone()]).await;
    assert_eq!(updated, [RowOutcome::Updated { entry }]);
    let unchanged = world.submit(lender, list, vec![update]).await;
    assert_eq!(unchanged, [RowOutcome::Unchanged { entry }]);
}

async fn own_pages_follow_each_other(world: &World, lender: &Actor, list: &ListId) {
    let member = world.read(lender).await.expect("may read");
    let page = world
        .registry
        .own_page(&member, list, None, 1)
        .await
        .expect("a page");
    let next = page.next.expect("a second page");
    let rest = world
        .registry
        .own_page(&member, list, Some(&next), 1000)
        .await
        .expect("a page");
    assert_eq!(
        (page.entries.len(), rest.entries.len(), rest.next),
        (1, 1, None)
    );
    let reasons: Vec<_> = page
        .entries
        .iter()
        .chain(&rest.entries)
        .map(|e| e.content.reason)
        .collect();
    assert!(reasons.contains(&Reason::Kabur) && reasons.contains(&debt().reason));
}

#[tokio::test]
async fn a_suspended_member_may_still_take_back_its_own() {
    let world = World::new().await;
    let list = world.list("daftar-lama", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Check, Role::Administer];
    let lender = world.member("ksp-satu", 10, &list, &roles, 0).await;
    let other = world.member("ksp-dua", 11, &list, &roles, 0).await;
    let own = world.list_one(&lender, &list, row(somebody(1), 1)).await;
    let foreign = world.list_one(&other, &list, row(somebody(2), 1)).await;
    world.set_standing(&lender, Standing::Suspended).await;
    let suspended = ErrorCode::OrganisationSuspended;
    let (order, content) = world
        .submission(&lender, &list, vec![row(somebody(3), 1)])
        .await;
    let refused = world
        .registry
        .submit(&order, &content)
        .await
        .expect_err("suspended");
    assert_eq!(refused.code, suspended);
    assert_eq!(
        world.read(&lender).await.expect_err("suspended").code,
        suspended
    );
    let removed = world
        .remove(
            &lender,
            &list,
            RemovalCause::DicabutPelapor,
            &[own, foreign],
        )
        .await;
    assert_eq!(
        removed,
        Ok(vec![RemovalOutcome::Done, RemovalOutcome::NotFound])
    );
    world.set_standing(&lender, Standing::Active).await;
    assert_eq!(world.class(&lender, &list, somebody(1)).await, NotListed);
    assert_eq!(world.class(&lender, &list, somebody(2)).await, Listed);
}

#[tokio::test]
async fn invitations_serve_once_and_for_72_hours_and_contracts_end() {
    let world = World::new().await;
    let late = Actor::new("ksp-telat", 20);
    let code = world.invited(&late, LegalRecord::default()).await;
    world.clock.advance(3 * DAY);
    let refused = world.join(&late, code).await.expect_err("too late");
    assert_eq!(refused.code, ErrorCode::BadInvitation);

    let member = Actor::new("ksp-kontrak", 21);
    let legal = LegalRecord {
        contract_until: Some(saring::protocol::Date(TODAY.0 + 5)),
        ..LegalRecord::default()
    };
    let code = world.invited(&member, legal).await;
    let stranger = Actor::new("ksp-asing", 22);
    let stolen = world
        .join(&stranger, code.clone())
        .await
        .expect_err("not invited");
    assert_eq!(stolen.code, ErrorCode::BadInvitation);
    world.join(&member, code.clone()).await.expect("joins");
    let again = world.join(&member, code).await.expect_err("used");
    assert_eq!(again.code, ErrorCode::BadInvitation);
    world.read(&member).await.expect("within its contract");
    world.clock.advance(2 * DAY);
    world.read(&member).await.expect("the last day counts");
    world.clock.advance(DAY);
    let ended = world.read(&member).await.expect_err("its contract ended");
    assert_eq!(ended.code, ErrorCode::OrganisationSuspended);
    let long = LegalRecord {
        name: "x".repeat(201),
        ..LegalRecord::default()
    };
    let content = json(&saring::protocol::organisation::Invite {
        organisation: stranger.id.clone(),
        legal: long,
        code: saring::protocol::Digest32([1; 32]),
    });
    let order = world.order(
        &world.operator,
        saring::protocol::order::OrderKind::Invite,
        &content,
    );
    let refused = world
        .registry
        .invite(&order.sign(&world.operator.key), &content)
        .await;
    assert_eq!(refused.expect_err("too long").code, ErrorCode::InvalidField);
}
