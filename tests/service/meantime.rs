//! What is decided about a person while a version is staged holds in that version too.

use saring::protocol::codes::{ListingStatus, Reason, RemovalCause};
use saring::protocol::order::OrderKind;
use saring::protocol::submission::{RemovalOutcome, RowOutcome, RowRefusal};

use crate::programme::{Programme, entry_of, row, row_under};
use crate::world::{World, json};

/// Removed while a version is staged: before its row came and after.
#[tokio::test]
async fn a_removal_is_not_undone_by_a_switch() {
    for cause in [
        RemovalCause::PutusanPengadilan,
        RemovalCause::NikSalah,
        RemovalCause::Sanggahan,
        RemovalCause::Lunas,
    ] {
        for other_reference in [false, true] {
            removed_in_the_meantime(cause, other_reference).await;
        }
    }
}

async fn removed_in_the_meantime(cause: RemovalCause, other_reference: bool) {
    let world = World::new().await;
    let programme = Programme::new(&world, "asn").await;
    let owner = &programme.owner;
    let rows = (1..=4).map(|number| row(number, Reason::Asn)).collect();
    let one = programme.replace(&world, 1, rows).await;
    let (first, second) = (
        entry_of(&world, &programme, 1).await,
        entry_of(&world, &programme, 2).await,
    );
    let two = programme.begin(&world, 2).await;
    let reference = if other_reference { "BARU" } else { "ASN" };
    let staged = |numbers: &[u32]| -> Vec<_> {
        numbers
            .iter()
            .map(|n| row_under(*n, Reason::Asn, reference))
            .collect()
    };
    let before = programme
        .stage(&world, owner, two, staged(&[1, 3]))
        .await
        .expect("staged");
    let removed = world
        .remove(owner, &programme.list, cause, &[first, second])
        .await;
    assert_eq!(removed.expect("removed"), [RemovalOutcome::Done; 2]);
    let after = programme
        .stage(&world, owner, two, staged(&[2, 4]))
        .await
        .expect("staged");
    let leaves_nothing = ![RemovalCause::Sanggahan, RemovalCause::Lunas].contains(&cause);
    let refused = RowOutcome::Refused {
        reason: RowRefusal::Withdrawn,
    };
    assert_eq!(after.rows[0] == refused, leaves_nothing, "{cause:?}");
    let accepted = before.rows.iter().chain(&after.rows);
    let listings = accepted
        .filter(|row| matches!(row, RowOutcome::Accepted { .. }))
        .count();
    programme
        .close(&world, owner, two, listings as u64)
        .await
        .expect("closed");
    programme.take_effect(&world, two, one).await;
    // Without the reference a settled debt that was not staged yet is another listing.
    let settled_anew = cause == RemovalCause::Lunas && other_reference;
    let expected: &[u32] = if settled_anew { &[2, 3, 4] } else { &[3, 4] };
    let listed = programme.listed(&world, 1..=4).await;
    assert_eq!(listed, expected, "{cause:?} {other_reference}");
    world.registry.expire().await.expect("a pass");
    let listed = programme.listed(&world, 1..=4).await;
    assert_eq!(listed, expected, "{cause:?} {other_reference}");
    if leaves_nothing {
        nothing_is_left(&world, &programme).await;
    }
}

async fn nothing_is_left(world: &World, programme: &Programme) {
    let summary = programme.summary(world, 1).await;
    assert!(summary.is_none(), "nothing is left");
    let member = world.read(&programme.owner).await.expect("may read");
    let page = world
        .registry
        .own_page(&member, &programme.list, None, 9)
        .await;
    let entries = page.expect("a page").entries;
    assert!(
        entries
            .iter()
            .all(|entry| entry.status != ListingStatus::Withdrawn)
    );
    assert_eq!(entries.len(), 2);
}

/// The dispute of somebody whose reference changes from version to version.
#[tokio::test]
async fn an_open_dispute_outlives_a_switch() {
    let world = World::new().await;
    let programme = Programme::new(&world, "asn").await;
    programme
        .replace(&world, 1, vec![row(1, Reason::Asn)])
        .await;
    let entry = entry_of(&world, &programme, 1).await;
    let cause = RemovalCause::Sanggahan;
    let removed = world
        .remove(&programme.owner, &programme.list, cause, &[entry])
        .await;
    removed.expect("suspended");
    programme
        .replace(
            &world,
            2,
            vec![row_under(1, Reason::Asn, "LAIN"), row(2, Reason::Asn)],
        )
        .await;
    assert_eq!(programme.listed(&world, 1..=2).await, [2]);
}

/// The journal brings a removal to both versions of a restored backup.
#[tokio::test]
async fn a_replayed_removal_meets_the_staged_version_too() {
    let world = World::new().await;
    let programme = Programme::new(&world, "asn").await;
    let owner = &programme.owner;
    let one = programme
        .replace(&world, 1, vec![row(1, Reason::Asn), row(2, Reason::Asn)])
        .await;
    let entry = entry_of(&world, &programme, 1).await;
    let two = programme.begin(&world, 2).await;
    let rows = vec![row(1, Reason::Asn), row(2, Reason::Asn)];
    programme
        .stage(&world, owner, two, rows)
        .await
        .expect("staged");
    programme
        .close(&world, owner, two, 2)
        .await
        .expect("closed");
    let content = json(&saring::protocol::submission::Removal {
        cause: RemovalCause::Meninggal,
        entries: vec![entry],
    });
    let order = world
        .on_list(owner, OrderKind::Remove, &programme.list, &content)
        .sign(&owner.key);
    let journaled = saring::store::JournaledRemoval {
        list: programme.list.clone(),
        removal: serde_json::from_slice(&content).expect("reads"),
        signed_order: order.to_bytes(),
        at: world.now(),
    };
    let world = world
        .restart(|store| {
            store.journal_only(journaled);
            store
        })
        .await;
    assert_eq!(programme.listed(&world, 1..=2).await, [2]);
    programme.take_effect(&world, two, one).await;
    assert_eq!(programme.listed(&world, 1..=2).await, [2], "not undone");
}
