//! What the registry keeps: a small trait of domain verbs, its backends and one conformance suite.
//!
//! Every write is durable before its future resolves. Sequence numbers come from one counter of
//! the whole store, so that a restored store can be moved past every number it ever handed out.

pub mod conformance;
#[cfg(test)]
mod dump;
mod error;
mod kept;
pub mod log;
pub mod memory;
mod moves;
#[cfg(feature = "rocks")]
pub mod rocks;

pub use error::StoreError;
pub use kept::{
    Amended, AnsweringVersion, Before, Change, Charge, Charged, Decision, Evidence, Invitation,
    JournaledRemoval, PersonChange, Section, StagedVersion, StoredList, Versions, View, Which,
};
pub use memory::Memory;
pub use moves::{Forgetting, KeyVisitor, MoveCount, MovesAfter};
#[cfg(feature = "rocks")]
pub use rocks::{Opened, RocksOptions, RocksStore};

use std::future::Future;
use std::sync::Arc;

use crate::protocol::limits::ROW_BYTES;
use crate::protocol::listing::Person;
use crate::protocol::organisation::{Grant, Organisation};
use crate::protocol::record::SignedRecord;
use crate::protocol::version::DiffCounts;
use crate::protocol::{Date, EntryId, ListId, Locator, OrderId, OrgId, Timestamp};

/// Decides what becomes of people, given what stands. It may run again when a backend retries, so
/// it must not act on the world.
pub type Decide = Arc<dyn Fn(&Before) -> Decision + Send + Sync>;

