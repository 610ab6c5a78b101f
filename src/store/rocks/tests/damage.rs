//! Damage and loss: whatever happens to the files, the store refuses or has everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Folder, folder};
use crate::protocol::limits::STORE_GROUP;
use crate::protocol::{SigningKey, Timestamp};
use crate::store::conformance::Harness;
use crate::store::conformance::samples::{
    always, create_list, evidence, list_id, locator, nobody, person, removal, view,
};
use crate::store::dump::Dump;
use crate::store::rocks::database::SCHEMA;
use crate::store::rocks::values::encode;
use crate::store::rocks::{RocksOptions, RocksStore, restore};
use crate::store::{Decide, Store, StoreError};

/// A list, then `people` people, each a commit of its own; the person at place 0 is removed last.
async fn fill(store: &RocksStore, people: u8) {
    let list = store.administer(create_list("peminjam"), evidence("operator", 250, 1, 1));
    list.await.expect("creates");
    for number in 0..people {
        add(store, number).await;
    }
    remove(store, 0).await;
}

async fn add(store: &RocksStore, number: u8) {
    let at = locator(number, u64::from(number));
    let decide = always(vec![person(at, vec![], Some(number), None)], b"");
    let (view, evidence) = (view("peminjam"), evidence("kop-satu", number, 1, 1));
    let added = store.amend(&view, vec![at], evidence, decide);
    added.await.expect("amends");
}

async fn remove(store: &RocksStore, number: u8) {
    let at = locator(number, u64::from(number));
    let (view, evidence) = (view("peminjam"), evidence("kop-dua", number, 1, 1));
    let removal = removal("peminjam", number);
    let decide = always(vec![nobody(at)], b"");
    let removed = store.amend_journaled(&view, vec![at], evidence, removal, decide);
    removed.await.expect("removes");
}

/// A store with ten people of which one was removed, closed again.
async fn filled() -> (Folder, Dump) {
    let folder = folder();
    let store = folder.open();
    fill(&store, 10).await;
    let dump = store.dump();
    (folder, dump)
}

fn refusal(folder: &Folder) -> Option<StoreError> {
    folder.try_open().err()
}

fn newest_log(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).expect("reads");
    let files = files.map(|file| file.expect("reads").path());
    let logs = files.filter(|path| path.extension().is_some_and(|e| e == "log"));
    logs.max().expect("there is a write-ahead log")
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("makes it");
    for file in fs::read_dir(from).expect("reads") {
        let path = file.expect("reads").path();
        fs::copy(&path, to.join(path.file_name().expect("a file"))).expect("copies");
    }
}

#[tokio::test]
async fn a_cut_write_ahead_log_is_noticed() {
    let (folder, dump) = filled().await;
    let whole = folder.path("whole");
    copy_folder(&folder.options().database, &whole);
    let length = fs::metadata(newest_log(&whole)).expect("reads").len();
    for cut in [1, 7, 100, 3_000, length] {
        let database = folder.options().database;
        fs::remove_dir_all(&database).expect("removes");
        copy_folder(&whole, &database);
        let log = fs::OpenOptions::new()
            .write(true)
            .open(newest_log(&database));
        log.and_then(|log| log.set_len(length - cut)).expect("cuts");
        let refused = refusal(&folder);
        let below = matches!(refused, Some(StoreError::BelowMark { found, acknowledged: 12 }) if found < 12);
        assert!(
            below || refused == Some(StoreError::Corrupt),
            "cut {cut}: {refused:?}"
        );
    }
    fs::remove_dir_all(folder.options().database).expect("removes");
    copy_folder(&whole, &folder.options().database);
    assert_eq!(folder.open().dump(), dump, "the control has everything");
}

#[tokio::test]
async fn a_flipped_bit_in_the_write_ahead_log_is_never_a_silent_loss() {
    let (folder, dump) = filled().await;
    let whole = folder.path("whole");
    copy_folder(&folder.options().database, &whole);
    let bytes = fs::read(newest_log(&whole)).expect("reads");
    for bit in (0..bytes.len() * 8).step_by(bytes.len() * 8 / 24) {
        let database = folder.options().database;
        fs::remove_dir_all(&database).expect("removes");
        copy_folder(&whole, &database);
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(newest_log(&database), flipped).expect("writes");
        match folder.try_open() {
            Ok(store) => assert_eq!(store.dump(), dump, "bit {bit}"),
            Err(StoreError::BelowMark { .. } | StoreError::Corrupt) => {}
            Err(error) => panic!("bit {bit}: {error}"),
        }
    }
}

