//! Values to fill a store with; nothing in them is of a real person or organisation.

use std::sync::Arc;

use crate::protocol::codes::{ListingStatus, Reason, RemovalCause, Role};
use crate::protocol::limits::ROW_BYTES;
use crate::protocol::listing::{Element32, Listing, ListingContent, Person};
use crate::protocol::order::ChargeKey;
use crate::protocol::organisation::{Grant, LegalRecord, Organisation, Standing};
use crate::protocol::policy::ListPolicy;
use crate::protocol::record::{EpochRecord, SignedRecord};
use crate::protocol::submission::Removal;
use crate::protocol::summary::Reasons;
use crate::protocol::version::{Handover, StagedBy, Validity, Version};
use crate::protocol::{
    AnswerClass, ContentDigest, Date, Digest32, EntryId, Epoch, JobId, ListId, ListKind, Locator,
    OfficerId, OrderId, OrgId, PublicKey, SigningKey, Timestamp,
};
use crate::store::{
    Change, Charge, Decide, Decision, Evidence, Invitation, JournaledRemoval, PersonChange,
    Section, StagedVersion, StoredList, View,
};

/// The organisation of a name.
pub(in crate::store) fn org(name: &str) -> OrgId {
    OrgId::parse(name).expect("a good name")
}

/// The list of a name.
pub(in crate::store) fn list_id(name: &str) -> ListId {
    ListId::parse(name).expect("a good name")
}

/// A list's first view.
pub(in crate::store) fn view(list: &str) -> View {
    View::answering(list_id(list), Epoch(1))
}

/// Evidence of `name`'s order `order` with content `content`, at `at`.
pub(in crate::store) fn evidence(name: &str, order: u8, content: u8, at: i64) -> Evidence {
    Evidence {
        organisation: org(name),
        order: OrderId([order; 16]),
        content: ContentDigest([content; 64]),
        signed_order: vec![order, content],
        at: Timestamp(at),
    }
}

/// An organisation.
pub(in crate::store) fn organisation(name: &str, standing: Standing) -> Organisation {
    Organisation {
        organisation: org(name),
        legal: LegalRecord {
            name: name.to_owned(),
            ..LegalRecord::default()
        },
        standing,
        key: None,
        since: Timestamp(5),
    }
}

/// An invitation of `name` with code `code`, good before `expires`.
pub(in crate::store) fn invite(name: &str, code: u8, expires: i64) -> Change {
    let invitation = Invitation {
        code: Digest32([code; 32]),
        organisation: org(name),
        expires: Timestamp(expires),
    };
    Change::Invite(organisation(name, Standing::Invited), invitation)
}

/// `name` joins with code `code`.
pub(in crate::store) fn join(name: &str, code: u8) -> Change {
    Change::Join {
        code: Digest32([code; 32]),
        organisation: org(name),
        key: PublicKey([code; 32]),
    }
}

/// A grant of `roles` on `list`.
pub(in crate::store) fn grant(name: &str, list: &str, roles: &[Role]) -> Grant {
    Grant {
        organisation: org(name),
        list: list_id(list),
        roles: roles.to_vec(),
        daily_quota: 100,
    }
}

/// A list's record.
pub(in crate::store) fn record(list: &str, revision: u32, previous: Digest32) -> SignedRecord {
    let record = EpochRecord {
        list: list_id(list),
        kind: ListKind::HashBlake3,
        epoch: Epoch(1),
        revision,
        previous,
        keys: None,
        hash_key: Some(Digest32([8; 32])),
        bucket_bits: revision as u8,
        rows_per_bucket: 512,
        not_before: Timestamp(0),
        not_after: Timestamp(1_000),
    };
    SignedRecord::by_registry(record, &SigningKey::from_bytes([3; 32]))
}

/// A new list.
pub(in crate::store) fn create_list(list: &str) -> Change {
    let first = record(list, 1, Digest32([0; 32]));
    let stored = StoredList::new(&first.record, ListPolicy::default(), 60);
    Change::CreateList(Box::new(stored), Box::new(first))
}

/// A version of `list` begins.
pub(in crate::store) fn open_version(list: &str) -> Change {
    let staged = StagedVersion {
        version: Version(0),
        staged_by: StagedBy {
            organisation: org("kop-satu"),
            officer: OfficerId::parse("petugas-1").expect("a good name"),
        },
        source: Digest32([1; 32]),
        validity: Validity::default(),
        since: Timestamp(3),
        closed: true,
        people: 9,
        listings: 9,
    };
    Change::OpenVersion(list_id(list), Box::new(staged))
}

