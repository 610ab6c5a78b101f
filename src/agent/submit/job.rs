//! What an upload keeps between runs: its seed, its day, and what became of finished chunks.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::FileDigests;
use crate::agent::evaluate::Job;
use crate::agent::home::{Home, SealedLog};
use crate::agent::orders::random_id;
use crate::agent::pinning::Pinned;
use crate::agent::{AgentError, HomeError};
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::submission::RowOutcome;
use crate::protocol::{Date, JobId, OrderId, Timestamp};

/// The first record of a job's log: fixed for the whole upload. The seed is as secret as the NIKs.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Plan {
    seed: [u8; 32],
    job: [u8; 16],
    /// Days since 1970: the day that stands in for a missing day of default.
    today: i32,
}

/// What became of one chunk.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) outcomes: Vec<RowOutcome>,
    pub(super) receipt: SignedReceipt,
}

/// An upload's state, sealed in the home until it ends.
pub(super) struct UploadJob {
    name: String,
    log: SealedLog,
    plan: Plan,
    done: Vec<Done>,
}

impl UploadJob {
    /// The unfinished upload of this very file to this list and epoch, or a new one.
    pub(super) fn open(
        home: &Home,
        pinned: &Pinned,
        digests: &FileDigests,
        update: bool,
        now: Timestamp,
    ) -> Result<Self, AgentError> {
        let record = &pinned.record;
        let text = format!(
            "{} {} {} {update}",
            digests.blake3, record.list, record.epoch
        );
        // Keyed, so that nobody who has a file can tell from the name that it was uploaded.
        let name = home.reference_digest(&text).to_string()[..32].to_owned();
        let (mut log, records) = home.job_log(&name)?;
        let mut records = records.into_iter();
        let plan = match records.next() {
            Some(plan) => postcard::from_bytes(&plan).map_err(|_| HomeError::Damaged)?,
            None => begin(&mut log, now)?,
        };
        let done =
            records.map(|done| serde_json::from_slice(&done).map_err(|_| HomeError::Damaged));
        Ok(Self {
            done: done.collect::<Result<_, _>>()?,
            name,
            log,
            plan,
        })
    }

    /// The evaluations' job.
    pub(super) fn evaluation(&self) -> Job {
        Job {
            id: JobId(self.plan.job),
            seed: self.plan.seed,
        }
    }

    /// The day the upload began: a file that is resumed the next day keeps its content.
    pub(super) fn today(&self) -> Date {
        Date(self.plan.today)
    }

    /// The id of the submission of a chunk: the same whenever it is sent.
    pub(super) fn order_id(&self, chunk: u32) -> OrderId {
        let mut message = *b"saring/v1/agent/submission/\0\0\0\0";
        message[27..].copy_from_slice(&chunk.to_le_bytes());
        let digest = blake3::keyed_hash(&self.plan.seed, &message);
        OrderId(digest.as_bytes()[..16].try_into().expect("16 of 32 bytes"))
    }

    /// What became of a chunk that is finished.
    pub(super) fn done(&self, chunk: u32) -> Option<&Done> {
        self.done.get(chunk as usize)
    }

    /// Writes down what became of the next chunk.
    pub(super) fn keep(&mut self, done: Done) -> Result<(), AgentError> {
        let json = serde_json::to_vec(&done).map_err(|_| AgentError::Content)?;
        self.log.append(&json)?;
        self.done.push(done);
        Ok(())
    }

    /// Destroys the seed and everything else with the job.
    pub(super) fn finish(self, home: &Home) -> Result<(), AgentError> {
        Ok(home.forget_job(&self.name)?)
    }
}

fn begin(log: &mut SealedLog, now: Timestamp) -> Result<Plan, AgentError> {
    let mut plan = Plan {
        seed: [0; 32],
        job: random_id()?,
        today: now.date().0,
    };
    getrandom::fill(&mut plan.seed).map_err(|_| AgentError::Randomness)?;
    let bytes = postcard::to_stdvec(&plan).map_err(|_| AgentError::Content)?;
    log.append(&Zeroizing::new(bytes))?;
    Ok(plan)
}
