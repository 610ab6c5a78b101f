//! Uploading a file of defaulters: every good row is submitted, every other one reported.
//!
//! The file is worked off in chunks of [`CHUNK`] rows: read, evaluate, submit, write down what became
//! of them. An upload that is killed goes on where it was: its seed, its day and its finished chunks
//! are sealed in the home until it ends, so that no chunk is charged twice and a repeated order
//! carries the same id and content. The same file twice changes nothing.

mod chunk;
mod file;
mod job;
mod report;

use std::path::Path;
use std::time::Duration;

use crate::intake::{SubmissionReader, Verdict};
use crate::protocol::codes::Purpose;
use crate::protocol::limits::{MAX_CHUNK, MAX_SUBMISSION_ROWS};
use crate::protocol::{ListId, OfficerId};

pub use file::digests as file_digests;
pub use report::{DryRun, FileDigests, SubmitEvent, SubmitReport, SubmitWatcher, Unwatched};

use chunk::Ready;
pub use chunk::may_pass;
use job::UploadJob;

use super::door::RegistryDoor;
use super::orders::Acting;
use super::pinning::{self, Pinned};
use super::{Agent, AgentError};

/// Rows of one evaluation and one submission.
pub const CHUNK: usize = MAX_SUBMISSION_ROWS;
const _: () = assert!(CHUNK <= MAX_CHUNK);

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

/// An upload under way.
struct Upload<'a> {
    list: &'a ListId,
    options: SubmitOptions,
    acting: Acting,
    pinned: Pinned,
    job: UploadJob,
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
        let job = UploadJob::open(&self.home, &pinned, &digests, options.update, self.now())?;
        let mut upload = Upload {
            list,
            options,
            acting: Acting {
                officer: officer.clone(),
                purpose: Purpose::Reporting,
            },
            pinned,
            job,
        };
        let report = self.upload(&mut upload, file, digests, watcher).await?;
        upload.job.finish(&self.home)?;
        Ok(report)
    }

    async fn upload(
        &self,
        upload: &mut Upload<'_>,
        file: &Path,
        digests: FileDigests,
        watcher: &mut dyn SubmitWatcher,
    ) -> Result<SubmitReport, AgentError> {
        let mut report = SubmitReport::new(&upload.pinned.record, digests);
        let mut reader = SubmissionReader::open(file::open(file)?, upload.job.today())?;
        watcher.event(SubmitEvent::Header(reader.header()))?;
        let mut number = 0;
        loop {
            let rows = next_rows(&mut reader, watcher)?;
            if rows.is_empty() {
                break;
            }
            let done = match upload.job.done(number) {
                Some(done) if done.outcomes.len() == rows.len() => done.clone(),
                Some(_) => return Err(AgentError::Answer),
                None => self.submit_chunk(upload, number, &rows).await?,
            };
            report.take(&rows, &done, watcher)?;
            number += 1;
            watcher.event(SubmitEvent::Progress(reader.progress()))?;
        }
        report.close(reader.totals(), reader.warnings());
        Ok(report)
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
                        watcher.event(ready.refused(fault.into()))?;
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
                for problem in &problems {
                    watcher.event(SubmitEvent::Problem(problem, &outcome.echo))?;
                }
            }
        }
    }
    Ok(rows)
}
