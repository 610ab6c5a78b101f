//! How a list's versions come and go in the judge.

use super::state::{People, State};
use crate::protocol::version::{DiffCounts, Handover, Version};
use crate::protocol::{ListId, Locator, Timestamp};
use crate::store::kept::Place;
use crate::store::{AnsweringVersion, Section, StagedVersion, StoreError, StoredList, View};

impl State {
    pub(super) fn open_version(
        &mut self,
        id: &ListId,
        staged: StagedVersion,
    ) -> Result<(), StoreError> {
        let list = self.lists.get_mut(id).ok_or(StoreError::Missing)?;
        if list.versions.staged.is_some() {
            return Err(StoreError::Exists);
        }
        let version = list.versions.last.next();
        let place = Place {
            list: id.clone(),
            epoch: list.epoch,
            version,
        };
        list.versions.last = version;
        list.versions.staged = Some(StagedVersion {
            version,
            closed: false,
            people: 0,
            listings: 0,
            ..staged
        });
        self.people.insert(place, People::default());
        Ok(())
    }

    pub(super) fn close_version(
        &mut self,
        id: &ListId,
        version: Version,
        listings: u64,
    ) -> Result<(), StoreError> {
        let staged = self.staged(id, version)?.versions.staged.as_mut();
        let staged = staged.ok_or(StoreError::Missing)?;
        if staged.listings != listings {
            return Err(StoreError::Exists);
        }
        staged.closed = true;
        Ok(())
    }

    pub(super) fn switch_version(
        &mut self,
        id: &ListId,
        version: Version,
        replaces: Version,
        handover: Handover,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let next = self.counter + 1;
        let list = self.staged(id, version)?;
        let epoch = list.epoch;
        let answers = list.versions.answering.version == replaces;
        let ready = |staged: &mut StagedVersion| staged.closed && answers;
        let staged = list.versions.staged.take_if(ready);
        let staged = staged.ok_or(StoreError::Missing)?;
        list.versions.retired.push(replaces);
        list.people = staged.people;
        list.sequence = next;
        list.versions.answering = AnsweringVersion {
            version,
            since,
            listings: staged.listings,
            validity: staged.validity,
            staged_by: Some(staged.staged_by),
            handover: Some(handover),
        };
        self.log_switch(id, epoch);
        Ok(())
    }

    pub(super) fn drop_version(&mut self, id: &ListId, version: Version) -> Result<(), StoreError> {
        let list = self.staged(id, version)?;
        list.versions.staged = None;
        list.versions.retired.push(version);
        Ok(())
    }

    pub(super) fn forget_version(
        &mut self,
        id: &ListId,
        version: Version,
    ) -> Result<(), StoreError> {
        let list = self.lists.get_mut(id).ok_or(StoreError::Missing)?;
        let retired = &mut list.versions.retired;
        let at = retired.iter().position(|retired| *retired == version);
        retired.remove(at.ok_or(StoreError::Missing)?);
        let gone = |place: &Place| place.list == *id && place.version == version;
        self.people.retain(|place, _| !gone(place));
        Ok(())
    }

    pub(super) fn diff(&self, answering: &View, staged: &View) -> Result<DiffCounts, StoreError> {
        let (old, new) = (self.at(answering)?, self.at(staged)?);
        let mut counts = DiffCounts::default();
        for (locator, change) in &new.0 {
            match (old.section(locator), change.section) {
                (None, Some(_)) => counts.added += 1,
                (Some(old), Some(new)) if old == new => counts.unchanged += 1,
                (Some(_), Some(_)) => counts.changed += 1,
                (_, None) => {}
            }
        }
        let gone = |locator: &&Locator| new.section(locator).is_none();
        let answered = old.0.iter().filter(|(_, change)| change.section.is_some());
        counts.removed = answered.map(|(locator, _)| locator).filter(gone).count() as u64;
        Ok(counts)
    }

    /// The list with that version staged.
    fn staged(&mut self, id: &ListId, version: Version) -> Result<&mut StoredList, StoreError> {
        let list = self.lists.get_mut(id).ok_or(StoreError::Missing)?;
        match &list.versions.staged {
            Some(staged) if staged.version == version => Ok(list),
            _ => Err(StoreError::Missing),
        }
    }
}

impl People {
    fn section(&self, locator: &Locator) -> Option<Section> {
        self.0.get(locator)?.section
    }
}