/// What a registry needs of its store. Reads see every write that was acknowledged before them.
///
/// # Errors
/// Every verb answers [`StoreError::Unavailable`] when the backend does not answer and
/// [`StoreError::Corrupt`] when what it holds does not read; writes also answer
/// [`StoreError::Full`].
pub trait Store: Send + Sync + 'static {
    /// One organisation.
    fn organisation(
        &self,
        organisation: &OrgId,
    ) -> impl Future<Output = Result<Option<Organisation>, StoreError>> + Send;

    /// Organisations in order of their id, after `after`, at most `limit`.
    fn organisations(
        &self,
        after: Option<&OrgId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Organisation>, StoreError>> + Send;

    /// What an organisation may do on a list.
    fn grant(
        &self,
        organisation: &OrgId,
        list: &ListId,
    ) -> impl Future<Output = Result<Option<Grant>, StoreError>> + Send;

    /// Everything an organisation may do, in order of the list's id.
    fn grants(
        &self,
        organisation: &OrgId,
    ) -> impl Future<Output = Result<Vec<Grant>, StoreError>> + Send;

    /// All lists, in order of their id.
    fn lists(&self) -> impl Future<Output = Result<Vec<StoredList>, StoreError>> + Send;

    /// One list.
    fn list(
        &self,
        list: &ListId,
    ) -> impl Future<Output = Result<Option<StoredList>, StoreError>> + Send;

    /// A list's epoch records, oldest first.
    fn records(
        &self,
        list: &ListId,
    ) -> impl Future<Output = Result<Vec<SignedRecord>, StoreError>> + Send;

    /// One administrative change with its evidence, once: the same order id with the same content
    /// again changes nothing and gives the same sequence.
    ///
    /// [`StoreError::OrderConflict`] if the order id came with other content;
    /// [`StoreError::Exists`] if something else stands in the change's place;
    /// [`StoreError::BadInvitation`] for a code that is unknown, used or past its time.
    fn administer(
        &self,
        change: Change,
        evidence: Evidence,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The reply once given to an order, with the digest of its content.
    fn reply_to(
        &self,
        organisation: &OrgId,
        order: &OrderId,
    ) -> impl Future<Output = Result<Option<(crate::protocol::ContentDigest, Vec<u8>)>, StoreError>> + Send;

    /// Counts elements against an organisation's day, once for each charge key.
    fn charge(&self, charge: Charge) -> impl Future<Output = Result<Charged, StoreError>> + Send;

    /// Elements charged to an organisation on a list and day.
    fn used(
        &self,
        organisation: &OrgId,
        list: &ListId,
        day: Date,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// One atomic change of people with its evidence: reads the people at `locators` (in their
    /// order, each at most once), asks `decide`, writes people, rows, indexes, evidence and reply
    /// together. The same order id with the same content again gives the first reply. Where a
    /// version of the list is staged, `decide` sees both versions and may change both.
    ///
    /// [`StoreError::Missing`] if the list has no such epoch or version, or the version is closed;
    /// [`StoreError::OrderConflict`] if the order id came with other content.
    fn amend(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        decide: Decide,
    ) -> impl Future<Output = Result<Amended, StoreError>> + Send;

    /// As [`Store::amend`], for removals: the removal is appended to the signed journal outside
    /// the database first, and its position committed with the change.
    fn amend_journaled(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        removal: JournaledRemoval,
        decide: Decide,
    ) -> impl Future<Output = Result<Amended, StoreError>> + Send;

    /// Removals in the journal that the database does not hold yet (after a crash between the two,
    /// or a restored backup), oldest first, with their positions.
    fn removals_to_replay(
        &self,
    ) -> impl Future<Output = Result<Vec<(u64, JournaledRemoval)>, StoreError>> + Send;

    /// As [`Store::amend`], for a removal that is in the journal at `position` already. Where the
    /// view is not there (a backup older than its list) there is nobody to remove: the removal
    /// counts as carried out, without asking `decide`.
    fn amend_replayed(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        position: u64,
        decide: Decide,
    ) -> impl Future<Output = Result<Amended, StoreError>> + Send;

    /// The people at `locators`, in their order.
    fn people(
        &self,
        view: &View,
        locators: &[Locator],
    ) -> impl Future<Output = Result<Vec<Option<Person>>, StoreError>> + Send;

    /// Where the people of these entries stand, in their order.
    fn locate(
        &self,
        view: &View,
        entries: &[EntryId],
    ) -> impl Future<Output = Result<Vec<Option<Locator>>, StoreError>> + Send;

    /// An organisation's own entries in order of their id, after `after`, at most `limit`.
    fn own_entries(
        &self,
        view: &View,
        organisation: &OrgId,
        after: Option<EntryId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(EntryId, Locator)>, StoreError>> + Send;

    /// The sealed rows of the people in one of 2^`bits` buckets, and the list's sequence at the
    /// same moment.
    fn bucket(
        &self,
        view: &View,
        bits: u8,
        bucket: u32,
    ) -> impl Future<Output = Result<(u64, Vec<[u8; ROW_BYTES]>), StoreError>> + Send;

    /// Shows every filter key with its place (a multiset), as of one moment, while writes go on; the
    /// list's sequence at that moment. All keys there can be are cut into as many ranges as there are
    /// `visitors`, of one size: each is shown one range in order of the key, the first the lowest, and
    /// none waits for another. What one refuses with, this does.
    fn each_filter_key(
        &self,
        view: &View,
        visitors: Vec<KeyVisitor>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// How many people's filter keys moved after sequence `from` and before the next switch of
    /// versions, each time counted.
    fn count_moves(
        &self,
        view: &View,
        from: u64,
    ) -> impl Future<Output = Result<MoveCount, StoreError>> + Send;

    /// Every move of a filter key after sequence `from` and before the next switch of versions, in
    /// order of its sequence, if they are at most `limit`, with the list's sequence at the same
    /// moment.
    fn moves(
        &self,
        view: &View,
        from: u64,
        limit: usize,
    ) -> impl Future<Output = Result<MovesAfter, StoreError>> + Send;

    /// Forgets the oldest moves, as long as the rule says so of the oldest: at most
    /// [`STORE_ROWS_TOGETHER`](crate::protocol::limits::STORE_ROWS_TOGETHER) changes' at a time.
    /// How many changes' moves went; 0 when there is nothing to forget.
    fn forget_moves(
        &self,
        view: &View,
        rule: Forgetting,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// What differs between two versions of one list, at one moment.
    fn diff(
        &self,
        answering: &View,
        staged: &View,
    ) -> impl Future<Output = Result<DiffCounts, StoreError>> + Send;

    /// People whose state changes by time alone at or before `until`, earliest first, at most
    /// `limit`.
    fn due(
        &self,
        view: &View,
        until: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Locator>, StoreError>> + Send;

    /// The latest time that any committed write carried; the clock must not be behind it. A write
    /// more than 24 hours ahead of it does not move it, only [`Change::AcceptClock`] does.
    fn last_committed_time(&self) -> impl Future<Output = Result<Timestamp, StoreError>> + Send;

    /// Whether a write would be taken now.
    ///
    /// [`StoreError::Full`] when the disk is full.
    fn writable(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
