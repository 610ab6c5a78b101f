//! Administrative changes and charges.

use super::group::Draft;
use super::moves;
use super::tables::{self, Key, Table};
use super::values::KeptList;
use super::versions;
use crate::protocol::organisation::{Grant, Organisation, Standing};
use crate::protocol::record::SignedRecord;
use crate::protocol::{ContentDigest, Digest32, OrgId, PublicKey, Timestamp};
use crate::store::{Change, Charge, Charged, Evidence, Invitation, StoreError, StoredList};

/// One administrative change with its evidence, once.
pub(super) fn administer(
    draft: &mut Draft<'_, '_>,
    change: Change,
    evidence: Evidence,
) -> Result<u64, StoreError> {
    if let Some(first) = draft.replied(&evidence)? {
        return Ok(first.sequence);
    }
    let at = evidence.at;
    let accepts_clock = matches!(change, Change::AcceptClock);
    match change {
        Change::Invite(organisation, invitation) => invite(draft, &organisation, &invitation)?,
        Change::Join {
            code,
            organisation,
            key,
        } => join(draft, code, &organisation, key, at)?,
        Change::Organisation(organisation) => {
            let key = Key::plain(organisation.organisation.as_str());
            draft.put(Table::Organisations, key, &organisation)?;
        }
        Change::Grant(grant) => set_grant(draft, &grant)?,
        Change::CreateList(list, record) => create_list(draft, *list, &record)?,
        Change::Record(record) => next_record(draft, &record)?,
        Change::OpenVersion(list, staged) => versions::open(draft, &list, *staged)?,
        Change::CloseVersion(list, version, listings) => {
            versions::close(draft, &list, version, listings)?;
        }
        Change::SwitchVersion {
            list,
            version,
            replaces,
            handover,
        } => versions::switch(draft, &list, version, replaces, *handover, at)?,
        Change::DropVersion(list, version) => versions::give_up(draft, &list, version)?,
        Change::ForgetVersion(list, version) => versions::forget(draft, &list, version)?,
        Change::AcceptClock => {}
    }
    let number = draft.commit(evidence, |number| (number, Vec::new()))?;
    if accepts_clock {
        draft.accept_clock(at);
    }
    Ok(number)
}

/// Where an invitation stands by its code.
fn code_key(code: &Digest32) -> Vec<u8> {
    Key::default().raw(b"c").raw(&code.0).done()
}

/// Where an organisation's present code stands.
fn invited_key(organisation: &OrgId) -> Vec<u8> {
    let key = Key::default().raw(b"o");
    key.raw(organisation.as_str().as_bytes()).done()
}

fn invite(
    draft: &mut Draft<'_, '_>,
    organisation: &Organisation,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    let id = &organisation.organisation;
    let held: Option<Organisation> = draft.get(Table::Organisations, Key::plain(id.as_str()))?;
    let same_code: Option<Invitation> =
        draft.get(Table::Invitations, code_key(&invitation.code))?;
    let free = held.is_none_or(|held| held.standing == Standing::Invited)
        && same_code.is_none_or(|held| held.organisation == *id)
        && invitation.organisation == *id
        && organisation.standing == Standing::Invited;
    if !free {
        return Err(StoreError::Exists);
    }
    let earlier: Option<Digest32> = draft.get(Table::Invitations, invited_key(id))?;
    if let Some(code) = earlier {
        draft.delete(Table::Invitations, code_key(&code));
    }
    draft.put(Table::Invitations, code_key(&invitation.code), invitation)?;
    draft.put(Table::Invitations, invited_key(id), &invitation.code)?;
    draft.put(Table::Organisations, Key::plain(id.as_str()), organisation)
}

