//! What an upload keeps between runs: its seed, its day, and what became of finished chunks.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::FileDigests;
use crate::agent::evaluate::Job;
use crate::agent::home::{Home, SealedLog};
use crate::agent::orders::random_id;
use crate::agent::pinning::Pinned;
use crate::agent::{AgentError, HomeError};
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::submission::{RowOutcome, RowRefusal, SubmissionReply};
use crate::protocol::{Date, JobId, OrderId, Timestamp};

/// The first record of a job's log: fixed for the whole upload. The seed is as secret as the NIKs.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Plan {
    seed: [u8; 32],
    job: [u8; 16],
    /// Days since 1970: the day that stands in for a missing day of default.
    today: i32,
}

/// What became of one chunk: as much as the report tells, so that an upload of any size fits in
/// memory.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Done {
    rows: u32,
    pub(super) new: u32,
    pub(super) also_listed_by_another: u32,
    pub(super) updated: u32,
    pub(super) unchanged: u32,
    /// Which rows of the chunk the list refused, from 0.
    pub(super) refused: Vec<(u32, RowRefusal)>,
    pub(super) receipt: SignedReceipt,
}

impl Done {
    pub(super) fn of(reply: &SubmissionReply) -> Self {
        let mut done = Self {
            rows: reply.rows.len() as u32,
            new: 0,
            also_listed_by_another: 0,
            updated: 0,
            unchanged: 0,
            refused: Vec::new(),
            receipt: reply.receipt.clone(),
        };
        for (at, outcome) in (0..).zip(&reply.rows) {
            match *outcome {
                RowOutcome::Accepted {
                    also_listed_by_another,
                    ..
                } => {
                    done.new += 1;
                    done.also_listed_by_another += u32::from(also_listed_by_another);
                }
                RowOutcome::Unchanged { .. } => done.unchanged += 1,
                RowOutcome::Updated { .. } => done.updated += 1,
                RowOutcome::Refused { reason } => done.refused.push((at, reason)),
            }
        }
        done
    }

    /// Whether it tells of as many rows.
    pub(super) const fn fits(&self, rows: usize) -> bool {
        self.rows as usize == rows
    }
}

/// What the chunks of an upload have in common.
pub(super) struct Fixed {
    /// The evaluations' job.
    pub(super) evaluation: Job,
    /// The day the upload began: a file that is resumed the next day keeps its content.
    pub(super) today: Date,
}

impl Fixed {
    /// The id of the submission of a chunk: the same whenever it is sent.
    pub(super) fn order_id(&self, chunk: u32) -> OrderId {
        let mut message = *b"saring/v1/agent/submission/\0\0\0\0";
        message[27..].copy_from_slice(&chunk.to_le_bytes());
        self.id_of(&message)
    }

    /// The id of an order of the whole upload: the same whenever it is sent.
    pub(super) fn act_id(&self, act: &str) -> OrderId {
        self.id_of(format!("saring/v1/agent/version/{act}").as_bytes())
    }

    fn id_of(&self, message: &[u8]) -> OrderId {
        let digest = blake3::keyed_hash(&self.evaluation.seed, message);
        OrderId(digest.as_bytes()[..16].try_into().expect("16 of 32 bytes"))
    }
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
        how: &str,
        now: Timestamp,
    ) -> Result<Self, AgentError> {
        let record = &pinned.record;
        let text = format!("{} {} {} {how}", digests.blake3, record.list, record.epoch);
        let of_upload = &home.reference_digest(&text).to_string()[..32];
        let name = format!("{}{of_upload}", of_file(home, digests));
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

    /// What every chunk is made of: fixed for the whole upload.
    pub(super) fn fixed(&self) -> Fixed {
        Fixed {
            evaluation: Job {
                id: JobId(self.plan.job),
                seed: self.plan.seed,
            },
            today: Date(self.plan.today),
        }
    }

    /// Destroys the seed and everything else with the job.
    pub(super) fn finish(self, home: &Home) -> Result<(), AgentError> {
        Ok(home.forget_job(&self.name)?)
    }
}

/// How the names of a file's uploads begin. Keyed, so that nobody who has a file can tell from the
/// name that it was uploaded.
fn of_file(home: &Home, digests: &FileDigests) -> String {
    let digest = home.reference_digest(&format!("saring/v1/upload/{}", digests.blake3));
    format!("{}-", &digest.to_string()[..16])
}

/// What became of uploads that are given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Discarded {
    /// Uploads whose seed and state are destroyed.
    pub discarded: usize,
    /// Uploads that another process is working on, which are left alone.
    pub busy: usize,
}

/// Gives unfinished uploads up: those of a file to any list, or all of the home's. Their seeds are
/// overwritten and gone; what was submitted stands, and what was charged stays charged.
///
/// # Errors
/// [`AgentError::File`] if the file cannot be read, [`AgentError::Home`].
pub fn discard_uploads(home: &Home, file: Option<&Path>) -> Result<Discarded, AgentError> {
    let begin = match file {
        Some(path) => of_file(home, &super::file_digests(path)?),
        None => String::new(),
    };
    let mut told = Discarded::default();
    for name in home.jobs()?.iter().filter(|name| name.starts_with(&begin)) {
        // Held until it is gone, so that nobody begins to work on it meanwhile.
        let _held = match home.job_log(name) {
            Err(HomeError::Busy) => {
                told.busy += 1;
                continue;
            }
            // One that is damaged is not worked on.
            Err(HomeError::Damaged) => None,
            held => Some(held?),
        };
        home.forget_job(name)?;
        told.discarded += 1;
    }
    Ok(told)
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
