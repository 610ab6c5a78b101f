//! A group of commands that are committed together: what they changed so far, over the database.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::database::{Changes, Database};
use super::reads::end_of;
use super::tables;
use super::tables::Table;
use super::values::{Head, KeptEvidence, KeptReply, decode, encode_onto, row_onto};
use crate::protocol::Digest32;
use crate::protocol::limits::{STORE_GROUP_BYTES, STORE_LARGE_COMMAND_BYTES};
use crate::store::{Evidence, StoreError};

const BATCH_CONTEXT: &str = "saring/v1/batch";
const ROOT_CONTEXT: &str = "saring/v1/batch-root";
/// What RocksDB puts around a write in a batch, at most: kind, column family and two lengths.
const BYTES_AROUND_A_WRITE: usize = 8;

/// The effects of a group's commands so far.
pub(super) struct Group<'d> {
    database: &'d Database,
    /// Of each command, in the order in which they came.
    writes: Vec<Writes>,
    /// What later commands of the group may read back.
    pending: HashMap<(Table, Vec<u8>), Option<Vec<u8>>>,
    bytes: usize,
    /// A large command came: what it wrote cannot be read back before it is committed.
    is_full: bool,
    before: Head,
    head: Head,
    journal_entries: u64,
    removals: Vec<Vec<u8>>,
    /// Prefixes whose keys all go, after everything that is pending.
    gone: Vec<(Table, Vec<u8>)>,
}

impl<'d> Group<'d> {
    /// An empty group after `head`, with `journal_entries` in the journal.
    pub(super) fn new(database: &'d Database, head: Head, journal_entries: u64) -> Self {
        Self {
            database,
            writes: Vec::new(),
            pending: HashMap::new(),
            bytes: 0,
            is_full: false,
            before: head,
            head,
            journal_entries,
            removals: Vec::new(),
            gone: Vec::new(),
        }
    }

    /// Runs one command: its effects join the group if it succeeds and leave no trace if not.
    pub(super) fn run<T>(
        &mut self,
        command: impl FnOnce(&mut Draft<'_, 'd>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let head = self.head;
        let mut draft = Draft {
            group: self,
            writes: Writes::default(),
            head,
            removal: None,
            gone: Vec::new(),
        };
        let outcome = command(&mut draft)?;
        let Draft {
            writes,
            head,
            removal,
            gone,
            ..
        } = draft;
        self.gone.extend(gone);
        self.head = head;
        self.journal_entries += removal.is_some() as u64;
        self.removals.extend(removal);
        self.take(writes);
        Ok(outcome)
    }

    fn take(&mut self, mut writes: Writes) {
        writes.sort();
        self.bytes += writes.bytes.len();
        self.is_full |= writes.bytes.len() > STORE_LARGE_COMMAND_BYTES;
        if !self.is_full {
            let read = writes
                .each()
                .filter(|(table, ..)| table.is_read_by_commands());
            let read = read.map(|(table, key, value)| ((table, key.into()), value.map(Vec::from)));
            self.pending.extend(read);
        }
        self.writes.push(writes);
    }

    /// Whether another command may join.
    pub(super) const fn has_room(&self) -> bool {
        self.bytes < STORE_GROUP_BYTES && !self.is_full
    }

    /// Whether no command took a number, so that there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.head.counter == self.before.counter
    }

    /// The removals to append to the journal before the database is written.
    pub(super) fn removals(&self) -> &[Vec<u8>] {
        &self.removals
    }

    /// The batch and the head after it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the database has not every table.
    pub(super) fn batch(self) -> Result<(Changes<'d>, Head), StoreError> {
        let writes: usize = self.writes.iter().map(|writes| writes.each.len()).sum();
        let mut changes = self
            .database
            .changes_of(self.bytes + writes * BYTES_AROUND_A_WRITE)?;
        for writes in self.writes {
            for (table, key, value) in writes.each() {
                changes.set(table, key, value);
            }
        }
        for (table, prefix) in &self.gone {
            changes.delete_range(*table, prefix, &end_of(prefix));
        }
        let digest = Digest32::of(BATCH_CONTEXT, changes.bytes());
        let mut head = self.head;
        head.root = Digest32::of(ROOT_CONTEXT, &[head.root.0, digest.0].concat());
        Ok((changes, head))
    }
}

/// One command's writes: keys and values one behind the other, and where each is.
#[derive(Default)]
struct Writes {
    bytes: Vec<u8>,
    each: Vec<Write>,
}

/// One key's new value, or that it goes.
struct Write {
    table: Table,
    /// The first bytes by which keys of one table and version differ.
    order: u64,
    key: Range<usize>,
    /// Where the value ends that begins where the key ends.
    value: Option<usize>,
}

