//! What a removal does to listings: pure.

use std::collections::HashMap;

use super::person::{self, end_of};
use super::reply::{Kept, KeptEntry};
use crate::protocol::codes::{ListingStatus, Reason, RemovalCause};
use crate::protocol::limits::MAX_LISTING_LIFE;
use crate::protocol::listing::{Element32, Listing, Person};
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
        let mut people = self.held(&before.people);
        let mut staged = before.other.as_deref().map(|other| self.held(other));
        let outcomes = self.entries.iter().map(|(entry, locator)| {
            let Some(locator) = locator else {
                return RemovalOutcome::NotFound;
            };
            let answering = people.get_mut(locator);
            let (outcome, listing) = match answering {
                None => (RemovalOutcome::NotFound, None),
                Some((person, changed)) => {
                    let stood = person.listings.iter().find(|l| l.entry == *entry).cloned();
                    let outcome = self.remove(*entry, &mut person.listings);
                    *changed |= outcome == RemovalOutcome::Done;
                    (outcome, stood.map(|stood| (person.element, stood)))
                }
            };
            let beside = Beside {
                entry: *entry,
                locator: *locator,
                listing: listing.filter(|_| outcome == RemovalOutcome::Done),
            };
            match &mut staged {
                Some(staged) if beside.listing.is_some() => {
                    self.remove_beside(&beside, staged);
                    outcome
                }
                Some(staged) if outcome == RemovalOutcome::NotFound => {
                    self.remove_beside(&beside, staged)
                }
                _ => outcome,
            }
        });
        let kept: Kept<KeptEntry> = Kept {
            time: self.now,
            record: self.record,
            outcomes: outcomes.collect(),
        };
        let changes = |people| person::changes(changed(people), before.sequence, &self.derivation);
        Decision {
            changes: changes(people),
            other: staged.map(changes).unwrap_or_default(),
            reply: kept.to_bytes(),
            ..Decision::default()
        }
    }

    fn held(&self, people: &[Option<Person>]) -> HashMap<Locator, (Person, bool)> {
        let found = self.locators.iter().zip(people.iter().cloned());
        found
            .filter_map(|(locator, person)| Some((*locator, (person?, false))))
            .collect()
    }

    /// Carries a removal over to the version that is staged, so that a switch does not undo it: to
    /// the listing of the same id or, where the version names the person under other references
    /// alone, to all of that organisation's. What leaves nothing is remembered until the switch,
    /// because the person's row may still be to come.
    fn remove_beside(
        &self,
        beside: &Beside,
        staged: &mut HashMap<Locator, (Person, bool)>,
    ) -> RemovalOutcome {
        let listing = beside.listing.as_ref();
        let leaves_nothing = self.leaves_nothing();
        if let (Some((element, listing)), true) = (listing, leaves_nothing) {
            let nobody = || (person::nobody_yet(*element, beside.locator), false);
            let (person, changed) = staged.entry(beside.locator).or_insert_with(nobody);
            let organisation = &listing.organisation;
            if person
                .listings
                .iter()
                .all(|l| l.organisation != *organisation)
            {
                person.listings.push(self.withdrawn(listing.clone()));
                *changed = true;
                return RemovalOutcome::Done;
            }
        }
        let Some((person, changed)) = staged.get_mut(&beside.locator) else {
            return RemovalOutcome::NotFound;
        };
        let same = person.listings.iter().any(|l| l.entry == beside.entry);
        let meant = |l: &Listing| match listing {
            _ if same => l.entry == beside.entry,
            Some((_, listing)) => l.organisation == listing.organisation,
            None => false,
        };
        let mut outcome = RemovalOutcome::NotFound;
        for listing in person.listings.iter_mut().filter(|l| meant(l)) {
            outcome = match (leaves_nothing, listing.status) {
                (_, ListingStatus::Withdrawn) => RemovalOutcome::NotFound,
                (true, _) => {
                    *listing = self.withdrawn(listing.clone());
                    RemovalOutcome::Done
                }
                (false, _) => self.settle_or_suspend(listing),
            };
            *changed |= outcome == RemovalOutcome::Done;
        }
        outcome
    }

    /// A listing that counts as absent, as soon as an expiry pass sees it as gone.
    fn withdrawn(&self, listing: Listing) -> Listing {
        Listing {
            status: ListingStatus::Withdrawn,
            listed_until: self.now,
            gone_after: self.now,
            order: self.order,
            ..listing
        }
    }

    const fn leaves_nothing(&self) -> bool {
        matches!(
            self.cause,
            RemovalCause::NikSalah
                | RemovalCause::PutusanPengadilan
                | RemovalCause::Meninggal
                | RemovalCause::DicabutPelapor
                | RemovalCause::PersetujuanDicabut
        )
    }

    fn remove(&self, entry: EntryId, listings: &mut Vec<Listing>) -> RemovalOutcome {
        let at = listings
            .iter()
            .position(|listing| listing.entry == entry && self.now < end_of(listing));
        let Some(at) = at else {
            return RemovalOutcome::NotFound;
        };
        if self.leaves_nothing() {
            listings.remove(at);
            return RemovalOutcome::Done;
        }
        self.settle_or_suspend(&mut listings[at])
    }

    fn settle_or_suspend(&self, listing: &mut Listing) -> RemovalOutcome {
        let outcome = match self.cause {
            RemovalCause::Lunas => self.settle(listing),
            RemovalCause::Sanggahan => suspend(listing),
            RemovalCause::SanggahanDitolak => self.reinstate(listing),
            _ => RemovalOutcome::NotPossible,
        };
        if outcome == RemovalOutcome::Done {
            listing.order = self.order;
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

/// A removal as it meets the version that is staged.
struct Beside {
    entry: EntryId,
    locator: Locator,
    /// The listing as it stood in the version that answers, with its person's element, if the
    /// removal changed it.
    listing: Option<(Element32, Listing)>,
}

fn changed(people: HashMap<Locator, (Person, bool)>) -> Vec<Person> {
    let changed = people.into_values().filter(|(_, changed)| *changed);
    let mut changed: Vec<Person> = changed.map(|(person, _)| person).collect();
    changed.sort_by_key(|person| person.locator);
    changed
}

fn suspend(listing: &mut Listing) -> RemovalOutcome {
    if listing.status == ListingStatus::Suspended {
        return RemovalOutcome::Unchanged;
    }
    listing.status = ListingStatus::Suspended;
    RemovalOutcome::Done
}
