//! Look-ups: buckets for whoever checks one person, each under a signed head.
//!
//! A body is a function of what is stored at one sequence, the record and the padding key alone,
//! so that for one revision, sequence and subject there is one body however often it is asked for.

use super::expiry::ClockState;
use super::members::Member;
use super::{Refusal, RefusalDetail, Registry, evaluate};
use crate::protocol::bucket::assemble;
use crate::protocol::codes::Role;
use crate::protocol::derive::material;
use crate::protocol::limits::MAX_BUCKET_BITS;
use crate::protocol::organisation::QuotaOf;
use crate::protocol::record::EpochRecord;
use crate::protocol::{
    BucketError, BucketShape, Epoch, ErrorCode, Head, HeadSubject, ListId, SignedHead, Timestamp,
};
use crate::store::{Store, View};

/// A bucket's bytes, R rows of 128, under its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedBucket {
    /// The rows.
    pub body: Vec<u8>,
    /// What the registry vouches for.
    pub head: SignedHead,
}

impl<S: Store> Registry<S> {
    /// One bucket of the epoch in force: any for a `check` grant, for a `contribute` grant those
    /// that hold an entry of its own, none for a `screen` grant.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::NotFound`] for another epoch,
    /// [`ErrorCode::InvalidField`] naming `bucket`, [`ErrorCode::RecordMismatch`] when the bucket
    /// outgrew its record and a newer one is in force, [`ErrorCode::ClockWrong`], the store's.
    pub async fn bucket(
        &self,
        member: &Member,
        list: &ListId,
        epoch: Epoch,
        bucket: u32,
    ) -> Result<ServedBucket, Refusal> {
        let grant = self
            .granted(member, list, &[Role::Check, Role::Contribute])
            .await?;
        let record = self.record_of(list, epoch).await?;
        let shape = BucketShape::new(record.bucket_bits, record.rows_per_bucket);
        let shape = shape.ok_or(ErrorCode::Internal)?;
        if bucket >= shape.buckets() {
            return Err(Refusal::field("bucket"));
        }
        let view = view(list, epoch);
        if !grant.roles.contains(&Role::Check) {
            self.require_own_bucket(member, &view, shape, bucket)
                .await?;
        }
        let as_of = self.trusted_now().await?;
        let (sequence, rows) = self.store.bucket(&view, shape.bits(), bucket).await?;
        let material = material(list, epoch);
        let body = match assemble(&rows, shape, bucket, &material, &self.padding) {
            Ok(body) => body,
            Err(BucketError::Overflow) => return self.outgrown(&record).await,
            Err(BucketError::ForeignRow) => return Err(ErrorCode::Internal.into()),
        };
        self.counters.buckets.add(1);
        let head = self.head(&record, sequence, as_of, HeadSubject::Bucket(bucket), &body);
        Ok(ServedBucket { body, head })
    }

    /// Where the member's quotas stand today, one for each list on which it may evaluate.
    ///
    /// # Errors
    /// The store's.
    pub async fn quota(&self, member: &Member) -> Result<Vec<QuotaOf>, Refusal> {
        let today = self.clock.now().date();
        let mut quotas = Vec::new();
        for grant in self.store.grants(&member.organisation).await? {
            let id = &member.organisation;
            let used = self.store.used(id, &grant.list, today).await?;
            quotas.push(QuotaOf {
                quota: evaluate::quota(used, grant.daily_quota, today),
                list: grant.list,
            });
        }
        Ok(quotas)
    }

    pub(super) async fn record_of(
        &self,
        list: &ListId,
        epoch: Epoch,
    ) -> Result<EpochRecord, Refusal> {
        let record = self.record_in_force(list).await?.record;
        if record.epoch == epoch {
            Ok(record)
        } else {
            Err(ErrorCode::NotFound.into())
        }
    }

    /// The time to sign: not while the clock is behind what was committed, because readers apply a
    /// listing's times at the signed time.
    pub(super) async fn trusted_now(&self) -> Result<Timestamp, Refusal> {
        let (now, state) = self.clock_state().await?;
        if state == ClockState::Behind {
            return Err(ErrorCode::ClockWrong.into());
        }
        Ok(now)
    }

    /// A bucket with more people than rows: the list gets a record with finer buckets, and the
    /// caller is told to look at it.
    async fn outgrown(&self, record: &EpochRecord) -> Result<ServedBucket, Refusal> {
        if record.bucket_bits >= MAX_BUCKET_BITS {
            return Err(ErrorCode::Internal.into());
        }
        self.refine_buckets(&record.list, record.bucket_bits + 1)
            .await?;
        let in_force = self.record_in_force(&record.list).await?.record;
        Err(Refusal::new(
            ErrorCode::RecordMismatch,
            RefusalDetail::Records {
                given: record.digest(),
                epoch: in_force.epoch,
                revision: in_force.revision,
                in_force: in_force.digest(),
            },
        ))
    }

    pub(super) fn head(
        &self,
        record: &EpochRecord,
        sequence: u64,
        as_of: Timestamp,
        what: HeadSubject,
        body: &[u8],
    ) -> SignedHead {
        let head = Head {
            list: record.list.clone(),
            epoch: record.epoch,
            revision: record.revision,
            record: record.digest(),
            sequence,
            as_of,
            what,
            body: Head::digest_of(body),
        };
        head.sign(&self.signing)
    }
}

fn view(list: &ListId, epoch: Epoch) -> View {
    View::answering(list.clone(), epoch)
}
