use proptest::prelude::*;

use super::*;
use crate::protocol::codes::{AmountBand, Collectibility};
use crate::protocol::listing::ListingContent;
use crate::protocol::{Date, Digest32, EntryId, OrgId};

const STATUSES: [ListingStatus; 3] = [
    ListingStatus::Active,
    ListingStatus::Suspended,
    ListingStatus::Previously,
];

fn listing(reason: Reason, status: ListingStatus, until: i64, gone: i64) -> Listing {
    let is_debt = !reason.is_programme() && reason != Reason::Korban;
    Listing {
        entry: EntryId([1; 16]),
        organisation: OrgId::parse("ksp-maju").expect("an id"),
        reference: Digest32([2; 32]),
        content: ListingContent {
            reason,
            collectibility: is_debt.then_some(Collectibility::Macet),
            plafond_band: is_debt.then_some(AmountBand::From5To25),
            defaulted_on: Date(1),
            expires_on: None,
            evidence: None,
        },
        status,
        listed_at: Timestamp(0),
        listed_until: Timestamp(until),
        gone_after: Timestamp(gone),
        order: Digest32([3; 32]),
    }
}

fn any_listing() -> impl Strategy<Value = Listing> {
    let grades = proptest::sample::select(Collectibility::ALL);
    let bands = proptest::sample::select(AmountBand::ALL);
    let reasons = proptest::sample::select(Reason::ALL);
    let statuses = proptest::sample::select(STATUSES.to_vec());
    (reasons, statuses, 0i64..20, 0i64..20, grades, bands).prop_map(
        |(reason, status, until, after, grade, band)| {
            let mut listing = listing(reason, status, until, until + after);
            let content = &mut listing.content;
            content.collectibility = content.collectibility.map(|_| grade);
            content.plafond_band = content.plafond_band.map(|_| band);
            listing
        },
    )
}

fn any_person() -> impl Strategy<Value = Vec<Listing>> {
    proptest::collection::vec(any_listing(), 0..6)
}

/// The slow judge: asks each listing by itself what it makes of its person at a time.
fn judged(listings: &[Listing], at: i64) -> AnswerClass {
    let mut best = AnswerClass::NotListed;
    for listing in listings {
        let (until, gone) = (listing.listed_until.0, listing.gone_after.0);
        let class = match (listing.status, listing.content.reason) {
            (ListingStatus::Suspended, _) | (_, Reason::Korban) => AnswerClass::NotListed,
            (ListingStatus::Active, _) if at < until => AnswerClass::Listed,
            _ if at < gone => AnswerClass::Previously,
            _ => AnswerClass::NotListed,
        };
        best = best.min(class);
    }
    best
}

fn answered(listings: &[Listing], at: i64) -> AnswerClass {
    summary_of(listings, 1).map_or(AnswerClass::NotListed, |s| s.class_at(Timestamp(at)))
}

proptest! {
    #[test]
    fn readers_get_the_judges_class_at_every_time(listings in any_person()) {
        for at in -1..45 {
            prop_assert_eq!(answered(&listings, at), judged(&listings, at), "at {}", at);
        }
    }

    #[test]
    fn an_expiry_pass_changes_no_later_answer(listings in any_person(), now in 0i64..45) {
        let aged = expire(&listings, Timestamp(now));
        for at in now..45 {
            prop_assert_eq!(answered(&aged, at), judged(&listings, at), "at {}", at);
        }
        prop_assert_eq!(expire(&aged, Timestamp(now)), aged.clone());
        let due = due_of(&aged).map_or(45, |due| due.0);
        prop_assert!(due > now);
        for at in now..due {
            prop_assert_eq!(&expire(&aged, Timestamp(at)), &aged, "nothing changes before due");
        }
        if due < 45 {
            prop_assert_ne!(&expire(&aged, Timestamp(due)), &aged, "something changes when due");
        }
    }

    #[test]
    fn bands_and_reasons_are_those_of_the_class(listings in any_person()) {
        let summary = summary_of(&listings, 9);
        let victims = listings.iter().filter(|l| l.content.reason == Reason::Korban);
        let protected = victims.clone().any(|l| l.status == ListingStatus::Active);
        prop_assert_eq!(summary.is_some_and(|s| s.verify_identity), protected);
        let of = |status| listings.iter().filter(move |l| l.status == status
            && l.content.reason != Reason::Korban);
        let active: Vec<_> = of(ListingStatus::Active).collect();
        let previous: Vec<_> = of(ListingStatus::Previously).collect();
        let made_by = if active.is_empty() { previous } else { active };
        let Some(summary) = summary else {
            prop_assert!(made_by.is_empty() && !protected);
            prop_assert_eq!(section_of(&listings), None);
            return Ok(());
        };
        prop_assert_eq!(summary.count, CountBand::of(made_by.len()));
        prop_assert_eq!(summary.sequence, 9);
        for l in &made_by {
            prop_assert!(summary.reasons.contains(l.content.reason));
            prop_assert!(l.content.collectibility <= summary.grade);
            prop_assert!(l.content.plafond_band <= summary.plafond);
        }
        let named: std::collections::HashSet<_> = made_by.iter().map(|l| l.content.reason).collect();
        prop_assert_eq!(summary.reasons.iter().count(), named.len());
        let section = section_of(&listings);
        prop_assert_eq!(section.map(|s| (s.class, s.reasons)),
            (!made_by.is_empty()).then_some((summary.class, summary.reasons)));
        prop_assert!(Summary::from_bytes(&summary.to_bytes()).is_ok());
    }
}

#[test]
fn a_victim_is_protected_and_never_listed() {
    let victim = listing(Reason::Korban, ListingStatus::Active, 10, 20);
    let summary = summary_of(std::slice::from_ref(&victim), 1).expect("a row");
    assert_eq!(summary.class, AnswerClass::NotListed);
    assert!(summary.verify_identity && summary.reasons.is_empty());
    assert_eq!((summary.count, summary.grade), (CountBand::None, None));
    assert_eq!(section_of(std::slice::from_ref(&victim)), None);
    assert_eq!(expire(&[victim], Timestamp(10)), [], "no look-back");
}

#[test]
fn a_dispute_leaves_no_row_behind() {
    let disputed = listing(Reason::Kabur, ListingStatus::Suspended, 10, 20);
    assert_eq!(summary_of(std::slice::from_ref(&disputed), 1), None);
    assert_eq!(due_of(&[disputed]), Some(Timestamp(20)));
}
