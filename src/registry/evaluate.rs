//! Evaluation: blinded elements in, a proved chain out, charged exactly once.

use super::members::Needs;
use super::{Refusal, RefusalDetail, Registry};
use crate::group::Batch;
use crate::protocol::codes::{Purpose, Role};
use crate::protocol::evaluation::{BlindedElements, Evaluated};
use crate::protocol::evaluator::EvaluationTask;
use crate::protocol::limits::{MAX_CHECKED, MAX_CHUNK};
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::Quota;
use crate::protocol::receipt::{Receipt, SignedReceipt};
use crate::protocol::record::EpochRecord;
use crate::protocol::{Date, Digest32, ErrorCode, Timestamp};
use crate::store::{Charge, Charged, Store};

/// Who may have elements evaluated for a declared purpose: to check, to screen or to submit; and to
/// watch one's own borrowers, which takes a grant of its own and is good for nothing else.
const fn evaluating(purpose: Purpose) -> &'static [Role] {
    match purpose {
        Purpose::PortfolioWatch => &[Role::Watch],
        _ => &[Role::Check, Role::Screen, Role::Contribute],
    }
}

impl<S: Store> Registry<S> {
    /// Evaluates 1 to [`MAX_CHUNK`] blinded elements of the order's list under its key. The charge
    /// is durable, here and in the custodian's own ledger, before anything is multiplied; the same
    /// charge key with the same elements again is free and gives the same elements.
    ///
    /// # Errors
    /// In the order of the checks: [`ErrorCode::TooLarge`], [`ErrorCode::ContentMismatch`], those
    /// of an order, [`ErrorCode::NotGranted`], [`ErrorCode::InvalidField`] for a keyed-hash list,
    /// [`ErrorCode::RecordMismatch`] with both records, [`ErrorCode::QuotaExceeded`] with the
    /// quota, [`ErrorCode::OrderConflict`], [`ErrorCode::BadElement`], [`ErrorCode::Overloaded`]
    /// when the organisation has too much bulk work waiting, the custodian's, and
    /// [`ErrorCode::Unavailable`] or [`ErrorCode::StorageFull`] when a charge cannot be kept.
    pub async fn evaluate(
        &self,
        order: &SignedOrder,
        elements: BlindedElements,
    ) -> Result<Evaluated, Refusal> {
        let count = elements.0.len();
        if count > MAX_CHUNK {
            return Err(Refusal::limit(MAX_CHUNK));
        }
        if count == 0 || order.order.count as usize != count {
            return Err(ErrorCode::ContentMismatch.into());
        }
        let _waits = (count <= MAX_CHECKED).then(|| self.turns.desk_waits());
        let content = elements.content();
        let member = self
            .authenticate(order, OrderKind::Evaluate, &content, Needs::GoodStanding)
            .await?;
        let list = order.order.list.clone().ok_or(Refusal::field("list"))?;
        let roles = evaluating(order.order.purpose);
        let grant = self.granted(&member, &list, roles).await?;
        let record = self.record_in_force(&list).await?;
        if record.record.keys.is_none() {
            return Err(Refusal::field("list"));
        }
        Self::require_record(order.order.record, &record.record)?;
        let key = order.order.charge_key(record.record.epoch);
        let now = self.clock.now();
        let charge = Charge {
            key: key.ok_or(Refusal::field("list"))?,
            content,
            count: count as u64,
            day: now.date(),
            allowed: grant.daily_quota,
        };
        let elements = self.decode_within_quota(&charge, elements, now).await?;
        let used = self.charge(charge.clone(), now).await?;
        let task = EvaluationTask {
            order,
            record: &record,
            elements: &elements,
        };
        let step = self.evaluator.evaluate(task).await;
        let step = step.map_err(Refusal::by_custodian)?;
        self.counters.evaluations.add(1);
        self.counters.elements.add(count);
        let sequence = self
            .store
            .list(&list)
            .await?
            .map_or(0, |list| list.sequence);
        Ok(Evaluated {
            steps: vec![step],
            quota: quota(used, grant.daily_quota, now.date()),
            receipt: self.receipt(order.order.digest(), &record.record, sequence, now),
        })
    }

    /// Decodes the elements, once the quota allows them or they were charged before: bad elements
    /// are not charged, and elements over the quota are not decoded.
    async fn decode_within_quota(
        &self,
        charge: &Charge,
        elements: BlindedElements,
        now: Timestamp,
    ) -> Result<Batch, Refusal> {
        let key = &charge.key;
        let used = self
            .store
            .used(&key.organisation, &key.list, charge.day)
            .await?;
        if used.saturating_add(charge.count) > charge.allowed {
            self.charge(charge.clone(), now).await?;
        }
        let decoded = self.turns.run(&key.organisation, elements.0.len(), || {
            Batch::decode(elements.0)
        });
        let decoded = decoded.await.map_err(ErrorCode::from)?;
        Ok(decoded.map_err(|_| ErrorCode::BadElement)?)
    }

    /// Charges durably, once for each charge key. The day's total after it.
    async fn charge(&self, charge: Charge, now: Timestamp) -> Result<u64, Refusal> {
        let allowed = charge.allowed;
        match self.store.charge(charge).await? {
            Charged::Fresh { used } | Charged::Again { used } => Ok(used),
            Charged::Conflict => Err(ErrorCode::OrderConflict.into()),
            Charged::OverQuota { used } => Err(Refusal::new(
                ErrorCode::QuotaExceeded,
                RefusalDetail::Quota(quota(used, allowed, now.date())),
            )),
        }
    }

    /// The registry's receipt for an order.
    pub(super) fn receipt(
        &self,
        order: Digest32,
        record: &EpochRecord,
        sequence: u64,
        time: Timestamp,
    ) -> SignedReceipt {
        let receipt = Receipt {
            order,
            list: record.list.clone(),
            epoch: record.epoch,
            record: record.digest(),
            sequence,
            time,
        };
        receipt.sign(&self.signing)
    }
}

/// Where a quota stands on a UTC day.
pub(super) const fn quota(used: u64, allowed: u64, day: Date) -> Quota {
    Quota {
        used,
        allowed,
        reset: Date(day.0 + 1).start(),
    }
}
