//! Whether the organisation's own entries are served: what a contributor sees nobody can hide.

use serde::Serialize;

use crate::protocol::codes::ListingStatus;
use crate::protocol::limits::MAX_PAGE;
use crate::protocol::submission::{OwnEntry, OwnPage};
use crate::protocol::{AnswerClass, Digest32, EntryId, ListId, paths};

use super::check::Found;
use super::door::RegistryDoor;
use super::home::{Of, References};
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
    /// Samples at most `sample` of the organisation's own entries on a list at random, fetches their
    /// buckets and opens their rows. Memory is that of the sample, however many entries there are.
    ///
    /// # Errors
    /// Those of a check: [`AgentError::Door`], [`AgentError::Record`], [`AgentError::Head`],
    /// [`AgentError::Bucket`], [`AgentError::Home`], [`AgentError::Randomness`],
    /// [`AgentError::Answer`]. A missing entry is no error but the report's.
    pub async fn own_verify(&self, list: &ListId, sample: usize) -> Result<OwnReport, AgentError> {
        let pinned = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        let of = Of {
            list: list.clone(),
            version: self.answering_kept(list).await?,
        };
        let references = self.home.references(&of)?;
        let mut report = OwnReport::default();
        let (mut sampled, mut named) = (Sample::of(sample)?, 0);
        let mut after = None;
        loop {
            let page = self.own_page(list, after.as_deref()).await?;
            report.entries += page.entries.len() as u64;
            named += names(&references, &page.entries)?;
            let ends = page.next.is_none() || page.entries.is_empty();
            page.entries
                .into_iter()
                .for_each(|entry| sampled.see(entry));
            if ends {
                break;
            }
            after = page.next;
        }
        report.unnamed = references.count()?.saturating_sub(named);
        for entry in sampled.kept {
            report.sampled += 1;
            match self.verify_own(&pinned, &references, &entry).await? {
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
        let page = self.door.own(&read, list, after, PAGE).await?;
        match page.entries.len() <= PAGE {
            true => Ok(page),
            false => Err(AgentError::Answer),
        }
    }

    async fn verify_own(
        &self,
        pinned: &Pinned,
        references: &References,
        entry: &OwnEntry,
    ) -> Result<OwnVerdict, AgentError> {
        let mark = self.home.element_mark(&entry.element.0);
        let known = references.find(&[entry.reference])?;
        let substituted = known.iter().flatten().any(|known| {
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
}

/// How many entries of a page this home knows of.
fn names(references: &References, page: &[OwnEntry]) -> Result<u64, AgentError> {
    let digests: Vec<Digest32> = page.iter().map(|entry| entry.reference).collect();
    let found = references.find(&digests)?;
    let known = page.iter().zip(&found);
    let named = known.filter(|(entry, found)| found.iter().any(|known| known.entry == entry.entry));
    Ok(named.count() as u64)
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

/// Some of however many entries, each with the same chance (Vitter 1985, algorithm R).
struct Sample {
    room: usize,
    seen: u64,
    kept: Vec<OwnEntry>,
    chance: blake3::OutputReader,
}

impl Sample {
    fn of(room: usize) -> Result<Self, AgentError> {
        let seed = orders::random_id()?;
        Ok(Self {
            room,
            seen: 0,
            kept: Vec::new(),
            chance: blake3::Hasher::new_derive_key("saring 2026 v1 own sample")
                .update(&seed)
                .finalize_xof(),
        })
    }

    fn see(&mut self, entry: OwnEntry) {
        self.seen += 1;
        if self.kept.len() < self.room {
            self.kept.push(entry);
            return;
        }
        let mut eight = [0; 8];
        self.chance.fill(&mut eight);
        // 64 bits over at most 10^8: the bias is below 10^-11.
        let place = u64::from_le_bytes(eight) % self.seen;
        if let Some(kept) = usize::try_from(place)
            .ok()
            .and_then(|at| self.kept.get_mut(at))
        {
            *kept = entry;
        }
    }
}
