//! Bulk work on one list: many chunks of people, several at once, under a plan that outlives the
//! process. What is slow to compute is apart from what waits for the registry, so that a chunk that
//! is sent again is not blinded again.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use zeroize::Zeroizing;

use super::door::RegistryDoor;
use super::evaluate::{Chunk, Inputs, Job, hashes, keyed_inputs, open};
use super::orders::Acting;
use super::pinning::{self, Pinned};
use super::{Agent, AgentError, FilterKeys, HomeError, LocalCopy};
use crate::hash::HashKey;
use crate::nik::Nik;
use crate::oprf::{BlindKey, BlindSeed, Blinded};
use crate::protocol::evaluation::{BlindedElements, Evaluated};
use crate::protocol::record::SignedRecord;
use crate::protocol::{Epoch, ErrorCode, JobId, ListId, ListKind};

/// What all chunks of a job on a list have in common, fixed when the job begins: the epoch record,
/// the seed of the blinds and the job's id. As secret as the NIKs; wiped when dropped.
pub struct BulkPlan {
    record: SignedRecord,
    job: Job,
}

impl BulkPlan {
    const HEAD: usize = 32 + 16;

    /// The list.
    #[must_use]
    pub const fn list(&self) -> &ListId {
        &self.record.record.list
    }

    /// The epoch that the job works in.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.record.record.epoch
    }

    /// The plan's bytes: 32 of the seed, 16 of the job's id, then the record as JSON. They belong
    /// in a [`JobFile`](super::JobFile) and nowhere else.
    ///
    /// # Errors
    /// [`AgentError::Content`] if the record cannot be written.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, AgentError> {
        let record = serde_json::to_vec(&self.record).map_err(|_| AgentError::Content)?;
        // Made at its full size: a vector that grows leaves a copy of the seed behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::HEAD + record.len()));
        bytes.extend_from_slice(&self.job.seed);
        bytes.extend_from_slice(&self.job.id.0);
        bytes.extend_from_slice(&record);
        Ok(bytes)
    }

    /// Reads what [`BulkPlan::to_bytes`] made.
    ///
    /// # Errors
    /// [`HomeError::Damaged`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HomeError> {
        let split = bytes.split_first_chunk::<32>();
        let (seed, rest) = split.ok_or(HomeError::Damaged)?;
        let (id, record) = rest.split_first_chunk::<16>().ok_or(HomeError::Damaged)?;
        Ok(Self {
            record: serde_json::from_slice(record).map_err(|_| HomeError::Damaged)?,
            job: Job {
                id: JobId(*id),
                seed: *seed,
            },
        })
    }
}

/// The people of one chunk as the protocol's inputs, 30 bytes each; wiped when dropped.
pub struct People(Inputs);

impl People {
    /// Nobody yet, with room for `count`: pushing more would leave a copy in memory.
    #[must_use]
    pub fn with_room(count: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(count)))
    }

    /// Adds a person.
    pub fn push(&mut self, nik: &Nik) {
        self.0.push(nik.input());
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A chunk as far as it can be computed without the registry.
pub enum Prepared {
    /// Blinded, to be evaluated.
    Blinded {
        /// With the blinds, to open the answer.
        blinded: Box<Blinded>,
        /// What is sent.
        sent: BlindedElements,
    },
    /// Of a list that nobody evaluates for: its filter keys already.
    Keys(Vec<u64>),
}

/// A list during a bulk job.
pub struct BulkList {
    pinned: RwLock<Arc<Pinned>>,
    job: Job,
    acting: Acting,
    hash_key: Option<HashKey>,
}

impl BulkList {
    /// The list.
    #[must_use]
    pub fn list(&self) -> ListId {
        self.pinned().record.list.clone()
    }

    /// The epoch that the job works in.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.pinned().record.epoch
    }

    /// The kind of list.
    #[must_use]
    pub fn kind(&self) -> ListKind {
        self.pinned().record.kind
    }

    /// How many custodians take part of how many, in words.
    #[must_use]
    pub fn trust(&self) -> String {
        self.pinned().record.trust()
    }

    /// Blinds the people of a chunk, 1 to [`MAX_CHUNK`](crate::protocol::limits::MAX_CHUNK), or
    /// hashes them where that is all. It takes all cores of the rayon pool for a while: not for a
    /// thread that serves the network.
    ///
    /// # Errors
    /// [`AgentError::Chain`] for none or too many; [`AgentError::NoHashKey`].
    pub fn prepare(&self, people: &People) -> Result<Prepared, AgentError> {
        let pinned = self.pinned();
        let kind = pinned.record.kind;
        if kind == ListKind::OprfNik {
            return self.blind(&pinned, &people.0);
        }
        let key = self.hash_key.as_ref().ok_or(AgentError::NoHashKey)?;
        let hashed = hashes(kind, key, &people.0);
        if kind.is_oprf() {
            return self.blind(&pinned, &keyed_inputs(&hashed));
        }
        Ok(Prepared::Keys(pinned.derivation.filter_keys(&hashed)))
    }

    fn blind<const N: usize>(
        &self,
        pinned: &Pinned,
        inputs: &[[u8; N]],
    ) -> Result<Prepared, AgentError> {
        let seed = BlindSeed::new(self.job.seed);
        let key = BlindKey::derive(&seed, pinned.derivation.material());
        let blinded = Box::new(Blinded::new(&key, inputs)?);
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        Ok(Prepared::Blinded { blinded, sent })
    }

    /// Verifies a reply to what [`BulkList::prepare`] blinded, and opens it: the filter keys in
    /// the people's order. As heavy as preparing.
    ///
    /// # Errors
    /// [`AgentError::Steps`], [`AgentError::Chain`], [`AgentError::NoRecord`].
    pub fn open(&self, blinded: &Blinded, reply: Evaluated) -> Result<FilterKeys, AgentError> {
        let pinned = self.pinned();
        let publics = pinned.publics.clone().ok_or(AgentError::NoRecord)?;
        let elements = open(blinded, &reply, &publics)?;
        Ok(FilterKeys {
            keys: pinned.derivation.filter_keys(&elements),
            charged: Some((reply.receipt, reply.quota)),
        })
    }

    fn pinned(&self) -> Arc<Pinned> {
        let pinned = self.pinned.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&pinned)
    }

    /// Adopts a newer revision of the same epoch.
    fn renew(&self, renewed: Pinned) -> Result<Arc<Pinned>, AgentError> {
        let renewed = Arc::new(renewed);
        let mut pinned = self.pinned.write().unwrap_or_else(PoisonError::into_inner);
        if renewed.record.epoch != pinned.record.epoch {
            return Err(AgentError::EpochNotInForce);
        }
        *pinned = Arc::clone(&renewed);
        Ok(renewed)
    }
}