/// `version` of `list` answers in the place of `replaces`.
pub(in crate::store) fn switch_version(list: &str, version: u32, replaces: u32) -> Change {
    let handover = Handover {
        number: "BA-1".to_owned(),
        date: Date(19_000),
        handed_over_by: "instansi".to_owned(),
        received_by: "program".to_owned(),
        clauses: vec!["hanya untuk seleksi".to_owned()],
    };
    Change::SwitchVersion {
        list: list_id(list),
        version: Version(version),
        replaces: Version(replaces),
        handover: Box::new(handover),
    }
}

/// The people of one version of a list.
pub(in crate::store) fn numbered(list: &str, version: u32) -> View {
    View::numbered(list_id(list), Epoch(1), Version(version))
}

/// A locator whose first byte decides its bucket and whose filter key is `filter`.
pub(in crate::store) fn locator(first: u8, filter: u64) -> Locator {
    let mut bytes = [first; 32];
    bytes[16..24].copy_from_slice(&filter.to_le_bytes());
    Locator(bytes)
}

/// A listing.
pub(in crate::store) fn listing(name: &str, entry: EntryId) -> Listing {
    Listing {
        entry,
        organisation: org(name),
        reference: Digest32([entry.0[0]; 32]),
        content: ListingContent {
            reason: Reason::MacetPokok,
            collectibility: None,
            plafond_band: None,
            defaulted_on: Date(19_000),
            expires_on: Some(Date(-3)),
            evidence: None,
        },
        status: ListingStatus::Active,
        listed_at: Timestamp(1),
        listed_until: Timestamp(2),
        gone_after: Timestamp(3),
        order: Digest32([4; 32]),
    }
}

/// A person with listings, a row of one byte repeated, a section that follows from its bits, and a
/// due time.
pub(in crate::store) fn person(
    locator: Locator,
    listings: Vec<Listing>,
    row: Option<u8>,
    due: Option<i64>,
) -> PersonChange {
    let mut reasons = Reasons::default();
    reasons.insert(Reason::MacetPokok);
    if row.is_some_and(|row| row % 2 == 1) {
        reasons.insert(Reason::Kabur);
    }
    if row.is_some_and(|row| row & 4 != 0) {
        reasons.insert(Reason::Asn);
    }
    let class = match row {
        Some(row) if row & 2 != 0 => AnswerClass::Previously,
        _ => AnswerClass::Listed,
    };
    let section = Section { class, reasons };
    PersonChange {
        locator,
        person: Some(Person {
            element: Element32([locator.0[0]; 32]),
            locator,
            listings,
        }),
        row: row.map(|byte| [byte; ROW_BYTES]),
        section: row.map(|_| section),
        due: due.map(Timestamp),
    }
}

/// Nobody at a locator.
pub(in crate::store) fn nobody(locator: Locator) -> PersonChange {
    PersonChange {
        locator,
        person: None,
        row: None,
        section: None,
        due: None,
    }
}

/// Decides the same whatever stands.
pub(in crate::store) fn always(changes: Vec<PersonChange>, reply: &[u8]) -> Decide {
    let decision = Decision {
        changes,
        reply: reply.to_vec(),
        ..Decision::default()
    };
    Arc::new(move |_| decision.clone())
}

/// A removal as the journal keeps it.
pub(in crate::store) fn removal(list: &str, entry: u8) -> JournaledRemoval {
    JournaledRemoval {
        list: list_id(list),
        removal: Removal {
            cause: RemovalCause::NikSalah,
            entries: vec![EntryId([entry; 16])],
        },
        signed_order: vec![entry; 200],
        at: Timestamp(i64::from(entry)),
    }
}

/// A charge of `count` on day `day` under chunk `chunk`.
pub(in crate::store) fn charge(
    name: &str,
    chunk: u32,
    content: u8,
    count: u64,
    day: i32,
) -> Charge {
    Charge {
        key: ChargeKey {
            organisation: org(name),
            list: list_id("peminjam"),
            epoch: Epoch(1),
            job: JobId([1; 16]),
            chunk,
        },
        content: ContentDigest([content; 64]),
        count,
        day: Date(day),
        allowed: 100,
    }
}
