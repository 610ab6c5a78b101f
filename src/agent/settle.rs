//! Settling and withdrawing by the organisation's own reference: no NIK, no evaluation, no quota.

use serde::Serialize;

use crate::protocol::codes::{Purpose, RemovalCause};
use crate::protocol::limits::MAX_REMOVALS;
use crate::protocol::order::OrderKind;
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::submission::{Removal, RemovalOutcome};
use crate::protocol::version::Version;
use crate::protocol::{ContentDigest, Digest32, EntryId, JobId, ListId, OfficerId, OrderId};

use super::door::RegistryDoor;
use super::home::Of;
use super::orders::{self, Acting, Matter, random_id};
use super::{Agent, AgentError};

/// What became of one reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// This home knows no listing under the reference on this list.
    Unknown,
    /// One outcome a listing: a joint loan has several.
    Outcomes(Vec<RemovalOutcome>),
}

/// What became of all references, in their order, and the registry's receipts.
#[derive(Clone, Debug, Serialize)]
pub struct SettleReport {
    /// One a reference, in the order given.
    pub references: Vec<Settled>,
    /// One a request of at most [`MAX_REMOVALS`] listings.
    pub receipts: Vec<SignedReceipt>,
}

impl<D: RegistryDoor> Agent<D> {
    /// Settles, withdraws, suspends or reinstates the listings under the organisation's own
    /// references. Repeating it changes nothing: what is settled answers `unchanged`.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Receipt`], [`AgentError::Answer`],
    /// [`AgentError::Content`], [`AgentError::Randomness`], [`AgentError::Home`].
    pub async fn settle(
        &self,
        list: &ListId,
        references: &[&str],
        cause: RemovalCause,
        officer: &OfficerId,
    ) -> Result<SettleReport, AgentError> {
        let version = self.answering_kept(list).await?;
        let entries = self.entries_under(list, version, references)?;
        let all: Vec<EntryId> = entries.iter().flatten().copied().collect();
        let (mut outcomes, mut receipts) = (Vec::with_capacity(all.len()), Vec::new());
        for part in all.chunks(MAX_REMOVALS) {
            let receipt = self
                .remove(list, cause, part, officer, &mut outcomes)
                .await?;
            receipts.push(receipt);
        }
        let mut outcomes = outcomes.into_iter();
        let settled = entries.iter().map(|entries| match entries.len() {
            0 => Settled::Unknown,
            count => Settled::Outcomes(outcomes.by_ref().take(count).collect()),
        });
        Ok(SettleReport {
            references: settled.collect(),
            receipts,
        })
    }

    /// The listings under each reference: those submitted to the list, and those of the version that
    /// answers. One that stands in both has one id.
    fn entries_under(
        &self,
        list: &ListId,
        version: Option<Version>,
        references: &[&str],
    ) -> Result<Vec<Vec<EntryId>>, AgentError> {
        let digests: Vec<Digest32> = references
            .iter()
            .map(|reference| self.home.reference_digest(reference.trim()))
            .collect();
        let mut entries = vec![Vec::new(); references.len()];
        let staged = version.map(Some);
        for version in std::iter::once(None).chain(staged) {
            let of = Of {
                list: list.clone(),
                version,
            };
            let found = self.home.references(&of)?.find(&digests)?;
            for (entries, found) in entries.iter_mut().zip(found) {
                entries.extend(found.iter().map(|known| known.entry));
            }
        }
        for entries in &mut entries {
            entries.sort_unstable();
            entries.dedup();
        }
        Ok(entries)
    }

    async fn remove(
        &self,
        list: &ListId,
        cause: RemovalCause,
        entries: &[EntryId],
        officer: &OfficerId,
        outcomes: &mut Vec<RemovalOutcome>,
    ) -> Result<SignedReceipt, AgentError> {
        let removal = Removal {
            cause,
            entries: entries.to_vec(),
        };
        let content = serde_json::to_vec(&removal).map_err(|_| AgentError::Content)?;
        let matter = Matter {
            kind: OrderKind::Remove,
            list: Some(list),
            // A removal concerns no record: it must also work while one changes.
            record: Digest32([0; 32]),
            job: JobId(random_id()?),
            chunk: 0,
            count: entries.len(),
            content: ContentDigest::of(&content),
            id: OrderId(random_id()?),
        };
        let acting = Acting {
            officer: officer.clone(),
            purpose: purpose(cause),
        };
        let order = orders::order(&self.home, &acting, matter, self.now());
        let reply = self.door.remove(&order, &content).await?;
        self.check_receipt(&reply.receipt, &order, list)?;
        if reply.entries.len() != entries.len() {
            return Err(AgentError::Answer);
        }
        outcomes.extend(reply.entries);
        Ok(reply.receipt)
    }

    /// That a receipt is signed by the registry and acknowledges this very order.
    pub(super) fn check_receipt(
        &self,
        receipt: &SignedReceipt,
        order: &crate::protocol::order::SignedOrder,
        list: &ListId,
    ) -> Result<(), AgentError> {
        receipt.verify(&self.home.profile().trust.registry)?;
        let said = &receipt.receipt;
        if said.order != order.order.digest() || said.list != *list {
            return Err(AgentError::Receipt);
        }
        Ok(())
    }
}

const fn purpose(cause: RemovalCause) -> Purpose {
    match cause {
        RemovalCause::Sanggahan | RemovalCause::SanggahanDitolak => Purpose::Dispute,
        _ => Purpose::Reporting,
    }
}