fn join(
    draft: &mut Draft<'_, '_>,
    code: Digest32,
    id: &OrgId,
    key: PublicKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let invitation: Option<Invitation> = draft.get(Table::Invitations, code_key(&code))?;
    let held: Option<Organisation> = draft.get(Table::Organisations, Key::plain(id.as_str()))?;
    let good = invitation.is_some_and(|i| i.organisation == *id && now < i.expires);
    let held = held.filter(|held| good && held.standing == Standing::Invited);
    let joined = Organisation {
        standing: Standing::Active,
        key: Some(key),
        ..held.ok_or(StoreError::BadInvitation)?
    };
    draft.delete(Table::Invitations, code_key(&code));
    draft.delete(Table::Invitations, invited_key(id));
    draft.put(Table::Organisations, Key::plain(id.as_str()), &joined)
}

fn set_grant(draft: &mut Draft<'_, '_>, grant: &Grant) -> Result<(), StoreError> {
    let organisation = Key::plain(grant.organisation.as_str());
    let list = Key::plain(grant.list.as_str());
    let there = draft
        .get::<Organisation>(Table::Organisations, organisation)?
        .is_some()
        && draft.get::<KeptList>(Table::Lists, list)?.is_some();
    if !there {
        return Err(StoreError::Missing);
    }
    let key = tables::grant(&grant.organisation, &grant.list);
    if grant.roles.is_empty() {
        draft.delete(Table::Grants, key);
        Ok(())
    } else {
        draft.put(Table::Grants, key, grant)
    }
}

fn create_list(
    draft: &mut Draft<'_, '_>,
    list: StoredList,
    record: &SignedRecord,
) -> Result<(), StoreError> {
    let key = Key::plain(list.list.as_str());
    let stands = draft.get::<KeptList>(Table::Lists, key.clone())?.is_some();
    let fits = record.record.list == list.list && record.record.epoch == list.epoch;
    if stands || !fits {
        return Err(StoreError::Exists);
    }
    let kept = KeptList {
        list: StoredList {
            sequence: draft.next_sequence(),
            people: 0,
            ..list
        },
        revision: record.record.revision,
        record: record.record.digest(),
    };
    moves::begin(draft, &kept.list.list, kept.list.epoch)?;
    put_record(draft, record)?;
    draft.put(Table::Lists, key, &kept)
}

fn next_record(draft: &mut Draft<'_, '_>, next: &SignedRecord) -> Result<(), StoreError> {
    let key = Key::plain(next.record.list.as_str());
    let mut kept: KeptList = draft
        .get(Table::Lists, key.clone())?
        .ok_or(StoreError::Missing)?;
    let follows = next.record.epoch == kept.list.epoch
        && Some(next.record.revision) == kept.revision.checked_add(1)
        && next.record.previous == kept.record;
    if !follows {
        return Err(StoreError::Exists);
    }
    kept.revision = next.record.revision;
    kept.record = next.record.digest();
    kept.list.sequence = draft.next_sequence();
    put_record(draft, next)?;
    draft.put(Table::Lists, key, &kept)
}

fn put_record(draft: &mut Draft<'_, '_>, signed: &SignedRecord) -> Result<(), StoreError> {
    let record = &signed.record;
    let key = tables::record(&record.list, record.epoch, record.revision);
    draft.put(Table::Records, key, signed)
}

/// Counts elements against a day, once.
pub(super) fn charge(draft: &mut Draft<'_, '_>, charge: &Charge) -> Result<Charged, StoreError> {
    let key = &charge.key;
    let day = tables::used(&key.organisation, &key.list, charge.day);
    let used: u64 = draft.get(Table::Used, day.clone())?.unwrap_or(0);
    let once = tables::charge(key);
    let held: Option<ContentDigest> = draft.get(Table::Charges, once.clone())?;
    match held {
        Some(held) if held == charge.content => return Ok(Charged::Again { used }),
        Some(_) => return Ok(Charged::Conflict),
        None => {}
    }
    let total = used.checked_add(charge.count);
    let Some(total) = total.filter(|total| *total <= charge.allowed) else {
        return Ok(Charged::OverQuota { used });
    };
    draft.take_number();
    draft.put(Table::Charges, once, &charge.content)?;
    draft.put(Table::Used, day, &total)?;
    Ok(Charged::Fresh { used: total })
}
