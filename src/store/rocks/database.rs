//! RocksDB behind the few verbs that the store uses, with its errors named by the rule broken.

use std::collections::BTreeSet;
use std::path::Path;

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompactionStyle,
    DBCompressionType, DBPinnableSlice, DBRecoveryMode, IterateBounds, IteratorMode, LogLevel,
    Options, ReadOptions, Snapshot, WriteBatch, WriteBufferManager, WriteOptions,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::tables::Table;
use super::values::{Head, decode, encode};
use crate::store::StoreError;

/// The version of keys, values and tables together.
pub(super) const SCHEMA: u32 = 4;
const SCHEMA_KEY: &[u8] = b"schema";
const HEAD_KEY: &[u8] = b"head";
/// Bytes that the schema and the head take in a batch, at most.
const HEAD_BYTES: usize = 256;
/// Bytes of the write-ahead log after which memory is flushed: bounds the time of a restart.
const MAX_WAL_BYTES: u64 = 128 << 20;
/// Bytes that a reading of a whole table asks the disk for at once.
const READAHEAD_BYTES: usize = 1 << 20;
/// Bytes of one column family's buffer.
const WRITE_BUFFER_BYTES: usize = 16 << 20;
/// Bytes of all buffers together, which count as part of the cache.
const WRITE_BUFFERS_BYTES: usize = 64 << 20;
/// Bytes of a block where nobody asks for a single key, nor for a few hundred: a quarter of the
/// index that blocks of 4 KiB have.
const LONG_BLOCK_BYTES: usize = 16 << 10;
/// Sorted runs of one column family before some are merged.
const RUNS: i32 = 6;
/// Sorted runs at which writes are slowed, because merging is behind.
const RUNS_WHEN_BEHIND: i32 = 40;
/// Sorted runs at which writes wait.
const RUNS_AT_MOST: i32 = 60;

/// An open database.
pub(super) struct Database(DB);

/// One pair of a scan.
pub(super) type Pair = (Box<[u8]>, Box<[u8]>);

impl Database {
    /// Opens the database of a folder, or makes it if the folder has none.
    ///
    /// `fresh` says that nothing was ever acknowledged here, so that a half-made one is finished.
    pub(super) fn open(folder: &Path, cache_bytes: usize, fresh: bool) -> Result<Self, StoreError> {
        if !fresh {
            check_tables(folder)?;
        }
        let cache = Cache::new_lru_cache(cache_bytes);
        let families = Table::ALL
            .map(|table| ColumnFamilyDescriptor::new(table.name(), family(table, &cache)));
        let mut options = whole()?;
        let buffers = WriteBufferManager::new_write_buffer_manager_with_cache(
            WRITE_BUFFERS_BYTES,
            false,
            cache.clone(),
        );
        options.set_write_buffer_manager(&buffers);
        options.create_if_missing(fresh);
        options.create_missing_column_families(fresh);
        let db = DB::open_cf_descriptors(&options, folder, families).map_err(|e| fault(&e))?;
        Ok(Self(db))
    }

    /// Opens for reading only: a backup that is verified.
    pub(super) fn open_to_read(folder: &Path) -> Result<Self, StoreError> {
        let names = Table::ALL.map(Table::name);
        let db = DB::open_cf_for_read_only(&whole()?, folder, names, false);
        db.map(Self).map_err(|e| fault(&e))
    }

    /// The schema version and the head; none in a database that was only just made.
    pub(super) fn head(&self) -> Result<Option<Head>, StoreError> {
        match self.get_raw(Table::Meta, SCHEMA_KEY)? {
            None => return Ok(None),
            Some(bytes) => match decode(&bytes)? {
                SCHEMA => {}
                found => {
                    return Err(StoreError::Schema {
                        found,
                        expected: SCHEMA,
                    });
                }
            },
        }
        let head = self.get(Table::Meta, HEAD_KEY)?;
        head.ok_or(StoreError::Corrupt).map(Some)
    }

    /// A value as it stands.
    pub(super) fn get_raw(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0
            .get_cf(self.family(table)?, key)
            .map_err(|e| fault(&e))
    }

