//! Uploading a file of defaulters: every good row is submitted, every other one reported.
//!
//! The file is worked off in chunks of [`CHUNK`] rows: read, evaluate, submit, write down what became
//! of them. [`CHUNKS_UNDER_WAY`] are under way at a time, so that neither side waits for the other,
//! and they are written down in their order. An upload that is killed goes on where it was: its
//! seed, its day and its finished chunks are sealed in the home until it ends, so that no chunk is
//! charged twice and a repeated order carries the same id and content. The same file twice changes
//! nothing.

mod chunk;
mod file;
mod job;
mod report;
mod stage;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use crate::intake::{SubmissionReader, Verdict};
use crate::protocol::codes::{Purpose, Reason};
use crate::protocol::limits::{MAX_CHUNK, MAX_SUBMISSION_ROWS};
use crate::protocol::version::{Validity, Version};
use crate::protocol::{Date, ListId, OfficerId};

pub use file::digests as file_digests;
pub use report::{DryRun, FileDigests, SubmitEvent, SubmitReport, SubmitWatcher, Unwatched};
pub use stage::{StageOptions, StageReport};

use chunk::{Fate, Ready};
pub use job::{Discarded, discard_uploads};
use job::{Done, Fixed, UploadJob};

use super::door::RegistryDoor;
use super::home::Of;
use super::orders::Acting;
use super::pinning::{self, Pinned};
use super::{Agent, AgentError};

/// Rows of one evaluation and one submission.
pub const CHUNK: usize = MAX_SUBMISSION_ROWS;
const _: () = assert!(CHUNK <= MAX_CHUNK);
/// Chunks that are evaluated and submitted at a time: about 10 MiB of memory each.
pub const CHUNKS_UNDER_WAY: usize = 4;

/// How to upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubmitOptions {
    /// Replace other content under the same person and reference; otherwise it is a conflict.
    pub update: bool,
    /// How long a chunk is tried again while the registry is away or busy. Default 60 s.
    pub patience: Duration,
}

impl Default for SubmitOptions {
    fn default() -> Self {
        Self {
            update: false,
            patience: Duration::from_secs(60),
        }
    }
}

/// Which people the rows of an upload are for.
#[derive(Clone, Copy)]
enum Target {
    /// Those whom the list answers about.
    Answering,
    /// Those of a version that is staged, with its validity and the day it was begun.
    Staged {
        version: Version,
        validity: Validity,
        since: Date,
        /// Of rows that name none.
        category: Option<Reason>,
    },
}

/// An upload under way: what its chunks share.
struct Upload<'a> {
    list: &'a ListId,
    options: SubmitOptions,
    acting: Acting,
    pinned: Mutex<Arc<Pinned>>,
    fixed: Fixed,
    target: Target,
}

impl Upload<'_> {
    fn pinned(&self) -> Arc<Pinned> {
        let pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&pinned)
    }

    /// Where the listings' references are kept.
    fn of(&self) -> Of {
        Of {
            list: self.list.clone(),
            version: match self.target {
                Target::Answering => None,
                Target::Staged { version, .. } => Some(version),
            },
        }
    }
}

impl<D: RegistryDoor> Agent<D> {
    /// Uploads a file to a list. What becomes of each row is told to `watcher`, in the file's
    /// order within each chunk.
    ///
    /// # Errors
    /// [`AgentError::File`] if the file cannot be read to its end; [`AgentError::EpochNotInForce`]
    /// when the list moved on to another epoch (start again: nothing is lost); those of evaluating
    /// and submitting: [`AgentError::Door`], [`AgentError::Steps`], [`AgentError::Chain`],
    /// [`AgentError::Receipt`], [`AgentError::Answer`], [`AgentError::NoHashKey`],
    /// [`AgentError::Home`]. After any of them the same call goes on where this one ended.
    pub async fn submit(
        &self,
        list: &ListId,
        file: &Path,
        options: SubmitOptions,
        officer: &OfficerId,
        watcher: &mut dyn SubmitWatcher,
    ) -> Result<SubmitReport, AgentError> {
        let digests = file::digests(file)?;
        let pinned = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        let how = options.update.to_string();
        let mut job = UploadJob::open(&self.home, &pinned, &digests, &how, self.now())?;
        let upload = self.upload_of(list, options, officer, pinned, &job, Target::Answering);
        let report = self
            .upload(&upload, &mut job, file, digests, watcher)
            .await?;
        job.finish(&self.home)?;
        Ok(report)
    }

