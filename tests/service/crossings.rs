//! Copies of a list over switches of its versions: led on by a delta where little changed, however
//! many switches lie between, and fetched anew where most did.

use std::collections::BTreeMap;

use saring::protocol::codes::{Reason, RemovalCause, Role};
use saring::protocol::limits::{MAX_SNAPSHOT_RANGE_BYTES, MOVES_KEPT_FOR, SNAPSHOT_KEPT_FOR};
use saring::protocol::{Delta, Epoch, ErrorCode, HeadSubject, ListKind, Section, SnapshotIndex};
use saring::registry::ServedBody;

use crate::programme::{Programme, entry_of, row};
use crate::world::{Actor, DAY, World};

const EPOCH: Epoch = Epoch(1);

/// A client's copy: what stands in each section, at a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copy {
    sequence: u64,
    keys: BTreeMap<(Section, u64), i64>,
}

/// A programme's list and somebody who keeps a copy of it.
struct Kept {
    programme: Programme,
    screener: Actor,
}

impl Kept {
    async fn new(world: &World) -> Self {
        let programme = Programme::new(world, "asn").await;
        let roles = [Role::Screen];
        let screener = world
            .member("penyaring", 30, &programme.list, &roles, 0)
            .await;
        Self {
            programme,
            screener,
        }
    }

    async fn replace(&self, world: &World, source: u8, people: impl IntoIterator<Item = u32>) {
        let rows = people.into_iter().map(|number| {
            let reason = match number % 3 {
                0 => Reason::Tni,
                _ => Reason::Asn,
            };
            row(number, reason)
        });
        self.programme.replace(world, source, rows.collect()).await;
    }

    /// A whole snapshot, and how many bytes its keys have.
    async fn fetch(&self, world: &World) -> (Copy, u64) {
        let (registry, list) = (&world.registry, &self.programme.list);
        let member = world.read(&self.screener).await.expect("may read");
        let served = registry.snapshot(&member, list, EPOCH).await;
        let served = served.expect("a snapshot");
        let index = SnapshotIndex::from_bytes(&served.body).expect("an index");
        let sequence = served.head.head.sequence;
        let mut bytes = Vec::new();
        if index.bytes() > 0 {
            let range = (0, MAX_SNAPSHOT_RANGE_BYTES);
            let keys = registry.snapshot_keys(&member, list, EPOCH, sequence, range);
            bytes = keys.await.expect("keys").bytes;
        }
        let mut keys = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .copied()
            .map(u64::from_le_bytes);
        let mut held = BTreeMap::new();
        for section in index.sections() {
            for key in keys.by_ref().take(section.keys as usize) {
                *held.entry((section.section, key)).or_default() += 1;
            }
        }
        let copy = Copy {
            sequence,
            keys: held,
        };
        (copy, index.bytes())
    }

    async fn delta(&self, world: &World, from: u64) -> Result<ServedBody, ErrorCode> {
        let member = world.read(&self.screener).await.expect("may read");
        let list = &self.programme.list;
        let served = world.registry.delta(&member, list, EPOCH, from).await;
        served.map_err(|refusal| refusal.code)
    }

    /// Leads a copy on; how many bytes the delta has.
    async fn lead_on(&self, world: &World, copy: &mut Copy) -> Result<usize, ErrorCode> {
        let served = self.delta(world, copy.sequence).await?;
        let head = &served.head.head;
        let what = HeadSubject::Delta {
            from: copy.sequence,
            to: head.sequence,
        };
        assert_eq!((head.what, head.as_of), (what, world.now()));
        let delta = Delta::from_bytes(&served.body).expect("a delta");
        for group in delta.groups() {
            for key in &group.keys {
                for (section, by) in [(group.before, -1), (group.after, 1)] {
                    if let Some(section) = section {
                        *copy.keys.entry((section, *key)).or_default() += by;
                    }
                }
            }
        }
        assert!(copy.keys.values().all(|count| *count >= 0));
        copy.keys.retain(|_, count| *count > 0);
        copy.sequence = head.sequence;
        Ok(served.body.len())
    }

