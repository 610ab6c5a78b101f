//! A submission's rows into a staged version: pure. A version says again who is on the list, so a
//! row stands by itself; what was decided about a person in the meantime is kept.

use super::batch::Batch;
use super::person;
use super::reply::{Kept, KeptRow};
use crate::protocol::codes::ListingStatus;
use crate::protocol::limits::MAX_LISTINGS_PER_PERSON;
use crate::protocol::listing::{Listing, ListingContent, Person};
use crate::protocol::submission::{RowRefusal, SubmissionRow};
use crate::protocol::version::Validity;
use crate::protocol::{EntryId, Timestamp};
use crate::store::{Before, Decision, StagedVersion};

/// What a staged version's rows are held to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Staging {
    validity: Validity,
    /// Since when it is staged.
    since: Timestamp,
}

impl Staging {
    pub(super) const fn of(staged: &StagedVersion) -> Self {
        Self {
            validity: staged.validity,
            since: staged.since,
        }
    }

    /// From when its rows count.
    pub(super) fn begins(&self, now: Timestamp) -> Timestamp {
        self.validity.begins(now)
    }

    /// A row ends with its version at the latest.
    pub(super) fn within(&self, content: &mut ListingContent) {
        let ends = [content.expires_on, self.validity.ends()];
        content.expires_on = ends.into_iter().flatten().min();
    }

    /// Decides every row in order, each on top of those before it.
    pub(super) fn decide(&self, batch: &Batch, before: &Before) -> Decision {
        let mut people: Vec<Option<Person>> = before.people.clone();
        let mut changed = vec![false; people.len()];
        let mut listings = 0;
        let rows = batch.rows.iter().zip(&batch.places).zip(&batch.entries);
        let outcomes = rows.map(|((row, place), entry)| {
            let place = match place {
                Err(reason) => return KeptRow::Refused(*reason),
                Ok(place) => *place,
            };
            let locator = batch.locators[place];
            let person =
                people[place].get_or_insert_with(|| person::nobody_yet(row.element, locator));
            let answered = before
                .other
                .as_ref()
                .and_then(|other| other[place].as_ref());
            let listing = self.listing(batch, row, *entry, answered);
            let outcome = join(listing, &mut person.listings);
            if matches!(outcome, KeptRow::Accepted(..)) {
                changed[place] = true;
                listings += 1;
            }
            outcome
        });
        let kept = Kept {
            time: batch.now,
            record: batch.record,
            outcomes: outcomes.collect(),
        };
        let people = people.into_iter().zip(changed);
        let people = people.filter(|(_, changed)| *changed);
        let people: Vec<Person> = people.filter_map(|(person, _)| person).collect();
        Decision {
            changes: person::changes(people, before.sequence, &batch.derivation),
            other: Vec::new(),
            listings,
            reply: kept.to_bytes(),
        }
    }

    /// The listing that a row makes. It keeps the id under which the version that answers has it,
    /// a dispute about the person, and a settlement since the version was begun.
    fn listing(
        &self,
        batch: &Batch,
        row: &SubmissionRow,
        entry: EntryId,
        answered: Option<&Person>,
    ) -> Listing {
        let at = self.begins(batch.now);
        let (listed_until, gone_after) = batch.policy.life(&row.content, at);
        let mut listing = Listing {
            entry,
            organisation: batch.organisation.clone(),
            reference: row.reference,
            content: row.content.clone(),
            status: ListingStatus::Active,
            listed_at: at,
            listed_until,
            gone_after,
            order: batch.order,
        };
        let all = answered.into_iter().flat_map(|person| &person.listings);
        let own = all.filter(|listing| listing.organisation == batch.organisation);
        for held in own {
            let same = held.reference == row.reference;
            if same {
                listing.entry = held.entry;
            }
            if held.status == ListingStatus::Suspended {
                listing.status = ListingStatus::Suspended;
            }
            let settled = held.status == ListingStatus::Previously
                && held.listed_until >= self.since
                && held.listed_until <= batch.now;
            if same && settled && listing.status == ListingStatus::Active {
                listing.status = ListingStatus::Previously;
                listing.listed_until = held.listed_until;
                listing.gone_after = held.gone_after;
            }
        }
        listing
    }
}

/// Adds a listing to those that the version has of its person.
fn join(new: Listing, listings: &mut Vec<Listing>) -> KeptRow {
    let own = || {
        listings
            .iter()
            .filter(|l| l.organisation == new.organisation)
    };
    if own().any(|listing| listing.status == ListingStatus::Withdrawn) {
        return KeptRow::Refused(RowRefusal::Withdrawn);
    }
    match own().find(|listing| listing.reference == new.reference) {
        Some(held) if held.content == new.content => KeptRow::Unchanged(held.entry),
        Some(_) => KeptRow::Refused(RowRefusal::Conflict),
        None if listings.len() >= MAX_LISTINGS_PER_PERSON => {
            KeptRow::Refused(RowRefusal::TooManyListings)
        }
        None => {
            let entry = new.entry;
            listings.push(new);
            KeptRow::Accepted(entry, false)
        }
    }
}
