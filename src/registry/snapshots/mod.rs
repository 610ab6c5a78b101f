//! Snapshots and deltas, for whoever screens many or watches many: built while writes go on,
//! fetched in ranges, led on by what changed since.
//!
//! A snapshot is a base: it is of its sequence and of the time it was built, and a client always
//! follows it with a delta, whose time is now. So a snapshot is built again only when so much
//! changed that the delta costs more, and a removal reaches everybody by the next delta.

mod build;
mod crossing;
mod deltas;
mod shelf;
mod signed;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::members::{Member, SNAPSHOTS};
use super::{Refusal, RefusalDetail, Registry};
use crate::protocol::limits::{
    MAX_MOVES_BEFORE_REBUILD, MAX_SNAPSHOT_RANGE_BYTES, MIN_MOVES_BEFORE_REBUILD,
    MOVES_KEPT_AT_LEAST, MOVES_KEPT_AT_MOST, MOVES_KEPT_FOR, SNAPSHOT_BUILT_AT_ONCE,
    SNAPSHOT_KEPT_FOR, SNAPSHOT_RANGES,
};
use crate::protocol::record::EpochRecord;
use crate::protocol::{
    Epoch, ErrorCode, HeadSubject, ListId, PublicKey, SignedHead, SnapshotIndex, Timestamp,
};
use crate::store::{Forgetting, KeyVisitor, MoveCount, Store, StoredList, View};
use build::{SectionFiles, refused};
use deltas::Netted;
use shelf::{Built, Shelf};
use signed::private_file;

/// When to come back for a snapshot in the making, seconds.
const COME_BACK_SECONDS: u32 = 2;

/// How long an asker waits for its turn to have a small one built.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// An index or a delta under its signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedBody {
    /// The bytes, as [`crate::protocol::snapshot`] and [`crate::protocol::delta`] describe them.
    pub body: Vec<u8>,
    /// What the registry vouches for.
    pub head: SignedHead,
}

/// Some of a snapshot's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many bytes all keys have.
    pub total: u64,
}

/// The snapshots of all lists.
pub(super) struct Snapshots {
    shelf: Shelf,
    /// Held while one is built: a second would only take the disk from the first.
    building: tokio::sync::Mutex<()>,
    /// Held while a delta is made; the last one, which many may ask for after a switch.
    netting: tokio::sync::Mutex<Option<Netted>>,
    wanted: Mutex<BTreeSet<ListId>>,
    asked: Notify,
}

impl Snapshots {
    /// Those that stand in `folder` under the registry's `key`.
    pub(super) fn open(folder: PathBuf, key: &PublicKey) -> io::Result<Self> {
        Ok(Self {
            shelf: Shelf::open(folder, key)?,
            building: tokio::sync::Mutex::default(),
            netting: tokio::sync::Mutex::default(),
            wanted: Mutex::default(),
            asked: Notify::new(),
        })
    }

    /// Something changed that one pass in the background should see.
    pub(super) fn look_again(&self) {
        self.asked.notify_one();
    }

