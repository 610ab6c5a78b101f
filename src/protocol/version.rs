//! Whole versions of a list: a programme's list that its owner receives from an agency and hands in
//! anew as a whole. One version answers; at most one more is staged, which nobody is answered from
//! until it is switched in.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Digest32, ListId, OfficerId, OrgId};
use super::limits::{MAX_CLAUSES, MAX_HANDOVER_TEXT_BYTES};
use super::time::{Date, Timestamp};

/// A version's number within its list, from 1. Numbers are never used again.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Version(pub u32);

impl Version {
    /// The version that a new list answers from.
    pub const FIRST: Self = Self(1);

    /// The number after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Version {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// When a version holds, in UTC days, both included (`berlaku_dari`, `berlaku_sampai`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Validity {
    /// The first day: the version is not switched in before it, and it stands in for a row that names
    /// none. None: at once.
    pub berlaku_dari: Option<Date>,
    /// The last day: its rows end with it at the latest. None: the list's rules decide.
    pub berlaku_sampai: Option<Date>,
}

impl Validity {
    /// Whether the last day is not before the first.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match (self.berlaku_dari, self.berlaku_sampai) {
            (Some(from), Some(until)) => from <= until,
            _ => true,
        }
    }

    /// The time from which the version holds, not before `now`.
    #[must_use]
    pub fn begins(&self, now: Timestamp) -> Timestamp {
        self.berlaku_dari.map_or(now, |from| from.start().max(now))
    }

    /// The day from which the version's rows no longer hold, if it has an end.
    #[must_use]
    pub fn ends(&self) -> Option<Date> {
        self.berlaku_sampai.map(|last| Date(last.0 + 1))
    }
}

/// The content of an order to begin a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenVersion {
    /// A digest, under the organisation's own salt, of the file and of how it is staged: the same
    /// goes on in the same version, and nobody learns anything of the file.
    pub source: Digest32,
    /// When it holds.
    #[serde(default)]
    pub validity: Validity,
}

/// The content of an order to close a version: every row of the file came. From then on it takes no
/// more and may be switched in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseVersion {
    /// Which.
    pub version: Version,
    /// How many listings the owner counts in it.
    pub listings: u64,
}

/// The content of an order to discard a staged version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DropVersion {
    /// Which.
    pub version: Version,
}

/// The record of an agency's handing over (berita acara serah terima) and under which clauses its
/// list may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Handover {
    /// The record's number.
    pub number: String,
    /// Its day.
    pub date: Date,
    /// Who signed for the agency: an office, no person's NIK.
    pub handed_over_by: String,
    /// Who signed for the programme.
    pub received_by: String,
    /// The clauses of use, at least one.
    pub clauses: Vec<String>,
}

impl Handover {
    /// Whether every text is there and within its bound, and none holds a run of 16 digits, which
    /// could be a NIK.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let texts = [&self.number, &self.handed_over_by, &self.received_by];
        (1..=MAX_CLAUSES).contains(&self.clauses.len())
            && texts.into_iter().chain(&self.clauses).all(is_sound_text)
    }
}

fn is_sound_text(text: &String) -> bool {
    let digits = |w: &[u8]| w.iter().all(u8::is_ascii_digit);
    (1..=MAX_HANDOVER_TEXT_BYTES).contains(&text.trim().len())
        && text.len() <= MAX_HANDOVER_TEXT_BYTES
        && !text.as_bytes().windows(16).any(digits)
}

/// The content of an order to switch a version in. It names what its giver saw, so that nothing else
/// takes effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchVersion {
    /// The version that shall answer.
    pub version: Version,
    /// The version that answers until then.
    pub replaces: Version,
    /// The agency's handing over.
    pub handover: Handover,
}

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Checks, buckets and snapshots are answered from it.
    Answering,
    /// It takes rows.
    Staging,
    /// It is whole and waits to be switched in (`DRAF`).
    Closed,
}

/// A version as its owner may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VersionInfo {
    /// Its list.
    pub list: ListId,
    /// Its number.
    pub version: Version,
    /// Where it stands.
    pub state: VersionState,
    /// How many people it holds.
    pub people: u64,
    /// How many listings it took.
    pub listings: u64,
    /// When it holds.
    pub validity: Validity,
    /// When it was begun or, once it answers, switched in.
    pub since: Timestamp,
    /// Who staged it; none for a version that was never staged.
    pub staged_by: Option<StagedBy>,
    /// Under which handing over it was switched in.
    pub handover: Option<Handover>,
}

/// Who staged a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StagedBy {
    /// The organisation.
    pub organisation: OrgId,
    /// The officer; another one switches the version in.
    pub officer: OfficerId,
}

/// What a switch would change, counted in people who are answered about: whoever is suspended, and
/// victims of identity theft alone, count as absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DiffCounts {
    /// In the staged version alone.
    pub added: u64,
    /// In the answering version alone.
    pub removed: u64,
    /// In both, under the same class and categories.
    pub unchanged: u64,
    /// In both, under another class or other categories.
    pub changed: u64,
}

/// The difference between two versions of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VersionDiff {
    /// The version that answers.
    pub answering: Version,
    /// The staged one.
    pub staged: Version,
    /// Whether the staged one is whole.
    pub closed: bool,
    /// The counts.
    #[serde(flatten)]
    pub counts: DiffCounts,
}
