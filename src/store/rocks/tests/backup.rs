//! Backups: whole, of one's own, restored past everything that was acknowledged.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::damage::newest_log;
use super::{add, filled, folder, remove};
use crate::protocol::Timestamp;
use crate::protocol::limits::STORE_GROUP;
use crate::protocol::version::Version;
use crate::store::conformance::Harness;
use crate::store::conformance::samples::{
    always, create_list, evidence, list_id, locator, nobody, numbered, open_version, person,
    removal, switch_version, view,
};
use crate::store::rocks::{RocksOptions, RocksStore, restore};
use crate::store::{Change, Store, StoreError};

#[tokio::test]
async fn a_backup_is_restored_past_everything_and_its_removals_wait() {
    let (folder, _) = filled().await;
    let store = folder.open();
    let backup = folder.path("backup");
    let manifest = store.backup(&backup).await.expect("backs up");
    assert_eq!((manifest.counter, manifest.journal.entries), (12, 1));
    assert_eq!(manifest.people, [(list_id("peminjam"), 9)]);
    assert_eq!(store.backup(&backup).await, Err(StoreError::Exists));
    remove(&store, 1).await;
    add(&store, 50).await;
    drop(store);
    let options = folder.options();
    let at = Timestamp(7);
    assert_eq!(
        restore(&backup, &options, false, at),
        Err(StoreError::Exists)
    );
    fs::remove_dir_all(&options.database).expect("the disaster");

    let note = restore(&backup, &options, false, at).expect("restores");
    assert_eq!(
        (
            note.backup_counter,
            note.removals_to_replay,
            note.loss_accepted
        ),
        (12, 1, false)
    );
    assert_eq!(note.counter, 14 + STORE_GROUP as u64);
    let store = folder.open();
    let list = store
        .list(&list_id("peminjam"))
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!((list.sequence, list.people), (note.counter, 9));
    let logs = store.dump().logs;
    assert!(
        logs.iter()
            .all(|(_, head, rows)| head.start == note.counter && rows.is_empty())
    );
    let waiting = store.removals_to_replay().await.expect("reads");
    assert_eq!(waiting, [(1, removal("peminjam", 1))]);
    let at = locator(1, 1);
    let (evidence, decide) = (evidence("kop-dua", 1, 1, 1), always(vec![nobody(at)], b""));
    let done = store
        .amend_replayed(&view("peminjam"), vec![at], evidence, 1, decide)
        .await;
    assert_eq!(done.map(|done| done.sequence), Ok(note.counter + 1));
    assert_eq!(store.people(&view("peminjam"), &[at]).await, Ok(vec![None]));
    assert_eq!(store.restores().await, Ok(vec![note]));
    drop(store);
    assert_eq!(folder.open().removals_to_replay().await, Ok(vec![]));
}

#[tokio::test]
async fn a_backup_counts_the_versions_of_a_list_apart() {
    let (folder, _) = filled().await;
    let store = folder.open();
    let order = async |change: Change, number| {
        let ordered = store.administer(change, evidence("operator", number, 1, 1));
        ordered.await.expect("carries it out");
    };
    let stage = async |version, place: u8| {
        let at = locator(place, u64::from(place));
        let decide = always(vec![person(at, vec![], Some(1), None)], b"");
        let (view, evidence) = (
            numbered("peminjam", version),
            evidence("kop-satu", place, 1, 1),
        );
        let staged = store.amend(&view, vec![at], evidence, decide);
        staged.await.expect("stages");
    };
    let people = async |name: &str| {
        let backup = store.backup(&folder.path(name)).await;
        backup.expect("backs up").people
    };
    let peminjam = |people| vec![(list_id("peminjam"), people)];
    order(open_version("peminjam"), 200).await;
    stage(2, 100).await;
    stage(2, 101).await;
    assert_eq!(people("staged").await, peminjam(9));
    let close = Change::CloseVersion(list_id("peminjam"), Version(2), 0);
    order(close, 201).await;
    order(switch_version("peminjam", 2, 1), 202).await;
    order(open_version("peminjam"), 203).await;
    stage(3, 102).await;
    assert_eq!(people("replaced").await, peminjam(2));
    let dump = store.dump();
    drop(store);
    fs::remove_dir_all(folder.options().database).expect("the disaster");
    let restored = restore(
        &folder.path("replaced"),
        &folder.options(),
        false,
        Timestamp(7),
    );
    restored.expect("restores");
    assert_eq!(folder.open().dump().people, dump.people);
}

