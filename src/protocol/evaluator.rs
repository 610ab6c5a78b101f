//! Whoever evaluates blinded elements under a share: a custodian in this process or over the
//! network.

use std::future::Future;
use std::pin::Pin;

use super::error::ErrorCode;
use super::evaluation::{BlindedElements, WireStep};
use super::order::SignedOrder;
use super::record::SignedRecord;

/// What a custodian is asked: it authorises and counts by itself, from the order alone.
#[derive(Clone, Copy)]
pub struct EvaluationTask<'a> {
    /// The organisation's order, whose content is the elements' digest.
    pub order: &'a SignedOrder,
    /// The record the registry has in force; the custodian compares it with its own.
    pub record: &'a SignedRecord,
    /// The blinded elements.
    pub elements: &'a BlindedElements,
}

/// A custodian's answer to come.
pub type Evaluation<'a> = Pin<Box<dyn Future<Output = Result<WireStep, ErrorCode>> + Send + 'a>>;

/// One custodian, as the registry sees it.
pub trait Evaluator: Send + Sync {
    /// Checks the order, charges it durably, evaluates and proves.
    ///
    /// The step is by [`StepMaker::Custodian`](super::evaluation::StepMaker::Custodian), or by
    /// [`StepMaker::Embedded`](super::evaluation::StepMaker::Embedded) where the custodian sits in
    /// the registry's process and the factor is multiplied in.
    fn evaluate<'a>(&'a self, task: EvaluationTask<'a>) -> Evaluation<'a>;
}
