//! A submission's rows against the people who stand: pure.

use std::collections::HashSet;

use super::person::{self, end_of};
use super::reply::{Kept, KeptRow};
use super::stage::Staging;
use crate::group::refusals;
use crate::protocol::codes::{ListingStatus, Reason};
use crate::protocol::limits::{MAX_LISTING_LIFE, MAX_LISTINGS_PER_PERSON};
use crate::protocol::listing::{Listing, Person};
use crate::protocol::policy::ListPolicy;
use crate::protocol::record::EpochRecord;
use crate::protocol::submission::{RowRefusal, SubmissionRow};
use crate::protocol::{Derivation, Digest32, EntryId, Locator, OrgId, Timestamp};
use crate::store::{Before, Decision};

/// A submission made ready: whatever does not depend on what stands is decided.
pub(super) struct Batch {
    pub(super) organisation: OrgId,
    pub(super) order: Digest32,
    pub(super) record: Digest32,
    pub(super) policy: ListPolicy,
    pub(super) now: Timestamp,
    pub(super) derivation: Derivation,
    pub(super) rows: Vec<SubmissionRow>,
    /// For each row the place of its person in `locators`, or why it is refused.
    pub(super) places: Vec<Result<usize, RowRefusal>>,
    /// An id for each row, should it become a listing. Chosen once: a decision may run again.
    pub(super) entries: Vec<EntryId>,
    pub(super) locators: Vec<Locator>,
    /// For rows of a staged version.
    staging: Option<Staging>,
}

impl Batch {
    /// Checks each row by itself and finds where its person stands.
    pub(super) fn new(
        mut rows: Vec<SubmissionRow>,
        record: &EpochRecord,
        (policy, staging): (ListPolicy, Option<Staging>),
        by: (OrgId, Digest32),
        now: Timestamp,
        rng: &mut impl rand_core::CryptoRng,
    ) -> Self {
        let derivation = Derivation::new(&record.list, record.epoch);
        let elements: Vec<[u8; 32]> = rows.iter().map(|row| row.element.0).collect();
        let mut refused: Vec<Option<RowRefusal>> = vec![None; rows.len()];
        if record.kind.is_oprf() {
            for (refused, refusal) in refused.iter_mut().zip(refusals(&elements)) {
                *refused = refusal.map(|_| RowRefusal::BadElement);
            }
        }
        let mut seen = HashSet::with_capacity(rows.len());
        let at = staging.map_or(now, |staging| staging.begins(now));
        for (row, refused) in rows.iter_mut().zip(&mut refused) {
            if let Some(staging) = &staging {
                staging.within(&mut row.content);
            }
            let admitted = policy.admit(&row.content, at).map_err(RowRefusal::from);
            *refused = refused.or(admitted.err());
            if refused.is_none() && !seen.insert((row.element, row.reference)) {
                *refused = Some(RowRefusal::Repeated);
            }
        }
        let (locators, places) = places(&derivation.locators(&elements), &refused);
        let mut entries = vec![[0; 16]; rows.len()];
        rng.fill_bytes(entries.as_flattened_mut());
        Self {
            entries: entries.into_iter().map(EntryId).collect(),
            organisation: by.0,
            order: by.1,
            record: record.digest(),
            policy,
            now,
            derivation,
            rows,
            places,
            locators,
            staging,
        }
    }

    /// Where the rows' people stand, each once.
    pub(super) fn locators(&self) -> Vec<Locator> {
        self.locators.clone()
    }

    /// Decides every row in order, each on top of those before it.
    pub(super) fn decide(&self, before: &Before) -> Decision {
        if let Some(staging) = &self.staging {
            return staging.decide(self, before);
        }
        let mut people: Vec<Option<Person>> = before.people.clone();
        let mut changed = vec![false; people.len()];
        let rows = self.rows.iter().zip(&self.places).zip(&self.entries);
        let outcomes = rows.map(|((row, place), entry)| match place {
            Err(reason) => KeptRow::Refused(*reason),
            Ok(place) => {
                let person = people[*place]
                    .get_or_insert_with(|| person::nobody_yet(row.element, self.locators[*place]));
                let outcome = self.decide_row(row, *entry, &mut person.listings);
                let changes = matches!(outcome, KeptRow::Accepted(..) | KeptRow::Updated(_));
                changed[*place] |= changes;
                outcome
            }
        });
        let kept = Kept {
            time: self.now,
            record: self.record,
            outcomes: outcomes.collect(),
        };
        let people = people
            .into_iter()
            .zip(changed)
            .filter(|(_, changed)| *changed);
        let people: Vec<Person> = people.filter_map(|(person, _)| person).collect();
        Decision {
            changes: person::changes(people, before.sequence, &self.derivation),
            reply: kept.to_bytes(),
            ..Decision::default()
        }
    }