impl<D: RegistryDoor> Agent<D> {
    /// Plans a bulk job on a list under its newest record.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Record`], [`AgentError::NoRecord`],
    /// [`AgentError::Home`], [`AgentError::Randomness`].
    pub async fn plan_bulk(&self, list: &ListId) -> Result<BulkPlan, AgentError> {
        pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        Ok(BulkPlan {
            record: self.home.pinned(list)?.ok_or(AgentError::NoRecord)?,
            job: Job::fresh()?,
        })
    }

    /// Begins or resumes what was planned; nobody is asked.
    ///
    /// # Errors
    /// [`AgentError::Chain`] for a record whose keys do not fit, [`AgentError::Home`].
    pub fn bulk(&self, plan: &BulkPlan, acting: &Acting) -> Result<BulkList, AgentError> {
        let pinned = Pinned::of(&plan.record)?;
        let hash_key = match pinned.record.kind {
            ListKind::OprfNik => None,
            _ => self.home.hash_key(&pinned.record)?,
        };
        Ok(BulkList {
            pinned: RwLock::new(Arc::new(pinned)),
            job: Job {
                id: plan.job.id,
                seed: plan.job.seed,
            },
            acting: acting.clone(),
            hash_key,
        })
    }

    /// Has chunk `number` evaluated; the same chunk again is free. Its receipt fits; its chain is
    /// for [`BulkList::open`] to verify. A new revision of the epoch is followed, a new epoch is
    /// not: its keys are others.
    ///
    /// # Errors
    /// [`AgentError::EpochNotInForce`] when the list moved on to another epoch,
    /// [`AgentError::Door`], [`AgentError::Receipt`], [`AgentError::Record`],
    /// [`AgentError::Home`], [`AgentError::Randomness`].
    pub async fn ask_chunk(
        &self,
        list: &BulkList,
        number: u32,
        sent: &BlindedElements,
    ) -> Result<Evaluated, AgentError> {
        let pinned = list.pinned();
        match self.chunk_under(list, &pinned, number, sent).await {
            Err(fault) if fault.refusal() == Some(ErrorCode::RecordMismatch) => {
                let renewed = self.renewed(list, &pinned).await?;
                self.chunk_under(list, &renewed, number, sent).await
            }
            other => other,
        }
    }

    async fn chunk_under(
        &self,
        list: &BulkList,
        pinned: &Pinned,
        number: u32,
        sent: &BlindedElements,
    ) -> Result<Evaluated, AgentError> {
        let now = self.now();
        pinned.in_force(now)?;
        let chunk = Chunk {
            pinned,
            job: &list.job,
            number,
            acting: &list.acting,
        };
        chunk.ask(&self.home, &self.door, sent, now).await
    }

    /// The list's copy on this machine in the job's epoch, brought up to date as long as the
    /// registry serves that epoch; the last good one where it stays away for longer than
    /// `patience`.
    ///
    /// # Errors
    /// Those of [`Agent::snapshot`].
    pub async fn bulk_snapshot(
        &self,
        list: &BulkList,
        patience: Duration,
    ) -> Result<LocalCopy, AgentError> {
        let mut pinned = list.pinned().again()?;
        self.synced(&mut pinned, patience).await
    }

    /// The newest revision of the job's epoch; several chunks may ask at once.
    async fn renewed(
        &self,
        list: &BulkList,
        outdated: &Arc<Pinned>,
    ) -> Result<Arc<Pinned>, AgentError> {
        let now = list.pinned();
        if now.digest != outdated.digest {
            return Ok(now);
        }
        let name = &outdated.record.list;
        list.renew(pinning::refresh(&self.home, &self.door, name, self.now()).await?)
    }
}
