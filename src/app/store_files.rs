//! The durable store's files, as configured.

use std::sync::Arc;

use super::config::Config;
use super::own_keys::OwnKeys;
use super::places;
use crate::protocol::limits::{STORE_CACHE_BYTES, STORE_RESERVE_BYTES};
use crate::store::{RocksOptions, RocksStore, StoreError};

/// Where the store lives and under which key.
pub(super) fn options(config: &Config, own: &OwnKeys) -> RocksOptions {
    let folders = &config.folders;
    RocksOptions {
        database: folders.database.clone(),
        mark: places::mark(folders),
        journal: places::journal(folders),
        key: Arc::new(own.registry()),
        cache_bytes: STORE_CACHE_BYTES,
        reserve_bytes: STORE_RESERVE_BYTES,
    }
}

/// Opens the store, or makes it where there is nothing.
pub(super) fn open(config: &Config, own: &OwnKeys) -> Result<RocksStore, StoreError> {
    RocksStore::open(options(config, own))
}

/// Whether a database is there.
pub(super) fn holds_database(config: &Config) -> bool {
    config.folders.database.join("CURRENT").exists()
}