    fn want(&self, list: &ListId) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.insert(list.clone());
        self.asked.notify_one();
    }

    fn take_wanted(&self) -> BTreeSet<ListId> {
        std::mem::take(&mut *self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Store> Registry<S> {
    /// The index of the newest snapshot of the epoch in force, for a `screen` or `watch` grant.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] for another epoch,
    /// [`ErrorCode::SnapshotPending`] while a large one is built for the first time,
    /// [`ErrorCode::ClockWrong`], the store's.
    pub async fn snapshot(
        &self,
        member: &Member,
        list: &ListId,
        epoch: Epoch,
    ) -> Result<ServedBody, Refusal> {
        self.granted(member, list, &SNAPSHOTS).await?;
        let record = self.record_of(list, epoch).await?;
        let built = self.snapshot_to_serve(&record).await?;
        self.counters.snapshots.add(1);
        let body = built.index.to_bytes();
        let (sequence, as_of) = (built.head.sequence, built.head.as_of);
        let head = self.head(&record, sequence, as_of, HeadSubject::Snapshot, &body);
        Ok(ServedBody { body, head })
    }

    /// Bytes of a snapshot's keys from `start` on, at most `length` and at most
    /// [`MAX_SNAPSHOT_RANGE_BYTES`], for a `screen` or `watch` grant.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] for another epoch,
    /// [`ErrorCode::SnapshotGone`] if the snapshot is no longer kept,
    /// [`ErrorCode::InvalidField`] naming `range` beyond the keys' end, the store's.
    pub async fn snapshot_keys(
        &self,
        member: &Member,
        list: &ListId,
        epoch: Epoch,
        sequence: u64,
        (start, length): (u64, u64),
    ) -> Result<KeyRange, Refusal> {
        self.granted(member, list, &SNAPSHOTS).await?;
        self.record_of(list, epoch).await?;
        let gone = Refusal::from(ErrorCode::SnapshotGone);
        let built = self.snapshots.shelf.of(list, epoch, sequence).ok_or(gone)?;
        let total = built.index.bytes();
        if start >= total || length == 0 {
            return Err(Refusal::field("range"));
        }
        let length = length.min(MAX_SNAPSHOT_RANGE_BYTES).min(total - start) as usize;
        let reading = tokio::task::spawn_blocking(move || built.read(start, length));
        match reading.await.map_err(|_| ErrorCode::Internal)? {
            Ok(Some(bytes)) => Ok(KeyRange { bytes, total }),
            damaged => {
                tracing::error!(%list, sequence, ?damaged, "a snapshot's file was changed");
                self.snapshots.shelf.forget_damaged(list, epoch, sequence);
                Err(gone)
            }
        }
    }

    /// Waits until somebody asked for a snapshot that is not there or is to be built again.
    pub async fn snapshot_asked(&self) {
        self.snapshots.asked.notified().await;
    }

    /// One pass in the background: builds the snapshots that were asked for, builds again those
    /// from which too much changed, and lets go of moves that nobody's delta needs. What fails for
    /// one list is tried for the others all the same.
    ///
    /// # Errors
    /// The first of those of building: [`ErrorCode::ClockWrong`], the store's.
    pub async fn keep_snapshots(&self) -> Result<(), Refusal> {
        let wanted = self.snapshots.take_wanted();
        let mut kept = Ok(());
        for list in self.store.lists().await? {
            let renewed = self.renew(&list, wanted.contains(&list.list)).await;
            let forgotten = self.forget_moves(&list).await;
            kept = kept.and(renewed).and(forgotten);
        }
        kept
    }

    /// Builds a list's snapshot if it is due.
    async fn renew(&self, list: &StoredList, is_wanted: bool) -> Result<(), Refusal> {
        let newest = self.snapshots.shelf.newest(&list.list, list.epoch);
        let is_due = match &newest {
            Some(built) => self.is_outdated(built, &self.moves_since(list, built).await?),
            None => is_wanted,
        };
        if is_due {
            let record = self.record_in_force(&list.list).await?.record;
            let turn = self.snapshots.building.lock().await;
            self.build(&record, turn).await?;
        }
        Ok(())
    }

    /// The snapshot to serve: the newest, or for a list that has none yet a fresh one, if it is
    /// soon made.
    async fn snapshot_to_serve(&self, record: &EpochRecord) -> Result<Arc<Built>, Refusal> {
        let (list, epoch) = (&record.list, record.epoch);
        let stored = self.store.list(list).await?.ok_or(ErrorCode::NotFound)?;
        if let Some(built) = self.snapshots.shelf.newest(list, epoch) {
            let since = self.moves_since(&stored, &built).await?;
            if since.moves.is_some() && since.switch.is_none() {
                if self.is_outdated(&built, &since) {
                    self.snapshots.want(list);
                }
                return Ok(built);
            }
        }
        self.build_soon(record, &stored).await
    }

    /// Builds the newest snapshot, if it is soon made.
    async fn build_soon(
        &self,
        record: &EpochRecord,
        stored: &StoredList,
    ) -> Result<Arc<Built>, Refusal> {
        if stored.people <= SNAPSHOT_BUILT_AT_ONCE {
            let turn = tokio::time::timeout(LONGEST_WAIT, self.snapshots.building.lock());
            if let Ok(turn) = turn.await {
                return self.build(record, turn).await;
            }
        }
        self.snapshots.want(&stored.list);
        let later = RefusalDetail::RetryAfter(COME_BACK_SECONDS);
        Err(Refusal::new(ErrorCode::SnapshotPending, later))
    }

    /// Builds the newest snapshot, unless it stands already.
    async fn build(
        &self,
        record: &EpochRecord,
        _turn: tokio::sync::MutexGuard<'_, ()>,
    ) -> Result<Arc<Built>, Refusal> {
        let (list, epoch) = (&record.list, record.epoch);
        let view = View::answering(list.clone(), epoch);
        // Keys carry no times for readers to apply: what is due is moved before it is shown.
        let as_of = self.trusted_now().await?;
        self.expire_view(&view, as_of).await?;
        let stored = self.store.list(list).await?.ok_or(ErrorCode::NotFound)?;
        if let Some(built) = self.snapshots.shelf.of(list, epoch, stored.sequence) {
            return Ok(built);
        }
        let made = self.snapshots.shelf.making(list, epoch);
        let ranges = SectionFiles::begin(&made.sections, ranges());
        let ranges = ranges.map_err(|error| refused(&error))?;
        let ranges: Vec<Shared> = ranges
            .into_iter()
            .map(|range| Arc::new(Mutex::new(Some(range))))
            .collect();
        let visitors = ranges.iter().map(Arc::clone).map(visitor);
        let sequence = self
            .store
            .each_filter_key(&view, visitors.collect())
            .await?;
        let keys = private_file(&made.keys).map_err(|error| refused(&error))?;
        let index = join(ranges, keys).await?;
        let body = index.to_bytes();
        let head = self.head(record, sequence, as_of, HeadSubject::Snapshot, &body);
        let built = Built::new(head.head.clone(), index, &made.keys);
        let built = Arc::new(built.map_err(|error| refused(&error))?);
        // Before the snapshot: whoever finds that one and no delta over the switch needs it whole.
        self.cross(record, &built).await?;
        let put = self.snapshots.shelf.put(&head, built, &made);
        let built = put.map_err(|error| refused(&error))?;
        tracing::info!(%list, sequence, keys = built.index.keys(), "a snapshot was built");
        Ok(built)
    }

    /// Moves after a snapshot; none if the log does not reach back to it.
    async fn moves_since(&self, list: &StoredList, built: &Built) -> Result<MoveCount, Refusal> {
        let from = built.head.sequence;
        Ok(self.store.count_moves(&list.view(), from).await?)
    }

    /// Whether a snapshot is to be built again for what happened since.
    fn is_outdated(&self, built: &Built, since: &MoveCount) -> bool {
        let allowed =
            (built.index.keys() / 16).clamp(MIN_MOVES_BEFORE_REBUILD, MAX_MOVES_BEFORE_REBUILD);
        let is_old = self.clock.now().since(built.head.as_of) > SNAPSHOT_KEPT_FOR;
        let too_many = |moves| moves > allowed || (is_old && moves > 0);
        since.moves.is_none_or(too_many) || since.switch.is_some()
    }

    /// Lets go of old moves: enough stay for whoever was away a while, and all after the newest
    /// snapshot for whoever is fetching it, which itself is never much older than a week.
    async fn forget_moves(&self, list: &StoredList) -> Result<(), Refusal> {
        let newest = self.snapshots.shelf.newest(&list.list, list.epoch);
        let through = newest.map_or(list.sequence, |built| built.head.sequence);
        let keep = (list.people / 4).clamp(MOVES_KEPT_AT_LEAST, MOVES_KEPT_AT_MOST);
        let mut before = Timestamp(i64::MIN);
        // By a clock that is wrong, nothing is old.
        if let Ok(now) = self.trusted_now().await {
            before = Timestamp(now.0 - MOVES_KEPT_FOR);
            self.snapshots.shelf.forget_old(&list.list, list.epoch, now);
        }
        let rule = Forgetting {
            through,
            keep,
            before,
        };
        while self.store.forget_moves(&list.view(), rule).await? > 0 {}
        Ok(())
    }
}

/// The files of one range, of which the store's thread lets go when it is done.
type Shared = Arc<Mutex<Option<SectionFiles>>>;

/// How many ranges of a list are read at once: a build may use every core, for it is short.
fn ranges() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    cores.min(SNAPSHOT_RANGES)
}

/// What takes the keys of one range.
fn visitor(range: Shared) -> KeyVisitor {
    Box::new(move |keys| {
        let mut files = range.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = files.as_mut().map_or(Ok(()), |files| files.take(keys));
        taken.map_err(|error| refused(&error))
    })
}

/// Makes one file of the ranges' files, on a thread that may block.
async fn join(ranges: Vec<Shared>, into: File) -> Result<SnapshotIndex, Refusal> {
    let taken = ranges.iter().map(|range| {
        let mut files = range.lock().unwrap_or_else(PoisonError::into_inner);
        files.take()
    });
    let files: Option<Vec<SectionFiles>> = taken.collect();
    let files = files.ok_or(ErrorCode::Internal)?;
    let joining = tokio::task::spawn_blocking(move || SectionFiles::join(files, into));
    let joined = joining.await.map_err(|_| ErrorCode::Internal)?;
    Ok(joined.map_err(|error| refused(&error))?)
}

#[cfg(test)]
mod tests;
