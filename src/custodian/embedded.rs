//! The custodian inside the registry's process.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::error::{CustodianError, Fault};
use super::ledger::{Ledger, LedgerLog};
use crate::keys::KeyProvider;
use crate::oprf::PrivateKey;
use crate::protocol::{Clock, Date, Epoch, Fingerprint, ListId, OrgId, PublicKey, SigningKey};
use crate::store::log::AppendLog;
use crate::turns::Turns;

/// Whom the custodian believes, and its own ceiling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustodianOptions {
    /// The registry whose records it countersigns; orders to evaluate are meant for it.
    pub registry: PublicKey,
    /// The administrator whose orders change the roll.
    pub administrator: PublicKey,
    /// Elements a UTC day on any one list, whatever its creation asks for.
    pub most_daily_cap: u64,
}

/// The custodian inside the registry's process: 1 of 1.
pub struct EmbeddedCustodian {
    pub(super) options: CustodianOptions,
    pub(super) audience: Fingerprint,
    pub(super) signing: SigningKey,
    pub(super) keys: Arc<dyn KeyProvider + Send + Sync>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ledger: Ledger,
    pub(super) turns: Turns,
    /// K = m*k of each list and epoch whose factor was handed over.
    pub(super) held: RwLock<HashMap<(ListId, Epoch), Arc<PrivateKey>>>,
}

impl EmbeddedCustodian {
    /// Takes up the ledger and starts its writer.
    ///
    /// # Errors
    /// [`CustodianError::Ledger`], [`CustodianError::Entry`], [`CustodianError::Thread`].
    pub fn open(
        options: CustodianOptions,
        signing: SigningKey,
        keys: Arc<dyn KeyProvider + Send + Sync>,
        clock: Arc<dyn Clock>,
        ledger: AppendLog,
    ) -> Result<Self, CustodianError> {
        let entries: Vec<_> = ledger.entries(0)?.collect();
        Self::with_log(options, signing, keys, clock, ledger, entries)
    }

    /// As [`EmbeddedCustodian::open`], over any log and the entries read from it before.
    ///
    /// # Errors
    /// As [`EmbeddedCustodian::open`].
    pub fn with_log(
        options: CustodianOptions,
        signing: SigningKey,
        keys: Arc<dyn KeyProvider + Send + Sync>,
        clock: Arc<dyn Clock>,
        log: impl LedgerLog + 'static,
        entries: impl IntoIterator<Item = Result<(u64, Vec<u8>), crate::store::StoreError>>,
    ) -> Result<Self, CustodianError> {
        Ok(Self {
            audience: signing.public_key().fingerprint(),
            ledger: Ledger::start(log, entries.into_iter())?,
            held: RwLock::default(),
            turns: Turns::shared(),
            options,
            signing,
            keys,
            clock,
        })
    }

    /// Works on these threads instead of the process's own.
    #[must_use]
    pub fn on(self, turns: Turns) -> Self {
        Self { turns, ..self }
    }

    /// The fingerprint that orders to the custodian name as their audience.
    #[must_use]
    pub const fn audience(&self) -> Fingerprint {
        self.audience
    }

    /// Whether the ledger took the last write: when not, nothing is evaluated.
    #[must_use]
    pub fn ledger_takes_writes(&self) -> bool {
        !self.ledger.is_blocked()
    }

    /// Elements charged to an organisation on a list and day, by the custodian's own count.
    #[must_use]
    pub fn used(&self, list: &ListId, organisation: &OrgId, day: Date) -> u64 {
        self.ledger.state().used(list, organisation, day)
    }

    pub(super) fn held_key(&self, list: &ListId, epoch: Epoch) -> Result<Arc<PrivateKey>, Fault> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let key = held.get(&(list.clone(), epoch));
        key.cloned().ok_or(Fault::Blocked)
    }
}