    fn upload_of<'a>(
        &self,
        list: &'a ListId,
        options: SubmitOptions,
        officer: &OfficerId,
        pinned: Pinned,
        job: &UploadJob,
        target: Target,
    ) -> Upload<'a> {
        Upload {
            list,
            options,
            acting: Acting {
                officer: officer.clone(),
                purpose: Purpose::Reporting,
            },
            pinned: Mutex::new(Arc::new(pinned)),
            fixed: job.fixed(),
            target,
        }
    }

    /// Works a file off, several chunks at a time; what became of them is written down in their
    /// order.
    async fn upload(
        &self,
        upload: &Upload<'_>,
        job: &mut UploadJob,
        file: &Path,
        digests: FileDigests,
        watcher: &mut dyn SubmitWatcher,
    ) -> Result<SubmitReport, AgentError> {
        let epoch = upload.pinned().record.epoch;
        let mut report = SubmitReport::empty(upload.list.clone(), epoch, digests);
        let (source, today) = (file::open(file)?, upload.fixed.today);
        let mut reader = match upload.target {
            Target::Answering => SubmissionReader::open(source, today)?,
            Target::Staged { category, .. } => {
                SubmissionReader::open_programme(source, today, category)?
            }
        };
        watcher.event(SubmitEvent::Header(reader.header()))?;
        let mut under_way = FuturesOrdered::new();
        let mut numbers = 0..;
        let mut is_read = false;
        loop {
            let finished = if is_read || under_way.len() == CHUNKS_UNDER_WAY {
                match under_way.next().await {
                    None => break,
                    finished => finished,
                }
            } else {
                let rows = next_rows(&mut reader, watcher)?;
                is_read = rows.is_empty();
                if !is_read {
                    let number: u32 = numbers.next().ok_or(AgentError::Answer)?;
                    let known = job.done(number).cloned();
                    under_way.push_back(self.chunk(upload, number, rows, known));
                }
                // Sets the new chunk going before the next rows are read.
                under_way.next().now_or_never().flatten()
            };
            if let Some(finished) = finished {
                let (rows, fate) = finished?;
                let done = match fate {
                    Fate::Known(done) => *done,
                    Fate::Sent(sent) => self.write_down(upload, job, &rows, *sent)?,
                };
                report.take(&rows, &done, watcher)?;
                watcher.event(SubmitEvent::Progress(reader.progress()))?;
            }
        }
        report.close(reader.totals(), reader.warnings());
        Ok(report)
    }

    /// One chunk's fate, from an earlier run or from the registry.
    async fn chunk(
        &self,
        upload: &Upload<'_>,
        number: u32,
        rows: Vec<Ready>,
        known: Option<Done>,
    ) -> Result<(Vec<Ready>, Fate), AgentError> {
        let fate = match known {
            Some(done) if done.fits(rows.len()) => Fate::Known(Box::new(done)),
            Some(_) => return Err(AgentError::Answer),
            None => {
                let sent = self.submit_chunk(upload, number, &rows).await?;
                Fate::Sent(Box::new(sent))
            }
        };
        Ok((rows, fate))
    }

    /// Reads a file as an upload would, and judges its rows by the list's rules, without telling
    /// the registry anything of them.
    ///
    /// # Errors
    /// [`AgentError::File`], [`AgentError::Door`] and [`AgentError::NoRecord`] for the list's rules.
    pub async fn dry_run(
        &self,
        list: &ListId,
        file: &Path,
        watcher: &mut dyn SubmitWatcher,
    ) -> Result<DryRun, AgentError> {
        let policy = self.list(list).await?.policy;
        let now = self.now();
        let mut reader = SubmissionReader::open(file::open(file)?, now.date())?;
        watcher.event(SubmitEvent::Header(reader.header()))?;
        let mut dry = DryRun::default();
        loop {
            let rows = next_rows(&mut reader, watcher)?;
            if rows.is_empty() {
                break;
            }
            for ready in &rows {
                match policy.admit(&ready.content(now.date()), now) {
                    Ok(()) => dry.good += 1,
                    Err(fault) => {
                        dry.refused_by_list += 1;
                        ready.refused(fault.into(), watcher)?;
                    }
                }
            }
            watcher.event(SubmitEvent::Progress(reader.progress()))?;
        }
        dry.close(reader.totals(), reader.warnings());
        Ok(dry)
    }
}

/// The next good rows of a file, at most [`CHUNK`]; the others are told to the watcher. Empty at
/// the end.
fn next_rows(
    reader: &mut SubmissionReader<'_>,
    watcher: &mut dyn SubmitWatcher,
) -> Result<Vec<Ready>, AgentError> {
    let mut rows = Vec::new();
    while rows.len() < CHUNK {
        let Some(outcome) = reader.next().transpose()? else {
            break;
        };
        for warning in &outcome.warnings {
            watcher.event(SubmitEvent::Warning(warning))?;
        }
        match outcome.verdict {
            Verdict::Accepted(row) => rows.push(Ready {
                number: outcome.row,
                row,
                echo: outcome.echo,
            }),
            Verdict::Repeated { first } => watcher.event(SubmitEvent::Repeated {
                row: outcome.row,
                first,
            })?,
            Verdict::Refused(problems) => {
                let echo = outcome.echo.masked();
                for problem in &problems {
                    watcher.event(SubmitEvent::Problem(problem, &echo))?;
                }
            }
        }
    }
    Ok(rows)
}
