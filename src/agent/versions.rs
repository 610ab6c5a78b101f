//! Whole versions of a list, once they are staged: shown, compared, switched in, dropped.

use crate::protocol::order::OrderKind;
use crate::protocol::organisation::Done;
use crate::protocol::version::{
    DropVersion, SwitchVersion, Version, VersionDiff, VersionInfo, VersionState,
};
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

    /// Makes a closed version answer, from now on and for everybody. The references of the version
    /// that it replaces go.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Content`], [`AgentError::Randomness`],
    /// [`AgentError::Home`].
    pub async fn switch_version(
        &self,
        list: &ListId,
        switch: &SwitchVersion,
        officer: &OfficerId,
    ) -> Result<Done, AgentError> {
        let done = self
            .administer(OrderKind::SwitchVersion, Some(list), switch, officer)
            .await?;
        self.home.forget_version(list, switch.replaces)?;
        Ok(done)
    }

    /// Discards a staged version, and its references.
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
        let done = self
            .administer(OrderKind::DropVersion, Some(list), &discard, officer)
            .await?;
        self.home.forget_version(list, version)?;
        Ok(done)
    }

    /// The version that answers, if this home keeps references of it. References of versions that
    /// neither answer nor are staged go: another home of the organisation may have switched or
    /// dropped. Nobody is asked where no version's references are kept.
    ///
    /// # Errors
    /// Those of [`Agent::versions`], [`AgentError::Answer`] if none answers, [`AgentError::Home`].
    pub(super) async fn answering_kept(
        &self,
        list: &ListId,
    ) -> Result<Option<Version>, AgentError> {
        // Looked at first: a version that is begun meanwhile is not among them.
        let kept = self.home.versions_kept(list)?;
        if kept.is_empty() {
            return Ok(None);
        }
        let live = self.versions(list).await?;
        let answers = |info: &&VersionInfo| info.state == VersionState::Answering;
        // One answers at any time: nothing is destroyed for an answer that says otherwise.
        let answering = live.iter().find(answers).ok_or(AgentError::Answer)?.version;
        for version in &kept {
            if live.iter().all(|info| info.version != *version) {
                self.home.forget_version(list, *version)?;
            }
        }
        Ok(kept.contains(&answering).then_some(answering))
    }
}
