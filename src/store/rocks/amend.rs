//! Changes of people.

use std::collections::BTreeMap;

use super::group::Draft;
use super::tables::{self, Key, Table};
use super::values::{KeptList, KeptPerson, encode, row};
use crate::protocol::{Locator, OrgId};
use crate::store::{
    Amended, Before, Decide, Decision, Evidence, JournaledRemoval, PersonChange, StoreError, View,
};

/// From where a change of people comes.
pub(super) enum Origin {
    /// From an order.
    Order,
    /// From an order to remove, which goes to the journal first.
    Removal(JournaledRemoval),
    /// From the journal's entry at a position.
    Journal(u64),
}

/// One atomic change of people with its evidence, once.
pub(super) fn amend(
    draft: &mut Draft<'_, '_>,
    view: &View,
    locators: &[Locator],
    evidence: Evidence,
    origin: Origin,
    decide: &Decide,
) -> Result<Amended, StoreError> {
    if let Some(first) = replayed(draft, &evidence, &origin)? {
        return Ok(first);
    }
    let list = draft.get::<KeptList>(Table::Lists, Key::plain(view.list.as_str()))?;
    let list = match (list.filter(|kept| kept.list.epoch == view.epoch), &origin) {
        (Some(list), _) => list,
        (None, Origin::Journal(position)) if *position == draft.held() => {
            draft.hold(position + 1);
            return Ok(Amended::of_nobody(draft.take_number()));
        }
        (None, _) => return Err(StoreError::Missing),
    };
    let keys = locators.iter().map(|locator| tables::person(view, locator));
    let mut held: Vec<Option<KeptPerson>> = draft.get_many(Table::People, keys.collect())?;
    let before = Before {
        sequence: draft.next_sequence(),
        people: held
            .iter()
            .map(|kept| kept.as_ref().map(|kept| kept.person.clone()))
            .collect(),
    };
    let decision = decide(&before);
    decision.check(locators)?;
    match origin {
        Origin::Removal(removal) if !decision.changes.is_empty() => {
            draft.journal(encode(&removal)?);
        }
        Origin::Journal(position) => draft.hold(position + 1),
        Origin::Removal(_) | Origin::Order => {}
    }
    let places = locators.iter().zip(held.iter_mut());
    let held = places.filter_map(|(locator, kept)| Some((*locator, kept.take()?)));
    carry_out(draft, view, list, held.collect(), decision, evidence)
}

/// The answer that stands already, if any.
fn replayed(
    draft: &mut Draft<'_, '_>,
    evidence: &Evidence,
    origin: &Origin,
) -> Result<Option<Amended>, StoreError> {
    let next = match origin {
        Origin::Journal(position) => {
            if *position > draft.held() || *position >= draft.journal_entries() {
                return Err(StoreError::Missing);
            }
            *position == draft.held()
        }
        Origin::Order | Origin::Removal(_) => false,
    };
    let first = match draft.replied(evidence) {
        // What the journal holds is carried out even if its order's id was used twice.
        Err(StoreError::OrderConflict) if next => return Ok(None),
        first => first?,
    };
    if first.is_some() && next {
        draft.hold(draft.held() + 1);
        draft.take_number();
    }
    Ok(first.map(|first| Amended {
        sequence: first.sequence,
        reply: first.reply,
        replayed: true,
    }))
}

fn carry_out(
    draft: &mut Draft<'_, '_>,
    view: &View,
    mut list: KeptList,
    mut held: BTreeMap<Locator, KeptPerson>,
    decision: Decision,
    evidence: Evidence,
) -> Result<Amended, StoreError> {
    if !decision.changes.is_empty() {
        list.list.sequence = draft.next_sequence();
    }
    for change in decision.changes {
        let before = held.remove(&change.locator);
        list.list.people -= u64::from(before.is_some());
        list.list.people += u64::from(change.person.is_some());
        if let Some(before) = &before {
            forget(draft, view, before);
        }
        keep(draft, view, change)?;
    }
    let sequence = list.list.sequence;
    if sequence == draft.next_sequence() {
        draft.put(Table::Lists, Key::plain(view.list.as_str()), &list)?;
    }
    let reply = decision.reply.clone();
    draft.commit(evidence, |_| (sequence, reply))?;
    Ok(Amended {
        sequence,
        reply: decision.reply,
        replayed: false,
    })
}

/// Deletes a person with the row and every index entry.
fn forget(draft: &mut Draft<'_, '_>, view: &View, before: &KeptPerson) {
    let person = &before.person;
    draft.delete(Table::People, tables::person(view, &person.locator));
    draft.delete(Table::Rows, tables::person(view, &person.locator));
    if before.section.is_some() {
        draft.delete(Table::FilterKeys, tables::filter_key(view, &person.locator));
    }
    if let Some(due) = before.due {
        draft.delete(Table::Due, tables::due(view, due, &person.locator));
    }
    for listing in &person.listings {
        draft.delete(Table::Entries, tables::entry(view, &listing.entry));
        let own = own_key(view, &listing.organisation, &listing.entry);
        draft.delete(Table::OwnEntries, own);
    }
}

/// Puts a person with the row and every index entry, over what [`forget`] deleted.
fn keep(draft: &mut Draft<'_, '_>, view: &View, change: PersonChange) -> Result<(), StoreError> {
    let Some(person) = change.person else {
        return Ok(());
    };
    let locator = change.locator;
    if let Some(sealed) = &change.row {
        draft.put_raw(Table::Rows, tables::person(view, &locator), row(sealed));
    }
    if let Some(section) = &change.section {
        draft.put(
            Table::FilterKeys,
            tables::filter_key(view, &locator),
            section,
        )?;
    }
    if let Some(due) = change.due {
        draft.put_raw(Table::Due, tables::due(view, due, &locator), Vec::new());
    }
    for listing in &person.listings {
        draft.put(
            Table::Entries,
            tables::entry(view, &listing.entry),
            &locator,
        )?;
        let own = own_key(view, &listing.organisation, &listing.entry);
        draft.put(Table::OwnEntries, own, &locator)?;
    }
    let kept = KeptPerson {
        person,
        section: change.section,
        due: change.due,
    };
    draft.put(Table::People, tables::person(view, &locator), &kept)
}

fn own_key(view: &View, organisation: &OrgId, entry: &crate::protocol::EntryId) -> Vec<u8> {
    tables::own(view, organisation).raw(&entry.0).done()
}
