//! Column families and keys.
//!
//! Every key of one person starts with `u8 length || list || u32 epoch || u32 version`; person, row
//! and index entries then carry the locator, so that a list can be split over machines by the
//! hash that a locator is. Numbers in keys are big-endian, so that they sort. So everything of one
//! version stands together in each table, and is destroyed as one range.

use crate::protocol::order::ChargeKey;
use crate::protocol::{Date, EntryId, Epoch, ListId, Locator, OrderId, OrgId, Timestamp};
use crate::store::kept::Place;

/// A column family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Table {
    /// Schema version, head, restores.
    Meta,
    /// organisation → organisation.
    Organisations,
    /// `c` code → invitation; `o` organisation → code.
    Invitations,
    /// organisation, list → grant.
    Grants,
    /// list → list.
    Lists,
    /// list, epoch, revision → record.
    Records,
    /// version, locator → person.
    People,
    /// version, locator → sealed row.
    Rows,
    /// version, filter key, locator → section.
    FilterKeys,
    /// version, due time, locator → nothing.
    Due,
    /// version, entry → locator.
    Entries,
    /// version, organisation, entry → locator.
    OwnEntries,
    /// organisation, order → reply.
    Replies,
    /// sequence → evidence.
    Evidence,
    /// list, epoch → head of its log; list, epoch, sequence → moves of filter keys.
    Moves,
    /// list, epoch, organisation, job, chunk → content digest.
    Charges,
    /// organisation, list, day → elements.
    Used,
}

impl Table {
    /// Every column family.
    pub(super) const ALL: [Self; 17] = [
        Self::Meta,
        Self::Organisations,
        Self::Invitations,
        Self::Grants,
        Self::Lists,
        Self::Records,
        Self::People,
        Self::Rows,
        Self::FilterKeys,
        Self::Due,
        Self::Entries,
        Self::OwnEntries,
        Self::Replies,
        Self::Evidence,
        Self::Moves,
        Self::Charges,
        Self::Used,
    ];

    /// The column families whose keys start with a version's place.
    pub(super) const OF_PEOPLE: [Self; 6] = [
        Self::People,
        Self::Rows,
        Self::FilterKeys,
        Self::Due,
        Self::Entries,
        Self::OwnEntries,
    ];

    /// Whether a command may read what an earlier command of its group wrote there.
    pub(super) const fn is_read_by_commands(self) -> bool {
        !matches!(
            self,
            Self::Rows
                | Self::FilterKeys
                | Self::Due
                | Self::Entries
                | Self::OwnEntries
                | Self::Evidence
        )
    }

    /// Whether nobody asks for a single key of it.
    pub(super) const fn is_only_scanned(self) -> bool {
        matches!(
            self,
            Self::Rows | Self::FilterKeys | Self::Due | Self::OwnEntries | Self::Evidence
        )
    }

    /// Whether it holds about as much as all lists do.
    pub(super) const fn grows_with_lists(self) -> bool {
        matches!(
            self,
            Self::People
                | Self::Rows
                | Self::FilterKeys
                | Self::Due
                | Self::Entries
                | Self::OwnEntries
                | Self::Replies
                | Self::Moves
                | Self::Charges
        )
    }

    /// The name RocksDB knows it by.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Meta => rocksdb::DEFAULT_COLUMN_FAMILY_NAME,
            Self::Organisations => "organisations",
            Self::Invitations => "invitations",
            Self::Grants => "grants",
            Self::Lists => "lists",
            Self::Records => "records",
            Self::People => "people",
            Self::Rows => "rows",
            Self::FilterKeys => "filter-keys",
            Self::Due => "due",
            Self::Entries => "entries",
            Self::OwnEntries => "own-entries",
            Self::Replies => "replies",
            Self::Evidence => "evidence",
            Self::Moves => "moves",
            Self::Charges => "charges",
            Self::Used => "used",
        }
    }
}

/// Room for the longest key, bytes: a charge's, with two names of 48, has 122.
const MAX_KEY_BYTES: usize = 128;

/// A key in the making, on the stack: there are six for every listing.
#[derive(Clone, Copy)]
pub(super) struct Key {
    bytes: [u8; MAX_KEY_BYTES],
    length: usize,
}

