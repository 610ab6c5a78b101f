//! Officers who come when they come: open-loop arrivals at a mean rate, whatever became of those who
//! came before, so that a registry that is slow does not get fewer questions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::officer::{Desk, Ended, Person, Question, Told};
use crate::rehearse::RehearsalError;

/// One officer's check: when it ended, how long after the officer came, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// Since the first could come.
    pub(super) ended_at: Duration,
    pub(super) took: Duration,
    /// How much of that passed before the check was sent: those who ask were busy themselves.
    pub(super) late: Duration,
    pub(super) ended: Ended,
}

/// A check that ended, not verified yet.
pub(super) struct Unjudged {
    desk: usize,
    visit: Visit,
    told: Told,
}

/// Everybody who comes in a while, ready.
pub(super) struct Crowd {
    visitors: Vec<(Duration, usize, Question)>,
}

impl Crowd {
    /// Exponential pauses of mean 1 / `rate` seconds, for `long`; people in turn, desks in turn.
    pub(super) fn coming(
        desks: &[Arc<Desk>],
        people: &[Person],
        rate: f64,
        long: Duration,
    ) -> Result<Self, RehearsalError> {
        let mut visitors = Vec::new();
        let mut at = 0.0;
        loop {
            at += -uniform()?.ln() / rate;
            let number = visitors.len();
            if at >= long.as_secs_f64() {
                return Ok(Self { visitors });
            }
            let desk = number % desks.len();
            let question = desks[desk].prepare(&people[number % people.len()])?;
            visitors.push((Duration::from_secs_f64(at), desk, question));
        }
    }

    /// How many come.
    pub(super) fn len(&self) -> usize {
        self.visitors.len()
    }

    /// Lets them come; every visit, in the order in which they came.
    pub(super) async fn visit(self, desks: &[Arc<Desk>]) -> Result<Vec<Unjudged>, RehearsalError> {
        let begin = Instant::now();
        let mut all = Vec::with_capacity(self.visitors.len());
        for (at, number, question) in self.visitors {
            let comes = begin + at;
            if comes > Instant::now() {
                sleep_until(comes).await;
            }
            let desk = Arc::clone(&desks[number]);
            all.push(tokio::spawn(async move {
                let late = comes.elapsed();
                let told = desk.ask(question).await;
                Unjudged::now(number, begin, comes, late, told)
            }));
        }
        let mut visits = Vec::with_capacity(all.len());
        for one in all {
            visits.push(one.await.map_err(|_| RehearsalError::Answer)?);
        }
        Ok(visits)
    }
}

impl Unjudged {
    fn now(desk: usize, begin: Instant, comes: Instant, late: Duration, told: Told) -> Self {
        let visit = Visit {
            late,
            ended_at: begin.elapsed(),
            took: comes.elapsed(),
            ended: Ended::Lost,
        };
        Self { desk, visit, told }
    }

    /// Since the first could come.
    pub(super) const fn ended_at(&self) -> Duration {
        self.visit.ended_at
    }

    /// Verifies what was told.
    pub(super) fn judge(self, desks: &[Arc<Desk>]) -> Visit {
        Visit {
            ended: desks[self.desk].ended(self.told),
            ..self.visit
        }
    }
}

/// As many officers as `at_once` ask again as soon as they are answered, until `long` is over or
/// nothing is left to ask.
pub(super) async fn in_a_row(
    desks: &[Arc<Desk>],
    people: &[Person],
    at_once: usize,
    questions: usize,
    long: Duration,
) -> Result<Vec<Unjudged>, RehearsalError> {
    let mut prepared = Vec::with_capacity(questions);
    for number in 0..questions {
        let desk = number % desks.len();
        prepared.push((desk, desks[desk].prepare(&people[number % people.len()])?));
    }
    let prepared = Arc::new(Mutex::new(prepared));
    let begin = Instant::now();
    let asking: Vec<_> = (0..at_once)
        .map(|_| {
            let (desks, prepared) = (desks.to_vec(), Arc::clone(&prepared));
            tokio::spawn(async move {
                let mut visits = Vec::new();
                while begin.elapsed() < long {
                    let next = prepared
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .pop();
                    let Some((desk, question)) = next else { break };
                    let comes = Instant::now();
                    let told = desks[desk].ask(question).await;
                    visits.push(Unjudged::now(desk, begin, comes, Duration::ZERO, told));
                }
                visits
            })
        })
        .collect();
    let mut visits = Vec::new();
    for one in asking {
        visits.extend(one.await.map_err(|_| RehearsalError::Answer)?);
    }
    Ok(visits)
}

/// Above 0, at most 1.
fn uniform() -> Result<f64, RehearsalError> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok((f64::from(u32::from_le_bytes(bytes)) + 1.0) / 4_294_967_296.0)
}
