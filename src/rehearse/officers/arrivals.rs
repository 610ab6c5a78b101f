//! Officers who come when they come: open-loop arrivals at a mean rate, whatever became of those who
//! came before, so that a registry that is slow does not get fewer questions.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::officer::{Desk, Ended, Question};
use crate::nik::Nik;
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
    /// Whether the person is on the list.
    pub(super) is_listed: bool,
}

/// Everybody who comes in a while, ready.
pub(super) struct Crowd {
    visitors: Vec<(Duration, usize, Question, bool)>,
}

impl Crowd {
    /// Exponential pauses of mean 1 / `rate` seconds, for `long`; people in turn, desks in turn.
    pub(super) fn coming(
        desks: &[Arc<Desk>],
        people: &[(Nik, bool)],
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
            let (nik, is_listed) = &people[number % people.len()];
            let question = desks[desk].prepare(nik)?;
            visitors.push((Duration::from_secs_f64(at), desk, question, *is_listed));
        }
    }

    /// How many come.
    pub(super) fn len(&self) -> usize {
        self.visitors.len()
    }

    /// Lets them come; every visit, in the order in which they came.
    pub(super) async fn visit(self, desks: &[Arc<Desk>]) -> Result<Vec<Visit>, RehearsalError> {
        let begin = Instant::now();
        let mut all = Vec::with_capacity(self.visitors.len());
        for (at, desk, question, is_listed) in self.visitors {
            let comes = begin + at;
            if comes > Instant::now() {
                sleep_until(comes).await;
            }
            let desk = Arc::clone(&desks[desk]);
            all.push(tokio::spawn(async move {
                let late = comes.elapsed();
                let ended = desk.ask(question).await;
                Visit {
                    late,
                    ended_at: begin.elapsed(),
                    took: comes.elapsed(),
                    ended,
                    is_listed,
                }
            }));
        }
        let mut visits = Vec::with_capacity(all.len());
        for one in all {
            visits.push(one.await.map_err(|_| RehearsalError::Answer)?);
        }
        Ok(visits)
    }
}

/// Answers a second when `at_once` officers ask again as soon as they are answered.
pub(super) async fn capacity(
    desks: &[Arc<Desk>],
    people: &Arc<Vec<(Nik, bool)>>,
    at_once: usize,
    long: Duration,
) -> Result<f64, RehearsalError> {
    let begin = Instant::now();
    let asking: Vec<_> = (0..at_once)
        .map(|number| {
            let (desk, people) = (Arc::clone(&desks[number % desks.len()]), Arc::clone(people));
            tokio::spawn(async move {
                let mut answered = 0_u64;
                while begin.elapsed() < long {
                    let (nik, _) = &people[(number + answered as usize) % people.len()];
                    let question = desk.prepare(nik)?;
                    if let Ended::Answered(_) = desk.ask(question).await {
                        answered += 1;
                    }
                }
                Ok::<_, RehearsalError>(answered)
            })
        })
        .collect();
    let mut answered = 0;
    for one in asking {
        answered += one.await.map_err(|_| RehearsalError::Answer)??;
    }
    Ok(answered as f64 / begin.elapsed().as_secs_f64())
}

/// Above 0, at most 1.
fn uniform() -> Result<f64, RehearsalError> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok((f64::from(u32::from_le_bytes(bytes)) + 1.0) / 4_294_967_296.0)
}
