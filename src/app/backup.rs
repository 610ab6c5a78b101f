//! Backup of a stopped registry's store into a folder, and back. Keys are in neither: they have an
//! escrow file of their own.

use std::path::Path;

use serde::Serialize;

use super::RunError;
use super::config::Config;
use crate::protocol::Timestamp;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackedUp {
    /// Commits.
    pub commits: u64,
    /// The latest time a write carried.
    pub time: Timestamp,
    /// Organisations.
    pub organisations: u64,
    /// People, over all lists.
    pub people: u64,
    /// Files.
    pub files: usize,
}

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The latest time a write of the backup carried.
    pub backup_time: Timestamp,
    /// Removals that are carried out again before the registry serves.
    pub removals_to_replay: u64,
    /// Whether mark or journal were lost and the operator accepted it; the store remembers.
    pub loss_accepted: bool,
}

/// Writes a backup of the store into the folder `into`, which must not exist, and reads it back.
/// The server must be stopped. Blocks.
///
/// # Errors
/// [`RunError::Keys`], [`RunError::Store`], [`RunError::NoStore`].
#[cfg(feature = "rocks")]
pub async fn backup(config: &Config, into: &Path) -> Result<BackedUp, RunError> {
    use super::own_keys::OwnKeys;
    use super::store_files;
    use crate::store::StoreError;

    let own = OwnKeys::read(&config.folders.keys, &config.keys)?;
    if !store_files::holds_database(config) {
        return Err(RunError::Store(StoreError::Missing));
    }
    let config = config.clone();
    let opened = tokio::task::spawn_blocking(move || store_files::open(&config, &own));
    let opened = opened.await.map_err(|_| RunError::Panicked)?;
    let store = opened.map_err(RunError::Store)?;
    let manifest = store.backup(into).await.map_err(RunError::Store);
    let closed = tokio::task::spawn_blocking(move || drop(store));
    closed.await.map_err(|_| RunError::Panicked)?;
    let manifest = manifest?;
    Ok(BackedUp {
        commits: manifest.counter,
        time: manifest.time,
        organisations: manifest.organisations,
        people: manifest.people.iter().map(|(_, people)| people).sum(),
        files: manifest.files.len(),
    })
}

/// Restores the backup in `from` as the configured database, which must not exist; mark and journal
/// must be the ones that survived, unless `accept_loss`. Blocks.
///
/// # Errors
/// [`RunError::Keys`], [`RunError::Store`], [`RunError::NoStore`].
#[cfg(feature = "rocks")]
pub fn restore(
    config: &Config,
    from: &Path,
    accept_loss: bool,
    now: Timestamp,
) -> Result<Restored, RunError> {
    use super::own_keys::OwnKeys;
    use super::store_files;

    let own = OwnKeys::read(&config.folders.keys, &config.keys)?;
    // `saring init` made it; only an empty one gives way.
    let _full_or_absent = std::fs::remove_dir(&config.folders.database);
    let options = store_files::options(config, &own);
    let note = crate::store::rocks::restore(from, &options, accept_loss, now);
    let note = note.map_err(RunError::Store)?;
    Ok(Restored {
        backup_time: note.backup_time,
        removals_to_replay: note.removals_to_replay,
        loss_accepted: note.loss_accepted,
    })
}

/// There is no durable store to back up.
///
/// # Errors
/// [`RunError::NoStore`].
#[cfg(not(feature = "rocks"))]
#[allow(
    clippy::unused_async,
    reason = "the same door as with the durable store"
)]
pub async fn backup(_: &Config, _: &Path) -> Result<BackedUp, RunError> {
    Err(RunError::NoStore)
}

/// There is no durable store to restore.
///
/// # Errors
/// [`RunError::NoStore`].
#[cfg(not(feature = "rocks"))]
pub fn restore(_: &Config, _: &Path, _: bool, _: Timestamp) -> Result<Restored, RunError> {
    Err(RunError::NoStore)
}