/// Somebody new with each of the first 256 numbers, then each of them again.
async fn put(store: &RocksStore, number: u16) {
    let at = locator(number as u8, 1);
    let mut evidence = evidence("kop-satu", 0, 1, 1);
    evidence.order.0[..2].copy_from_slice(&number.to_le_bytes());
    let decide = always(vec![person(at, vec![], Some(number as u8), None)], b"");
    let here = view("peminjam");
    let changed = store.amend(&here, vec![at], evidence, decide);
    changed.await.expect("amends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_writes_is_of_one_moment() {
    let folder = folder();
    let store = Arc::new(folder.open());
    let list = store.administer(create_list("peminjam"), evidence("operator", 250, 1, 1));
    assert_eq!(list.await, Ok(1));
    let (written, mut count) = tokio::sync::watch::channel(0);
    let (writer, path) = (Arc::clone(&store), folder.path("backup"));
    let writing = tokio::spawn(async move {
        for number in 1..=u16::MAX {
            put(&writer, number).await;
            if written.send(number).is_err() {
                return number;
            }
        }
        u16::MAX
    });
    count.wait_for(|number| *number > 20).await.expect("writes");
    let manifest = store.backup(&path).await.expect("backs up");
    let next = *count.borrow();
    count
        .wait_for(|number| *number > next)
        .await
        .expect("writes on");
    drop(count);
    let last = u64::from(writing.await.expect("ends"));
    let held = manifest.counter - 1;
    assert!((20..last).contains(&held), "{held} of {last}");
    assert_eq!(manifest.people, [(list_id("peminjam"), held.min(256))]);
    drop(store);
    let elsewhere = RocksOptions {
        database: folder.path("elsewhere"),
        ..folder.options()
    };
    restore(&path, &elsewhere, false, Timestamp(7)).expect("restores");
    let restored = RocksStore::open(elsewhere).expect("opens").dump();
    assert_eq!(restored.people.len() as u64, held.min(256));
    assert_eq!(restored.evidence.len() as u64, manifest.counter);
}

#[tokio::test]
async fn a_restore_without_the_journal_needs_the_operators_word() {
    let (folder, _) = filled().await;
    let backup = folder.path("backup");
    let store = folder.open();
    store.backup(&backup).await.expect("backs up");
    remove(&store, 1).await;
    drop(store);
    let options = folder.options();
    let journal = fs::read(&options.journal).expect("reads");
    fs::remove_dir_all(&options.database).expect("the disaster");
    let try_restore = |accept| restore(&backup, &options, accept, Timestamp(7));
    fs::remove_file(&options.journal).expect("removes");
    assert_eq!(try_restore(false), Err(StoreError::Mark), "missing");
    fs::write(&options.journal, &journal[..journal.len() - 1]).expect("writes");
    assert_eq!(try_restore(false), Err(StoreError::Mark), "shortened");
    assert!(
        !options.database.exists(),
        "nothing is restored by a refusal"
    );
    fs::remove_file(&options.journal).expect("removes");
    let note = try_restore(true).expect("restores");
    assert!(note.loss_accepted);
    let store = folder.open();
    assert_eq!(store.restores().await, Ok(vec![note.clone()]));
    add(&store, 60).await;
    remove(&store, 60).await;
    drop(store);

    fs::remove_dir_all(&options.database).expect("again");
    fs::remove_file(&options.mark).expect("and the mark");
    assert_eq!(try_restore(false), Err(StoreError::Mark));
    let second = try_restore(true).expect("restores");
    assert!(
        second.counter > note.counter,
        "nothing tells how far it had come"
    );
    // The journal is not the backup's own, so all of it is carried out.
    assert_eq!(second.removals_to_replay, 1);
    assert_eq!(folder.open().opened().removals_to_replay, 1);
}

#[tokio::test]
async fn a_changed_backup_is_refused() {
    let (folder, _) = filled().await;
    let backup = folder.path("backup");
    folder.open().backup(&backup).await.expect("backs up");
    let options = RocksOptions {
        database: folder.path("elsewhere"),
        ..folder.options()
    };
    let files: Vec<PathBuf> = ["manifest.json", "manifest.sig"]
        .map(|name| backup.join(name))
        .into_iter()
        .chain([newest_log(&backup.join("db")), backup.join("db/CURRENT")])
        .collect();
    for file in files {
        let bytes = fs::read(&file).expect("reads");
        let mut changed = bytes.clone();
        match changed.last_mut() {
            Some(last) => *last ^= 1,
            None => changed.push(0),
        }
        fs::write(&file, changed).expect("writes");
        let refused = restore(&backup, &options, true, Timestamp(0));
        assert!(
            matches!(refused, Err(StoreError::Mark | StoreError::Corrupt)),
            "{file:?}"
        );
        fs::write(&file, bytes).expect("writes");
    }
    fs::write(backup.join("db/extra.sst"), b"").expect("writes");
    let refused = restore(&backup, &options, true, Timestamp(0));
    assert_eq!(
        refused,
        Err(StoreError::Corrupt),
        "a file that the manifest does not name"
    );
    fs::remove_file(backup.join("db/extra.sst")).expect("removes");
    restore(&backup, &options, false, Timestamp(0)).expect("the control restores");
}
