//! Renewing a list's copy: by a delta where one leads on, else by a whole snapshot and the delta
//! that leads on from it. Until everything is verified the copy stays the one it was.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::{CopyFolder, Kept, LocalCopy, apply};
use crate::agent::door::RegistryDoor;
use crate::agent::home::HomeError;
use crate::agent::pinning::{self, Pinned};
use crate::agent::{Agent, AgentError, Patience, Unwatched, may_pass, orders};
use crate::protocol::snapshot::SnapshotIndex;
use crate::protocol::watch::HeadFault;
use crate::protocol::{
    Delta, Epoch, ErrorCode, Head, HeadSubject, ListId, SignedHead, Timestamp, paths,
};

/// How long another process that renews the same copy is waited for.
const LONGEST_TURN: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long a snapshot in the making is waited for: one of 100 million keys takes about a minute.
const LONGEST_BUILD: Duration = Duration::from_secs(600);
/// How long a registry that builds and says no time is left alone.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// The longest that is waited at a time, whatever a registry wishes.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How often a snapshot that went away while it was fetched is begun anew.
const SNAPSHOTS_TRIED: usize = 4;

/// Whoever is told how far a fetch is.
pub trait SyncWatcher: Send {
    /// `done` of `total` bytes of a snapshot are on the disk.
    fn fetched(&mut self, done: u64, total: u64);
}

impl SyncWatcher for Unwatched {
    fn fetched(&mut self, _: u64, _: u64) {}
}

/// By what a copy was renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncBy {
    /// Nothing had changed; only its time is newer.
    Nothing,
    /// What changed was fetched.
    Delta,
    /// A whole snapshot was fetched.
    Snapshot,
}

/// What became of a list's copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// The list.
    pub list: ListId,
    /// The epoch whose filter keys the copy holds.
    pub epoch: Epoch,
    /// The list's last change that the copy knows.
    pub sequence: u64,
    /// When the copy was the newest, as the registry signed it.
    pub as_of: Timestamp,
    /// Keys in all sections.
    pub keys: u64,
    /// Bytes of the copy.
    pub bytes: u64,
    /// By what it was renewed.
    pub by: SyncBy,
    /// Keys that came, left or moved by the delta.
    pub changed: u64,
    /// Bytes fetched: of keys and of the delta.
    pub fetched: u64,
}

/// A delta that was admitted.
struct Led {
    head: SignedHead,
    delta: Delta,
    bytes: u64,
}

impl<D: RegistryDoor> Agent<D> {
    /// Brings a list's copy up to date, in the epoch in force. One process at a time does; others
    /// may read the copy meanwhile. Where it fails, the copy stays what it was.
    ///
    /// # Errors
    /// [`AgentError::Home`] with [`HomeError::Busy`] if another process is at it;
    /// [`AgentError::Door`], [`AgentError::Record`], [`AgentError::NoRecord`],
    /// [`AgentError::Head`], [`AgentError::Snapshot`], [`AgentError::Output`].
    pub async fn sync(
        &self,
        list: &ListId,
        watcher: &mut dyn SyncWatcher,
    ) -> Result<SyncReport, AgentError> {
        let mut pinned = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        self.sync_pinned(&mut pinned, watcher).await
    }

    /// As [`Agent::sync`], for a record that is pinned; the copy. Where the registry stays away for
    /// longer than `patience`, the last good one.
    pub(in crate::agent) async fn synced(
        &self,
        pinned: &mut Pinned,
        patience: Duration,
    ) -> Result<LocalCopy, AgentError> {
        let list = pinned.record.list.clone();
        let mut patience = Patience::new(patience, 0);
        let fault = loop {
            let fault = match self.sync_pinned(pinned, &mut Unwatched).await {
                Ok(_) => return self.copy(&list, pinned.record.epoch),
                Err(fault) => fault,
            };
            if let Err(fault) = patience.after(fault).await {
                break fault;
            }
        };
        match fault {
            fault if !leaves_the_last(&fault) => Err(fault),
            // The last good copy serves; its age says what its silence means.
            fault => match self.copy(&list, pinned.record.epoch) {
                Ok(copy) => {
                    tracing::warn!(%list, reason = fault.code(), "the last good copy is used");
                    Ok(copy)
                }
                Err(_) => Err(fault),
            },
        }
    }

