//! Checking people on lists: one order, one charge and one answer a list.
//!
//! Whatever the answer, the registry sees the same: one evaluation of as many elements, then one
//! bucket of one size for each person. Any fault is `UNAVAILABLE` with its reason, never a verdict.

use serde::Serialize;

use crate::nik::{MaskedNik, Nik, NikError};
use crate::protocol::codes::{CountBand, Reason};
use crate::protocol::limits::{MAX_CHECKED, MAX_CHUNK};
use crate::protocol::receipt::VerdictReceipt;
use crate::protocol::summary::Summary;
use crate::protocol::watch::HeadFault;
use crate::protocol::{
    Answer, AnswerClass, Epoch, ErrorCode, Head, HeadSubject, ListId, Locator, OrderId, SealKey,
    Timestamp, bucket, paths,
};

use super::door::{RegistryDoor, Served};
use super::evaluate::{Chunk, Elements, Job, inputs};
use super::orders::{self, Acting, random_id};
use super::pinning::{self, Pinned};
use super::{Agent, AgentError};

/// What one list says of one person.
#[derive(Clone, Debug, Serialize)]
pub struct CheckResult {
    /// The answer.
    pub answer: Answer,
    /// The list.
    pub list: ListId,
    /// The epoch that answered; none where nothing did.
    pub epoch: Option<Epoch>,
    /// The person, masked; none where the text was no NIK.
    pub nik: Option<MaskedNik>,
    /// Bands and codes at the answer's signed time; none where nothing counts at that time.
    pub summary: Option<Summary>,
    /// Random; printed on the officer's receipt.
    pub response_id: OrderId,
    /// The time that the answer is of, as the registry signed it.
    pub as_of: Option<Timestamp>,
    /// The list's last change that the answer knows.
    pub sequence: Option<u64>,
    /// How many custodians take part of how many, in words.
    pub trust: Option<String>,
    /// Why there is no answer.
    pub reason: Option<&'static str>,
    /// Which rule a mistyped NIK breaks.
    pub invalid: Option<&'static str>,
    /// The signed receipt; none where nothing was charged.
    pub receipt: Option<VerdictReceipt>,
}

/// Somebody to be checked: a text that parsed or did not.
pub type Asked = Result<Nik, NikError>;

impl<D: RegistryDoor> Agent<D> {
    /// Checks people on lists: one result for each list and person, by list and then in the order
    /// of `people`. A text that is no NIK is `INVALID_ID`, and nobody is asked about it.
    ///
    /// # Errors
    /// [`AgentError::TooMany`] for more than [`MAX_CHECKED`] people, [`AgentError::Randomness`].
    /// Every other fault is an answer, `UNAVAILABLE`.
    pub async fn check(
        &self,
        people: &[Asked],
        lists: &[ListId],
        acting: &Acting,
    ) -> Result<Vec<CheckResult>, AgentError> {
        const { assert!(MAX_CHECKED <= MAX_CHUNK) };
        if people.len() > MAX_CHECKED {
            return Err(AgentError::TooMany { limit: MAX_CHECKED });
        }
        let mut results = Vec::with_capacity(people.len() * lists.len());
        for list in lists {
            let niks: Vec<&Nik> = people.iter().flatten().collect();
            let mut verdicts = self.list_verdicts(list, &niks, acting).await.into_iter();
            for person in people {
                results.push(match person {
                    Ok(nik) => {
                        let verdict = verdicts.next().unwrap_or(Err(AgentError::Answer));
                        self.result(list, nik, verdict)?
                    }
                    Err(fault) => invalid(list, *fault)?,
                });
            }
        }
        Ok(results)
    }

    /// One verdict a person, or the same fault for all of them.
    async fn list_verdicts(
        &self,
        list: &ListId,
        niks: &[&Nik],
        acting: &Acting,
    ) -> Vec<Result<Verdict, AgentError>> {
        if niks.is_empty() {
            return Vec::new();
        }
        match self.ask(list, niks, acting).await {
            Ok(verdicts) => verdicts,
            Err(fault) => {
                let shared = std::sync::Arc::new(fault);
                let each = |_: &&Nik| Err(AgentError::Shared(shared.clone()));
                niks.iter().map(each).collect()
            }
        }
    }

