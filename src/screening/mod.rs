//! Bulk jobs over an agent: a file of applicants against one or several lists.
//!
//! Applicants are read once, repeated ones are evaluated once, and every key is looked up in a
//! snapshot on this machine, so that the registry learns how many were asked about and nothing else.
//! Out come `results.csv`, `errors.csv`, `manifest.json` and `NOTICE.txt`; no NIK is written in clear.
//! A job is complete only when its counts add up and nothing is unavailable.
//!
//! This form keeps about 100 bytes an applicant in memory and takes at most [`MAX_APPLICANTS`](crate::protocol::limits::MAX_APPLICANTS).

mod applicants;
mod error;
mod list;
mod manifest;
mod results;

use std::path::Path;
use std::time::{Duration, Instant};

pub use error::ScreenError;
pub use manifest::{Counts, Input, ListCounts, Manifest, Status, Timings};

use applicants::Applicants;
use list::ListAnswers;
use manifest::NOTICE;
use results::Output;

use crate::agent::{Acting, Agent, RegistryDoor, file_digests};
use crate::protocol::ListId;
use crate::texts::Lang;

/// What to screen.
pub struct Screening<'a> {
    /// The applicants: CSV or XLSX.
    pub file: &'a Path,
    /// The header of the NIK column; none finds it by the usual names.
    pub nik_column: Option<&'a str>,
    /// The lists, each once.
    pub lists: &'a [ListId],
    /// The folder for the results: made if it is missing, refused if it holds a manifest already.
    pub out: &'a Path,
    /// Who screens, and for which declared purpose.
    pub acting: &'a Acting,
    /// How long a chunk is tried again while the registry is away or busy.
    pub patience: Duration,
    /// The language of the error file and the notice.
    pub lang: Lang,
}

/// What a job is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading the applicants: bytes of a CSV, rows of a workbook.
    Reading,
    /// Fetching a list's snapshot.
    Fetching(ListId),
    /// Evaluating applicants on a list, by applicant.
    Evaluating(ListId),
    /// Writing the results, by row.
    Writing,
}

/// Whoever is told how far a job is.
pub trait Progress: Send {
    /// `done` of `total` in this phase.
    fn at(&mut self, phase: &Phase, done: u64, total: u64);
}

/// Nobody is told.
pub struct Silent;

impl Progress for Silent {
    fn at(&mut self, _: &Phase, _: u64, _: u64) {}
}

/// Screens a file of applicants. The manifest is on the disk when this returns, also when the job
/// is incomplete: what could not be learnt is `UNAVAILABLE`, with the reason in the manifest.
///
/// # Errors
/// [`ScreenError::NoList`], [`ScreenError::Exists`], [`ScreenError::TooMany`],
/// [`ScreenError::File`], [`ScreenError::Agent`] before the first list is asked,
/// [`ScreenError::Output`].
pub async fn screen<D: RegistryDoor>(
    agent: &Agent<D>,
    job: &Screening<'_>,
    progress: &mut dyn Progress,
) -> Result<Manifest, ScreenError> {
    if job.lists.is_empty() {
        return Err(ScreenError::NoList);
    }
    let output = Output::create(job.out)?;
    let begun = Instant::now();
    let started_at = agent.now();
    let digests = file_digests(job.file)?;
    let applicants = Applicants::read(job, &output, progress)?;
    let reading = begun.elapsed();
    let mut lists: Vec<ListAnswers> = Vec::with_capacity(job.lists.len());
    for list in job.lists {
        lists.push(list::answer(agent, job, list, applicants.people(), progress).await?);
    }
    let evaluated = begun.elapsed();
    let results = output.write_results(&applicants, &lists, progress)?;
    output.write("NOTICE.txt", job.lang.pick(NOTICE.0, NOTICE.1).as_bytes())?;
    let timings = Timings {
        reading_ms: millis(reading),
        lists_ms: millis(evaluated - reading),
        writing_ms: millis(begun.elapsed() - evaluated),
    };
    let manifest = Manifest::new(
        Input::of(job.file, digests),
        applicants.counts(),
        lists,
        results,
        (started_at, agent.now()),
        timings,
    );
    output.write_manifest(&manifest)?;
    Ok(manifest)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
