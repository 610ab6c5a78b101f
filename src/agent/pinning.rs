//! Which epoch record the agent believes: a first one under the trust root, a later one by its
//! predecessor; never back. Pinned records survive restarts.

use std::sync::Arc;

use crate::oprf::ChainPublics;
use crate::protocol::limits::ORDER_WINDOW;
use crate::protocol::record::{EpochRecord, RecordFault, SignedRecord};
use crate::protocol::{BucketShape, Derivation, Digest32, HeadSubject, ListId, Timestamp, paths};

use super::door::RegistryDoor;
use super::home::Home;
use super::{AgentError, orders};
use crate::protocol::watch::Asked;

/// A pinned record with what follows from it, checked once.
pub(super) struct Pinned {
    pub(super) record: EpochRecord,
    pub(super) digest: Digest32,
    pub(super) shape: BucketShape,
    /// None for keyed-hash lists.
    pub(super) publics: Option<Arc<ChainPublics>>,
    pub(super) derivation: Derivation,
}

impl Pinned {
    /// What follows from a record that was verified.
    pub(super) fn of(signed: &SignedRecord) -> Result<Self, AgentError> {
        Self::of_record(signed.record.clone())
    }

    /// The same once more, for whoever may move on to a newer revision.
    pub(super) fn again(&self) -> Result<Self, AgentError> {
        Self::of_record(self.record.clone())
    }

    fn of_record(record: EpochRecord) -> Result<Self, AgentError> {
        let shape = BucketShape::new(record.bucket_bits, record.rows_per_bucket);
        let publics = record
            .keys
            .as_ref()
            .map(|keys| keys.publics())
            .transpose()?;
        Ok(Self {
            digest: record.digest(),
            shape: shape.ok_or(RecordFault::Form)?,
            publics: publics.map(Arc::new),
            derivation: Derivation::new(&record.list, record.epoch),
            record,
        })
    }

    /// A question about a body of this record, held to what was seen so far.
    pub(super) fn ask(&self, home: &Home, what: HeadSubject) -> Result<Asked, AgentError> {
        let record = &self.record;
        let heads = home.heads()?;
        Ok(heads.ask(
            &record.list,
            record.epoch,
            record.revision,
            self.digest,
            what,
        ))
    }

    /// Whether the epoch is in force at the local time, which may lag behind the registry's as far
    /// as an order's time may.
    pub(super) fn in_force(&self, now: Timestamp) -> Result<(), AgentError> {
        let latest = now.plus(ORDER_WINDOW);
        if latest < self.record.not_before || now >= self.record.not_after {
            return Err(AgentError::EpochNotInForce);
        }
        Ok(())
    }
}

/// The pinned record of a list; asks the registry only if none is pinned.
pub(super) async fn pinned(
    home: &Home,
    door: &impl RegistryDoor,
    list: &ListId,
    now: Timestamp,
) -> Result<Pinned, AgentError> {
    match home.pinned(list)? {
        Some(signed) => Pinned::of(&signed),
        None => refresh(home, door, list, now).await,
    }
}

/// Asks the registry for the list's records and pins the newest that is believed.
pub(super) async fn refresh(
    home: &Home,
    door: &impl RegistryDoor,
    list: &ListId,
    now: Timestamp,
) -> Result<Pinned, AgentError> {
    let path = paths::fill(paths::RECORDS, &[list.as_str()]);
    let read = orders::read(home, path, now)?;
    let offered = door.records(&read, list).await?;
    let believed = advance(home, list, home.pinned(list)?, offered)?;
    home.pin(&believed)?;
    Pinned::of(&believed)
}

/// Walks from the pinned record along what the registry offers, oldest first. Records before the
/// pinned one are skipped; a registry that offers nothing as new as the pinned one goes back.
fn advance(
    home: &Home,
    list: &ListId,
    pinned: Option<SignedRecord>,
    offered: Vec<SignedRecord>,
) -> Result<SignedRecord, AgentError> {
    let root = &home.profile().trust;
    let number = |record: &EpochRecord| (record.epoch, record.revision);
    if offered.iter().any(|next| next.record.list != *list) {
        return Err(AgentError::NoRecord);
    }
    let newest = offered.iter().map(|next| number(&next.record)).max();
    if let Some(old) = &pinned
        && newest < Some(number(&old.record))
    {
        return Err(RecordFault::GoesBack.into());
    }
    let mut believed = pinned;
    for next in offered {
        match &believed {
            None => next.verify(root)?,
            Some(old) if number(&next.record) < number(&old.record) => continue,
            Some(old) if next.record == old.record => continue,
            Some(old) if number(&next.record) == number(&old.record) => {
                return Err(RecordFault::NotSuccessor.into());
            }
            Some(old) => {
                next.verify(root)?;
                next.follows(&old.record)?;
            }
        }
        believed = Some(next);
    }
    believed.ok_or(AgentError::NoRecord)
}
