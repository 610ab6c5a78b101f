//! The durable store against the suite, the judge, and damage.

mod backup;
mod damage;
mod full_disk;
mod judged;

use std::path::PathBuf;
use std::sync::Arc;

use super::open::JOURNAL;
use super::values::encode;
use super::*;
use crate::protocol::SigningKey;
use crate::store::conformance::samples::{
    always, create_list, evidence, locator, nobody, person, removal, view,
};
use crate::store::conformance::{self, Harness};
use crate::store::dump::Dump;
use crate::store::log::AppendLog;

/// A store in a folder of its own.
pub(super) struct Folder(tempfile::TempDir);

pub(super) fn folder() -> Folder {
    Folder(tempfile::tempdir().expect("a fresh folder"))
}

impl Folder {
    pub(super) fn options(&self) -> RocksOptions {
        let key = Arc::new(SigningKey::from_bytes([9; 32]));
        RocksOptions {
            cache_bytes: 8 << 20,
            ..RocksOptions::within(self.0.path(), key)
        }
    }

    pub(super) fn try_open(&self) -> Result<RocksStore, StoreError> {
        RocksStore::open(self.options())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Harness for Folder {
    type Backend = RocksStore;

    fn open(&self) -> RocksStore {
        self.try_open().expect("opens")
    }

    fn journal_only(&self, removal: JournaledRemoval) {
        let options = self.options();
        let mut log = AppendLog::open(&options.journal, JOURNAL, options.key).expect("opens");
        log.append(&[encode(&removal).expect("encodes")])
            .expect("appends");
    }
}

/// A list, then `people` people, each a commit of its own; the person at place 0 is removed last.
async fn fill(store: &RocksStore, people: u8) {
    let list = store.administer(create_list("peminjam"), evidence("operator", 250, 1, 1));
    list.await.expect("creates");
    for number in 0..people {
        add(store, number).await;
    }
    remove(store, 0).await;
}

/// One more person at a place.
pub(super) async fn add(store: &RocksStore, number: u8) {
    let at = locator(number, u64::from(number));
    let decide = always(vec![person(at, vec![], Some(number), None)], b"");
    let (view, evidence) = (view("peminjam"), evidence("kop-satu", number, 1, 1));
    let added = store.amend(&view, vec![at], evidence, decide);
    added.await.expect("amends");
}

/// The person at a place is removed.
pub(super) async fn remove(store: &RocksStore, number: u8) {
    let at = locator(number, u64::from(number));
    let (view, evidence) = (view("peminjam"), evidence("kop-dua", number, 1, 1));
    let removal = removal("peminjam", number);
    let decide = always(vec![nobody(at)], b"");
    let removed = store.amend_journaled(&view, vec![at], evidence, removal, decide);
    removed.await.expect("removes");
}

/// A store with ten people of which one was removed, closed again.
pub(super) async fn filled() -> (Folder, Dump) {
    let folder = folder();
    let store = folder.open();
    fill(&store, 10).await;
    let dump = store.dump();
    (folder, dump)
}

#[tokio::test(flavor = "multi_thread")]
async fn rocksdb_conforms() {
    conformance::run(folder).await;
}
