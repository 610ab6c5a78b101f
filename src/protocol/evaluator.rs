//! Custodians as the registry sees them, in its process or over the network: whoever evaluates
//! blinded elements under a share, and whoever makes shares and countersigns records.

use std::future::Future;
use std::pin::Pin;

use super::error::ErrorCode;
use super::evaluation::WireStep;
use super::ids::{Epoch, ListId};
use super::order::SignedOrder;
use super::record::SignedRecord;
use super::sign::{PublicKey, Signature};
use crate::group::{Batch, EncodedElement};
use crate::oprf::PrivateKey;

/// An answer to come.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, ErrorCode>> + Send + 'a>>;

/// What a custodian is asked: it authorises and counts by itself, from the order alone.
#[derive(Clone, Copy)]
pub struct EvaluationTask<'a> {
    /// The organisation's order, whose content is the elements' digest.
    pub order: &'a SignedOrder,
    /// The record the registry has in force; the custodian compares it with its own.
    pub record: &'a SignedRecord,
    /// The blinded elements, decoded, with the encodings that the order's digest is over.
    pub elements: &'a Batch,
}

/// One custodian, evaluating.
pub trait Evaluator: Send + Sync {
    /// Checks the order, charges it durably, evaluates and proves.
    ///
    /// The step is by [`StepMaker::Custodian`](super::evaluation::StepMaker::Custodian), or by
    /// [`StepMaker::Embedded`](super::evaluation::StepMaker::Embedded) where the custodian sits in
    /// the registry's process and the factor is multiplied in.
    fn evaluate<'a>(&'a self, task: EvaluationTask<'a>) -> Pending<'a, WireStep>;

    /// Whether it could charge now. One whose ledger failed tries again here.
    fn can_charge(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;
}

/// What a list's share is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewShare {
    /// The list.
    pub list: ListId,
    /// Its epoch.
    pub epoch: Epoch,
    /// Elements a UTC day on this list, above all quotas. The custodian may hold it lower, and
    /// never raises it for a list it knows.
    pub daily_cap: u64,
}

/// The only custodian of a 1 of 1, in the registry's process: it makes shares and countersigns.
pub trait KeyHolder: Send + Sync {
    /// The key that countersigns records.
    fn public_key(&self) -> PublicKey;

    /// Makes the share of a list's epoch, or finds the one made before, and answers its public
    /// key. It is on disk before this resolves.
    fn create_share(&self, share: NewShare) -> Pending<'_, EncodedElement>;

    /// Signs a record that the registry signed: one for each (list, epoch, revision), remembered
    /// durably. The same record again gives the same signature; another one is
    /// [`ErrorCode::AlreadyExists`].
    fn countersign<'a>(&'a self, record: &'a SignedRecord) -> Pending<'a, Signature>;

    /// The record that was countersigned for (list, epoch, revision), if any: whoever crashed
    /// between the signature and its own commit goes on with that one.
    fn countersigned<'a>(
        &'a self,
        list: &'a ListId,
        epoch: Epoch,
        revision: u32,
    ) -> Pending<'a, Option<SignedRecord>>;

    /// Takes the registry's factor m for a record that was countersigned, so that evaluations run
    /// under K = m*k, multiplied here once. [`ErrorCode::Internal`] when share, factor and record
    /// do not belong together.
    fn hold<'a>(&'a self, record: &'a SignedRecord, factor: &'a PrivateKey) -> Pending<'a, ()>;
}
