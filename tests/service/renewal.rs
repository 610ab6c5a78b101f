//! Snapshots as the background keeps them.

use saring::protocol::codes::Role;
use saring::protocol::limits::SNAPSHOT_KEPT_FOR;
use saring::protocol::{Epoch, ErrorCode, ListId, ListKind};

use crate::world::{DAY, World, row, somebody};

#[tokio::test]
async fn a_list_that_cannot_be_built_keeps_no_other_waiting() {
    let world = World::new().await;
    let first = world.list("daftar-satu", ListKind::HashBlake3).await;
    let second = world.list("daftar-tiga", ListKind::HashBlake3).await;
    let roles = [Role::Contribute, Role::Screen];
    let member = world.member("ksp-satu", 10, &first, &roles, 0).await;
    let granted = world.grant(&member, &second, &roles, 0).await;
    granted.expect("granted");
    let sequence = async |list: &ListId| {
        let reader = world.read(&member).await.expect("may read");
        let served = world.registry.snapshot(&reader, list, Epoch(1)).await;
        served.expect("a snapshot").head.head.sequence
    };
    let before = [sequence(&first).await, sequence(&second).await];
    for list in [&first, &second] {
        world.list_one(&member, list, row(somebody(1), 1)).await;
    }
    world.clock.advance(SNAPSHOT_KEPT_FOR + DAY);

    // Two were begun; where the third would have its sections, there is no folder to be made.
    let taken = world.snapshots().join("daftar-satu.1.2.making");
    std::fs::write(&taken, b"").expect("writes");
    let passed = world.registry.keep_snapshots().await;
    let told = passed.map_err(|refusal| refusal.code);
    assert_eq!(told, Err(ErrorCode::Unavailable));
    assert_eq!(sequence(&first).await, before[0]);
    assert!(sequence(&second).await > before[1]);
    world.registry.keep_snapshots().await.expect("passes");
    assert!(sequence(&first).await > before[0]);
}
