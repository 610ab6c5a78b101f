//! A registry that changes what it answers. It has every key that a registry has.

use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex};

use saring::agent::{Answering, DoorError, RegistryDoor, Served};
use saring::protocol::evaluation::{BlindedElements, Evaluated};
use saring::protocol::order::SignedOrder;
use saring::protocol::organisation::{Done, Organisation, QuotaOf, RegistryInfo};
use saring::protocol::policy::ListInfo;
use saring::protocol::read::SignedRead;
use saring::protocol::record::SignedRecord;
use saring::protocol::submission::{OwnPage, RemovalReply, SubmissionReply};
use saring::protocol::version::{VersionDiff, VersionInfo};
use saring::protocol::{Epoch, ErrorCode, ListId};

type Trick<T> = Option<Box<dyn FnMut(T) -> T + Send>>;
type Lost = Option<Box<dyn FnMut() -> bool + Send>>;

/// What is changed on the way; nothing by default.
#[derive(Default)]
pub(crate) struct Tricks {
    pub(crate) info: Trick<RegistryInfo>,
    pub(crate) records: Trick<Vec<SignedRecord>>,
    pub(crate) evaluated: Trick<(BlindedElements, Evaluated)>,
    pub(crate) bucket: Trick<Served>,
    pub(crate) snapshot: Trick<Served>,
    pub(crate) versions: Trick<Vec<VersionInfo>>,
    /// How many times more a snapshot is still in the making.
    pub(crate) in_the_making: u32,
    /// Bytes of a snapshot's keys, with the first one's place; none: the answer is lost.
    pub(crate) keys: Trick<(u64, Option<Vec<u8>>)>,
    pub(crate) delta: Trick<Served>,
    pub(crate) own: Trick<OwnPage>,
    /// Whether the reply to a submission is lost after it was carried out.
    pub(crate) submission_lost: Lost,
    /// What becomes of the evaluation of a chunk, by its number.
    pub(crate) evaluation: Option<Box<dyn FnMut(u32) -> Way + Send>>,
}

/// What becomes of a request.
pub(crate) enum Way {
    /// It is answered.
    Through,
    /// It is refused before anything is done.
    Refused(ErrorCode),
    /// It is carried out, and the reply is lost.
    Lost,
}

/// A door that several agents may share; each clone is the same one.
pub(crate) struct Cheating<D>(Arc<Cheated<D>>);

impl<D> Clone for Cheating<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D> Deref for Cheating<D> {
    type Target = Cheated<D>;

    fn deref(&self) -> &Cheated<D> {
        &self.0
    }
}

/// What stands behind the door, and what was seen there.
pub(crate) struct Cheated<D> {
    inner: D,
    tricks: Mutex<Tricks>,
    /// Bodies and heads that were served, in order.
    pub(crate) served: Mutex<Vec<Served>>,
    /// Elements that were asked to be evaluated, one count an order.
    pub(crate) evaluations: Mutex<Vec<usize>>,
}

impl<D> Cheating<D> {
    pub(crate) fn honest(inner: D) -> Self {
        Self(Arc::new(Cheated {
            inner,
            tricks: Mutex::default(),
            served: Mutex::default(),
            evaluations: Mutex::default(),
        }))
    }
}

impl<D> Cheated<D> {
    pub(crate) fn inner(&self) -> &D {
        &self.inner
    }

    pub(crate) fn play(&self, tricks: Tricks) {
        *self.tricks.lock().expect("whole") = tricks;
    }

    fn is_in_the_making(&self) -> bool {
        let mut tricks = self.tricks.lock().expect("whole");
        let left = tricks.in_the_making;
        tricks.in_the_making = left.saturating_sub(1);
        left > 0
    }

    fn changed<T>(&self, value: T, trick: impl Fn(&mut Tricks) -> &mut Trick<T>) -> T {
        match trick(&mut self.tricks.lock().expect("whole")) {
            Some(trick) => trick(value),
            None => value,
        }
    }
}

