//! Epoch records: a list's first, and the next of an epoch when buckets must be finer.
//!
//! Keys are on disk before a record names them, and the custodian remembers what it countersigned
//! before the registry commits it. Whoever crashes in between goes on with that record, so that
//! there is never a second one for a list, epoch and revision.

use std::sync::Arc;

use super::{Refusal, Registry};
use crate::group::Batch;
use crate::keys::{KeyError, KeyKind, KeyName, KeyProvider, private_key};
use crate::oprf::{self, PrivateKey};
use crate::protocol::evaluator::NewShare;
use crate::protocol::limits::MAX_BUCKET_BITS;
use crate::protocol::organisation::CreateList;
use crate::protocol::record::{EpochKeys, EpochRecord, KeyOrigin, SignedRecord};
use crate::protocol::time::DAY;
use crate::protocol::{
    BucketShape, Digest32, Epoch, ErrorCode, ListId, ListKind, Signature, Timestamp,
};
use crate::store::{Change, Store};

const NO_PREDECESSOR: Digest32 = Digest32([0; 32]);

impl<S: Store> Registry<S> {
    /// The record in force.
    pub(super) async fn record_in_force(&self, list: &ListId) -> Result<SignedRecord, Refusal> {
        let records = self.store.records(list).await?;
        let last = records.into_iter().next_back();
        last.ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// Refuses an order that names another record than the one in force.
    pub(super) fn require_record(given: Digest32, record: &EpochRecord) -> Result<(), Refusal> {
        let in_force = record.digest();
        if given == in_force {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorCode::RecordMismatch,
            super::RefusalDetail::Records {
                given,
                epoch: record.epoch,
                revision: record.revision,
                in_force,
            },
        ))
    }

    /// A new list's first record, signed by all, or the one left over by a creation that crashed.
    /// The caller holds `making_records`.
    pub(super) async fn first_record(
        &self,
        create: &CreateList,
        now: Timestamp,
    ) -> Result<SignedRecord, Refusal> {
        let mut epoch = Epoch(1);
        if create.kind.is_oprf() {
            while let Some(left) = self.countersigned(&create.list, epoch, 1).await? {
                if fits(&left.record, create) {
                    return Ok(left);
                }
                // Nobody saw the record left over, but it was signed: its place is taken.
                epoch.0 += 1;
            }
        }
        let shape = BucketShape::for_entries(0);
        let record = EpochRecord {
            list: create.list.clone(),
            kind: create.kind,
            epoch,
            revision: 1,
            previous: NO_PREDECESSOR,
            keys: None,
            hash_key: create.hash_key,
            bucket_bits: shape.bits(),
            rows_per_bucket: shape.rows(),
            not_before: now,
            not_after: now.plus(i64::from(create.epoch_days) * DAY),
        };
        if !create.kind.is_oprf() {
            return Ok(SignedRecord::by_registry(record, &self.signing));
        }
        let keys = Some(self.make_keys(create, epoch).await?);
        self.sign(EpochRecord { keys, ..record }).await
    }

    /// Opens records until buckets are at least as fine as `bits` says.
    pub(super) async fn refine_buckets(&self, list: &ListId, bits: u8) -> Result<(), Refusal> {
        let bits = bits.min(MAX_BUCKET_BITS);
        let _one_at_a_time = self.making_records.lock().await;
        loop {
            let last = self.record_in_force(list).await?.record;
            if last.bucket_bits >= bits {
                return Ok(());
            }
            let revision = last.revision + 1;
            let next = match self.countersigned(list, last.epoch, revision).await? {
                Some(left) => left,
                None => {
                    self.sign(EpochRecord {
                        revision,
                        previous: last.digest(),
                        bucket_bits: bits,
                        ..last
                    })
                    .await?
                }
            };
            self.commit(next).await?;
        }
    }

    /// The record in force, after taking up those that the custodian countersigned and the store does
    /// not hold: a restored backup may be older than what clients have pinned, and they never go back.
    pub(super) async fn take_up_records(&self, list: &ListId) -> Result<SignedRecord, Refusal> {
        let _one_at_a_time = self.making_records.lock().await;
        loop {
            let last = self.record_in_force(list).await?;
            let record = &last.record;
            let next = if record.keys.is_some() {
                let revision = record.revision + 1;
                self.countersigned(list, record.epoch, revision).await?
            } else {
                None
            };
            match next {
                None => return Ok(last),
                Some(next) => self.commit(next).await?,
            }
        }
    }