    async fn remove(&self, world: &World, number: u32) {
        let entry = entry_of(world, &self.programme, number).await;
        let (owner, list) = (&self.programme.owner, &self.programme.list);
        let removed = world
            .remove(owner, list, RemovalCause::NikSalah, &[entry])
            .await;
        removed.expect("removes");
    }
}

/// Forgets what is in the registry's folder of snapshots, as if it had been lost.
fn lose(world: &World, suffix: &str) {
    let mut lost = 0;
    for entry in std::fs::read_dir(world.snapshots()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().ends_with(suffix) {
            std::fs::remove_file(path).expect("removes");
            lost += 1;
        }
    }
    assert!(lost > 0, "there was none");
}

#[tokio::test]
async fn a_copy_of_the_version_before_is_led_on_by_a_small_delta() {
    let world = World::new().await;
    let kept = Kept::new(&world).await;
    kept.replace(&world, 1, 1..=500).await;
    let (mut copy, _) = kept.fetch(&world).await;
    let base = copy.clone();
    kept.remove(&world, 7).await;
    // 5 leave and 5 come; who was removed is on the new version again.
    kept.replace(&world, 2, 6..=505).await;
    kept.remove(&world, 505).await;
    let bytes = kept.lead_on(&world, &mut copy).await.expect("a delta");
    let (now, whole) = kept.fetch(&world).await;
    assert_eq!(copy.keys, now.keys);
    assert!(bytes as u64 * 10 <= whole, "{bytes} of {whole}");
    assert_eq!(now.keys.len(), 499);
    // The same again, from what is kept of the last one, and from the old version's other states.
    let mut again = base.clone();
    assert_eq!(kept.lead_on(&world, &mut again).await, Ok(bytes));
    assert_eq!(again, copy);
    assert_eq!(
        kept.lead_on(&world, &mut copy).await.map(|b| b < 40),
        Ok(true)
    );
    assert_eq!(again, copy, "nothing changed");
}

#[tokio::test]
async fn where_most_changed_the_copy_is_fetched_anew() {
    let world = World::new().await;
    let kept = Kept::new(&world).await;
    kept.replace(&world, 1, 1..=100).await;
    let (mut copy, _) = kept.fetch(&world).await;
    kept.replace(&world, 2, 60..=160).await;
    let led = kept.lead_on(&world, &mut copy).await;
    assert_eq!(led, Err(ErrorCode::SnapshotNeeded));
    let (mut copy, _) = kept.fetch(&world).await;
    assert_eq!(copy.keys.len(), 101);
    kept.replace(&world, 3, 61..=160).await;
    kept.lead_on(&world, &mut copy).await.expect("a delta");
    assert_eq!(copy.keys, kept.fetch(&world).await.0.keys);
}

#[tokio::test]
async fn several_switches_are_crossed_one_after_the_other() {
    let world = World::new().await;
    let kept = Kept::new(&world).await;
    kept.replace(&world, 1, 1..=200).await;
    let (first, _) = kept.fetch(&world).await;
    let mut copies = vec![first];
    for version in 2..6u8 {
        kept.remove(&world, 100 + u32::from(version)).await;
        kept.replace(&world, version, u32::from(version)..=200)
            .await;
        kept.remove(&world, 150 + u32::from(version)).await;
        let mut copy = copies[0].clone();
        kept.lead_on(&world, &mut copy).await.expect("a delta");
        copies.push(copy);
    }
    let (now, _) = kept.fetch(&world).await;
    // Two switches, and nobody asked between: one crossing over both.
    for version in 6..8u8 {
        kept.replace(&world, version, u32::from(version)..=200)
            .await;
    }
    let mut last = now.clone();
    kept.lead_on(&world, &mut last).await.expect("a delta");
    let (now, _) = kept.fetch(&world).await;
    assert_eq!((last.keys, now.keys.len()), (now.keys.clone(), 194));
    for (number, mut copy) in copies.into_iter().enumerate() {
        kept.lead_on(&world, &mut copy).await.expect("a delta");
        assert_eq!(copy.keys, now.keys, "copy {number}");
    }
}