    /// Asks under the pinned record; if the registry says that another is in force, learns of it
    /// and asks once more.
    async fn ask(
        &self,
        list: &ListId,
        niks: &[&Nik],
        acting: &Acting,
    ) -> Result<Vec<Result<Verdict, AgentError>>, AgentError> {
        let job = Job::fresh()?;
        let pinned = pinning::pinned(&self.home, &self.door, list, self.now()).await?;
        let first = self.ask_under(&pinned, &job, niks, acting).await;
        let outdated = match &first {
            Err(fault) => is_outdated(fault),
            Ok(verdicts) => verdicts.iter().any(|v| v.as_ref().is_err_and(is_outdated)),
        };
        if !outdated {
            return first;
        }
        let renewed = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        if renewed.digest == pinned.digest {
            return first;
        }
        self.ask_under(&renewed, &job, niks, acting).await
    }

    async fn ask_under(
        &self,
        pinned: &Pinned,
        job: &Job,
        niks: &[&Nik],
        acting: &Acting,
    ) -> Result<Vec<Result<Verdict, AgentError>>, AgentError> {
        let chunk = Chunk {
            pinned,
            job,
            number: 0,
            acting,
        };
        let inputs = inputs(niks.iter().copied());
        let evaluated = chunk
            .elements(&self.home, &self.door, inputs, self.now())
            .await?;
        let locators = pinned.derivation.locators(&evaluated.elements);
        let seals = pinned.derivation.seal_keys(&evaluated.elements);
        // All are fetched before the first is read: no request waits for what a row says.
        let mut fetched = Vec::with_capacity(niks.len());
        for locator in locators.iter() {
            fetched.push(self.fetch(pinned, locator).await);
        }
        self.home.keep_heads()?;
        let people = locators.iter().zip(&seals).zip(fetched);
        let verdicts = people.map(|((locator, seal), fetched)| {
            let found = fetched.and_then(|fetched| fetched.read(pinned, locator, seal))?;
            Ok(Verdict::of(found, pinned, &evaluated))
        });
        Ok(verdicts.collect())
    }

    /// Fetches a person's bucket and reads it, hit or miss.
    pub(super) async fn look_up(
        &self,
        pinned: &Pinned,
        locator: &Locator,
        seal: &SealKey,
    ) -> Result<Found, AgentError> {
        let fetched = self.fetch(pinned, locator).await?;
        fetched.read(pinned, locator, seal)
    }

    /// Fetches a person's bucket; its head is verified, its rows are not looked at.
    async fn fetch(&self, pinned: &Pinned, locator: &Locator) -> Result<Fetched, AgentError> {
        let record = &pinned.record;
        let number = locator.bucket(pinned.shape.bits());
        let path = bucket_path(pinned, number);
        let read = orders::read(&self.home, path, self.now())?;
        let asked = pinned.ask(&self.home, HeadSubject::Bucket(number))?;
        let served = self
            .door
            .bucket(&read, &record.list, record.epoch, number)
            .await?;
        Ok(Fetched {
            head: self.admit(&asked, &served)?,
            body: served.body,
        })
    }

    /// Judges a signed head and its body; evidence of two bodies is kept on disk.
    pub(super) fn admit(
        &self,
        asked: &crate::protocol::watch::Asked,
        served: &Served,
    ) -> Result<Head, AgentError> {
        let key = &self.home.profile().trust.registry;
        let judged = self
            .home
            .heads()?
            .admit(asked, &served.head, &served.body, key, self.now());
        match judged {
            Ok(()) => Ok(served.head.head.clone()),
            Err(fault) => {
                if let HeadFault::TwoBodies(evidence) = &fault {
                    self.home.keep_evidence(evidence)?;
                }
                self.home.keep_heads()?;
                Err(fault.into())
            }
        }
    }