impl Writes {
    /// Appends a key, and the value that `value` appends.
    fn put(
        &mut self,
        table: Table,
        key: &[u8],
        value: impl FnOnce(&mut Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.delete(table, key);
        value(&mut self.bytes)?;
        if let Some(write) = self.each.last_mut() {
            write.value = Some(self.bytes.len());
        }
        Ok(())
    }

    fn delete(&mut self, table: Table, key: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        self.each.push(Write {
            order: tables::order(table, key),
            table,
            key: start..self.bytes.len(),
            value: None,
        });
    }

    /// Each table's in order of the keys, where RocksDB inserts faster.
    fn sort(&mut self) {
        self.each.sort_by_key(|write| (write.table, write.order));
    }

    /// Each write. A key that is deleted and put again comes once.
    fn each(&self) -> impl Iterator<Item = (Table, &[u8], Option<&[u8]>)> {
        let key = |write: &Write| &self.bytes[write.key.clone()];
        let last = self.each.iter().enumerate().filter(move |(at, write)| {
            let next = self.each.get(at + 1);
            next.is_none_or(|next| {
                next.order != write.order || next.table != write.table || key(next) != key(write)
            })
        });
        last.map(move |(_, write)| {
            let value = write.value.map(|end| &self.bytes[write.key.end..end]);
            (write.table, key(write), value)
        })
    }
}

/// One command's reads and intended writes. Writes are not seen by its own reads.
pub(super) struct Draft<'g, 'd> {
    group: &'g mut Group<'d>,
    writes: Writes,
    head: Head,
    removal: Option<Vec<u8>>,
    gone: Vec<(Table, Vec<u8>)>,
}

impl Draft<'_, '_> {
    /// A value after the commands before this one.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        table: Table,
        key: impl AsRef<[u8]>,
    ) -> Result<Option<T>, StoreError> {
        let place = (table, key.as_ref().to_vec());
        match self.group.pending.get(&place) {
            Some(value) => value.as_deref().map(decode).transpose(),
            None => self.group.database.get(table, &place.1),
        }
    }

    /// The values of many keys, in their order, after the commands before this one.
    pub(super) fn get_many<T: DeserializeOwned>(
        &self,
        table: Table,
        keys: &[impl AsRef<[u8]>],
    ) -> Result<Vec<Option<T>>, StoreError> {
        let mut values = self.group.database.get_many(table, keys)?;
        if self.group.pending.is_empty() {
            return Ok(values);
        }
        for (key, value) in keys.iter().zip(&mut values) {
            if let Some(pending) = self.group.pending.get(&(table, key.as_ref().to_vec())) {
                *value = pending.as_deref().map(decode).transpose()?;
            }
        }
        Ok(values)
    }

    /// Puts a value.
    pub(super) fn put<T: Serialize>(
        &mut self,
        table: Table,
        key: impl AsRef<[u8]>,
        value: &T,
    ) -> Result<(), StoreError> {
        let onto = |bytes: &mut Vec<u8>| encode_onto(bytes, value);
        self.writes.put(table, key.as_ref(), onto)
    }

    /// Puts a value as [`Draft::put`] does an array of its bytes.
    pub(super) fn put_row(&mut self, table: Table, key: impl AsRef<[u8]>, row: &[u8]) {
        let onto = |bytes: &mut Vec<u8>| {
            row_onto(bytes, row);
            Ok(())
        };
        let _always = self.writes.put(table, key.as_ref(), onto);
    }

    /// Puts a key without a value.
    pub(super) fn put_key(&mut self, table: Table, key: impl AsRef<[u8]>) {
        let _always = self.writes.put(table, key.as_ref(), |_| Ok(()));
    }

    /// Deletes a key; one that is not there is left alone.
    pub(super) fn delete(&mut self, table: Table, key: impl AsRef<[u8]>) {
        self.writes.delete(table, key.as_ref());
    }

    /// Deletes every key that starts with a prefix, which nothing writes to any more.
    pub(super) fn delete_all(&mut self, table: Table, prefix: Vec<u8>) {
        self.gone.push((table, prefix));
    }

    /// The database as the group found it.
    pub(super) const fn database(&self) -> &Database {
        self.group.database
    }

    /// The number this command will have if it writes.
    pub(super) const fn next_sequence(&self) -> u64 {
        self.head.counter + 1
    }

    /// How many of the journal's entries were carried out.
    pub(super) const fn held(&self) -> u64 {
        self.head.held
    }

    /// How many entries the journal has, those of this group's earlier commands included.
    pub(super) const fn journal_entries(&self) -> u64 {
        self.group.journal_entries
    }

    /// Appends a removal to the journal before the database is written.
    pub(super) fn journal(&mut self, removal: Vec<u8>) {
        self.removal = Some(removal);
        self.head.held = self.group.journal_entries + 1;
    }

    /// Counts the journal's entries below `entries` as carried out.
    pub(super) fn hold(&mut self, entries: u64) {
        self.head.held = self.head.held.max(entries);
    }

    /// Takes the next number.
    pub(super) const fn take_number(&mut self) -> u64 {
        self.head.counter += 1;
        self.head.counter
    }

    /// The clock was confirmed at a time.
    pub(super) const fn accept_clock(&mut self, at: crate::protocol::Timestamp) {
        self.head.last_time = at;
    }

    /// The reply to the same order before.
    ///
    /// # Errors
    /// [`StoreError::OrderConflict`] if the order id came with other content.
    pub(super) fn replied(&self, evidence: &Evidence) -> Result<Option<KeptReply>, StoreError> {
        let key = tables::reply(&evidence.organisation, &evidence.order);
        match self.get::<KeptReply>(Table::Replies, key)? {
            Some(first) if first.content != evidence.content => Err(StoreError::OrderConflict),
            first => Ok(first),
        }
    }

    /// Takes the next number and keeps the evidence under it, and the reply if the order has none
    /// yet. `reply` makes it from the number.
    pub(super) fn commit(
        &mut self,
        evidence: Evidence,
        reply: impl FnOnce(u64) -> (u64, Vec<u8>),
    ) -> Result<u64, StoreError> {
        let number = self.take_number();
        self.head.last_time = evidence.advance(self.head.last_time);
        let key = tables::reply(&evidence.organisation, &evidence.order);
        if self
            .get::<KeptReply>(Table::Replies, key.clone())?
            .is_none()
        {
            let (sequence, reply) = reply(number);
            let kept = KeptReply {
                content: evidence.content,
                sequence,
                reply,
            };
            self.put(Table::Replies, key, &kept)?;
        }
        let key = number.to_be_bytes().to_vec();
        self.put(Table::Evidence, key, &KeptEvidence::from(evidence))?;
        Ok(number)
    }
}