    fn decide_row(
        &self,
        row: &SubmissionRow,
        entry: EntryId,
        listings: &mut Vec<Listing>,
    ) -> KeptRow {
        let own = |listing: &Listing| {
            listing.organisation == self.organisation && listing.reference == row.reference
        };
        // One whose time is over is as good as absent, whether or not the expiry pass was there.
        listings.retain(|listing| !own(listing) || self.now < end_of(listing));
        let by_another = listings
            .iter()
            .filter(|listing| listing.organisation != self.organisation)
            .any(|listing| person::counts(listing) && self.now < end_of(listing));
        let is_full = listings.len() >= MAX_LISTINGS_PER_PERSON;
        match listings.iter_mut().find(|listing| own(listing)) {
            Some(listing) if listing.content == row.content => KeptRow::Unchanged(listing.entry),
            Some(_) if !row.update => KeptRow::Refused(RowRefusal::Conflict),
            Some(listing) => match self.update(row, listing) {
                Ok(()) => KeptRow::Updated(listing.entry),
                Err(reason) => KeptRow::Refused(reason),
            },
            None if is_full => KeptRow::Refused(RowRefusal::TooManyListings),
            None => {
                listings.push(self.listing(row, entry));
                KeptRow::Accepted(entry, by_another)
            }
        }
    }

    fn listing(&self, row: &SubmissionRow, entry: EntryId) -> Listing {
        let (listed_until, gone_after) = self.policy.life(&row.content, self.now);
        Listing {
            entry,
            organisation: self.organisation.clone(),
            reference: row.reference,
            content: row.content.clone(),
            status: ListingStatus::Active,
            listed_at: self.now,
            listed_until,
            gone_after,
            order: self.order,
        }
    }

    /// Replaces what is said. A listing that was paid or has expired keeps its end: an update lists
    /// nobody anew. An open one counts its time from its first day, eight years in all at most.
    fn update(&self, row: &SubmissionRow, listing: &mut Listing) -> Result<(), RowRefusal> {
        let was_victim = listing.content.reason == Reason::Korban;
        if was_victim != (row.content.reason == Reason::Korban) {
            // A victim is not turned into a debtor under the same entry, nor the other way round.
            return Err(RowRefusal::Reason);
        }
        let has_ended =
            listing.status == ListingStatus::Previously || listing.listed_until <= self.now;
        if !has_ended {
            let (listed_until, gone_after) = self.policy.life(&row.content, listing.listed_at);
            let too_long = gone_after.since(listing.listed_at) > MAX_LISTING_LIFE;
            if too_long || listed_until <= self.now {
                return Err(RowRefusal::ExpiresOn);
            }
            listing.listed_until = listed_until;
            listing.gone_after = gone_after;
        }
        listing.content = row.content.clone();
        listing.order = self.order;
        Ok(())
    }
}

/// Each person's place once, in order of first mention, and for each row that is not refused
/// which place is its person's.
fn places(
    locators: &[Locator],
    refused: &[Option<RowRefusal>],
) -> (Vec<Locator>, Vec<Result<usize, RowRefusal>>) {
    let mut known = std::collections::HashMap::new();
    let mut once = Vec::new();
    let places = locators.iter().zip(refused).map(|(locator, refused)| {
        if let Some(reason) = refused {
            return Err(*reason);
        }
        Ok(*known.entry(*locator).or_insert_with(|| {
            once.push(*locator);
            once.len() - 1
        }))
    });
    let places = places.collect();
    (once, places)
}
