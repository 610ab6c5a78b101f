//! Bulk jobs over an agent: a file of applicants, of any size, against one or several lists.
//!
//! | reading | what happens | what stays |
//! |---|---|---|
//! | first | rows are parsed; people are told apart by keyed tokens, parted and compared | counts, digests, repetitions |
//! | second, for each list | people are blinded, evaluated, verified, opened, chunk by chunk | their filter keys, and receipts |
//! | - | keys are parted, sorted and merged with the list's snapshot on this machine | who was found |
//! | third | results in the input's order | `results.csv` |
//!
//! The registry learns how many were asked about and nothing else. Memory is bounded whatever the
//! file's size: what does not fit lies on the disk, sealed under the job's seed, and a NIK never
//! does. A job that is stopped at any point goes on where it was when the same is asked again; no
//! chunk is charged twice, because the same chunk of the same job has the same elements. Out come
//! `results.csv`, `errors.csv`, `receipts-LIST.jsonl`, `manifest.json` and `NOTICE.txt`; the seed
//! and everything under it is destroyed when the job is complete.

mod answers;
mod census;
mod error;
mod evaluate;
mod firsts;
mod input;
mod job;
mod kept;
mod list;
mod lookup;
mod manifest;
mod meter;
mod output;
mod ranges;
mod results;
mod spill;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use error::ScreenError;
pub use job::discard;
pub use manifest::{
    CategoryCount, Counts, Input, ListCounts, ListOutcome, ListTimings, Manifest, Status, Timings,
};
pub use results::Receipts;

use census::Counting;
use job::{Census, Job};
use list::{ListAnswers, Shared};
use manifest::{Made, NOTICE};
use meter::{Meter, blocking};
use output::Output;
use results::{Writing, Written};
use spill::Spill;

use crate::agent::{Acting, Agent, RegistryDoor};
use crate::protocol::ListId;
use crate::protocol::limits::screening::MAX_SCREENED_LISTS;
use crate::texts::Lang;

/// What to screen.
pub struct Screening<'a> {
    /// The applicants: CSV or XLSX.
    pub file: &'a Path,
    /// The header of the NIK column; none finds it by the usual names.
    pub nik_column: Option<&'a str>,
    /// The lists, each once.
    pub lists: &'a [ListId],
    /// The folder for the results: made if it is missing. An unfinished job of the same file,
    /// lists and options that it holds is resumed; a finished one is left alone.
    pub out: &'a Path,
    /// Whether the results keep the input's other columns.
    pub keep_columns: bool,
    /// Who screens, and for which declared purpose.
    pub acting: &'a Acting,
    /// How long a chunk, and the list's copy, is tried again while the registry is away or busy.
    pub patience: Duration,
    /// The language of the error file and the notice.
    pub lang: Lang,
}

/// What a job is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading the applicants: bytes of a CSV, rows of a workbook.
    Reading,
    /// Finding repetitions, by row.
    Comparing,
    /// Making sure that the file of a resumed job is the same, by byte.
    Verifying,
    /// Evaluating applicants on a list, by applicant.
    Evaluating(ListId),
    /// Fetching a list's snapshot.
    Fetching(ListId),
    /// Looking people up in the snapshot: sorted and merged, by person and step.
    LookingUp(ListId),
    /// Writing the results, by row.
    Writing,
}

/// Whoever is told how far a job is.
pub trait Progress: Send {
    /// `done` of `total` in this phase. Called some ten times a second.
    fn at(&mut self, phase: &Phase, done: u64, total: u64);
}

/// Nobody is told.
pub struct Silent;

impl Progress for Silent {
    fn at(&mut self, _: &Phase, _: u64, _: u64) {}
}

/// Screens a file of applicants, or goes on with it. The manifest is on the disk when this returns,
/// also when the job is incomplete: what could not be learnt is `UNAVAILABLE`, with the reason in the
/// manifest, and the same call goes on.
///
/// # Errors
/// [`ScreenError::NoList`], [`ScreenError::TooManyLists`], [`ScreenError::RepeatedList`],
/// [`ScreenError::Exists`], [`ScreenError::OtherJob`], [`ScreenError::InputChanged`],
/// [`ScreenError::Damaged`], [`ScreenError::File`], [`ScreenError::Agent`] before the first list
/// is asked, [`ScreenError::Output`], [`ScreenError::Interrupted`], [`ScreenError::Randomness`].
pub async fn screen<D: RegistryDoor>(
    agent: &Agent<D>,
    screening: &Screening<'_>,
    progress: &mut dyn Progress,
) -> Result<Manifest, ScreenError> {
    check_lists(screening.lists)?;
    let output = Output::create(screening.out)?;
    let mut job = Job::open(agent.home(), screening, agent.now())?;
    let meter = Arc::new(Meter::new());
    let work = run(agent, screening, &output, &mut job, &meter);
    let done = meter::watched(&meter, progress, work).await;
    match &done {
        Ok(manifest) if manifest.status == Status::Complete => job.end()?,
        // Nothing was asked of the registry and nothing found out: nothing to go on with.
        Err(ScreenError::File(_) | ScreenError::Agent(_)) if job.is_bare() => job.end()?,
        _ => {}
    }
    done
}

