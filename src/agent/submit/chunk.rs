//! One chunk of an upload: evaluate, submit, learn the entries' ids.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use zeroize::Zeroizing;

use super::job::{Done, UploadJob};
use super::{SubmitEvent, SubmitWatcher, Target, Upload};
use crate::agent::door::RegistryDoor;
use crate::agent::evaluate::{Chunk, inputs};
use crate::agent::home::{Known, Learnt};
use crate::agent::orders::{self, Matter};
use crate::agent::pinning::{self, Pinned};
use crate::agent::{Agent, AgentError, Patience};
use crate::intake::{Echo, SubmissionRow as FileRow};
use crate::nik::Nik;
use crate::protocol::listing::{Element32, ListingContent};
use crate::protocol::order::OrderKind;
use crate::protocol::submission::{
    RowOutcome, RowRefusal, Submission, SubmissionReply, SubmissionRow,
};
use crate::protocol::version::Validity;
use crate::protocol::{ContentDigest, Date, Digest32, ErrorCode};

/// A good row of the file, ready to be submitted. It holds a NIK.
pub(super) struct Ready {
    pub(super) number: u64,
    pub(super) row: FileRow,
    pub(super) echo: Echo,
}

impl Ready {
    /// What is said of the person; `missing` stands in for a day of default that the file lacks.
    pub(super) fn content(&self, missing: Date) -> ListingContent {
        ListingContent {
            reason: self.row.reason,
            collectibility: self.row.collectibility,
            plafond_band: self.row.amount_band,
            defaulted_on: self.row.defaulted_on.unwrap_or(missing),
            expires_on: self.row.ends(),
            evidence: None,
        }
    }

    /// What a row of a staged version says: its own days of validity, or the version's, which holds
    /// from the day it was begun if it names none. That day is the same whoever uploads, and when.
    pub(super) fn within(&self, validity: Validity, since: Date) -> ListingContent {
        let content = self.content(validity.berlaku_dari.unwrap_or(since));
        ListingContent {
            expires_on: content.expires_on.or(validity.ends()),
            ..content
        }
    }

    /// Tells that the list refuses the row.
    pub(super) fn refused(
        &self,
        reason: RowRefusal,
        watcher: &mut dyn SubmitWatcher,
    ) -> std::io::Result<()> {
        watcher.event(SubmitEvent::Refused {
            row: self.number,
            reason,
            echo: &self.echo.masked(),
        })
    }
}

/// What became of a chunk.
pub(super) enum Fate {
    /// It was written down by an earlier run.
    Known(Box<Done>),
    /// The registry answered just now.
    Sent(Box<Sent>),
}

/// A chunk that was submitted, and the answer.
pub(super) struct Sent {
    submission: Submission,
    reply: SubmissionReply,
}

impl<D: RegistryDoor> Agent<D> {
    /// Submits a chunk, trying again while the registry is away. A new revision of the epoch is
    /// followed.
    pub(super) async fn submit_chunk(
        &self,
        upload: &Upload<'_>,
        number: u32,
        rows: &[Ready],
    ) -> Result<Sent, AgentError> {
        let mut patience = Patience::new(upload.options.patience, number);
        loop {
            let pinned = upload.pinned();
            let fault = match self.try_chunk(upload, &pinned, number, rows).await {
                Ok(sent) => return Ok(sent),
                Err(fault) => fault,
            };
            let is_behind = fault.refusal() == Some(ErrorCode::RecordMismatch);
            if !(is_behind && self.follow(upload, &pinned).await?) {
                patience.after(fault).await?;
            }
        }
    }

    /// Moves the upload on to the newest record of its epoch, unless another chunk did. Whether that
    /// is another than the one it is `behind`.
    async fn follow(&self, upload: &Upload<'_>, behind: &Pinned) -> Result<bool, AgentError> {
        if upload.pinned().digest != behind.digest {
            return Ok(true);
        }
        let now = self.now();
        let newest = pinning::refresh(&self.home, &self.door, upload.list, now).await?;
        if newest.record.epoch != behind.record.epoch {
            return Err(AgentError::EpochNotInForce);
        }
        let is_newer = newest.digest != behind.digest;
        let mut pinned = upload.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        *pinned = Arc::new(newest);
        Ok(is_newer)
    }

    async fn try_chunk(
        &self,
        upload: &Upload<'_>,
        pinned: &Pinned,
        number: u32,
        rows: &[Ready],
    ) -> Result<Sent, AgentError> {
        let chunk = Chunk {
            pinned,
            job: &upload.fixed.evaluation,
            number,
            acting: &upload.acting,
        };
        let (people, places) = once(rows);
        let inputs = inputs(people);
        let evaluated = chunk
            .elements(&self.home, &self.door, inputs, self.now())
            .await?;
        let elements = places.into_iter().map(|place| evaluated.elements[place]);
        let submission = self.submission(upload, pinned, rows, elements)?;
        let reply = self.send(upload, pinned, number, &submission).await?;
        if reply.rows.len() != rows.len() {
            return Err(AgentError::Answer);
        }
        Ok(Sent { submission, reply })
    }

