//! Whole versions of a list, once they are staged: shown, compared, switched in, dropped.

use crate::protocol::order::OrderKind;
use crate::protocol::organisation::Done;
use crate::protocol::version::{DropVersion, SwitchVersion, Version, VersionDiff, VersionInfo};
use crate::protocol::{ListId, OfficerId, paths};

use super::door::RegistryDoor;
use super::{Agent, AgentError, orders};

impl<D: RegistryDoor> Agent<D> {
    /// The version that answers and, after it, the one that is staged.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Randomness`].
    pub async fn versions(&self, list: &ListId) -> Result<Vec<VersionInfo>, AgentError> {
        let path = paths::fill(paths::VERSIONS, &[list.as_str()]);
        let read = orders::read(&self.home, path, self.now())?;
        Ok(self.door.versions(&read).await?)
    }

    /// What switching a staged version in would change.
    ///
    /// # Errors
    /// Those of [`Agent::versions`].
    pub async fn version_diff(
        &self,
        list: &ListId,
        version: Version,
    ) -> Result<VersionDiff, AgentError> {
        let number = version.to_string();
        let path = paths::fill(paths::VERSION_DIFF, &[list.as_str(), &number]);
        let read = orders::read(&self.home, path, self.now())?;
        Ok(self.door.version_diff(&read).await?)
    }

    /// Makes a closed version answer, from now on and for everybody.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Content`], [`AgentError::Randomness`].
    pub async fn switch_version(
        &self,
        list: &ListId,
        switch: &SwitchVersion,
        officer: &OfficerId,
    ) -> Result<Done, AgentError> {
        self.administer(OrderKind::SwitchVersion, Some(list), switch, officer)
            .await
    }

    /// Discards a staged version.
    ///
    /// # Errors
    /// Those of [`Agent::switch_version`].
    pub async fn drop_version(
        &self,
        list: &ListId,
        version: Version,
        officer: &OfficerId,
    ) -> Result<Done, AgentError> {
        let discard = DropVersion { version };
        self.administer(OrderKind::DropVersion, Some(list), &discard, officer)
            .await
    }
}
