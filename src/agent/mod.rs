//! The cooperative's side, the only place where a NIK exists in clear: blind, verify, unblind,
//! check, submit, settle.
//!
//! | door | for |
//! |---|---|
//! | [`Home`] | what an agent keeps between runs: keys, pinned records, references, unfinished jobs |
//! | [`Agent`] | one organisation's verbs against one registry |
//! | [`RegistryDoor`] | the registry as the agent reaches it; over HTTP or in the same process |
//!
//! Nothing that the registry says is believed before it is verified against what the home has
//! pinned, and any fault is `UNAVAILABLE`, never a verdict.

mod administration;
mod bulk;
mod check;
mod copy;
mod door;
mod error;
mod evaluate;
mod home;
mod join;
mod listings;
mod orders;
mod own;
mod patience;
mod pinning;
mod settle;
mod submit;
mod versions;

use std::sync::Arc;

pub use administration::AdmitTo;
pub use bulk::{BulkList, BulkPlan, People, Prepared};
pub use check::{Asked, CheckResult};
pub use copy::{CopyStatus, LocalCopy, SectionKeys, SyncBy, SyncReport, SyncWatcher};
pub use door::{Answering, DoorError, RefusalDetail, RegistryDoor, Served};
pub use error::AgentError;
pub use home::{Home, HomeError, JobFile, Profile, Provider, Sealer, hash_key_digest, key_folder};
pub use join::join;
pub use listings::{FilterKeys, ListJob};
pub use orders::Acting;
pub use own::{OwnReport, OwnVerdict};
pub use patience::{Patience, may_pass};
pub use settle::{SettleReport, Settled};
pub use submit::{
    CHUNK, CHUNKS_UNDER_WAY, Discarded, DryRun, FileDigests, StageOptions, StageReport,
    SubmitEvent, SubmitOptions, SubmitReport, SubmitWatcher, Unwatched, discard_uploads,
    file_digests,
};

use crate::protocol::organisation::{QuotaOf, RegistryInfo};
use crate::protocol::policy::ListInfo;
use crate::protocol::{Clock, ListId, Timestamp, paths};

/// One organisation's agent, from its home to one registry.
pub struct Agent<D> {
    home: Home,
    door: D,
    clock: Arc<dyn Clock>,
}

impl<D: RegistryDoor> Agent<D> {
    /// An agent of `home`, reaching its registry by `door`.
    pub const fn new(home: Home, door: D, clock: Arc<dyn Clock>) -> Self {
        Self { home, door, clock }
    }

    /// The home.
    #[must_use]
    pub const fn home(&self) -> &Home {
        &self.home
    }

    /// The door.
    #[must_use]
    pub const fn door(&self) -> &D {
        &self.door
    }

    /// The local time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the registry says of itself, once its keys are found to be the trust root's.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::WrongKey`].
    pub async fn info(&self) -> Result<RegistryInfo, AgentError> {
        let info = self.door.info().await?;
        join::check_keys(&info, &self.home.profile().trust)?;
        Ok(info)
    }

    /// The lists on which the organisation has a grant. Nobody has signed this: it informs, and no
    /// verdict rests on it.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Randomness`].
    pub async fn lists(&self) -> Result<Vec<ListInfo>, AgentError> {
        let read = orders::read(&self.home, paths::LISTS.to_owned(), self.now())?;
        Ok(self.door.lists(&read).await?)
    }

    /// One of those lists.
    ///
    /// # Errors
    /// [`AgentError::NoRecord`] if the organisation has no grant on it, and those of
    /// [`Agent::lists`].
    pub async fn list(&self, list: &ListId) -> Result<ListInfo, AgentError> {
        let all = self.lists().await?;
        all.into_iter()
            .find(|info| info.list == *list)
            .ok_or(AgentError::NoRecord)
    }

    /// Where the organisation's daily quotas stand, one a list.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Randomness`].
    pub async fn quota(&self) -> Result<Vec<QuotaOf>, AgentError> {
        let read = orders::read(&self.home, paths::QUOTA.to_owned(), self.now())?;
        Ok(self.door.quota(&read).await?)
    }

    /// How many custodians take part in a list of how many, in words, by its pinned record.
    ///
    /// # Errors
    /// Those of pinning: [`AgentError::Door`], [`AgentError::Record`], [`AgentError::NoRecord`],
    /// [`AgentError::Home`].
    pub async fn trust(&self, list: &ListId) -> Result<String, AgentError> {
        let pinned = pinning::pinned(&self.home, &self.door, list, self.now()).await?;
        Ok(pinned.record.trust())
    }

    /// Asks for a list's records and pins the newest that is believed; its epoch.
    ///
    /// # Errors
    /// Those of [`Agent::trust`].
    pub async fn refresh(&self, list: &ListId) -> Result<crate::protocol::Epoch, AgentError> {
        let pinned = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        Ok(pinned.record.epoch)
    }
}
