//! One list: everybody evaluated, then looked up in the list's newest snapshot on this machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::evaluate::{Evaluation, Reading, evaluate};
use super::firsts::Firsts;
use super::input::Input;
use super::job::{Census, Job};
use super::kept::KeptKeys;
use super::lookup::{Found, LookUp, Stream};
use super::manifest::ListCounts;
use super::meter::{Meter, blocking};
use super::{Phase, ScreenError, Screening};
use crate::agent::{Agent, AgentError, BulkList, BulkPlan, LocalCopy, RegistryDoor, may_pass};
use crate::protocol::{AnswerClass, Epoch, ListId, ListKind, Section, Timestamp};

/// What all lists of a job have in common.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) input: Input,
    pub(super) census: Census,
    pub(super) firsts: Arc<Firsts>,
    pub(super) meter: Arc<Meter>,
}

/// Where the time went on a list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    pub(super) evaluating: Duration,
    pub(super) fetching: Duration,
    pub(super) looking_up: Duration,
}

/// What a list says of everybody.
pub(super) struct ListAnswers {
    pub(super) list: ListId,
    pub(super) kind: ListKind,
    pub(super) epoch: Epoch,
    /// Epochs the list left while the job ran; what was evaluated in them counts for nothing.
    pub(super) left: Vec<Epoch>,
    pub(super) trust: String,
    /// Of the snapshot: the list's last change it knows, its signed time, its entries.
    pub(super) sequence: Option<u64>,
    pub(super) as_of: Option<Timestamp>,
    pub(super) entries: Option<u64>,
    /// The sections people were looked for in, and how many were found in each.
    pub(super) titles: Vec<Section>,
    pub(super) found: Option<Found>,
    /// People whose keys are known, and the first row whose person is not one of them.
    pub(super) evaluated: u64,
    pub(super) known_rows: u64,
    /// Whether absence from the snapshot means anything.
    pub(super) silence_counts: bool,
    /// Why some or all are unavailable.
    pub(super) reason: Option<String>,
    pub(super) kept: Arc<KeptKeys>,
    pub(super) spent: Spent,
}

impl ListAnswers {
    /// People by answer, of `unique` in all.
    pub(super) fn counts(&self, unique: u64) -> ListCounts {
        let mut counts = ListCounts::default();
        let Some(found) = &self.found else {
            counts.unavailable = unique;
            return counts;
        };
        for (title, people) in self.titles.iter().zip(&found.people) {
            match title.class {
                AnswerClass::Listed => counts.listed += people,
                AnswerClass::Previously => counts.previously += people,
                AnswerClass::NotListed => {}
            }
        }
        let hits = counts.listed + counts.previously;
        if self.silence_counts {
            counts.not_listed = self.evaluated.saturating_sub(hits);
        }
        counts.unavailable = unique.saturating_sub(hits + counts.not_listed);
        counts
    }
}

/// Asks list `number` of the job about everybody; begins it anew if it moves on to another epoch.
///
/// # Errors
/// What stops the job as a whole. A fault of the registry leaves the rest `UNAVAILABLE`.
pub(super) async fn answer<D: RegistryDoor>(
    agent: &Agent<D>,
    screening: &Screening<'_>,
    job: &mut Job,
    number: usize,
    shared: &Shared,
) -> Result<ListAnswers, ScreenError> {
    let mut left = Vec::new();
    loop {
        let plan = job.plan(number)?.ok_or(ScreenError::Damaged)?;
        let (mut answers, fault) = attempt(agent, screening, job, number, shared, &plan).await?;
        let Some(fault) = fault else {
            answers.left = left;
            return Ok(answers);
        };
        match moved_on(agent, &plan, &fault).await {
            Some(next) => {
                left.push(plan.epoch());
                job.planned(number, &next)?;
                KeptKeys::remove(&job.path("keys", number))?;
            }
            None => {
                answers.reason = Some(fault.code().to_owned());
                answers.left = left;
                return Ok(answers);
            }
        }
    }
}

/// The plan under the list's new epoch, if a fault came of there being one.
async fn moved_on<D: RegistryDoor>(
    agent: &Agent<D>,
    plan: &BulkPlan,
    fault: &AgentError,
) -> Option<BulkPlan> {
    if may_pass(fault) {
        return None;
    }
    let next = agent.plan_bulk(plan.list()).await.ok()?;
    (next.epoch() > plan.epoch()).then_some(next)
}

