//! What screening needs of a list: filter keys of many people, and the snapshot they are tested
//! against on this machine.

use std::time::Duration;

use crate::nik::Nik;
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::organisation::Quota;
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::{Epoch, ErrorCode, Head, ListId};

use super::door::RegistryDoor;
use super::evaluate::{Chunk, Job, inputs};
use super::orders::Acting;
use super::pinning::{self, Pinned};
use super::{Agent, AgentError, LocalCopy};

/// One list during one job: the record the job works under and the job's own seed.
pub struct ListJob {
    pinned: Pinned,
    job: Job,
    acting: Acting,
}

/// A chunk's filter keys, and what the registry said of its charge.
pub struct FilterKeys {
    /// One a person, in order.
    pub keys: Vec<u64>,
    /// The receipt and the quota after the charge; none on keyed-hash lists.
    pub charged: Option<(SignedReceipt, Quota)>,
}

impl ListJob {
    /// The list.
    #[must_use]
    pub const fn list(&self) -> &ListId {
        &self.pinned.record.list
    }

    /// The epoch the job works in.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.pinned.record.epoch
    }

    /// How many custodians take part of how many, in words.
    #[must_use]
    pub fn trust(&self) -> String {
        self.pinned.record.trust()
    }
}

impl<D: RegistryDoor> Agent<D> {
    /// Begins a job on a list under its newest record, with a fresh seed that is wiped with it.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Record`], [`AgentError::NoRecord`],
    /// [`AgentError::Home`], [`AgentError::Randomness`].
    pub async fn begin(&self, list: &ListId, acting: &Acting) -> Result<ListJob, AgentError> {
        Ok(ListJob {
            pinned: pinning::refresh(&self.home, &self.door, list, self.now()).await?,
            job: Job::fresh()?,
            acting: acting.clone(),
        })
    }

    /// The filter keys of chunk `number`, 1 to [`MAX_CHUNK`] people; the same chunk again is free.
    /// A new revision of the epoch is followed, a new epoch is not: its keys are others.
    ///
    /// # Errors
    /// [`AgentError::TooMany`]; [`AgentError::EpochNotInForce`] when the list moved on to another
    /// epoch; and those of evaluating: [`AgentError::Door`], [`AgentError::Steps`],
    /// [`AgentError::Chain`], [`AgentError::Receipt`], [`AgentError::NoHashKey`],
    /// [`AgentError::Home`].
    pub async fn filter_keys(
        &self,
        job: &mut ListJob,
        number: u32,
        niks: &[Nik],
    ) -> Result<FilterKeys, AgentError> {
        let first = self.filter_keys_under(job, number, niks).await;
        match first {
            Err(fault) if fault.refusal() == Some(ErrorCode::RecordMismatch) => {
                self.follow_revision(&mut job.pinned).await?;
                self.filter_keys_under(job, number, niks).await
            }
            other => other,
        }
    }

    async fn filter_keys_under(
        &self,
        job: &ListJob,
        number: u32,
        niks: &[Nik],
    ) -> Result<FilterKeys, AgentError> {
        debug_assert!(niks.len() <= MAX_CHUNK);
        let chunk = Chunk {
            pinned: &job.pinned,
            job: &job.job,
            number,
            acting: &job.acting,
        };
        let evaluated = chunk
            .elements(&self.home, &self.door, inputs(niks), self.now())
            .await?;
        let locators = job.pinned.derivation.locators(&evaluated.elements);
        Ok(FilterKeys {
            keys: locators
                .iter()
                .map(|locator| locator.filter_key())
                .collect(),
            charged: evaluated.charged,
        })
    }

    /// The list's copy on this machine, brought up to date. Whether its silence means anything, and
    /// until when, [`Agent::may_clear`] says.
    ///
    /// # Errors
    /// Those of [`Agent::sync`], and [`AgentError::EpochNotInForce`] if the list moved on to
    /// another epoch.
    pub async fn snapshot(&self, job: &mut ListJob) -> Result<LocalCopy, AgentError> {
        self.synced(&mut job.pinned, Duration::ZERO).await
    }

    /// Whether a person missing from what `head` vouches for may be called not listed now: within
    /// 24 hours for a snapshot.
    ///
    /// # Errors
    /// [`AgentError::Head`] with the age, or with how far the local clock is behind.
    pub fn may_clear(&self, head: &Head) -> Result<(), AgentError> {
        Ok(self.home.heads()?.may_clear(head, self.now())?)
    }

    /// Moves on to the newest record if it is of the same epoch.
    pub(super) async fn follow_revision(&self, pinned: &mut Pinned) -> Result<(), AgentError> {
        let renewed =
            pinning::refresh(&self.home, &self.door, &pinned.record.list, self.now()).await?;
        if renewed.record.epoch != pinned.record.epoch {
            return Err(AgentError::EpochNotInForce);
        }
        *pinned = renewed;
        Ok(())
    }
}