    /// The rows as they are sent. A day of default that the file lacks is the one that was sent
    /// before for this person under this reference, else the day the upload began.
    fn submission(
        &self,
        upload: &Upload<'_>,
        pinned: &Pinned,
        rows: &[Ready],
        elements: impl Iterator<Item = [u8; 32]>,
    ) -> Result<Submission, AgentError> {
        let elements: Vec<[u8; 32]> = elements.collect();
        let references: Vec<Digest32> = rows
            .iter()
            .map(|ready| self.home.reference_digest(&ready.row.reference))
            .collect();
        let mut days = self
            .days(upload, pinned, rows, &elements, &references)?
            .into_iter();
        let row = |((ready, element), reference): ((&Ready, [u8; 32]), Digest32)| SubmissionRow {
            element: Element32(element),
            reference,
            content: match upload.target {
                Target::Answering => ready.content(days.next().unwrap_or(upload.fixed.today)),
                Target::Staged {
                    validity, since, ..
                } => ready.within(validity, since),
            },
            update: upload.options.update,
        };
        Ok(Submission {
            version: match upload.target {
                Target::Answering => None,
                Target::Staged { version, .. } => Some(version),
            },
            rows: rows.iter().zip(elements).zip(references).map(row).collect(),
        })
    }

    /// For each row the day of default that stands in for one that the file lacks; none if no row
    /// lacks it.
    fn days(
        &self,
        upload: &Upload<'_>,
        pinned: &Pinned,
        rows: &[Ready],
        elements: &[[u8; 32]],
        references: &[Digest32],
    ) -> Result<Vec<Date>, AgentError> {
        let lacks = |ready: &Ready| ready.row.defaulted_on.is_none();
        if !matches!(upload.target, Target::Answering) || !rows.iter().any(lacks) {
            return Ok(Vec::new());
        }
        let mut days = vec![upload.fixed.today; rows.len()];
        let lacking: Vec<usize> = (0..rows.len()).filter(|at| lacks(&rows[*at])).collect();
        let sought: Vec<Digest32> = lacking.iter().map(|at| references[*at]).collect();
        let found = self.home.references(&upload.of())?.find(&sought)?;
        let epoch = pinned.record.epoch;
        for (at, found) in lacking.into_iter().zip(found) {
            let mark = self.home.element_mark(&elements[at]);
            let same = found.iter().find(|known| !known.is_another(epoch, &mark));
            if let Some(known) = same {
                days[at] = known.defaulted_on();
            }
        }
        Ok(days)
    }

    async fn send(
        &self,
        upload: &Upload<'_>,
        pinned: &Pinned,
        number: u32,
        submission: &Submission,
    ) -> Result<SubmissionReply, AgentError> {
        let content = Zeroizing::new(submission.to_bytes());
        let matter = Matter {
            kind: match upload.target {
                Target::Answering => OrderKind::Submit,
                Target::Staged { .. } => OrderKind::Stage,
            },
            list: Some(upload.list),
            record: pinned.digest,
            job: upload.fixed.evaluation.id,
            chunk: number,
            count: submission.rows.len(),
            content: ContentDigest::of(&content),
            id: upload.fixed.order_id(number),
        };
        let order = orders::order(&self.home, &upload.acting, matter, self.now());
        let reply = self.door.submit(&order, &content).await?;
        self.check_receipt(&reply.receipt, &order, upload.list)?;
        Ok(reply)
    }

    /// Writes down which entries stand under which reference, then that the chunk is finished.
    pub(super) fn write_down(
        &self,
        upload: &Upload<'_>,
        job: &mut UploadJob,
        rows: &[Ready],
        Sent { submission, reply }: Sent,
    ) -> Result<Done, AgentError> {
        self.learn(upload, rows, &submission, &reply)?;
        let done = Done::of(&reply);
        job.keep(done.clone())?;
        Ok(done)
    }

    /// A programme's row without a reference of its own goes by its category: nobody is found by
    /// that, and it is not kept.
    fn learn(
        &self,
        upload: &Upload<'_>,
        ready: &[Ready],
        submission: &Submission,
        reply: &SubmissionReply,
    ) -> Result<(), AgentError> {
        let epoch = upload.pinned().record.epoch;
        let staged = matches!(upload.target, Target::Staged { .. });
        let rows = submission.rows.iter().zip(&reply.rows).zip(ready);
        let learnt = rows.filter_map(|((row, outcome), ready)| {
            if staged && ready.row.reference == ready.row.reason.as_str() {
                return None;
            }
            let entry = match outcome {
                RowOutcome::Accepted { entry, .. }
                | RowOutcome::Unchanged { entry }
                | RowOutcome::Updated { entry } => *entry,
                RowOutcome::Refused { .. } => return None,
            };
            let mark = self.home.element_mark(&row.element.0);
            Some(Learnt {
                reference: row.reference,
                known: Known::new(entry, row.content.defaulted_on, epoch, mark),
            })
        });
        let learnt: Vec<Learnt> = learnt.collect();
        Ok(self.home.references(&upload.of())?.learn(&learnt)?)
    }
}

/// Each person of a chunk once, in order of first mention, and for each row which of them is its
/// own: who has two loans is evaluated, and charged, once.
fn once(rows: &[Ready]) -> (Vec<&Nik>, Vec<usize>) {
    let mut known: HashMap<&[u8], usize> = HashMap::with_capacity(rows.len());
    let mut people = Vec::with_capacity(rows.len());
    let places = rows.iter().map(|ready| {
        let nik = &ready.row.nik;
        *known.entry(&nik.expose()[..]).or_insert_with(|| {
            people.push(nik);
            people.len() - 1
        })
    });
    let places = places.collect();
    (people, places)
}
