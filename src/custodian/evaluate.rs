//! Evaluation: check, charge durably, multiply, prove.

use std::future::Future;
use std::pin::Pin;

use super::EmbeddedCustodian;
use super::entry::{Charge, Entry};
use crate::group::Batch;
use crate::oprf;
use crate::protocol::evaluation::{BlindedElements, StepMaker, WireStep};
use crate::protocol::evaluator::{EvaluationTask, Evaluator, Pending};
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::order::{ChargeKey, OrderKind};
use crate::protocol::{ErrorCode, Timestamp};

impl Evaluator for EmbeddedCustodian {
    fn evaluate<'a>(&'a self, task: EvaluationTask<'a>) -> Pending<'a, WireStep> {
        Box::pin(async move {
            let now = self.clock.now();
            let charged = self.check(task, now)?;
            let record = &task.record.record;
            let key = self.held_key(&record.list, record.epoch)?;
            let charge = Charge::new(
                charged,
                task.order.order.content,
                task.order.order.count,
                now.date(),
            );
            self.ledger.act(Entry::Charged(Box::new(charge))).await?;
            let elements: Batch = task.elements.clone();
            let organisation = &task.order.order.organisation;
            let evaluated = self.turns.run(organisation, elements.len(), move || {
                let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
                oprf::evaluate(&key, &elements, &mut rng)
            });
            let step = evaluated.await?;
            let step = step.map_err(|_| ErrorCode::Internal)?;
            Ok(WireStep {
                by: StepMaker::Embedded,
                proof: step.proof.to_bytes(),
                elements: step.outputs.into_encodings(),
            })
        })
    }

    fn can_charge(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async move {
            if self.ledger_takes_writes() {
                return true;
            }
            let at = self.clock.now();
            self.ledger.act(Entry::Resumed { at }).await.is_ok()
        })
    }
}

impl EmbeddedCustodian {
    /// Checks the order from the custodian's own roll and records alone.
    fn check(&self, task: EvaluationTask<'_>, now: Timestamp) -> Result<ChargeKey, ErrorCode> {
        let order = &task.order.order;
        let record = &task.record.record;
        let count = task.elements.len();
        if count == 0 || count > MAX_CHUNK || order.count as usize != count {
            return Err(ErrorCode::ContentMismatch);
        }
        if order.list.as_ref() != Some(&record.list) {
            return Err(ErrorCode::ContentMismatch);
        }
        let key = {
            let state = self.ledger.state();
            let signed = state.record(&record.list, record.epoch, record.revision);
            if signed.is_none_or(|signed| signed.record.digest() != order.record) {
                return Err(ErrorCode::RecordMismatch);
            }
            let line = state.on_roll(&record.list, &order.organisation);
            line.ok_or(ErrorCode::NotOnRoll)?.key
        };
        let content = BlindedElements(task.elements.encodings().to_vec()).content();
        let audience = self.options.registry.fingerprint();
        task.order
            .verify(&key, audience, OrderKind::Evaluate, &content, now)?;
        order.charge_key(record.epoch).ok_or(ErrorCode::Malformed)
    }
}
