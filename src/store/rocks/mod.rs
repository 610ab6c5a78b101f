//! The durable store, on RocksDB.
//!
//! One thread commits (`committer`): every write is on the disk, and under the signed mark
//! outside the database (`mark`), before it is acknowledged. Reads run on the runtime's blocking
//! threads. Folders and files belong to one process at a time.

mod administer;
mod amend;
mod backup;
mod committer;
mod database;
mod group;
mod inspect;
mod manifest;
mod mark;
mod moves;
mod open;
mod reads;
mod tables;
mod values;
mod versions;

pub use backup::{RestoreNote, restore};
pub use inspect::every_pair;
pub use manifest::{BackupFile, Manifest};
pub use open::{Opened, RocksOptions};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use rocksdb::PrefixRange;
use tokio::sync::{mpsc, oneshot};

use self::amend::Origin;
use self::committer::{Answer, Committer, Shared, Work};
use self::database::Database;
use self::group::Draft;
use self::tables::{Key, Table};
use self::values::{KeptList, KeptReply, decode};
use super::{
    Amended, Change, Charge, Charged, Decide, Evidence, Forgetting, JournaledRemoval, KeyVisitor,
    MoveCount, MovesAfter, Store, StoreError, StoredList, View,
};
use crate::protocol::limits::{ROW_BYTES, STORE_QUEUE};
use crate::protocol::listing::Person;
use crate::protocol::organisation::{Grant, Organisation};
use crate::protocol::record::SignedRecord;
use crate::protocol::version::DiffCounts;
use crate::protocol::{ContentDigest, Date, EntryId, ListId, Locator, OrderId, OrgId, Timestamp};

/// A store on RocksDB. Dropping it waits for the commands that were taken, then closes the files.
pub struct RocksStore {
    shared: Arc<Shared>,
    queue: Option<mpsc::Sender<Work>>,
    committer: Option<JoinHandle<()>>,
    opened: Opened,
}

impl RocksStore {
    /// Opens the store of a folder, or makes it where there is nothing. Blocks: at most for the
    /// time it takes to read back the write-ahead log (128 MiB) and the journal.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it, [`StoreError::Schema`] if another version
    /// wrote it, [`StoreError::BelowMark`] if it holds less than was acknowledged,
    /// [`StoreError::Mark`] if mark or journal are missing, shortened or not signed by the key,
    /// [`StoreError::Corrupt`] if what it holds does not read, [`StoreError::Full`],
    /// [`StoreError::Unavailable`].
    pub fn open(options: RocksOptions) -> Result<Self, StoreError> {
        let parts = open::open(&options)?;
        let opened = parts.opened;
        let shared = Arc::new(Shared::new(options, parts.database, parts.outside));
        let (queue, waiting) = mpsc::channel(STORE_QUEUE);
        let committer = Committer::new(Arc::clone(&shared), parts.head);
        let thread = std::thread::Builder::new()
            .name("store-committer".to_owned())
            .spawn(move || committer.run(waiting))
            .map_err(|_| StoreError::Unavailable)?;
        Ok(Self {
            shared,
            queue: Some(queue),
            committer: Some(thread),
            opened,
        })
    }

    /// What opening found.
    #[must_use]
    pub const fn opened(&self) -> Opened {
        self.opened
    }

    /// Hands a command to the committer and waits until it is durable. A caller that goes away
    /// does not take the command back.
    async fn submit<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Draft<'_, '_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |group| -> Answer {
            // A panicking decision fails its own command and no other; it left no trace.
            let run = AssertUnwindSafe(|| group.and_then(|group| group.run(command)));
            let outcome = catch_unwind(run).unwrap_or(Err(StoreError::Unavailable));
            Box::new(move |committed| {
                let _gone = answer.send(committed.and(outcome));
            })
        });
        let queue = self.queue.as_ref().ok_or(StoreError::Unavailable)?;
        queue
            .send(work)
            .await
            .map_err(|_| StoreError::Unavailable)?;
        answered.await.unwrap_or(Err(StoreError::Unavailable))
    }

    /// Reads where it is asked for: single values and buckets, which are mostly in memory. Another
    /// thread, and the way back, would cost many times the read; whoever may not wait for the disk
    /// now and then asks from a thread that may.
    fn look<T>(
        &self,
        look: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.shared.read(look)
    }

    /// Reads on a blocking thread: a scan may read much of the disk.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        let reading = tokio::task::spawn_blocking(move || shared.read(read));
        reading.await.unwrap_or(Err(StoreError::Unavailable))
    }
}