    /// What changed in a list's snapshot after sequence `from`, verified, and the head that vouches
    /// for it. Nothing is kept of it but that it was seen.
    ///
    /// # Errors
    /// [`AgentError::Door`], with `snapshot_needed` where no delta leads on from there;
    /// [`AgentError::Record`], [`AgentError::NoRecord`], [`AgentError::Head`],
    /// [`AgentError::Snapshot`], [`AgentError::Home`], [`AgentError::EpochNotInForce`] if the epoch in
    /// force is another.
    pub async fn delta(
        &self,
        list: &ListId,
        epoch: Epoch,
        from: u64,
    ) -> Result<(Head, Delta), AgentError> {
        let mut pinned = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        if pinned.record.epoch != epoch {
            return Err(AgentError::EpochNotInForce);
        }
        let led = self.led(&mut pinned, from).await?;
        Ok((led.head.head, led.delta))
    }

    async fn sync_pinned(
        &self,
        pinned: &mut Pinned,
        watcher: &mut dyn SyncWatcher,
    ) -> Result<SyncReport, AgentError> {
        let (list, epoch) = (pinned.record.list.clone(), pinned.record.epoch);
        let folder = Arc::new(self.home.copy_folder(&list, epoch));
        let _alone = alone(&folder).await?;
        let held = match folder.open() {
            Err(AgentError::CopyDamaged | AgentError::Home(HomeError::Damaged)) => None,
            held => held?,
        };
        if let Some((kept, copy)) = held {
            let renewed = self.renew(pinned, &folder, kept, copy).await;
            match renewed {
                Err(fault) if begins_anew(&fault) => {
                    tracing::info!(%list, reason = fault.code(), "the copy is fetched anew");
                }
                other => return other,
            }
        }
        let mut tried = 0;
        let report = loop {
            tried += 1;
            match self.take(pinned, &folder, watcher).await {
                Err(fault) if tried < SNAPSHOTS_TRIED && went_away(&fault) => {
                    folder.forget_fetch()?;
                }
                other => break other?,
            }
        };
        self.home.forget_old_copies(&list, epoch);
        Ok(report)
    }

    /// Leads a copy on by a delta.
    async fn renew(
        &self,
        pinned: &mut Pinned,
        folder: &Arc<CopyFolder>,
        kept: Kept,
        copy: LocalCopy,
    ) -> Result<SyncReport, AgentError> {
        let led = self.led(pinned, copy.sequence()).await?;
        if led.delta.is_empty() {
            let kept = Kept {
                head: led.head,
                ..kept
            };
            // The same keys under a later sequence, such as that of a new record, move along.
            folder.renew(&kept, &copy)?;
            folder.forget_fetch()?;
            return Ok(report(&kept, SyncBy::Nothing, 0, led.bytes));
        }
        let (kept, changed) = lead_on(folder, copy, led.head, led.delta).await?;
        folder.switch(&kept)?;
        folder.forget_fetch()?;
        Ok(report(&kept, SyncBy::Delta, changed, led.bytes))
    }

    /// Takes a whole snapshot and leads it on.
    async fn take(
        &self,
        pinned: &mut Pinned,
        folder: &Arc<CopyFolder>,
        watcher: &mut dyn SyncWatcher,
    ) -> Result<SyncReport, AgentError> {
        let base = match folder.fetching() {
            Some(base) if base.head.head.epoch == pinned.record.epoch => base,
            _ => {
                let base = self.index(pinned).await?;
                folder.begin_fetch(&base)?;
                base
            }
        };
        let (whole, fetched) = self.fetch_keys(folder, &base, watcher).await?;
        let led = self.led(pinned, whole.sequence()).await?;
        let fetched = fetched + led.bytes;
        let (kept, changed) = if led.delta.is_empty() {
            let kept = Kept {
                head: led.head,
                index: base.index,
            };
            folder.take_fetched()?;
            (kept, 0)
        } else {
            lead_on(folder, whole, led.head, led.delta).await?
        };
        folder.switch(&kept)?;
        folder.forget_fetch()?;
        Ok(report(&kept, SyncBy::Snapshot, changed, fetched))
    }

    /// The newest snapshot's index, admitted.
    async fn index(&self, pinned: &mut Pinned) -> Result<Kept, AgentError> {
        let (head, body) = self.ask_for(pinned, HeadSubject::Snapshot).await?;
        let index = SnapshotIndex::from_bytes(&body).map_err(|_| AgentError::Snapshot)?;
        Ok(Kept { head, index })
    }

    /// What changed after a sequence, admitted.
    async fn led(&self, pinned: &mut Pinned, from: u64) -> Result<Led, AgentError> {
        let what = HeadSubject::Delta { from, to: from };
        let (head, body) = self.ask_for(pinned, what).await?;
        let bytes = body.len() as u64;
        let parsing = tokio::task::spawn_blocking(move || Delta::from_bytes(&body));
        let delta = parsing.await.map_err(|_| AgentError::Interrupted)?;
        Ok(Led {
            head,
            delta: delta.map_err(|_| AgentError::Snapshot)?,
            bytes,
        })
    }

