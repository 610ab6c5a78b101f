//! One list: its snapshot once, then every person's filter key, looked up on this machine.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::manifest::ListCounts;
use super::{Phase, Progress, ScreenError, Screening};
use crate::agent::{Agent, AgentError, FilterKeys, ListJob, RegistryDoor, Snapshot, may_pass};
use crate::nik::Nik;
use crate::protocol::codes::Reason;
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::snapshot::SnapshotView;
use crate::protocol::{Answer, AnswerClass, Epoch, ListId, Timestamp};

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What a list says of one person: two bytes, because there are millions.
#[derive(Clone, Copy)]
pub(super) struct ListAnswer {
    pub(super) answer: Answer,
    /// A programme's reason; none for debtors.
    pub(super) category: Option<Reason>,
}

impl ListAnswer {
    const UNAVAILABLE: Self = Self {
        answer: Answer::Unavailable,
        category: None,
    };
}

/// What a list says of everybody.
pub(super) struct ListAnswers {
    pub(super) list: ListId,
    pub(super) epoch: Epoch,
    pub(super) trust: String,
    /// Of the snapshot: the list's last change it knows and its signed time.
    pub(super) sequence: Option<u64>,
    pub(super) as_of: Option<Timestamp>,
    /// One a person.
    pub(super) people: Vec<ListAnswer>,
    /// Why some or all are unavailable.
    pub(super) reason: Option<String>,
    pub(super) receipts: Vec<SignedReceipt>,
}

impl ListAnswers {
    pub(super) fn counts(&self) -> ListCounts {
        let mut counts = ListCounts::default();
        for person in &self.people {
            match person.answer {
                Answer::Listed => counts.listed += 1,
                Answer::Previously => counts.previously += 1,
                Answer::NotListed => counts.not_listed += 1,
                Answer::InvalidId | Answer::Unavailable => counts.unavailable += 1,
            }
        }
        counts
    }
}

/// Asks one list about everybody. A fault on the way leaves the rest `UNAVAILABLE`.
///
/// # Errors
/// [`ScreenError::Agent`] if the list cannot even be begun on.
pub(super) async fn answer<D: RegistryDoor>(
    agent: &Agent<D>,
    job: &Screening<'_>,
    list: &ListId,
    people: &[Nik],
    progress: &mut dyn Progress,
) -> Result<ListAnswers, ScreenError> {
    let mut list_job = agent.begin(list, job.acting).await?;
    let mut answers = ListAnswers {
        list: list.clone(),
        epoch: list_job.epoch(),
        trust: list_job.trust(),
        sequence: None,
        as_of: None,
        people: Vec::with_capacity(people.len()),
        reason: None,
        receipts: Vec::new(),
    };
    let fetching = Phase::Fetching(list.clone());
    progress.at(&fetching, 0, 1);
    let outcome = match agent.snapshot(&mut list_job).await {
        Ok(snapshot) => {
            progress.at(&fetching, 1, 1);
            evaluate(
                agent,
                job,
                &mut list_job,
                &snapshot,
                people,
                &mut answers,
                progress,
            )
            .await
        }
        Err(fault) => Err(fault),
    };
    if let Err(fault) = outcome {
        answers.reason = Some(fault.code().to_owned());
    }
    answers.people.resize(people.len(), ListAnswer::UNAVAILABLE);
    Ok(answers)
}

async fn evaluate<D: RegistryDoor>(
    agent: &Agent<D>,
    job: &Screening<'_>,
    list_job: &mut ListJob,
    snapshot: &Snapshot,
    people: &[Nik],
    answers: &mut ListAnswers,
    progress: &mut dyn Progress,
) -> Result<(), AgentError> {
    let view = snapshot.view()?;
    answers.sequence = Some(snapshot.head.sequence);
    answers.as_of = Some(snapshot.head.as_of);
    let phase = Phase::Evaluating(answers.list.clone());
    let total = people.len() as u64;
    progress.at(&phase, 0, total);
    for (number, chunk) in (0..).zip(people.chunks(MAX_CHUNK)) {
        let found = patiently(agent, job, list_job, number, chunk).await?;
        answers
            .people
            .extend(found.keys.iter().map(|&key| look_up(&view, key)));
        answers
            .receipts
            .extend(found.charged.map(|(receipt, _)| receipt));
        progress.at(&phase, answers.people.len() as u64, total);
    }
    // Silence means something only while the snapshot is young enough, judged when it is used.
    if let Err(fault) = agent.may_clear(&snapshot.head) {
        let silent = |person: &&mut ListAnswer| person.answer == Answer::NotListed;
        for person in answers.people.iter_mut().filter(silent) {
            *person = ListAnswer::UNAVAILABLE;
        }
        return Err(fault);
    }
    Ok(())
}

fn look_up(view: &SnapshotView<'_>, key: u64) -> ListAnswer {
    let section = view.look_up(key);
    ListAnswer {
        answer: section
            .map_or(AnswerClass::NotListed, |section| section.class)
            .into(),
        category: section.and_then(|section| section.category),
    }
}

/// A chunk, tried again while the registry is away: the same chunk is charged once.
async fn patiently<D: RegistryDoor>(
    agent: &Agent<D>,
    job: &Screening<'_>,
    list_job: &mut ListJob,
    number: u32,
    chunk: &[Nik],
) -> Result<FilterKeys, AgentError> {
    let give_up = Instant::now() + job.patience;
    let mut wait = FIRST_WAIT;
    loop {
        match agent.filter_keys(list_job, number, chunk).await {
            Err(fault) if may_pass(&fault) && Instant::now() + wait <= give_up => {
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            other => return other,
        }
    }
}