/// One go under one plan.
async fn attempt<D: RegistryDoor>(
    agent: &Agent<D>,
    screening: &Screening<'_>,
    job: &mut Job,
    number: usize,
    shared: &Shared,
    plan: &BulkPlan,
) -> Result<(ListAnswers, Option<AgentError>), ScreenError> {
    let list = Arc::new(agent.bulk(plan, screening.acting)?);
    let began = Instant::now();
    let Evaluation { kept, fault } =
        evaluated(agent, screening, job, number, shared, &list).await?;
    let kept = Arc::new(kept);
    let mut answers = ListAnswers {
        list: list.list(),
        kind: list.kind(),
        epoch: list.epoch(),
        left: Vec::new(),
        trust: list.trust(),
        sequence: None,
        as_of: None,
        entries: None,
        titles: Vec::new(),
        found: None,
        evaluated: kept.people,
        known_rows: 0,
        silence_counts: false,
        reason: None,
        kept: Arc::clone(&kept),
        spent: Spent {
            evaluating: began.elapsed(),
            ..Spent::default()
        },
    };
    // A chunk that may never be answered is not worth a look-up of the others, if the list has
    // moved on; otherwise what is known is looked up.
    if let Some(fault) = &fault
        && moved_on(agent, plan, fault).await.is_some()
    {
        return Ok((answers, Some(AgentError::EpochNotInForce)));
    }
    shared.meter.enter(Phase::Fetching(answers.list.clone()), 1);
    let began = Instant::now();
    let snapshot = match agent.bulk_snapshot(&list, screening.patience).await {
        Ok(snapshot) => snapshot,
        Err(unserved) => return Ok((answers, Some(unserved))),
    };
    answers.spent.fetching = began.elapsed();
    let began = Instant::now();
    let head = snapshot.head().clone();
    if let Err(unread) = looked_up(job, number, shared, snapshot, &mut answers).await? {
        return Ok((answers, Some(unread)));
    }
    answers.spent.looking_up = began.elapsed();
    (answers.sequence, answers.as_of) = (Some(head.sequence), Some(head.as_of));
    // Silence means something only while the snapshot is young enough, judged when it is used.
    let clear = agent.may_clear(&head);
    answers.silence_counts = clear.is_ok();
    Ok((answers, fault.or(clear.err())))
}

async fn evaluated<D: RegistryDoor>(
    agent: &Agent<D>,
    screening: &Screening<'_>,
    job: &mut Job,
    number: usize,
    shared: &Shared,
    list: &Arc<BulkList>,
) -> Result<Evaluation, ScreenError> {
    let name = list.list();
    let unique = shared.census.counts.unique;
    shared.meter.enter(Phase::Evaluating(name.clone()), unique);
    let (path, key) = (job.path("keys", number), job.spill_key());
    let (epoch, known) = (list.epoch(), job.kept(number));
    let kept = blocking(move || KeptKeys::open(&path, &key, (&name, epoch), known)).await?;
    let reading = Reading {
        input: shared.input.clone(),
        digests: shared.census.digests,
        firsts: Arc::clone(&shared.firsts),
        meter: Arc::clone(&shared.meter),
    };
    let told = |chunks| job.keep(number, chunks);
    evaluate(agent, list, reading, screening.patience, kept, told).await
}

/// Looks everybody up whose key is known.
async fn looked_up(
    job: &Job,
    number: usize,
    shared: &Shared,
    snapshot: LocalCopy,
    answers: &mut ListAnswers,
) -> Result<Result<(), AgentError>, ScreenError> {
    let (runs, hits) = (job.path("runs", number), job.path("hits", number));
    let (key, list) = (job.spill_key(), answers.list.clone());
    let (kept, firsts) = (Arc::clone(&answers.kept), Arc::clone(&shared.firsts));
    let meter = Arc::clone(&shared.meter);
    let done = blocking(move || {
        let counts = snapshot.sections();
        let titles: Vec<Section> = counts.iter().map(|count| count.section).collect();
        let entries = counts.iter().map(|count| count.keys).sum();
        let sections = (0..counts.len()).map(|place| {
            let mut keys = snapshot.keys(place);
            Stream::new(Box::new(move |block| {
                block.extend_from_slice(keys.block()?.unwrap_or_default());
                Ok(())
            }))
        });
        let sections = sections.collect();
        let look_up = LookUp {
            list: &list,
            kept: &kept,
            firsts: &firsts,
            runs: &runs,
            hits: &hits,
            key: &key,
            meter: &meter,
        };
        let found = look_up.run(sections)?;
        // The first row whose person is not known.
        let evaluated = usize::try_from(kept.people).unwrap_or(usize::MAX);
        let unknown = firsts.places().nth(evaluated).map(u64::from);
        Ok((titles, entries, found, unknown.unwrap_or(firsts.rows())))
    })
    .await;
    match done {
        Ok((titles, entries, found, known_rows)) => {
            answers.titles = titles;
            answers.entries = Some(entries);
            answers.found = Some(found);
            answers.known_rows = known_rows;
            Ok(Ok(()))
        }
        // The registry's fault concerns this list alone.
        Err(ScreenError::Agent(fault)) => Ok(Err(fault)),
        Err(error) => Err(error),
    }
}
