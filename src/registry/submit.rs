//! Submissions: batches of listings, each row answered by itself.

use std::sync::Arc;

use super::batch::Batch;
use super::members::{Needs, evidence};
use super::reply::{Kept, KeptRow};
use super::stage::Staging;
use super::{Refusal, Registry};
use crate::protocol::codes::Role;
use crate::protocol::limits::{MAX_SUBMISSION_BYTES, MAX_SUBMISSION_ROWS};
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::policy::ListPolicy;
use crate::protocol::record::EpochRecord;
use crate::protocol::submission::{RowOutcome, Submission, SubmissionReply};
use crate::protocol::version::Version;
use crate::protocol::{
    BucketShape, ContentDigest, DecodeError, Digest32, ErrorCode, ListId, OrgId, Timestamp,
};
use crate::store::{Amended, Store, StoredList, View};

impl<S: Store> Registry<S> {
    /// Takes listings: every good row is kept, every other answered with its reason. The same order
    /// again gives the same answer; the same rows in another order change nothing.
    ///
    /// # Errors
    /// Those of an order, [`ErrorCode::NotGranted`], [`ErrorCode::TooLarge`],
    /// [`ErrorCode::Malformed`], [`ErrorCode::ContentMismatch`] if the order counts other rows,
    /// [`ErrorCode::InvalidField`] naming `list` or `rows`, [`ErrorCode::RecordMismatch`] with both
    /// records, [`ErrorCode::OrderConflict`], [`ErrorCode::Unavailable`],
    /// [`ErrorCode::StorageFull`].
    pub async fn submit(
        &self,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<SubmissionReply, Refusal> {
        if content.len() > MAX_SUBMISSION_BYTES {
            return Err(Refusal::limit(MAX_SUBMISSION_BYTES));
        }
        let digest = ContentDigest::of(content);
        let kind = match order.order.kind {
            OrderKind::Stage => OrderKind::Stage,
            _ => OrderKind::Submit,
        };
        let member = self
            .authenticate(order, kind, &digest, Needs::GoodStanding)
            .await?;
        let id = order.order.list.clone().ok_or(Refusal::field("list"))?;
        self.granted(&member, &id, &[Role::Contribute]).await?;
        let submission = parse(order, content)?;
        let list = self.store.list(&id).await?.ok_or(ErrorCode::NotFound)?;
        let record = self.record_in_force(&id).await?.record;
        Self::require_contributor(&member, &list)?;
        let known = self.store.reply_to(&member.organisation, &order.order.id);
        let is_new = known.await?.is_none();
        if is_new {
            Self::require_record(order.order.record, &record)?;
        }
        let staging = staging(order, &list, submission.version, is_new)?;
        let view = match submission.version {
            None => View::answering(list.list, list.epoch),
            Some(version) => View::numbered(list.list, list.epoch, version),
        };
        let rules = (list.policy, staging);
        let (now, by) = (
            self.clock.now(),
            (member.organisation, order.order.digest()),
        );
        let batch = prepare(submission, record.clone(), rules, by, now).await?;
        let decide = Arc::new(batch);
        let locators = decide.locators();
        let amended = self
            .store
            .amend(
                &view,
                locators,
                evidence(order, now),
                Arc::new(move |before| decide.decide(before)),
            )
            .await?;
        self.answer(order, &record, amended).await
    }

    async fn answer(
        &self,
        order: &SignedOrder,
        record: &EpochRecord,
        amended: Amended,
    ) -> Result<SubmissionReply, Refusal> {
        let kept: Kept<KeptRow> = Kept::from_bytes(&amended.reply)?;
        if !amended.replayed {
            self.count(&kept.outcomes);
            self.refine_for_growth(&record.list, record).await;
        }
        let mut receipt = self
            .receipt(order.order.digest(), record, amended.sequence, kept.time)
            .receipt;
        receipt.record = kept.record;
        Ok(SubmissionReply {
            rows: kept.outcomes.into_iter().map(RowOutcome::from).collect(),
            receipt: receipt.sign(&self.signing),
        })
    }

    /// Opens a record with finer buckets when the list has grown out of its own. What was written
    /// stands whether or not that works now; the next submission or look-up tries again.
    async fn refine_for_growth(&self, list: &ListId, record: &EpochRecord) {
        let Ok(Some(stored)) = self.store.list(list).await else {
            return;
        };
        let bits = BucketShape::for_entries(stored.people).bits();
        if bits <= record.bucket_bits {
            return;
        }
        if let Err(refusal) = self.refine_buckets(list, bits).await {
            tracing::warn!(code = refusal.code.as_str(), "finer buckets not opened yet");
        }
    }

    fn count(&self, outcomes: &[KeptRow]) {
        self.counters.submissions.add(1);
        for outcome in outcomes {
            let counter = match outcome {
                KeptRow::Accepted(..) => &self.counters.rows_accepted,
                KeptRow::Unchanged(_) => &self.counters.rows_unchanged,
                KeptRow::Updated(_) => &self.counters.rows_updated,
                KeptRow::Refused(_) => &self.counters.rows_refused,
            };
            counter.add(1);
        }
    }
}

fn parse(order: &SignedOrder, content: &[u8]) -> Result<Submission, Refusal> {
    let submission = if Submission::is_binary(content) {
        Submission::from_bytes(content).map_err(unreadable)?
    } else {
        serde_json::from_slice(content).map_err(|_| ErrorCode::Malformed)?
    };
    match submission.rows.len() {
        0 => Err(Refusal::field("rows")),
        rows if rows > MAX_SUBMISSION_ROWS => Err(Refusal::limit(MAX_SUBMISSION_ROWS)),
        rows if rows != order.order.count as usize => Err(ErrorCode::ContentMismatch.into()),
        _ => Ok(submission),
    }
}

/// What the rows of a staged version are held to. An order that was answered before gets its answer
/// again whatever became of its version.
fn staging(
    order: &SignedOrder,
    list: &StoredList,
    version: Option<Version>,
    is_new: bool,
) -> Result<Option<Staging>, Refusal> {
    let Some(version) = version else {
        return match order.order.kind {
            OrderKind::Submit => Ok(None),
            _ => Err(ErrorCode::ContentMismatch.into()),
        };
    };
    if order.order.kind != OrderKind::Stage {
        return Err(ErrorCode::ContentMismatch.into());
    }
    if list.policy.owner.is_none() {
        return Err(Refusal::field("list"));
    }
    let staged = list.versions.staged.as_ref();
    let staged = staged.filter(|staged| staged.version == version && !staged.closed);
    match staged {
        Some(staged) => Ok(Some(Staging::of(staged))),
        None if is_new => Err(ErrorCode::NotFound.into()),
        None => Ok(Some(Staging::default())),
    }
}

fn unreadable(error: DecodeError) -> Refusal {
    match error {
        DecodeError::TooLong(_) => Refusal::limit(MAX_SUBMISSION_ROWS),
        _ => ErrorCode::Malformed.into(),
    }
}

/// Thousands of elements to decode and hash: off the threads that serve connections.
async fn prepare(
    submission: Submission,
    record: EpochRecord,
    rules: (ListPolicy, Option<Staging>),
    by: (OrgId, Digest32),
    now: Timestamp,
) -> Result<Batch, ErrorCode> {
    let prepared = tokio::task::spawn_blocking(move || {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        Batch::new(submission.rows, &record, rules, by, now, &mut rng)
    });
    prepared.await.map_err(|_| ErrorCode::Internal)
}