#[tokio::test]
async fn a_kill_between_switch_and_delta_loses_nothing_but_time() {
    let world = World::new().await;
    let kept = Kept::new(&world).await;
    kept.replace(&world, 1, 1..=200).await;
    let (base, _) = kept.fetch(&world).await;
    kept.remove(&world, 9).await;
    kept.replace(&world, 2, 3..=201).await;
    // Killed after the switch.
    let world = world.restart(|store| store).await;
    let mut copy = base.clone();
    kept.lead_on(&world, &mut copy).await.expect("a delta");
    // Killed after the delta over the switch, before the snapshot that it leads to.
    let newest = format!("{}.index", copy.sequence);
    lose(&world, &newest);
    let world = world.restart(|store| store).await;
    kept.remove(&world, 10).await;
    let mut copy = base.clone();
    kept.lead_on(&world, &mut copy).await.expect("a delta");
    let (now, _) = kept.fetch(&world).await;
    assert_eq!((copy.keys.len(), &copy.keys), (198, &now.keys));
    // Without what was kept only a snapshot leads on; it is there.
    lose(&world, ".delta");
    let world = world.restart(|store| store).await;
    let led = kept.lead_on(&world, &mut base.clone()).await;
    assert_eq!(led, Err(ErrorCode::SnapshotNeeded));
    assert_eq!(kept.fetch(&world).await.0.keys, now.keys);
}

#[tokio::test]
async fn nobody_stands_in_a_lists_past_for_ever() {
    let world = World::new().await;
    let kept = Kept::new(&world).await;
    kept.replace(&world, 1, 1..=50).await;
    let (base, _) = kept.fetch(&world).await;
    kept.replace(&world, 2, 2..=51).await;
    let mut copy = base.clone();
    kept.lead_on(&world, &mut copy).await.expect("a delta");
    kept.remove(&world, 9).await;
    // Within the week the snapshot from which one moved is not built again; after it, it is.
    let mut days = 0;
    let stands = |keys: &Copy| keys.keys.len();
    while days * DAY <= SNAPSHOT_KEPT_FOR {
        world.registry.expire().await.expect("notes the time");
        world.registry.keep_snapshots().await.expect("passes");
        assert_eq!(stands(&kept.fetch(&world).await.0), 50);
        world.clock.advance(DAY);
        days += 1;
    }
    world.registry.expire().await.expect("notes the time");
    world.registry.keep_snapshots().await.expect("passes");
    assert_eq!(stands(&kept.fetch(&world).await.0), 49, "built again");
    kept.lead_on(&world, &mut base.clone())
        .await
        .expect("still known");
    while days * DAY <= MOVES_KEPT_FOR {
        world.clock.advance(DAY);
        days += 1;
        world.registry.expire().await.expect("notes the time");
        world.registry.keep_snapshots().await.expect("passes");
    }
    for old in [&base, &copy] {
        let led = kept.lead_on(&world, &mut old.clone()).await;
        assert_eq!(led, Err(ErrorCode::SnapshotNeeded));
    }
    let left: Vec<_> = std::fs::read_dir(world.snapshots())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left.len(), 2, "the newest snapshot alone: {left:?}");
    assert_eq!(stands(&kept.fetch(&world).await.0), 49);
}

#[tokio::test]
async fn debtors_lists_have_no_switches_and_lead_on_as_before() {
    let world = World::new().await;
    let list = world.list("peminjam-macet", ListKind::HashBlake3).await;
    let member = world
        .member("penyaring", 30, &list, &[Role::Screen], 0)
        .await;
    let member = world.read(&member).await.expect("may read");
    let from = world.registry.snapshot(&member, &list, EPOCH).await;
    let from = from.expect("a snapshot").head.head.sequence;
    let served = world.registry.delta(&member, &list, EPOCH, from).await;
    assert!(
        Delta::from_bytes(&served.expect("a delta").body)
            .expect("reads")
            .is_empty()
    );
}
