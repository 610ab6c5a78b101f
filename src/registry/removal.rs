//! What a removal does to listings: pure.

use std::collections::HashMap;

use super::person::{self, end_of};
use super::reply::{Kept, KeptEntry};
use crate::protocol::codes::{ListingStatus, Reason, RemovalCause};
use crate::protocol::limits::MAX_LISTING_LIFE;
use crate::protocol::listing::{Listing, Person};
use crate::protocol::policy::ListPolicy;
use crate::protocol::submission::RemovalOutcome;
use crate::protocol::{Derivation, Digest32, EntryId, Locator, Timestamp};
use crate::store::{Before, Decision};

/// A removal made ready: whose entries may be touched is decided.
pub(super) struct Removing {
    pub(super) cause: RemovalCause,
    /// The entries in the order of the request, each with where its person stood; none for those
    /// that are not there or not for this organisation to touch.
    pub(super) entries: Vec<(EntryId, Option<Locator>)>,
    pub(super) locators: Vec<Locator>,
    pub(super) policy: ListPolicy,
    pub(super) derivation: Derivation,
    pub(super) order: Digest32,
    pub(super) record: Digest32,
    pub(super) now: Timestamp,
}

impl Removing {
    /// Decides every entry in order.
    pub(super) fn decide(&self, before: &Before) -> Decision {
        let found = self.locators.iter().zip(before.people.iter().cloned());
        let mut people: HashMap<Locator, (Person, bool)> = found
            .filter_map(|(locator, person)| Some((*locator, (person?, false))))
            .collect();
        let outcomes = self.entries.iter().map(|(entry, locator)| {
            let person = locator.and_then(|locator| people.get_mut(&locator));
            let Some((person, changed)) = person else {
                return RemovalOutcome::NotFound;
            };
            let outcome = self.remove(*entry, &mut person.listings);
            *changed |= outcome == RemovalOutcome::Done;
            outcome
        });
        let kept: Kept<KeptEntry> = Kept {
            time: self.now,
            record: self.record,
            outcomes: outcomes.collect(),
        };
        let changed = people.into_values().filter(|(_, changed)| *changed);
        let mut changed: Vec<Person> = changed.map(|(person, _)| person).collect();
        changed.sort_by_key(|person| person.locator);
        Decision {
            changes: person::changes(changed, before.sequence, &self.derivation),
            reply: kept.to_bytes(),
            ..Decision::default()
        }
    }

    fn remove(&self, entry: EntryId, listings: &mut Vec<Listing>) -> RemovalOutcome {
        let at = listings
            .iter()
            .position(|listing| listing.entry == entry && self.now < end_of(listing));
        let Some(at) = at else {
            return RemovalOutcome::NotFound;
        };
        let outcome = match self.cause {
            RemovalCause::Lunas => self.settle(&mut listings[at]),
            RemovalCause::Sanggahan => suspend(&mut listings[at]),
            RemovalCause::SanggahanDitolak => self.reinstate(&mut listings[at]),
            RemovalCause::NikSalah
            | RemovalCause::PutusanPengadilan
            | RemovalCause::Meninggal
            | RemovalCause::DicabutPelapor
            | RemovalCause::PersetujuanDicabut => {
                listings.remove(at);
                return RemovalOutcome::Done;
            }
        };
        if outcome == RemovalOutcome::Done {
            listings[at].order = self.order;
        }
        outcome
    }

    /// Paid: previously listed from now on, until the look-back ends. What had ended keeps its end,
    /// and a disputed listing stays suspended.
    fn settle(&self, listing: &mut Listing) -> RemovalOutcome {
        if listing.content.reason == Reason::Korban {
            return RemovalOutcome::NotPossible;
        }
        if listing.status == ListingStatus::Previously || listing.listed_until <= self.now {
            return RemovalOutcome::Unchanged;
        }
        let last = listing.listed_at.plus(MAX_LISTING_LIFE);
        // Nobody pays before being listed: a clock that went back takes nothing off the look-back.
        let paid = self.now.max(listing.listed_at);
        listing.listed_until = paid;
        listing.gone_after = self.policy.look_back_from(paid).min(last).max(paid);
        if listing.status == ListingStatus::Active {
            listing.status = ListingStatus::Previously;
        }
        RemovalOutcome::Done
    }

    /// The dispute was decided against the person: listed again, or previously if it has ended.
    fn reinstate(&self, listing: &mut Listing) -> RemovalOutcome {
        if listing.status != ListingStatus::Suspended {
            return RemovalOutcome::Unchanged;
        }
        listing.status = if listing.listed_until <= self.now {
            ListingStatus::Previously
        } else {
            ListingStatus::Active
        };
        RemovalOutcome::Done
    }
}

fn suspend(listing: &mut Listing) -> RemovalOutcome {
    if listing.status == ListingStatus::Suspended {
        return RemovalOutcome::Unchanged;
    }
    listing.status = ListingStatus::Suspended;
    RemovalOutcome::Done
}
