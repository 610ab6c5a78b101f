//! Changes of people.

use std::collections::BTreeMap;

use super::group::Draft;
use super::moves;
use super::tables::{self, Key, Table};
use super::values::{KeptList, KeptPerson, encode};
use crate::protocol::listing::Person;
use crate::protocol::{KeyMove, Locator, OrgId};
use crate::store::kept::{Place, Places};
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
    let places = list.as_ref().and_then(|kept| Places::of(view, &kept.list));
    let (list, places) = match (list.zip(places), &origin) {
        (Some(found), _) => found,
        (None, Origin::Journal(position)) if *position == draft.held() => {
            draft.hold(position + 1);
            return Ok(Amended::of_nobody(draft.take_number()));
        }
        (None, _) => return Err(StoreError::Missing),
    };
    let own = Held::read(draft, places.own, locators)?;
    let other = places.other.map(|place| Held::read(draft, place, locators));
    let other = other.transpose()?;
    let before = Before {
        sequence: draft.next_sequence(),
        people: own.people(),
        other: other.as_ref().map(Held::people),
    };
    let decision = decide(&before);
    decision.check(locators, &before)?;
    match origin {
        Origin::Removal(removal) if !decision.is_empty() => {
            draft.journal(encode(&removal)?);
        }
        Origin::Journal(position) => draft.hold(position + 1),
        Origin::Removal(_) | Origin::Order => {}
    }
    let held = (own, other, places.own_answers);
    carry_out(draft, list, held, locators, decision, evidence)
}

/// The people of one version before a change, at the locators that were asked for.
struct Held {
    place: Place,
    people: Vec<Option<KeptPerson>>,
}

impl Held {
    fn read(draft: &Draft<'_, '_>, place: Place, locators: &[Locator]) -> Result<Self, StoreError> {
        let keys = locators.iter().map(|l| tables::person(&place, l));
        let people = draft.get_many(Table::People, &keys.collect::<Vec<_>>())?;
        Ok(Self { place, people })
    }

    fn people(&self) -> Vec<Option<Person>> {
        let people = self.people.iter();
        people
            .map(|kept| kept.as_ref().map(|kept| kept.person.clone()))
            .collect()
    }

    /// Puts the changes.
    fn change(
        self,
        draft: &mut Draft<'_, '_>,
        locators: &[Locator],
        changes: Vec<PersonChange>,
    ) -> Result<Changed, StoreError> {
        let mut changed = Changed::default();
        if changes.is_empty() {
            return Ok(changed);
        }
        let before = locators.iter().zip(self.people);
        let mut before: BTreeMap<&Locator, KeptPerson> =
            before.filter_map(|(l, kept)| Some((l, kept?))).collect();
        for change in changes {
            let before = before.remove(&change.locator);
            let section = before.as_ref().and_then(|kept| kept.section);
            changed.moves.extend(change.moved(section));
            if let Some(before) = before {
                changed.went += 1;
                forget(draft, &self.place, &before);
            }
            changed.came += u64::from(change.person.is_some());
            keep(draft, &self.place, change)?;
        }
        Ok(changed)
    }
}

/// What became of one version's people: how many came, how many of those who stood there were
/// replaced or went, and whose filter keys moved.
#[derive(Default)]
struct Changed {
    came: u64,
    went: u64,
    moves: Vec<KeyMove>,
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
    mut kept: KeptList,
    (own, other, own_answers): (Held, Option<Held>, bool),
    locators: &[Locator],
    decision: Decision,
    evidence: Evidence,
) -> Result<Amended, StoreError> {
    let key = Key::plain(own.place.list.as_str());
    let list = &mut kept.list;
    let changes = !decision.is_empty() || decision.listings > 0;
    let answers_change = if own_answers {
        !decision.changes.is_empty()
    } else {
        !decision.other.is_empty()
    };
    if answers_change {
        list.sequence = draft.next_sequence();
    }
    let own = own.change(draft, locators, decision.changes)?;
    let other = match other {
        Some(other) => other.change(draft, locators, decision.other)?,
        None => Changed::default(),
    };
    let (answering, staged) = if own_answers {
        (own, other)
    } else {
        (other, own)
    };
    list.people = list.people + answering.came - answering.went;
    if let Some(held) = &mut list.versions.staged {
        held.people = held.people + staged.came - staged.went;
        held.listings += decision.listings;
    }
    moves::log(draft, list, answering.moves, evidence.at)?;
    let sequence = list.sequence;
    if changes {
        draft.put(Table::Lists, key, &kept)?;
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
fn forget(draft: &mut Draft<'_, '_>, place: &Place, before: &KeptPerson) {
    let person = &before.person;
    draft.delete(Table::People, tables::person(place, &person.locator));
    draft.delete(Table::Rows, tables::person(place, &person.locator));
    if before.section.is_some() {
        draft.delete(
            Table::FilterKeys,
            tables::filter_key(place, &person.locator),
        );
    }
    if let Some(due) = before.due {
        draft.delete(Table::Due, tables::due(place, due, &person.locator));
    }
    for listing in &person.listings {
        draft.delete(Table::Entries, tables::entry(place, &listing.entry));
        let own = own_key(place, &listing.organisation, &listing.entry);
        draft.delete(Table::OwnEntries, own);
    }
}

/// Puts a person with the row and every index entry, over what [`forget`] deleted.
fn keep(draft: &mut Draft<'_, '_>, place: &Place, change: PersonChange) -> Result<(), StoreError> {
    let Some(person) = change.person else {
        return Ok(());
    };
    let locator = change.locator;
    if let Some(sealed) = &change.row {
        draft.put_row(Table::Rows, tables::person(place, &locator), sealed);
    }
    if let Some(section) = &change.section {
        draft.put(
            Table::FilterKeys,
            tables::filter_key(place, &locator),
            section,
        )?;
    }
    if let Some(due) = change.due {
        draft.put_key(Table::Due, tables::due(place, due, &locator));
    }
    for listing in &person.listings {
        let entry = tables::entry(place, &listing.entry);
        draft.put_row(Table::Entries, entry, &locator.0);
        let own = own_key(place, &listing.organisation, &listing.entry);
        draft.put_row(Table::OwnEntries, own, &locator.0);
    }
    let kept = KeptPerson {
        person,
        section: change.section,
        due: change.due,
    };
    draft.put(Table::People, tables::person(place, &locator), &kept)
}

fn own_key(place: &Place, organisation: &OrgId, entry: &crate::protocol::EntryId) -> Key {
    tables::own(place, organisation).raw(&entry.0)
}
