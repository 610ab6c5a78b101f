//! The durable store against the suite, the judge, and damage.

mod damage;
mod full_disk;
mod judged;

use std::path::PathBuf;
use std::sync::Arc;

use super::open::JOURNAL;
use super::values::encode;
use super::*;
use crate::protocol::SigningKey;
use crate::store::conformance::{self, Harness};
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

#[tokio::test(flavor = "multi_thread")]
async fn rocksdb_conforms() {
    conformance::run(folder).await;
}