    fn result(
        &self,
        list: &ListId,
        nik: &Nik,
        verdict: Result<Verdict, AgentError>,
    ) -> Result<CheckResult, AgentError> {
        let mut result = CheckResult {
            nik: Some(nik.masked()),
            ..empty(list, Answer::Unavailable)?
        };
        match verdict {
            Err(fault) => result.reason = Some(fault.code()),
            Ok(verdict) => {
                let (found, answer) = (verdict.found, verdict.answer);
                result.answer = answer;
                result.epoch = Some(found.head.epoch);
                result.summary = found.shown();
                result.as_of = Some(found.head.as_of);
                result.sequence = Some(found.head.sequence);
                result.trust = Some(verdict.trust);
                result.receipt = verdict.charged.map(|registry| {
                    let key = self.home.signing();
                    VerdictReceipt::sign(result.response_id, registry, answer, self.now(), key)
                });
            }
        }
        Ok(result)
    }
}

/// Where a bucket is. Its number has as many digits as the list's last bucket has, so that the
/// length of a request says nothing about it.
fn bucket_path(pinned: &Pinned, number: u32) -> String {
    let record = &pinned.record;
    let digits = (pinned.shape.buckets() - 1).to_string().len();
    let (epoch, number) = (record.epoch.to_string(), format!("{number:0digits$}"));
    paths::fill(paths::BUCKET, &[record.list.as_str(), &epoch, &number])
}

/// A bucket under its verified head, not yet read.
struct Fetched {
    head: Head,
    body: Vec<u8>,
}

impl Fetched {
    fn read(self, pinned: &Pinned, locator: &Locator, seal: &SealKey) -> Result<Found, AgentError> {
        let material = pinned.derivation.material();
        let summary = bucket::scan(&self.body, pinned.shape, locator, seal, material)?;
        Ok(Found {
            head: self.head,
            summary,
        })
    }
}

/// What a bucket said.
pub(super) struct Found {
    pub(super) head: Head,
    pub(super) summary: Option<Summary>,
}

impl Found {
    /// The answer at the time that the registry signed.
    pub(super) fn answer(&self) -> Answer {
        match &self.summary {
            Some(summary) => summary.class_at(self.head.as_of).into(),
            None => Answer::NotListed,
        }
    }

    /// What may be shown at that time.
    fn shown(&self) -> Option<Summary> {
        self.summary
            .as_ref()
            .and_then(|summary| summary_at(summary, self.head.as_of))
    }
}

/// A summary at a time: what ended by then is not shown.
fn summary_at(summary: &Summary, time: Timestamp) -> Option<Summary> {
    let class = summary.class_at(time);
    let at = Summary { class, ..*summary };
    match class {
        AnswerClass::Listed | AnswerClass::Previously => Some(at),
        // A victim's flag stands beside any answer; everything else has ended.
        AnswerClass::NotListed if summary.verify_identity => Some(Summary {
            count: CountBand::None,
            grade: None,
            plafond: None,
            reasons: [Reason::Korban].into_iter().collect(),
            ..at
        }),
        AnswerClass::NotListed => None,
    }
}

struct Verdict {
    found: Found,
    answer: Answer,
    trust: String,
    charged: Option<crate::protocol::receipt::SignedReceipt>,
}

impl Verdict {
    fn of(found: Found, pinned: &Pinned, evaluated: &Elements) -> Self {
        Self {
            answer: found.answer(),
            trust: pinned.record.trust(),
            charged: evaluated
                .charged
                .as_ref()
                .map(|(receipt, _)| receipt.clone()),
            found,
        }
    }
}

/// Whether the list may have a newer record than the pinned one.
fn is_outdated(fault: &AgentError) -> bool {
    fault.refusal() == Some(ErrorCode::RecordMismatch)
        || matches!(
            fault,
            AgentError::EpochNotInForce | AgentError::Head(HeadFault::Record)
        )
}

fn invalid(list: &ListId, fault: NikError) -> Result<CheckResult, AgentError> {
    Ok(CheckResult {
        invalid: Some(fault.code()),
        ..empty(list, Answer::InvalidId)?
    })
}

fn empty(list: &ListId, answer: Answer) -> Result<CheckResult, AgentError> {
    Ok(CheckResult {
        answer,
        list: list.clone(),
        epoch: None,
        nik: None,
        summary: None,
        response_id: OrderId(random_id()?),
        as_of: None,
        sequence: None,
        trust: None,
        reason: None,
        invalid: None,
        receipt: None,
    })
}