    /// A value.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let bytes = self.get_raw(table, key)?;
        bytes.as_deref().map(decode).transpose()
    }

    /// The values of many keys, in their order.
    pub(super) fn get_many<T: DeserializeOwned>(
        &self,
        table: Table,
        keys: &[impl AsRef<[u8]>],
    ) -> Result<Vec<Option<T>>, StoreError> {
        let found = self
            .0
            .batched_multi_get_cf(self.family(table)?, keys, false);
        found.into_iter().map(read_one).collect()
    }

    /// The pairs within bounds, in order of the key, as of now or of a snapshot.
    pub(super) fn scan<'a, B: IterateBounds>(
        &'a self,
        table: Table,
        bounds: B,
        at: Option<&'a Moment<'a>>,
    ) -> Result<impl Iterator<Item = Result<Pair, StoreError>> + use<'a, B>, StoreError> {
        let mut options = ReadOptions::default();
        options.set_iterate_range(bounds);
        let family = self.family(table)?;
        if let Some(Moment(snapshot)) = at {
            options.set_snapshot(snapshot);
        }
        let pairs = self.0.iterator_cf_opt(family, options, IteratorMode::Start);
        Ok(pairs.map(|pair| pair.map_err(|e| fault(&e))))
    }

    /// Shows the pairs within bounds in order of the key, as of a moment, without copying one and
    /// without filling the cache: for reading a whole table.
    pub(super) fn each(
        &self,
        table: Table,
        bounds: impl IterateBounds,
        at: &Moment<'_>,
        mut show: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut options = ReadOptions::default();
        options.set_iterate_range(bounds);
        options.set_snapshot(&at.0);
        options.fill_cache(false);
        options.set_readahead_size(READAHEAD_BYTES);
        let mut pairs = self.0.raw_iterator_cf_opt(self.family(table)?, options);
        pairs.seek_to_first();
        while let Some((key, value)) = pairs.item() {
            show(key, value)?;
            pairs.next();
        }
        pairs.status().map_err(|e| fault(&e))
    }

    /// A moment of the whole database.
    pub(super) fn moment(&self) -> Moment<'_> {
        Moment(self.0.snapshot())
    }

    /// A value at a moment.
    pub(super) fn get_at<T: DeserializeOwned>(
        &self,
        at: &Moment<'_>,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let bytes = at.0.get_cf(self.family(table)?, key);
        bytes
            .map_err(|e| fault(&e))?
            .as_deref()
            .map(decode)
            .transpose()
    }

    /// The values of many keys at a moment, in their order.
    pub(super) fn get_many_at<T: DeserializeOwned>(
        &self,
        at: &Moment<'_>,
        table: Table,
        keys: &[impl AsRef<[u8]>],
    ) -> Result<Vec<Option<T>>, StoreError> {
        let mut options = ReadOptions::default();
        options.set_snapshot(&at.0);
        let family = self.family(table)?;
        let found = self
            .0
            .batched_multi_get_cf_opt(family, keys, false, &options);
        found.into_iter().map(read_one).collect()
    }

    /// Writes changes, the schema and the head in one batch that is on the disk when this returns.
    pub(super) fn write(&self, mut changes: Changes<'_>, head: &Head) -> Result<(), StoreError> {
        changes.put(Table::Meta, SCHEMA_KEY, &SCHEMA)?;
        changes.put(Table::Meta, HEAD_KEY, head)?;
        let mut options = WriteOptions::default();
        options.set_sync(true);
        options.set_memtable_insert_hint_per_batch(true);
        self.0
            .write_opt(changes.batch, &options)
            .map_err(|e| fault(&e))
    }

    /// An empty batch.
    pub(super) fn changes(&self) -> Result<Changes<'_>, StoreError> {
        self.changes_of(0)
    }

    /// An empty batch with room for so many bytes and the head.
    pub(super) fn changes_of(&self, bytes: usize) -> Result<Changes<'_>, StoreError> {
        let mut families = Vec::with_capacity(Table::ALL.len());
        for table in Table::ALL {
            families.push(self.family(table)?);
        }
        Ok(Changes {
            families,
            batch: WriteBatch::with_capacity_bytes(bytes + HEAD_BYTES),
        })
    }

    /// A copy of the database's files as of now, flushed, in a folder that must not exist.
    pub(super) fn checkpoint(&self, into: &Path) -> Result<(), StoreError> {
        let checkpoint = rocksdb::checkpoint::Checkpoint::new(&self.0).map_err(|e| fault(&e))?;
        checkpoint.create_checkpoint(into).map_err(|e| fault(&e))
    }

    fn family(&self, table: Table) -> Result<&ColumnFamily, StoreError> {
        self.0.cf_handle(table.name()).ok_or(StoreError::Corrupt)
    }
}

/// A moment of the whole database.
pub(super) struct Moment<'a>(Snapshot<'a>);

/// One atomic batch in the making.
pub(super) struct Changes<'a> {
    /// In order of [`Table::ALL`], which is the order of the tables' numbers.
    families: Vec<&'a ColumnFamily>,
    batch: WriteBatch,
}