#[tokio::test]
async fn an_older_database_put_back_is_refused() {
    let (folder, _) = filled().await;
    let (database, older) = (folder.options().database, folder.path("older"));
    copy_folder(&database, &older);
    add(&folder.open(), 77).await;
    fs::remove_dir_all(&database).expect("removes");
    copy_folder(&older, &database);
    let below = |found| StoreError::BelowMark {
        found,
        acknowledged: 13,
    };
    assert_eq!(refusal(&folder), Some(below(12)));
    fs::remove_dir_all(&database).expect("removes");
    assert_eq!(refusal(&folder), Some(below(0)), "no database at all");
    assert!(!database.join("CURRENT").exists(), "refusing makes none");
}

#[tokio::test]
async fn mark_and_journal_must_be_there_and_ours() {
    let (folder, dump) = filled().await;
    let options = folder.options();
    for file in [&options.mark, &options.journal] {
        let bytes = fs::read(file).expect("reads");
        fs::remove_file(file).expect("removes");
        assert_eq!(refusal(&folder), Some(StoreError::Mark), "missing");
        fs::write(file, &bytes[..bytes.len() / 2]).expect("writes");
        let cut = refusal(&folder);
        // Half of the mark's file still holds its first slot, the mark before the newest.
        assert!(
            cut == Some(StoreError::Mark) || file == &options.mark,
            "{cut:?}"
        );
        fs::write(file, bytes).expect("writes");
    }
    let other = RocksOptions {
        key: Arc::new(SigningKey::from_bytes([1; 32])),
        ..folder.options()
    };
    assert_eq!(
        RocksStore::open(other).err(),
        Some(StoreError::Mark),
        "another key"
    );
    assert_eq!(folder.open().dump(), dump, "the control has everything");
}

#[tokio::test]
async fn no_flipped_bit_of_the_journal_passes() {
    let (folder, dump) = filled().await;
    let journal = folder.options().journal;
    let bytes = fs::read(&journal).expect("reads");
    for bit in (0..bytes.len() * 8).step_by(bytes.len() * 8 / 60) {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&journal, flipped).expect("writes");
        let refused = refusal(&folder);
        let known = matches!(refused, Some(StoreError::Mark | StoreError::Corrupt));
        assert!(known, "bit {bit}: {refused:?}");
    }
    fs::write(&journal, bytes).expect("writes");
    assert_eq!(folder.open().dump(), dump, "the control has everything");
}

#[tokio::test]
async fn another_version_and_a_second_opening_are_refused() {
    let (folder, _) = filled().await;
    let store = folder.open();
    assert_eq!(refusal(&folder), Some(StoreError::Locked));
    drop(store);
    let path = folder.options().database;
    let families = rocksdb::DB::list_cf(&rocksdb::Options::default(), &path).expect("lists");
    let set = |schema: u32| {
        let db = rocksdb::DB::open_cf(&rocksdb::Options::default(), &path, &families);
        let value = encode(&schema).expect("encodes");
        db.expect("opens").put(b"schema", value).expect("puts");
    };
    for found in [0, SCHEMA + 1] {
        set(found);
        let expected = StoreError::Schema {
            found,
            expected: SCHEMA,
        };
        assert_eq!(refusal(&folder), Some(expected));
    }
    set(SCHEMA);
    assert_eq!(refusal(&folder), None);
}

#[tokio::test]
async fn a_panicking_decision_fails_alone() {
    let (folder, dump) = filled().await;
    let store = folder.open();
    let (here, evidence) = (view("peminjam"), evidence("kop-satu", 99, 1, 1));
    let panics: Decide = Arc::new(|_| panic!("on purpose"));
    let failed = store.amend(&here, vec![], evidence.clone(), panics).await;
    assert_eq!(failed, Err(StoreError::Unavailable));
    assert_eq!(store.dump(), dump);
    let fine = store
        .amend(&here, vec![], evidence, always(vec![], b""))
        .await;
    assert_eq!(fine.map(|amended| amended.replayed), Ok(false));
}

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
