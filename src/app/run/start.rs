//! From a configuration to an open registry: keys, store, custodian, removals replayed.

use std::sync::Arc;

use super::RunError;
use crate::app::config::Config;
use crate::app::own_keys::OwnKeys;
use crate::app::places;
use crate::custodian::{CustodianOptions, EmbeddedCustodian, LEDGER_NAME};
use crate::keys::KeyProvider;
use crate::protocol::Clock;
use crate::protocol::organisation::LegalRecord;
use crate::registry::{Registry, RegistryOptions, RegistryParts};
use crate::store::log::AppendLog;
use crate::store::{Store, StoreError};
use crate::turns::Turns;

/// A registry with its custodian, open and not yet served.
pub(super) struct Started<S> {
    pub(super) registry: Arc<Registry<S>>,
    pub(super) custodian: Arc<EmbeddedCustodian>,
}

/// Opens everything a configuration names.
#[cfg(feature = "rocks")]
pub(super) async fn start(
    config: &Config,
    clock: Arc<dyn Clock>,
    turns: Turns,
) -> Result<Started<crate::store::RocksStore>, RunError> {
    use crate::app::store_files;

    let (config, for_custodian) = (config.clone(), Arc::clone(&clock));
    let opened = tokio::task::spawn_blocking(move || {
        let own = OwnKeys::read(&config.folders.keys, &config.keys)?;
        let store = store_files::open(&config, &own).map_err(RunError::Store)?;
        let found = store.opened();
        tracing::info!(
            commits = found.counter,
            unacknowledged = found.unacknowledged,
            journal_torn_bytes = found.journal_torn_bytes,
            removals_to_replay = found.removals_to_replay,
            "the store is open"
        );
        let custodian = custodian(&config, &own, for_custodian, found.counter == 0)?;
        Ok::<_, RunError>((config, own, store, custodian))
    });
    let (config, own, store, custodian) = opened.await.map_err(|_| RunError::Panicked)??;
    let custodian = custodian.on(turns.clone());
    let opened = registry(&config, &own, clock, store, custodian, turns);
    opened.await
}

/// There is no durable store to open; what is not durable is not served.
#[cfg(not(feature = "rocks"))]
#[allow(
    clippy::unused_async,
    reason = "the same door as with the durable store"
)]
pub(super) async fn start(
    _: &Config,
    _: Arc<dyn Clock>,
    _: Turns,
) -> Result<Started<crate::store::Memory>, RunError> {
    Err(RunError::NoStore)
}

/// Opens the embedded custodian; its ledger is made only where the database is new.
pub(super) fn custodian(
    config: &Config,
    own: &OwnKeys,
    clock: Arc<dyn Clock>,
    is_new: bool,
) -> Result<EmbeddedCustodian, RunError> {
    let path = places::ledger(&config.folders);
    let key = || Arc::new(own.custodian());
    let ledger = match AppendLog::open(&path, LEDGER_NAME, key()) {
        Err(StoreError::Missing) if is_new => {
            private_folder(&config.folders.ledger).map_err(RunError::Ledger)?;
            AppendLog::create(&path, LEDGER_NAME, key())
        }
        Err(StoreError::Missing) => return Err(RunError::LedgerMissing),
        other => other,
    };
    let options = CustodianOptions {
        registry: own.registry().public_key(),
        administrator: config.operator.public_key,
        most_daily_cap: config.custodian.most_daily_elements,
    };
    let ledger = ledger.map_err(RunError::Ledger)?;
    let keys: Arc<dyn KeyProvider + Send + Sync> = own.files();
    Ok(EmbeddedCustodian::open(
        options,
        own.custodian(),
        keys,
        clock,
        ledger,
    )?)
}

/// Opens the registry over its store: replays removals and hands the factors over.
pub(super) async fn registry<S: Store>(
    config: &Config,
    own: &OwnKeys,
    clock: Arc<dyn Clock>,
    store: S,
    custodian: EmbeddedCustodian,
    turns: Turns,
) -> Result<Started<S>, RunError> {
    let custodian = Arc::new(custodian);
    let operator = &config.operator;
    let registry = Registry::open(RegistryParts {
        store,
        signing: own.registry(),
        padding: own.padding(),
        keys: own.files(),
        evaluator: Arc::clone(&custodian) as _,
        holder: Arc::clone(&custodian) as _,
        clock,
        options: RegistryOptions {
            operator: operator.organisation.clone(),
            operator_key: operator.public_key,
            operator_legal: LegalRecord {
                name: operator.organisation.to_string(),
                ..LegalRecord::default()
            },
            snapshots: config.folders.snapshots.clone(),
        },
    });
    Ok(Started {
        registry: Arc::new(registry.await?.on(turns)),
        custodian,
    })
}

fn private_folder(folder: &std::path::Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt;

    let mut builder = std::fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.map_err(|_| StoreError::Unavailable)
}
