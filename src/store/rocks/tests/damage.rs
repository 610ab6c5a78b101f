//! Damage and loss: whatever happens to the files, the store refuses or has everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Folder, add, filled};
use crate::protocol::SigningKey;
use crate::store::conformance::Harness;
use crate::store::conformance::samples::{always, evidence, view};
use crate::store::rocks::database::SCHEMA;
use crate::store::rocks::values::encode;
use crate::store::rocks::{RocksOptions, RocksStore};
use crate::store::{Decide, Store, StoreError};

fn refusal(folder: &Folder) -> Option<StoreError> {
    folder.try_open().err()
}

pub(super) fn newest_log(folder: &Path) -> PathBuf {
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