    /// Asks for an index or a delta under the newest revision of the epoch, and waits while the
    /// registry builds what it is made of.
    async fn ask_for(
        &self,
        pinned: &mut Pinned,
        what: HeadSubject,
    ) -> Result<(SignedHead, Vec<u8>), AgentError> {
        let give_up = Instant::now() + LONGEST_BUILD;
        loop {
            let asked = match self.ask_body(pinned, what).await {
                Err(AgentError::Head(HeadFault::Record)) => {
                    self.follow_revision(pinned).await?;
                    self.ask_body(pinned, what).await
                }
                other => other,
            };
            let Err(fault) = asked else { return asked };
            let wished = fault.retry_after().unwrap_or(ASK_AGAIN);
            let wait = wished.clamp(ASK_AGAIN, LONGEST_WAIT);
            let in_the_making = fault.refusal() == Some(ErrorCode::SnapshotPending);
            if !in_the_making || Instant::now() + wait > give_up {
                return Err(fault);
            }
            sleep(wait).await;
        }
    }

    async fn ask_body(
        &self,
        pinned: &Pinned,
        what: HeadSubject,
    ) -> Result<(SignedHead, Vec<u8>), AgentError> {
        let (list, epoch) = (&pinned.record.list, pinned.record.epoch);
        let mut parameters = vec![list.as_str().to_owned(), epoch.to_string()];
        let (path, from) = match what {
            HeadSubject::Delta { from, .. } => (paths::DELTA, Some(from)),
            _ => (paths::SNAPSHOT, None),
        };
        parameters.extend(from.map(|from| from.to_string()));
        let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
        let path = paths::fill(path, &parameters);
        let read = orders::read(&self.home, path, self.now())?;
        let asked = pinned.ask(&self.home, what)?;
        let served = match from {
            Some(from) => self.door.delta(&read, list, epoch, from).await?,
            None => self.door.snapshot(&read, list, epoch).await?,
        };
        self.admit(&asked, &served)?;
        self.home.keep_heads()?;
        Ok((served.head, served.body))
    }
}

/// Waits for the turn to renew a copy: another process may be at it, and soon be done.
async fn alone(folder: &CopyFolder) -> Result<File, AgentError> {
    let give_up = Instant::now() + LONGEST_TURN;
    loop {
        match folder.lock() {
            Err(HomeError::Busy) if Instant::now() < give_up => sleep(LOOK_AGAIN).await,
            other => return Ok(other?),
        }
    }
}

/// Writes what a delta makes of a copy beside it. What is to be kept then, and how many keys
/// changed.
async fn lead_on(
    folder: &Arc<CopyFolder>,
    copy: LocalCopy,
    head: SignedHead,
    delta: Delta,
) -> Result<(Kept, u64), AgentError> {
    let folder = Arc::clone(folder);
    let merging = tokio::task::spawn_blocking(move || {
        let index = apply(&copy, &delta, folder.begin()?)?;
        Ok((Kept { head, index }, delta.keys()))
    });
    merging.await.map_err(|_| AgentError::Interrupted)?
}

/// Whether a fault ends with the copy that it met, so that a whole snapshot may do.
fn begins_anew(fault: &AgentError) -> bool {
    matches!(fault, AgentError::CopyDamaged | AgentError::DeltaUnfit) || went_away(fault)
}

/// Whether the last good copy may be used though it was not renewed: the registry is away or busy,
/// or another process is at it. Who is refused, or lied to, uses none.
fn leaves_the_last(fault: &AgentError) -> bool {
    may_pass(fault) || matches!(fault, AgentError::Home(HomeError::Busy))
}

/// Whether the snapshot that was being fetched is none to go on with.
fn went_away(fault: &AgentError) -> bool {
    let refused = [ErrorCode::SnapshotNeeded, ErrorCode::SnapshotGone];
    fault.refusal().is_some_and(|code| refused.contains(&code))
}

fn report(kept: &Kept, by: SyncBy, changed: u64, fetched: u64) -> SyncReport {
    let head = &kept.head.head;
    SyncReport {
        list: head.list.clone(),
        epoch: head.epoch,
        sequence: head.sequence,
        as_of: head.as_of,
        keys: kept.index.keys(),
        bytes: kept.index.bytes(),
        by,
        changed,
        fetched,
    }
}
