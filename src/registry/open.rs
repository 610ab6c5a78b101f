//! A registry from its parts.

use std::sync::Arc;

use super::counters::Counters;
use super::nonces::Nonces;
use super::own::OwnBuckets;
use super::snapshots::Snapshots;
use super::{Refusal, records};
use crate::keys::KeyProvider;
use crate::protocol::evaluator::{Evaluator, KeyHolder};
use crate::protocol::organisation::{LegalRecord, Organisation, RegistryInfo, Standing};
use crate::protocol::record::trust_words;
use crate::protocol::trust::TrustRoot;
use crate::protocol::{
    Clock, ContentDigest, Digest32, Fingerprint, ListId, OrderId, OrgId, PaddingKey, PublicKey,
    SigningKey,
};
use crate::store::{Change, Evidence, Store, StoreError};
use crate::turns::Turns;

/// What a registry is told by its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryOptions {
    /// The operator's id, `operator` by default.
    pub operator: OrgId,
    /// The operator's key: the first administrator.
    pub operator_key: PublicKey,
    /// The operator's legal record, kept when the registry first starts.
    pub operator_legal: LegalRecord,
    /// The folder for snapshots: what stands there can be made again.
    pub snapshots: std::path::PathBuf,
}

/// What a registry is put together from.
pub struct RegistryParts<S> {
    /// What it keeps.
    pub store: S,
    /// Its signing key; the fingerprint is the audience of orders.
    pub signing: SigningKey,
    /// The key of the padding rows.
    pub padding: PaddingKey,
    /// Where the factors m are.
    pub keys: Arc<dyn KeyProvider + Send + Sync>,
    /// The custodian that evaluates.
    pub evaluator: Arc<dyn Evaluator>,
    /// The same custodian, making shares and countersigning records.
    pub holder: Arc<dyn KeyHolder>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the configuration says.
    pub options: RegistryOptions,
}

/// The matching service: lists, people, orders. Every method may be called concurrently.
pub struct Registry<S> {
    pub(super) store: S,
    pub(super) signing: Arc<SigningKey>,
    pub(super) audience: Fingerprint,
    pub(super) padding: PaddingKey,
    pub(super) keys: Arc<dyn KeyProvider + Send + Sync>,
    pub(super) evaluator: Arc<dyn Evaluator>,
    pub(super) holder: Arc<dyn KeyHolder>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) options: RegistryOptions,
    pub(super) nonces: Nonces,
    pub(super) own_buckets: OwnBuckets,
    pub(super) counters: Counters,
    pub(super) snapshots: Snapshots,
    pub(super) turns: Turns,
    /// Held while a record is made, so that there is one for each revision.
    pub(super) making_records: tokio::sync::Mutex<()>,
}

/// Why a registry does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder for snapshots cannot be used.
    #[error("the folder for snapshots cannot be used")]
    Snapshots(#[source] std::io::Error),
    /// The store knows the operator under another key than the configuration.
    #[error("the operator in the store has another key than the one configured")]
    OperatorKey,
    /// A list's factor, share and record do not belong together, or a key is not to be had.
    #[error("the keys of list {list} do not belong to its record: {refusal}")]
    Keys {
        /// The list.
        list: ListId,
        /// What was refused.
        refusal: Refusal,
    },
    /// A removal in the journal cannot be carried out: nobody may be served before it is.
    #[error("removal {position} of the journal cannot be carried out: {refusal}")]
    Replay {
        /// Its position, from 0.
        position: u64,
        /// What was refused.
        refusal: Refusal,
    },
}

impl<S: Store> Registry<S> {
    /// Makes the operator if it is not there, carries out removals that only the journal holds, and
    /// hands each list's factor to the custodian. Only then may anybody be served.
    ///
    /// # Errors
    /// Every [`OpenError`].
    pub async fn open(parts: RegistryParts<S>) -> Result<Self, OpenError> {
        let folder = parts.options.snapshots.clone();
        let snapshots = Snapshots::open(folder, &parts.signing.public_key());
        let snapshots = snapshots.map_err(OpenError::Snapshots)?;
        let registry = Self {
            audience: parts.signing.public_key().fingerprint(),
            store: parts.store,
            signing: Arc::new(parts.signing),
            padding: parts.padding,
            keys: parts.keys,
            evaluator: parts.evaluator,
            holder: parts.holder,
            clock: parts.clock,
            options: parts.options,
            nonces: Nonces::default(),
            own_buckets: OwnBuckets::default(),
            counters: Counters::default(),
            snapshots,
            turns: Turns::shared(),
            making_records: tokio::sync::Mutex::default(),
        };
        registry.ensure_operator().await?;
        registry.replay_removals().await?;
        registry.hand_over_factors().await?;
        Ok(registry)
    }

    /// Does its arithmetic on these threads instead of the process's own.
    #[must_use]
    pub fn on(self, turns: Turns) -> Self {
        Self { turns, ..self }
    }

    /// What anybody may learn: keys, trust in words, the time.
    #[must_use]
    pub fn info(&self) -> RegistryInfo {
        let root = self.trust_root();
        RegistryInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            registry: root.registry,
            fingerprint: self.audience,
            trust: trust_words(1, root.custodians.len()),
            custodians: root.custodians,
            time: self.clock.now(),
        }
    }

    /// The keys whose digest invitations carry.
    #[must_use]
    pub fn trust_root(&self) -> TrustRoot {
        TrustRoot {
            registry: self.signing.public_key(),
            custodians: vec![self.holder.public_key()],
        }
    }

    /// What the registry counted of its own work.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The store, for backups and the like.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Ends the registry and gives the store back.
    #[must_use]
    pub fn into_store(self) -> S {
        self.store
    }

    async fn ensure_operator(&self) -> Result<(), OpenError> {
        let RegistryOptions {
            operator,
            operator_key,
            operator_legal,
            ..
        } = &self.options;
        if let Some(known) = self.store.organisation(operator).await? {
            return match known.key {
                Some(key) if key == *operator_key => Ok(()),
                _ => Err(OpenError::OperatorKey),
            };
        }
        let now = self.clock.now();
        let organisation = Organisation {
            organisation: operator.clone(),
            legal: operator_legal.clone(),
            standing: Standing::Active,
            key: Some(*operator_key),
            since: now,
        };
        let evidence = self.own_act("saring/v1/act-operator", &operator_key.0, now);
        let change = Change::Organisation(organisation);
        self.store.administer(change, evidence).await?;
        Ok(())
    }

    async fn hand_over_factors(&self) -> Result<(), OpenError> {
        for list in self.store.lists().await? {
            let handed = self.hand_over_factor(&list.list).await;
            handed.map_err(|refusal| OpenError::Keys {
                list: list.list,
                refusal,
            })?;
        }
        Ok(())
    }

    async fn hand_over_factor(&self, list: &ListId) -> Result<(), Refusal> {
        let record = self.take_up_records(list).await?;
        if record.record.keys.is_none() {
            return Ok(());
        }
        let factor = records::factor(&self.keys, &record.record).await?;
        let held = self.holder.hold(&record, &factor).await;
        held.map_err(Refusal::by_custodian)
    }

    /// Evidence of an act that nobody ordered; the same act twice is one.
    pub(super) fn own_act(
        &self,
        act: &str,
        content: &[u8],
        at: crate::protocol::Timestamp,
    ) -> Evidence {
        let id = Digest32::of(act, content).0;
        Evidence {
            organisation: self.options.operator.clone(),
            order: OrderId(std::array::from_fn(|byte| id[byte])),
            content: ContentDigest::of(content),
            signed_order: Vec::new(),
            at,
        }
    }
}
