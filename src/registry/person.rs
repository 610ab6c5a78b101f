//! What all of a person's listings together say. Pure, and but for [`expire`] without a clock: a
//! summary names its times, and readers apply them at the answer's signed time, so that an expiry
//! pass that runs late lists nobody.
//!
//! LISTED beats PREVIOUSLY beats NOT_LISTED. A suspended listing counts as absent. `KORBAN` has no
//! class: while it is active it sets `verify_identity` beside whatever the answer is. Count, grade,
//! plafond and reasons are those of the listings that make the class: a paid debt does not make an
//! open one look worse.

use crate::protocol::codes::{CountBand, ListingStatus, Reason};
use crate::protocol::listing::{Listing, Person};
use crate::protocol::row::{NONCE_BYTES, seal_bytes};
use crate::protocol::{AnswerClass, Derivation, Locator, Summary, Timestamp};
use crate::store::{PersonChange, Section};

use rand_core::Rng;
use rayon::prelude::*;

/// People one core seals before another is worth waking: about 200 microseconds.
const SEALED_TOGETHER: usize = 256;

/// What the person's row says; none where nothing counts, so that there is no row: the bucket's
/// padding takes its place and nobody sees that somebody is disputed.
pub(super) fn summary_of(listings: &[Listing], sequence: u64) -> Option<Summary> {
    let (class, made_by) = class_of(listings);
    let verify_identity = listings.iter().any(is_active_victim);
    if class == AnswerClass::NotListed && !verify_identity {
        return None;
    }
    let counting = listings.iter().filter(|listing| counts(listing));
    let ends = counting.clone().map(|listing| listing.listed_until).max();
    let active = counting.clone().filter(|listing| is_active(listing));
    let active_ends = active.map(|listing| listing.listed_until).max();
    let gone = counting.map(|listing| listing.gone_after).max();
    let listed_until = active_ends.or(ends).unwrap_or_default();
    Some(Summary {
        class,
        count: CountBand::of(made_by.len()),
        grade: made_by
            .iter()
            .filter_map(|l| l.content.collectibility)
            .max(),
        plafond: made_by.iter().filter_map(|l| l.content.plafond_band).max(),
        reasons: made_by
            .iter()
            .map(|listing| listing.content.reason)
            .collect(),
        verify_identity,
        listed_until,
        gone_after: gone.unwrap_or_default().max(listed_until),
        sequence,
    })
}

/// Where the person's filter key stands in snapshots.
pub(super) fn section_of(listings: &[Listing]) -> Option<Section> {
    let (class, made_by) = class_of(listings);
    (class != AnswerClass::NotListed).then(|| Section {
        class,
        reasons: made_by
            .iter()
            .map(|listing| listing.content.reason)
            .collect(),
    })
}

/// When time alone next changes what is kept.
pub(super) fn due_of(listings: &[Listing]) -> Option<Timestamp> {
    listings.iter().map(next_change).min()
}

/// The listings as they are at `now`: those whose time has come are previously listed, or gone.
pub(super) fn expire(listings: &[Listing], now: Timestamp) -> Vec<Listing> {
    let left = listings.iter().filter(|listing| now < end_of(listing));
    let aged = left.map(|listing| {
        let mut listing = listing.clone();
        if is_active(&listing) && now >= listing.listed_until {
            listing.status = ListingStatus::Previously;
        }
        listing
    });
    aged.collect()
}

/// From when a listing is as good as absent and may be destroyed. A victim's listing protects
/// until its end and has no look-back.
pub(super) fn end_of(listing: &Listing) -> Timestamp {
    if listing.content.reason == Reason::Korban {
        listing.listed_until
    } else {
        listing.gone_after
    }
}

/// Whether a listing makes its person listed or previously listed.
pub(super) fn counts(listing: &Listing) -> bool {
    let absent = [ListingStatus::Suspended, ListingStatus::Withdrawn];
    !absent.contains(&listing.status) && listing.content.reason != Reason::Korban
}

/// The people as they are to be kept, with their rows sealed under fresh nonces. Those without
/// listings are gone.
pub(super) fn changes(
    people: Vec<Person>,
    sequence: u64,
    derivation: &Derivation,
) -> Vec<PersonChange> {
    let elements: Vec<[u8; 32]> = people.iter().map(|person| person.element.0).collect();
    let keys = derivation.seal_keys(&elements);
    let mut nonces = vec![[0; NONCE_BYTES]; people.len()];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(nonces.as_flattened_mut());
    let sealing = people.into_par_iter().with_min_len(SEALED_TOGETHER);
    let sealed = sealing.zip(keys).zip(nonces).map(|((person, key), nonce)| {
        let locator = person.locator;
        let summary = summary_of(&person.listings, sequence);
        PersonChange {
            locator,
            row: summary.map(|summary| {
                let material = derivation.material();
                seal_bytes(&key, material, locator.tag(), nonce, &summary.to_bytes())
            }),
            section: section_of(&person.listings),
            due: due_of(&person.listings),
            person: (!person.listings.is_empty()).then_some(person),
        }
    });
    sealed.collect()
}

/// A person of whom nothing is kept yet.
pub(super) const fn nobody_yet(
    element: crate::protocol::listing::Element32,
    locator: Locator,
) -> Person {
    Person {
        element,
        locator,
        listings: Vec::new(),
    }
}

/// The class, and the listings that make it.
fn class_of(listings: &[Listing]) -> (AnswerClass, Vec<&Listing>) {
    let counting = || listings.iter().filter(|listing| counts(listing));
    let active: Vec<_> = counting().filter(|listing| is_active(listing)).collect();
    if !active.is_empty() {
        return (AnswerClass::Listed, active);
    }
    let previous: Vec<_> = counting().collect();
    let class = if previous.is_empty() {
        AnswerClass::NotListed
    } else {
        AnswerClass::Previously
    };
    (class, previous)
}

fn is_active(listing: &Listing) -> bool {
    listing.status == ListingStatus::Active
}

fn is_active_victim(listing: &Listing) -> bool {
    listing.content.reason == Reason::Korban && is_active(listing)
}

fn next_change(listing: &Listing) -> Timestamp {
    if is_active(listing) {
        listing.listed_until.min(end_of(listing))
    } else {
        end_of(listing)
    }
}

#[cfg(test)]
#[path = "person_tests.rs"]
mod tests;