impl<D: RegistryDoor> RegistryDoor for Cheating<D> {
    fn info(&self) -> Answering<'_, RegistryInfo> {
        Box::pin(async { Ok(self.changed(self.inner.info().await?, |t| &mut t.info)) })
    }

    fn join<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done> {
        self.inner.join(order, content)
    }

    fn lists<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<ListInfo>> {
        self.inner.lists(read)
    }

    fn records<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
    ) -> Answering<'a, Vec<SignedRecord>> {
        Box::pin(async {
            let records = self.inner.records(read, list).await?;
            Ok(self.changed(records, |t| &mut t.records))
        })
    }

    fn evaluate<'a>(
        &'a self,
        order: &'a SignedOrder,
        elements: &'a BlindedElements,
    ) -> Answering<'a, Evaluated> {
        Box::pin(async {
            self.evaluations
                .lock()
                .expect("whole")
                .push(elements.0.len());
            let way = match &mut self.tricks.lock().expect("whole").evaluation {
                Some(way) => way(order.order.chunk),
                None => Way::Through,
            };
            if let Way::Refused(code) = way {
                return Err(DoorError::refused(code));
            }
            let evaluated = self.inner.evaluate(order, elements).await?;
            if matches!(way, Way::Lost) {
                return Err(DoorError::NoAnswer);
            }
            let both = (elements.clone(), evaluated);
            Ok(self.changed(both, |t| &mut t.evaluated).1)
        })
    }

    fn submit<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, SubmissionReply> {
        Box::pin(async {
            let reply = self.inner.submit(order, content).await?;
            let lost = match &mut self.tricks.lock().expect("whole").submission_lost {
                Some(lost) => lost(),
                None => false,
            };
            if lost {
                Err(DoorError::NoAnswer)
            } else {
                Ok(reply)
            }
        })
    }

    fn remove<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, RemovalReply> {
        self.inner.remove(order, content)
    }

    fn bucket<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        bucket: u32,
    ) -> Answering<'a, Served> {
        Box::pin(async move {
            let served = self.inner.bucket(read, list, epoch, bucket).await?;
            let served = self.changed(served, |t| &mut t.bucket);
            self.served.lock().expect("whole").push(served.clone());
            Ok(served)
        })
    }

    fn snapshot<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
    ) -> Answering<'a, Served> {
        Box::pin(async move {
            if self.is_in_the_making() {
                return Err(DoorError::refused(ErrorCode::SnapshotPending));
            }
            let served = self.inner.snapshot(read, list, epoch).await?;
            Ok(self.changed(served, |t| &mut t.snapshot))
        })
    }

    fn snapshot_keys<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        sequence: u64,
        range: Range<u64>,
    ) -> Answering<'a, Vec<u8>> {
        Box::pin(async move {
            let start = range.start;
            let asked = self.inner.snapshot_keys(read, list, epoch, sequence, range);
            let bytes = asked.await?;
            let (_, bytes) = self.changed((start, Some(bytes)), |t| &mut t.keys);
            bytes.ok_or(DoorError::NoAnswer)
        })
    }

    fn delta<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        epoch: Epoch,
        from: u64,
    ) -> Answering<'a, Served> {
        Box::pin(async move {
            let served = self.inner.delta(read, list, epoch, from).await?;
            Ok(self.changed(served, |t| &mut t.delta))
        })
    }

    fn quota<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<QuotaOf>> {
        self.inner.quota(read)
    }

    fn own<'a>(
        &'a self,
        read: &'a SignedRead,
        list: &'a ListId,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answering<'a, OwnPage> {
        Box::pin(async move {
            let page = self.inner.own(read, list, after, limit).await?;
            Ok(self.changed(page, |t| &mut t.own))
        })
    }

    fn organisations<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<Organisation>> {
        self.inner.organisations(read)
    }

    fn create_list<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, ListInfo> {
        self.inner.create_list(order, content)
    }

    fn open_version<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, VersionInfo> {
        self.inner.open_version(order, content)
    }

    fn versions<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<VersionInfo>> {
        Box::pin(async move {
            let versions = self.inner.versions(read).await?;
            Ok(self.changed(versions, |t| &mut t.versions))
        })
    }

    fn version_diff<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, VersionDiff> {
        self.inner.version_diff(read)
    }

    fn administer<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done> {
        self.inner.administer(order, content)
    }
}
