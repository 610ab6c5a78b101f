//! Whether the organisation's own entries are served: what a contributor sees nobody can hide.

use serde::Serialize;

use crate::protocol::codes::ListingStatus;
use crate::protocol::limits::MAX_PAGE;
use crate::protocol::submission::{OwnEntry, OwnPage};
use crate::protocol::{AnswerClass, Digest32, EntryId, ListId, paths};

use super::check::Found;
use super::door::RegistryDoor;
use super::pinning::{self, Pinned};
use super::{Agent, AgentError, orders};

/// Entries on one page that is asked for.
const PAGE: usize = MAX_PAGE;

/// How one own entry is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnVerdict {
    /// Its row opens and says at least what the entry says.
    Served,
    /// Its bucket holds no row for it: the registry withholds it.
    Missing,
    /// Its row says less than the entry: the registry weakens it.
    Weaker,
    /// The registry's page names another element than was submitted.
    Substituted,
}

/// What came of a verification.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OwnReport {
    /// Own entries that the registry's pages name.
    pub entries: u64,
    /// Entries whose buckets were fetched.
    pub sampled: u64,
    /// Entries found as expected.
    pub served: u64,
    /// Entries withheld or weakened: to be reported.
    pub faults: Vec<(EntryId, OwnVerdict)>,
    /// Listings that this home knows of and the registry's pages do not name. More than those that
    /// ended since is to be reported.
    pub unnamed: u64,
}

impl OwnReport {
    /// Whether every sampled entry is served.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

impl<D: RegistryDoor> Agent<D> {
    /// Samples at most `sample` of the organisation's own entries on a list, evenly over all of
    /// them from a random start, fetches their buckets and opens their rows.
    ///
    /// # Errors
    /// Those of a check: [`AgentError::Door`], [`AgentError::Record`], [`AgentError::Head`],
    /// [`AgentError::Bucket`], [`AgentError::Home`], [`AgentError::Randomness`],
    /// [`AgentError::Answer`]. A missing entry is no error but the report's.
    pub async fn own_verify(&self, list: &ListId, sample: usize) -> Result<OwnReport, AgentError> {
        let pinned = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        let entries = self.own_entries(list).await?;
        let mut report = OwnReport {
            entries: entries.len() as u64,
            unnamed: self.unnamed(list, &entries)?,
            ..OwnReport::default()
        };
        for entry in sampled(&entries, sample)? {
            report.sampled += 1;
            match self.verify_own(&pinned, entry).await? {
                OwnVerdict::Served => report.served += 1,
                fault => report.faults.push((entry.entry, fault)),
            }
        }
        self.home.keep_heads()?;
        Ok(report)
    }

    /// All of the organisation's own entries on a list.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Answer`], [`AgentError::Randomness`].
    pub async fn own_entries(&self, list: &ListId) -> Result<Vec<OwnEntry>, AgentError> {
        let mut entries: Vec<OwnEntry> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.own_page(list, after.as_deref()).await?;
            let ends = page.next.is_none() || page.entries.is_empty();
            if page.entries.len() > PAGE {
                return Err(AgentError::Answer);
            }
            entries.extend(page.entries);
            if ends {
                return Ok(entries);
            }
            after = page.next;
        }
    }

    async fn own_page(&self, list: &ListId, after: Option<&str>) -> Result<OwnPage, AgentError> {
        let path = own_path(list, after, PAGE);
        let read = orders::read(&self.home, path, self.now())?;
        Ok(self.door.own(&read, list, after, PAGE).await?)
    }

    async fn verify_own(
        &self,
        pinned: &Pinned,
        entry: &OwnEntry,
    ) -> Result<OwnVerdict, AgentError> {
        let mark = self.home.element_mark(&entry.element.0);
        let substituted = self
            .home
            .references()?
            .entries(&pinned.record.list, &entry.reference)
            .iter()
            .any(|known| {
                known.entry == entry.entry && known.is_another(pinned.record.epoch, &mark)
            });
        if substituted {
            return Ok(OwnVerdict::Substituted);
        }
        let element = [entry.element.0];
        let locator = pinned.derivation.locators(&element)[0];
        let seal = &pinned.derivation.seal_keys(&element)[0];
        let found = self.look_up(pinned, &locator, seal).await?;
        Ok(judge(entry, &found))
    }

    fn unnamed(&self, list: &ListId, entries: &[OwnEntry]) -> Result<u64, AgentError> {
        let known = self.home.references()?;
        let named = |entry: &&OwnEntry| {
            let of_reference = known.entries(list, &entry.reference);
            of_reference.iter().any(|known| known.entry == entry.entry)
        };
        let named = entries.iter().filter(named).count();
        Ok(known.count(list).saturating_sub(named) as u64)
    }
}

/// The path of a page of own entries: the cursor is the registry's own text.
pub(super) fn own_path(list: &ListId, after: Option<&str>, limit: usize) -> String {
    let path = paths::fill(paths::OWN, &[list.as_str()]);
    match after {
        Some(after) => format!("{path}?after={after}&limit={limit}"),
        None => format!("{path}?limit={limit}"),
    }
}

/// What an entry says of a person is the least that the person's row must say: others may say more.
fn judge(entry: &OwnEntry, found: &Found) -> OwnVerdict {
    let Some(summary) = &found.summary else {
        let absent = entry.status == ListingStatus::Suspended;
        return if absent {
            OwnVerdict::Served
        } else {
            OwnVerdict::Missing
        };
    };
    let victim = entry.content.reason == crate::protocol::codes::Reason::Korban;
    let least = match entry.status {
        ListingStatus::Suspended | ListingStatus::Withdrawn => AnswerClass::NotListed,
        _ if victim => AnswerClass::NotListed,
        ListingStatus::Active => AnswerClass::Listed,
        ListingStatus::Previously => AnswerClass::Previously,
    };
    let flagged = !victim || summary.verify_identity || entry.status != ListingStatus::Active;
    // The row's own class, not the class at a time: an entry that ended an hour ago is served as
    // it stands until the expiry job comes by.
    if summary.class <= least && flagged {
        OwnVerdict::Served
    } else {
        OwnVerdict::Weaker
    }
}

/// At most `sample` entries, evenly spaced from a random start.
fn sampled(
    entries: &[OwnEntry],
    sample: usize,
) -> Result<impl Iterator<Item = &OwnEntry>, AgentError> {
    let step = entries.len().div_ceil(sample.max(1)).max(1);
    let random = u64::from_le_bytes(
        Digest32::of("saring/v1/sample", &orders::random_id()?).0[..8]
            .try_into()
            .expect("8 of 32 bytes"),
    );
    let start = usize::try_from(random % step as u64).unwrap_or(0);
    let take = if sample == 0 { 0 } else { sample };
    Ok(entries.iter().skip(start).step_by(step).take(take))
}