impl Drop for RocksStore {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(committer) = self.committer.take() {
            let _panicked = committer.join();
        }
        self.shared.close();
    }
}

impl Store for RocksStore {
    async fn organisation(&self, id: &OrgId) -> Result<Option<Organisation>, StoreError> {
        let key = Key::plain(id.as_str());
        self.look(move |db| db.get(Table::Organisations, &key))
    }

    async fn organisations(
        &self,
        after: Option<&OrgId>,
        limit: usize,
    ) -> Result<Vec<Organisation>, StoreError> {
        let start = after.map_or(Vec::new(), |id| reads::after(Key::plain(id.as_str())));
        self.read(move |db| reads::values(db.scan(Table::Organisations, start.., None)?, limit))
            .await
    }

    async fn grant(&self, id: &OrgId, list: &ListId) -> Result<Option<Grant>, StoreError> {
        let key = tables::grant(id, list);
        self.look(move |db| db.get(Table::Grants, &key))
    }

    async fn grants(&self, id: &OrgId) -> Result<Vec<Grant>, StoreError> {
        let prefix = PrefixRange(Key::default().name(id.as_str()).done());
        self.read(move |db| reads::values(db.scan(Table::Grants, prefix, None)?, usize::MAX))
            .await
    }

    async fn lists(&self) -> Result<Vec<StoredList>, StoreError> {
        let kept: Vec<KeptList> = self
            .read(|db| reads::values(db.scan(Table::Lists, .., None)?, usize::MAX))
            .await?;
        Ok(kept.into_iter().map(|kept| kept.list).collect())
    }

    async fn list(&self, list: &ListId) -> Result<Option<StoredList>, StoreError> {
        let key = Key::plain(list.as_str());
        let kept: Option<KeptList> = self.look(move |db| db.get(Table::Lists, &key))?;
        Ok(kept.map(|kept| kept.list))
    }

    async fn records(&self, list: &ListId) -> Result<Vec<SignedRecord>, StoreError> {
        let prefix = PrefixRange(Key::default().name(list.as_str()).done());
        self.look(move |db| reads::values(db.scan(Table::Records, prefix, None)?, usize::MAX))
    }

    async fn administer(&self, change: Change, evidence: Evidence) -> Result<u64, StoreError> {
        self.submit(move |draft| administer::administer(draft, change, evidence))
            .await
    }

    async fn reply_to(
        &self,
        organisation: &OrgId,
        order: &OrderId,
    ) -> Result<Option<(ContentDigest, Vec<u8>)>, StoreError> {
        let key = tables::reply(organisation, order);
        let kept: Option<KeptReply> = self.look(move |db| db.get(Table::Replies, &key))?;
        Ok(kept.map(|kept| (kept.content, kept.reply)))
    }

    async fn charge(&self, charge: Charge) -> Result<Charged, StoreError> {
        self.submit(move |draft| administer::charge(draft, &charge))
            .await
    }

    async fn used(&self, id: &OrgId, list: &ListId, day: Date) -> Result<u64, StoreError> {
        let key = tables::used(id, list, day);
        let used: Option<u64> = self.look(move |db| db.get(Table::Used, &key))?;
        Ok(used.unwrap_or(0))
    }

    async fn amend(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        decide: Decide,
    ) -> Result<Amended, StoreError> {
        self.amend_from(view, locators, evidence, Origin::Order, decide)
            .await
    }

    async fn amend_journaled(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        removal: JournaledRemoval,
        decide: Decide,
    ) -> Result<Amended, StoreError> {
        self.amend_from(view, locators, evidence, Origin::Removal(removal), decide)
            .await
    }

