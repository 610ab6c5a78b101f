//! The custodian's shares, and the records it countersigns.

use std::sync::{Arc, PoisonError};

use super::EmbeddedCustodian;
use super::entry::Entry;
use super::error::key_fault;
use crate::group::EncodedElement;
use crate::keys::{KeyKind, KeyName, private_key};
use crate::oprf::PrivateKey;
use crate::protocol::evaluator::{KeyHolder, NewShare, Pending};
use crate::protocol::record::{EpochRecord, SignedRecord};
use crate::protocol::{Epoch, ErrorCode, ListId, PublicKey, Signature};

impl KeyHolder for EmbeddedCustodian {
    fn public_key(&self) -> PublicKey {
        self.signing.public_key()
    }

    fn create_share(&self, share: NewShare) -> Pending<'_, EncodedElement> {
        Box::pin(async move {
            let key = self.share(&share.list, share.epoch, true).await?;
            let cap = share.daily_cap.min(self.options.most_daily_cap);
            let capped = Entry::Capped {
                list: share.list,
                cap,
            };
            self.ledger.act(capped).await?;
            Ok(*key.public().encoding())
        })
    }

    fn countersign<'a>(&'a self, record: &'a SignedRecord) -> Pending<'a, Signature> {
        Box::pin(async move {
            let bytes = record.record.to_bytes();
            let registry = &self.options.registry;
            registry
                .verify(&bytes, &record.registry)
                .map_err(|_| ErrorCode::BadSignature)?;
            let share = self
                .share(&record.record.list, record.record.epoch, false)
                .await?;
            check_share(&record.record, &share)?;
            let unsigned = SignedRecord {
                custodians: Vec::new(),
                ..record.clone()
            };
            let entry = Entry::Countersigned(Box::new(unsigned));
            self.ledger.act(entry).await?;
            Ok(self.signing.sign(&bytes))
        })
    }

    fn countersigned<'a>(
        &'a self,
        list: &'a ListId,
        epoch: Epoch,
        revision: u32,
    ) -> Pending<'a, Option<SignedRecord>> {
        Box::pin(async move {
            let found = self.ledger.state().record(list, epoch, revision).cloned();
            Ok(found.map(|mut record| {
                record.custodians = vec![self.signing.sign(&record.record.to_bytes())];
                record
            }))
        })
    }

    fn hold<'a>(&'a self, record: &'a SignedRecord, factor: &'a PrivateKey) -> Pending<'a, ()> {
        Box::pin(async move {
            let record = &record.record;
            let share = self.share(&record.list, record.epoch, false).await?;
            check_share(record, &share)?;
            let key = share.product(factor);
            let public = record.keys.as_ref().map(|keys| keys.public);
            if public != Some(*key.public().encoding()) {
                return Err(ErrorCode::Internal);
            }
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.insert((record.list.clone(), record.epoch), Arc::new(key));
            Ok(())
        })
    }
}

impl EmbeddedCustodian {
    /// The share of a list's epoch from its file; made there first if `make`.
    async fn share(
        &self,
        list: &ListId,
        epoch: Epoch,
        make: bool,
    ) -> Result<PrivateKey, ErrorCode> {
        let name = KeyName::of_list(KeyKind::Share, list.clone(), epoch.0);
        let name = name.ok_or(ErrorCode::Internal)?;
        let keys = Arc::clone(&self.keys);
        // Files, and perhaps a passphrase to stretch: off the threads that serve connections.
        let share = tokio::task::spawn_blocking(move || {
            let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
            private_key(&*keys, &name, make, &mut rng)
        });
        let share = share.await.map_err(|_| ErrorCode::Internal)?;
        share.map_err(|error| key_fault(&error))
    }
}

/// A record of this custodian's is 1 of 1 with its own share.
fn check_share(record: &EpochRecord, share: &PrivateKey) -> Result<(), ErrorCode> {
    let keys = record.keys.as_ref().ok_or(ErrorCode::InvalidField)?;
    let own = *share.public().encoding();
    if keys.threshold == 1 && keys.custodians == [own] && keys.group == own {
        Ok(())
    } else {
        Err(ErrorCode::Internal)
    }
}
