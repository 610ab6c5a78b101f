//! What the registry keeps for a person on a list, and what a contributor says of a borrower.

use serde::{Deserialize, Serialize};

use super::codes::{AmountBand, Collectibility, ListingStatus, Reason};
use super::ids::Digest32;
use super::ids::{EntryId, Locator, OrgId};
use super::time::{Date, Timestamp};

/// What a contributor says of one borrower: bands and codes only, no name, no exact amount,
/// nothing about savings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListingContent {
    /// Why the person is listed.
    pub reason: Reason,
    /// The loan's collectibility; none on programme lists.
    pub collectibility: Option<Collectibility>,
    /// The loan's credit limit as a band; none on programme lists.
    pub plafond_band: Option<AmountBand>,
    /// The day of default; for a programme list, the day from which the reason holds.
    pub defaulted_on: Date,
    /// The day from which the listing no longer counts as active. None: the list's policy decides.
    pub expires_on: Option<Date>,
    /// The digest of the evidence the contributor keeps, if any.
    pub evidence: Option<Digest32>,
}

/// One listing: one natural key (list, person, organisation, reference).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Its id, made by the registry; survives rotation.
    pub entry: EntryId,
    /// Who listed.
    pub organisation: OrgId,
    /// The digest of the organisation's own reference under the organisation's own salt.
    pub reference: Digest32,
    /// What was said.
    pub content: ListingContent,
    /// Active, suspended or previously.
    pub status: ListingStatus,
    /// When it was first listed.
    pub listed_at: Timestamp,
    /// Until when it counts as listed.
    pub listed_until: Timestamp,
    /// From when it counts as absent and may be destroyed.
    pub gone_after: Timestamp,
    /// The digest of the signed order that last changed it.
    pub order: Digest32,
}

/// One person on one list in one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// N (or, on a keyed-hash list, the keyed hash): 32 bytes. Never in an answer.
    pub element: Element32,
    /// Where the person stands in this epoch.
    pub locator: Locator,
    /// The listings, by time of listing; at most
    /// [`MAX_LISTINGS_PER_PERSON`](super::limits::MAX_LISTINGS_PER_PERSON).
    pub listings: Vec<Listing>,
}

/// The 32 bytes that stand for a person under a list's key: N in an OPRF list, the keyed hash in a
/// keyed-hash list. Whoever has them can follow the person for the length of the epoch, so they
/// are never shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element32(pub [u8; 32]);

impl std::fmt::Debug for Element32 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Element32(..)")
    }
}

super::schema::schema!(Element32, super::schema::hexadecimal(32));

impl Serialize for Element32 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Digest32(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Element32 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Digest32::deserialize(deserializer).map(|digest| Self(digest.0))
    }
}
