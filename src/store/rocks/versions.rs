//! How a list's versions come and go. The list's row says which one answers, so that a switch is
//! one small write whatever the version holds.

use super::group::Draft;
use super::moves;
use super::tables::{Key, Table};
use super::values::KeptList;
use crate::protocol::version::{Handover, Version};
use crate::protocol::{ListId, Timestamp};
use crate::store::kept::Place;
use crate::store::{AnsweringVersion, StagedVersion, StoreError};

/// A version begins.
pub(super) fn open(
    draft: &mut Draft<'_, '_>,
    id: &ListId,
    staged: StagedVersion,
) -> Result<(), StoreError> {
    let mut kept = list(draft, id)?;
    let versions = &mut kept.list.versions;
    if versions.staged.is_some() {
        return Err(StoreError::Exists);
    }
    versions.last = versions.last.next();
    versions.staged = Some(StagedVersion {
        version: versions.last,
        closed: false,
        people: 0,
        listings: 0,
        ..staged
    });
    put(draft, id, &kept)
}

/// A version is whole.
pub(super) fn close(
    draft: &mut Draft<'_, '_>,
    id: &ListId,
    version: Version,
    listings: u64,
) -> Result<(), StoreError> {
    let mut kept = list(draft, id)?;
    let staged = kept.list.versions.staged.as_mut();
    let staged = staged.filter(|staged| staged.version == version);
    let staged = staged.ok_or(StoreError::Missing)?;
    if staged.listings != listings {
        return Err(StoreError::Exists);
    }
    staged.closed = true;
    put(draft, id, &kept)
}

/// A version answers from now on.
pub(super) fn switch(
    draft: &mut Draft<'_, '_>,
    id: &ListId,
    version: Version,
    replaces: Version,
    handover: Handover,
    since: Timestamp,
) -> Result<(), StoreError> {
    let mut kept = list(draft, id)?;
    let list = &mut kept.list;
    let answers = list.versions.answering.version == replaces;
    let ready = |staged: &mut StagedVersion| staged.version == version && staged.closed && answers;
    let staged = list.versions.staged.take_if(ready);
    let staged = staged.ok_or(StoreError::Missing)?;
    list.versions.retired.push(replaces);
    list.versions.answering = AnsweringVersion {
        version,
        since,
        listings: staged.listings,
        validity: staged.validity,
        staged_by: Some(staged.staged_by),
        handover: Some(handover),
    };
    list.people = staged.people;
    list.sequence = draft.next_sequence();
    // As many may differ as both versions hold: the log says only that.
    moves::log_switch(draft, id, list.epoch)?;
    put(draft, id, &kept)
}

/// A staged version is given up.
pub(super) fn give_up(
    draft: &mut Draft<'_, '_>,
    id: &ListId,
    version: Version,
) -> Result<(), StoreError> {
    let mut kept = list(draft, id)?;
    let versions = &mut kept.list.versions;
    let staged = versions.staged.take_if(|staged| staged.version == version);
    staged.ok_or(StoreError::Missing)?;
    versions.retired.push(version);
    put(draft, id, &kept)
}

/// Everybody of a retired version is destroyed.
pub(super) fn forget(
    draft: &mut Draft<'_, '_>,
    id: &ListId,
    version: Version,
) -> Result<(), StoreError> {
    let mut kept = list(draft, id)?;
    let retired = &mut kept.list.versions.retired;
    let at = retired.iter().position(|retired| *retired == version);
    retired.remove(at.ok_or(StoreError::Missing)?);
    let place = Place {
        list: id.clone(),
        epoch: kept.list.epoch,
        version,
    };
    let prefix = Key::place(&place).done();
    for table in Table::OF_PEOPLE {
        draft.delete_all(table, prefix.clone());
    }
    put(draft, id, &kept)
}

fn list(draft: &Draft<'_, '_>, id: &ListId) -> Result<KeptList, StoreError> {
    let kept = draft.get(Table::Lists, Key::plain(id.as_str()))?;
    kept.ok_or(StoreError::Missing)
}

fn put(draft: &mut Draft<'_, '_>, id: &ListId, kept: &KeptList) -> Result<(), StoreError> {
    draft.put(Table::Lists, Key::plain(id.as_str()), kept)
}