    async fn removals_to_replay(&self) -> Result<Vec<(u64, JournaledRemoval)>, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.read(move |db| {
            let held = db.head()?.ok_or(StoreError::Corrupt)?.held;
            let entries = shared.outside().journal.entries(held)?;
            let removals = entries.map(|entry| {
                let (position, bytes) = entry?;
                Ok((position, decode(&bytes)?))
            });
            removals.collect()
        })
        .await
    }

    async fn amend_replayed(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        position: u64,
        decide: Decide,
    ) -> Result<Amended, StoreError> {
        self.amend_from(view, locators, evidence, Origin::Journal(position), decide)
            .await
    }

    async fn people(
        &self,
        view: &View,
        locators: &[Locator],
    ) -> Result<Vec<Option<Person>>, StoreError> {
        let (view, locators) = (view.clone(), locators.to_vec());
        let kept = self
            .read(move |db| reads::people(db, &view, &locators))
            .await?;
        Ok(kept
            .into_iter()
            .map(|kept| kept.map(|kept| kept.person))
            .collect())
    }

    async fn locate(
        &self,
        view: &View,
        entries: &[EntryId],
    ) -> Result<Vec<Option<Locator>>, StoreError> {
        let (view, entries) = (view.clone(), entries.to_vec());
        self.read(move |db| reads::locate(db, &view, &entries))
            .await
    }

    async fn own_entries(
        &self,
        view: &View,
        organisation: &OrgId,
        after: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<(EntryId, Locator)>, StoreError> {
        let (view, organisation) = (view.clone(), organisation.clone());
        self.read(move |db| reads::own_entries(db, &view, &organisation, after, limit))
            .await
    }

    async fn bucket(
        &self,
        view: &View,
        bits: u8,
        bucket: u32,
    ) -> Result<(u64, Vec<[u8; ROW_BYTES]>), StoreError> {
        let view = view.clone();
        self.look(move |db| reads::bucket(db, &view, bits, bucket))
    }

    async fn each_filter_key(
        &self,
        view: &View,
        visitors: Vec<KeyVisitor>,
    ) -> Result<u64, StoreError> {
        let view = view.clone();
        let visitors = visitors.into_iter();
        let visitors = visitors
            .map(|visit| Arc::clone(&self.shared).unless_awaited(visit))
            .collect();
        self.read(move |db| moves::each_filter_key(db, &view, visitors))
            .await
    }

    async fn count_moves(&self, view: &View, from: u64) -> Result<MoveCount, StoreError> {
        let view = view.clone();
        self.read(move |db| moves::count(db, &view, from)).await
    }

    async fn moves(&self, view: &View, from: u64, limit: usize) -> Result<MovesAfter, StoreError> {
        let view = view.clone();
        self.read(move |db| moves::read(db, &view, from, limit))
            .await
    }

    async fn forget_moves(&self, view: &View, rule: Forgetting) -> Result<usize, StoreError> {
        let view = view.clone();
        self.submit(move |draft| moves::forget(draft, &view, rule))
            .await
    }

    async fn diff(&self, answering: &View, staged: &View) -> Result<DiffCounts, StoreError> {
        let (answering, staged) = (answering.clone(), staged.clone());
        self.read(move |db| reads::diff(db, &answering, &staged))
            .await
    }

    async fn due(
        &self,
        view: &View,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Locator>, StoreError> {
        let view = view.clone();
        self.read(move |db| reads::due(db, &view, until, limit))
            .await
    }

    async fn last_committed_time(&self) -> Result<Timestamp, StoreError> {
        let head = self.look(Database::head)?;
        Ok(head.ok_or(StoreError::Corrupt)?.last_time)
    }

    async fn writable(&self) -> Result<(), StoreError> {
        self.submit(|_| Ok(())).await
    }
}

impl RocksStore {
    async fn amend_from(
        &self,
        view: &View,
        locators: Vec<Locator>,
        evidence: Evidence,
        origin: Origin,
        decide: Decide,
    ) -> Result<Amended, StoreError> {
        let view = view.clone();
        self.submit(move |draft| amend::amend(draft, &view, &locators, evidence, origin, &decide))
            .await
    }
}

#[cfg(test)]
mod dump;
#[cfg(test)]
mod tests;