impl Default for Key {
    fn default() -> Self {
        Self {
            bytes: [0; MAX_KEY_BYTES],
            length: 0,
        }
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Key {
    /// A key that is a name alone, which sorts as the name does.
    pub(super) fn plain(name: &str) -> Vec<u8> {
        name.as_bytes().to_vec()
    }

    /// The start of every key of a version's people.
    pub(super) fn place(place: &Place) -> Self {
        Self::epoch(&place.list, place.epoch).raw(&place.version.0.to_be_bytes())
    }

    /// The start of every key of a list's epoch.
    pub(super) fn epoch(list: &ListId, epoch: Epoch) -> Self {
        Self::default()
            .name(list.as_str())
            .raw(&epoch.0.to_be_bytes())
    }

    /// A name with its length before it (at most 48 bytes).
    pub(super) fn name(self, name: &str) -> Self {
        self.raw(&[name.len() as u8]).raw(name.as_bytes())
    }

    /// Bytes of a fixed length.
    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        let end = self.length + bytes.len();
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
        self
    }

    /// The key.
    pub(super) fn done(self) -> Vec<u8> {
        self.as_ref().to_vec()
    }
}

/// The first eight bytes by which the keys of one version differ within a table.
pub(super) fn order(table: Table, key: &[u8]) -> u64 {
    let mut at = 0;
    if Table::OF_PEOPLE.contains(&table) {
        at = 1 + key.first().map_or(0, |length| usize::from(*length)) + 8;
    }
    if table == Table::OwnEntries {
        at += 1 + key.get(at).map_or(0, |length| usize::from(*length));
    }
    let rest = key.get(at..).unwrap_or_default();
    let mut first = [0; 8];
    let length = rest.len().min(8);
    first[..length].copy_from_slice(&rest[..length]);
    u64::from_be_bytes(first)
}

/// organisation, list.
pub(super) fn grant(organisation: &OrgId, list: &ListId) -> Vec<u8> {
    let key = Key::default().name(organisation.as_str());
    key.raw(list.as_str().as_bytes()).done()
}

/// list, epoch, revision.
pub(super) fn record(list: &ListId, epoch: Epoch, revision: u32) -> Vec<u8> {
    Key::epoch(list, epoch).raw(&revision.to_be_bytes()).done()
}

/// version, locator: of people and of rows.
pub(super) fn person(place: &Place, locator: &Locator) -> Key {
    Key::place(place).raw(&locator.0)
}

/// version, filter key, locator.
pub(super) fn filter_key(place: &Place, locator: &Locator) -> Key {
    let filter = locator.filter_key().to_be_bytes();
    Key::place(place).raw(&filter).raw(&locator.0)
}

/// version, time, locator.
pub(super) fn due(place: &Place, time: Timestamp, locator: &Locator) -> Key {
    due_from(place, time).raw(&locator.0)
}

/// version, time: where the people due at a time begin.
pub(super) fn due_from(place: &Place, time: Timestamp) -> Key {
    // The sign bit flipped, so that negative times sort first.
    let sortable = (time.0 as u64) ^ (1 << 63);
    Key::place(place).raw(&sortable.to_be_bytes())
}

/// version, entry.
pub(super) fn entry(place: &Place, entry: &EntryId) -> Key {
    Key::place(place).raw(&entry.0)
}

/// version, organisation: where an organisation's own entries begin.
pub(super) fn own(place: &Place, organisation: &OrgId) -> Key {
    Key::place(place).name(organisation.as_str())
}

/// organisation, order.
pub(super) fn reply(organisation: &OrgId, order: &OrderId) -> Vec<u8> {
    let key = Key::default().name(organisation.as_str());
    key.raw(&order.0).done()
}

/// list, epoch, organisation, job, chunk.
pub(super) fn charge(key: &ChargeKey) -> Vec<u8> {
    Key::epoch(&key.list, key.epoch)
        .name(key.organisation.as_str())
        .raw(&key.job.0)
        .raw(&key.chunk.to_be_bytes())
        .done()
}

/// organisation, list, day.
pub(super) fn used(organisation: &OrgId, list: &ListId, day: Date) -> Vec<u8> {
    let sortable = (day.0 as u32) ^ (1 << 31);
    Key::default()
        .name(organisation.as_str())
        .name(list.as_str())
        .raw(&sortable.to_be_bytes())
        .done()
}