    async fn commit(&self, next: SignedRecord) -> Result<(), Refusal> {
        let now = self.clock.now();
        let evidence = self.own_act("saring/v1/act-revision", &next.record.to_bytes(), now);
        let change = Change::Record(Box::new(next));
        self.store.administer(change, evidence).await?;
        self.counters.revisions.add(1);
        Ok(())
    }

    /// Signs as the registry and has the custodian countersign where one takes part.
    async fn sign(&self, record: EpochRecord) -> Result<SignedRecord, Refusal> {
        let mut signed = SignedRecord::by_registry(record, &self.signing);
        if signed.record.keys.is_some() {
            let countersigned = self.holder.countersign(&signed).await;
            signed.custodians = vec![countersigned.map_err(Refusal::by_custodian)?];
        }
        Ok(signed)
    }

    async fn countersigned(
        &self,
        list: &ListId,
        epoch: Epoch,
        revision: u32,
    ) -> Result<Option<SignedRecord>, Refusal> {
        let found = self.holder.countersigned(list, epoch, revision).await;
        found.map_err(Refusal::by_custodian)
    }

    /// The keys of a list's epoch: the factor and the share from their files, made there first.
    async fn make_keys(&self, create: &CreateList, epoch: Epoch) -> Result<EpochKeys, Refusal> {
        let factor = factor_of(&self.keys, &create.list, epoch, true).await?;
        let share = NewShare {
            list: create.list.clone(),
            epoch,
            daily_cap: create.daily_cap,
        };
        let share = self.holder.create_share(share).await;
        let group = share.map_err(Refusal::by_custodian)?;
        let inputs = Batch::decode(vec![group]).map_err(|_| ErrorCode::Internal)?;
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        // One step of the registry's factor over pk_E is pk with the record's proof.
        let step = oprf::evaluate(&factor, &inputs, &mut rng).map_err(|_| ErrorCode::Internal)?;
        Ok(EpochKeys {
            threshold: 1,
            custodians: vec![group],
            group,
            factor: *factor.public().encoding(),
            public: step.outputs.encodings()[0],
            origin: KeyOrigin::Single,
            proof: Signature(step.proof.to_bytes()),
        })
    }
}

/// The factor of a record's epoch, which must be there.
pub(super) async fn factor(
    keys: &Arc<dyn KeyProvider + Send + Sync>,
    record: &EpochRecord,
) -> Result<PrivateKey, Refusal> {
    factor_of(keys, &record.list, record.epoch, false).await
}

async fn factor_of(
    keys: &Arc<dyn KeyProvider + Send + Sync>,
    list: &ListId,
    epoch: Epoch,
    make: bool,
) -> Result<PrivateKey, Refusal> {
    let name = KeyName::of_list(KeyKind::Factor, list.clone(), epoch.0);
    let name = name.ok_or(ErrorCode::Internal)?;
    let keys = Arc::clone(keys);
    // Files, and perhaps a passphrase to stretch: off the threads that serve connections.
    let read = tokio::task::spawn_blocking(move || {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        private_key(&*keys, &name, make, &mut rng)
    });
    let key = read.await.map_err(|_| ErrorCode::Internal)?;
    key.map_err(|error| match error {
        KeyError::Scalar(_) => ErrorCode::Internal.into(),
        _ => ErrorCode::Unavailable.into(),
    })
}

/// Whether a record left over by a crash is the one that this creation would make.
fn fits(left: &EpochRecord, create: &CreateList) -> bool {
    let length = left.not_after.since(left.not_before);
    left.kind == create.kind
        && left.hash_key == create.hash_key
        && length == i64::from(create.epoch_days) * DAY
}

/// Whether kind and hash key of a creation go together.
pub(super) const fn hash_key_fits(kind: ListKind, hash_key: Option<Digest32>) -> bool {
    matches!(kind, ListKind::OprfNik) == hash_key.is_none()
}