async fn run<D: RegistryDoor>(
    agent: &Agent<D>,
    screening: &Screening<'_>,
    output: &Output,
    job: &mut Job,
    meter: &Arc<Meter>,
) -> Result<Manifest, ScreenError> {
    let begun = Instant::now();
    let input = input::Input::of(screening.file, screening.nik_column);
    for (number, list) in screening.lists.iter().enumerate() {
        if job.plan(number)?.is_none() {
            job.planned(number, &agent.plan_bulk(list).await?)?;
        }
    }
    let census = census(job, &input, screening.lang, output, meter).await?;
    let repeats = Spill::resume(
        &job.shared(REPEATS),
        &job.spill_key(),
        census.repeats.clone(),
    );
    let counts = census.counts;
    let firsts = blocking(move || census::firsts(&repeats, &counts)).await?;
    let reading = begun.elapsed();
    let shared = Shared {
        input,
        census,
        firsts: Arc::new(firsts),
        meter: Arc::clone(meter),
    };
    let mut lists = Vec::with_capacity(screening.lists.len());
    for number in 0..screening.lists.len() {
        lists.push(list::answer(agent, screening, job, number, &shared).await?);
    }
    let asked = begun.elapsed();
    let (lists, written) = write(screening, output, job, shared.clone(), lists).await?;
    let timings = Timings {
        reading_ms: millis(reading),
        lists_ms: millis(asked - reading),
        writing_ms: millis(begun.elapsed() - asked),
    };
    let census = &shared.census;
    let manifest = Manifest::of(Made {
        input: Input::of(screening.file, census.bytes, census.digests),
        counts: census.counts,
        lists,
        written,
        started_at: job.begun_at,
        finished_at: agent.now(),
        resumed: job.resumed,
        timings,
    });
    output.write_manifest(&manifest)?;
    Ok(manifest)
}

const TOKENS: &str = "tokens";
const REPEATS: &str = "repeats";

/// What the first reading found, now or before this process.
async fn census(
    job: &mut Job,
    input: &input::Input,
    lang: Lang,
    output: &Output,
    meter: &Arc<Meter>,
) -> Result<Census, ScreenError> {
    if let Some(census) = job.census.clone() {
        meter.enter(Phase::Verifying, census.bytes);
        let (input, meter) = (input.clone(), Arc::clone(meter));
        let digests = blocking(move || input.digests(&meter)).await?;
        return match digests == census.digests {
            true => Ok(census),
            false => Err(ScreenError::InputChanged),
        };
    }
    let counting = Counting {
        input: input.clone(),
        lang,
        tokens: job.shared(TOKENS),
        repeats: job.shared(REPEATS),
        token_key: job.token_key(),
        spill_key: job.spill_key(),
    };
    let errors = output.begin("errors.csv")?;
    let (census, errors) = census::counted(counting, errors, meter).await?;
    output.finish_buffered("errors.csv", errors)?;
    job.counted(census.clone())?;
    Ok(census)
}

type Outcomes = (Vec<(ListAnswers, Option<Receipts>)>, Written);

/// Writes everything but the manifest.
async fn write(
    screening: &Screening<'_>,
    output: &Output,
    job: &Job,
    shared: Shared,
    lists: Vec<ListAnswers>,
) -> Result<Outcomes, ScreenError> {
    let late: Vec<_> = (0..lists.len())
        .map(|list| job.path("late", list))
        .collect();
    let (repeats, key) = (job.shared(REPEATS), job.spill_key());
    let (output, keep_columns) = (output.clone(), screening.keep_columns);
    let notice = screening.lang.pick(NOTICE.0, NOTICE.1);
    blocking(move || {
        let writing = Writing {
            input: &shared.input,
            keep_columns,
            census: &shared.census,
            firsts: &shared.firsts,
            lists: &lists,
            repeats: &repeats,
            late: &late,
            key: &key,
            meter: &shared.meter,
        };
        let written = writing.run(&output)?;
        output.write("NOTICE.txt", notice.as_bytes())?;
        let outcomes = lists.into_iter().map(|list| {
            let receipts = results::write_receipts(&output, &list)?;
            Ok((list, receipts))
        });
        Ok((outcomes.collect::<Result<_, ScreenError>>()?, written))
    })
    .await
}

fn check_lists(lists: &[ListId]) -> Result<(), ScreenError> {
    if lists.is_empty() {
        return Err(ScreenError::NoList);
    }
    if lists.len() > MAX_SCREENED_LISTS {
        let limit = MAX_SCREENED_LISTS;
        return Err(ScreenError::TooManyLists { limit });
    }
    let repeated = |(at, list): (usize, &ListId)| lists[..at].contains(list);
    match lists.iter().enumerate().any(repeated) {
        true => Err(ScreenError::RepeatedList),
        false => Ok(()),
    }
}

/// Makes a folder of mode 0700, parents included.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