impl Changes<'_> {
    /// Puts a value.
    pub(super) fn put<T: Serialize>(
        &mut self,
        table: Table,
        key: &[u8],
        value: &T,
    ) -> Result<(), StoreError> {
        self.set(table, key, Some(&encode(value)?));
        Ok(())
    }

    /// Puts or deletes bytes.
    pub(super) fn set(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        let family = self.families[table as usize];
        match value {
            Some(value) => self.batch.put_cf(family, key, value),
            None => self.batch.delete_cf(family, key),
        }
    }

    /// Deletes every key from `start` on and before `end`.
    pub(super) fn delete_range(&mut self, table: Table, start: &[u8], end: &[u8]) {
        let family = self.families[table as usize];
        self.batch.delete_range_cf(family, start, end);
    }

    /// RocksDB's form of the batch so far.
    pub(super) fn bytes(&self) -> &[u8] {
        self.batch.data()
    }
}

fn read_one<T: DeserializeOwned>(
    value: Result<Option<DBPinnableSlice<'_>>, rocksdb::Error>,
) -> Result<Option<T>, StoreError> {
    match value {
        Ok(None) => Ok(None),
        Ok(Some(bytes)) => decode(&bytes).map(Some),
        Err(error) => Err(fault(&error)),
    }
}

/// The options of the whole database. Opening for reading takes them too: RocksDB 11 crashes there
/// if the manifest tracks logs and the options do not.
pub(super) fn whole() -> Result<Options, StoreError> {
    let mut options = Options::default();
    options.set_paranoid_checks(true);
    options.set_track_and_verify_wals_in_manifest(true);
    // Recovery stops at the first damaged record, silently; the signed mark notices what it lost.
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    options.set_max_total_wal_size(MAX_WAL_BYTES);
    options.set_max_background_jobs(2);
    options.set_keep_log_file_num(4);
    options.set_log_level(LogLevel::Warn);
    // A restart then writes next to nothing: it is quicker, and possible on an almost full disk.
    let unflushed = options.get_options_from_string("avoid_flush_during_recovery=true");
    unflushed.map_err(|e| fault(&e))
}

fn family(table: Table, cache: &Cache) -> Options {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    if !table.is_only_scanned() {
        blocks.set_bloom_filter(10.0, false);
    } else if table != Table::Rows {
        blocks.set_block_size(LONG_BLOCK_BYTES);
    }
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_paranoid_checks(true);
    options.set_write_buffer_size(WRITE_BUFFER_BYTES);
    if table == Table::People {
        // A submission asks for thousands of people of whom most are not there.
        options.set_memtable_whole_key_filtering(true);
        options.set_memtable_prefix_bloom_ratio(0.02);
    }
    // Keys are hashes, so that every file overlaps every other: level compaction writes a list of
    // millions twice as often.
    options.set_compaction_style(DBCompactionStyle::Universal);
    options.set_level_zero_file_num_compaction_trigger(RUNS);
    options.set_level_zero_slowdown_writes_trigger(RUNS_WHEN_BEHIND);
    options.set_level_zero_stop_writes_trigger(RUNS_AT_MOST);
    // What grows with a list is keys, seals and digests: they look random, nothing is to be gained.
    options.set_compression_type(if table.grows_with_lists() {
        DBCompressionType::None
    } else {
        DBCompressionType::Lz4
    });
    options
}

/// Tells a database of another version from a damaged one before anything is written.
fn check_tables(folder: &Path) -> Result<(), StoreError> {
    let held = DB::list_cf(&Options::default(), folder).map_err(|e| fault(&e))?;
    let held: BTreeSet<&str> = held.iter().map(String::as_str).collect();
    if held == Table::ALL.map(Table::name).into() {
        return Ok(());
    }
    let db = DB::open_for_read_only(&whole()?, folder, false).map_err(|e| fault(&e))?;
    let schema = db.get(SCHEMA_KEY).map_err(|e| fault(&e))?;
    match schema.as_deref().map(decode).transpose()? {
        Some(SCHEMA) => Err(StoreError::Corrupt),
        found => Err(StoreError::Schema {
            found: found.unwrap_or(0),
            expected: SCHEMA,
        }),
    }
}

/// Which rule a RocksDB error breaks. RocksDB gives the operating system's reason only in words.
pub(super) fn fault(error: &rocksdb::Error) -> StoreError {
    let text = error.as_ref();
    tracing::warn!(reason = text, "RocksDB refused");
    if text.contains("No space left") || text.contains("Disk quota exceeded") {
        return StoreError::Full;
    }
    match error.kind() {
        rocksdb::ErrorKind::Corruption => StoreError::Corrupt,
        rocksdb::ErrorKind::IOError if text.contains("LOCK") => StoreError::Locked,
        _ => StoreError::Unavailable,
    }
}
