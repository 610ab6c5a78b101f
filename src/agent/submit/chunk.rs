//! One chunk of an upload: evaluate, submit, learn the entries' ids.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::job::Done;
use super::{SubmitEvent, Upload};
use crate::agent::door::RegistryDoor;
use crate::agent::evaluate::{Chunk, inputs};
use crate::agent::home::{Known, Learnt};
use crate::agent::orders::{self, Matter};
use crate::agent::{Agent, AgentError};
use crate::intake::{MaskedRow, SubmissionRow as FileRow};
use crate::protocol::listing::{Element32, ListingContent};
use crate::protocol::order::OrderKind;
use crate::protocol::submission::{
    RowOutcome, RowRefusal, Submission, SubmissionReply, SubmissionRow,
};
use crate::protocol::{ContentDigest, Date, ErrorCode};

/// Wait before a chunk is tried again, doubled each time up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A good row of the file, ready to be submitted. It holds a NIK.
pub(super) struct Ready {
    pub(super) number: u64,
    pub(super) row: FileRow,
    pub(super) echo: MaskedRow,
}

impl Ready {
    /// What is said of the person; `missing` stands in for a day of default that the file lacks.
    pub(super) fn content(&self, missing: Date) -> ListingContent {
        ListingContent {
            reason: self.row.reason,
            collectibility: self.row.collectibility,
            plafond_band: self.row.amount_band,
            defaulted_on: self.row.defaulted_on.unwrap_or(missing),
            expires_on: None,
            evidence: None,
        }
    }

    /// Tells that the list refuses the row.
    pub(super) fn refused(&self, reason: RowRefusal) -> SubmitEvent<'_> {
        SubmitEvent::Refused {
            row: self.number,
            reason,
            echo: &self.echo,
        }
    }
}

impl<D: RegistryDoor> Agent<D> {
    /// Submits a chunk, trying again while the registry is away; what became of it is on the disk
    /// when this returns.
    pub(super) async fn submit_chunk(
        &self,
        upload: &mut Upload<'_>,
        number: u32,
        rows: &[Ready],
    ) -> Result<Done, AgentError> {
        let give_up = Instant::now() + upload.options.patience;
        let mut wait = FIRST_WAIT;
        loop {
            let fault = match self.try_chunk(upload, number, rows).await {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            if fault.refusal() == Some(ErrorCode::RecordMismatch) {
                self.follow_revision(&mut upload.pinned).await?;
            } else if !may_pass(&fault) {
                return Err(fault);
            }
            if Instant::now() + wait > give_up {
                return Err(fault);
            }
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn try_chunk(
        &self,
        upload: &mut Upload<'_>,
        number: u32,
        rows: &[Ready],
    ) -> Result<Done, AgentError> {
        let chunk = Chunk {
            pinned: &upload.pinned,
            job: &upload.job.evaluation(),
            number,
            acting: &upload.acting,
        };
        let inputs = inputs(rows.iter().map(|ready| &ready.row.nik));
        let evaluated = chunk
            .elements(&self.home, &self.door, inputs, self.now())
            .await?;
        let submission = self.submission(upload, rows, &evaluated.elements)?;
        let reply = self.send(upload, number, &submission).await?;
        if reply.rows.len() != rows.len() {
            return Err(AgentError::Answer);
        }
        self.learn(upload, &submission, &reply)?;
        let done = Done {
            outcomes: reply.rows,
            receipt: reply.receipt,
        };
        upload.job.keep(done.clone())?;
        Ok(done)
    }

    /// The rows as they are sent. A day of default that the file lacks is the one that was sent
    /// before under this reference, else the day the upload began.
    fn submission(
        &self,
        upload: &Upload<'_>,
        rows: &[Ready],
        elements: &[[u8; 32]],
    ) -> Result<Submission, AgentError> {
        let known = self.home.references()?;
        let row = |(ready, element): (&Ready, &[u8; 32])| {
            let reference = self.home.reference_digest(&ready.row.reference);
            let before = known.entries(upload.list, &reference).first();
            let missing = before.map_or(upload.job.today(), Known::defaulted_on);
            SubmissionRow {
                element: Element32(*element),
                reference,
                content: ready.content(missing),
                update: upload.options.update,
            }
        };
        Ok(Submission {
            rows: rows.iter().zip(elements).map(row).collect(),
        })
    }

    async fn send(
        &self,
        upload: &Upload<'_>,
        number: u32,
        submission: &Submission,
    ) -> Result<SubmissionReply, AgentError> {
        let content = serde_json::to_vec(submission).map(Zeroizing::new);
        let content = content.map_err(|_| AgentError::Content)?;
        let matter = Matter {
            kind: OrderKind::Submit,
            list: Some(upload.list),
            record: upload.pinned.digest,
            job: upload.job.evaluation().id,
            chunk: number,
            count: submission.rows.len(),
            content: ContentDigest::of(&content),
            id: upload.job.order_id(number),
        };
        let order = orders::order(&self.home, &upload.acting, matter, self.now());
        let reply = self.door.submit(&order, &content).await?;
        self.check_receipt(&reply.receipt, &order, upload.list)?;
        Ok(reply)
    }

    /// Writes down which entries stand under which reference.
    fn learn(
        &self,
        upload: &Upload<'_>,
        submission: &Submission,
        reply: &SubmissionReply,
    ) -> Result<(), AgentError> {
        let epoch = upload.pinned.record.epoch;
        let learnt = submission
            .rows
            .iter()
            .zip(&reply.rows)
            .filter_map(|(row, outcome)| {
                let entry = match outcome {
                    RowOutcome::Accepted { entry, .. }
                    | RowOutcome::Unchanged { entry }
                    | RowOutcome::Updated { entry } => *entry,
                    RowOutcome::Refused { .. } => return None,
                };
                let mark = self.home.element_mark(&row.element.0);
                Some(Learnt {
                    list: upload.list.clone(),
                    reference: row.reference,
                    known: Known::new(entry, row.content.defaulted_on, epoch, mark),
                })
            });
        Ok(self.home.references()?.learn(learnt.collect())?)
    }
}

/// Whether waiting may help: the registry is away or busy, not out of quota or refusing.
#[must_use]
pub fn may_pass(fault: &AgentError) -> bool {
    match fault {
        AgentError::Door(door) => {
            let daily = [
                ErrorCode::QuotaExceeded,
                ErrorCode::CapReached,
                ErrorCode::StaleOrder,
            ];
            door.is_passing() && !door.code().is_some_and(|code| daily.contains(&code))
        }
        _ => false,
    }
}
