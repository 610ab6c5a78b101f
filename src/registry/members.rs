//! Whose order or read it is, and whether it may.

use super::{Refusal, Registry};
use crate::protocol::codes::Role;
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::{Grant, LegalRecord, Organisation, Standing};
use crate::protocol::read::SignedRead;
use crate::protocol::{ContentDigest, ErrorCode, ListId, OrgId, PublicKey, Timestamp};
use crate::store::{Evidence, Store};

/// Who gets snapshots and deltas: they show nothing of whom one looks for.
pub(super) const SNAPSHOTS: [Role; 2] = [Role::Screen, Role::Watch];

/// An organisation whose signature verified and whose standing allows the act. Only the registry
/// makes one.
#[derive(Clone, Debug)]
pub struct Member {
    pub(super) organisation: OrgId,
    pub(super) is_operator: bool,
    /// Active, within its contract.
    pub(super) in_good_standing: bool,
}

impl Member {
    /// Who it is.
    #[must_use]
    pub const fn organisation(&self) -> &OrgId {
        &self.organisation
    }

    /// Whether it operates the registry.
    #[must_use]
    pub const fn is_operator(&self) -> bool {
        self.is_operator
    }
}

/// Which standing an act needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Active, within its contract.
    GoodStanding,
    /// Only that it once joined: one's own entries may always be taken back.
    Membership,
}

impl<S: Store> Registry<S> {
    /// Checks whose order it is: audience, kind, time, content and signature, then standing.
    pub(super) async fn authenticate(
        &self,
        order: &SignedOrder,
        kind: OrderKind,
        content: &ContentDigest,
        needs: Needs,
    ) -> Result<Member, Refusal> {
        let now = self.clock.now();
        let known = self.store.organisation(&order.order.organisation).await?;
        order
            .verify(&key_of(known.as_ref()), self.audience, kind, content, now)
            .map_err(|fault| Refusal::of_order(fault, now))?;
        self.member(known, needs, now)
    }

    /// Checks whose read it is, that it is fresh and seen for the first time, and standing.
    ///
    /// `path` is the path with its query as it came; `body` the digest of the body (of nothing,
    /// for a GET).
    ///
    /// # Errors
    /// [`ErrorCode::WrongAudience`], [`ErrorCode::StaleOrder`] with the server's time,
    /// [`ErrorCode::ContentMismatch`], [`ErrorCode::BadSignature`], [`ErrorCode::Replayed`],
    /// [`ErrorCode::Overloaded`], [`ErrorCode::OrganisationSuspended`], and the store's.
    pub async fn authenticate_read(
        &self,
        read: &SignedRead,
        method: &str,
        path: &str,
        body: &ContentDigest,
    ) -> Result<Member, Refusal> {
        let now = self.clock.now();
        let known = self.store.organisation(&read.read.organisation).await?;
        let key = key_of(known.as_ref());
        read.verify(&key, self.audience, method, path, body, now)
            .map_err(|fault| Refusal::of_order(fault, now))?;
        self.nonces.remember(&read.read, now)?;
        self.member(known, Needs::GoodStanding, now)
    }

    fn member(
        &self,
        known: Option<Organisation>,
        needs: Needs,
        now: Timestamp,
    ) -> Result<Member, Refusal> {
        let organisation = known.ok_or(ErrorCode::BadSignature)?;
        let good =
            organisation.standing == Standing::Active && within_contract(&organisation.legal, now);
        if needs == Needs::GoodStanding && !good {
            return Err(ErrorCode::OrganisationSuspended.into());
        }
        Ok(Member {
            is_operator: good && organisation.organisation == self.options.operator,
            in_good_standing: good,
            organisation: organisation.organisation,
        })
    }

    /// The member's grant on a list, if it has one of the roles.
    pub(super) async fn granted(
        &self,
        member: &Member,
        list: &ListId,
        roles: &[Role],
    ) -> Result<Grant, Refusal> {
        let grant = self.store.grant(&member.organisation, list).await?;
        grant
            .filter(|grant| grant.roles.iter().any(|role| roles.contains(role)))
            .ok_or_else(|| ErrorCode::NotGranted.into())
    }

    /// Whether the member administers a list, as the operator or by a grant.
    pub(super) async fn administers(
        &self,
        member: &Member,
        list: &ListId,
    ) -> Result<bool, Refusal> {
        if member.is_operator {
            return Ok(true);
        }
        let grant = self.store.grant(&member.organisation, list).await?;
        Ok(grant.is_some_and(|grant| grant.roles.contains(&Role::Administer)))
    }

    /// Refuses everybody but the operator.
    pub(super) fn only_operator(member: &Member) -> Result<(), Refusal> {
        if member.is_operator {
            Ok(())
        } else {
            Err(ErrorCode::NotGranted.into())
        }
    }
}

/// What an order leaves as evidence.
pub(super) fn evidence(order: &SignedOrder, at: Timestamp) -> Evidence {
    Evidence {
        organisation: order.order.organisation.clone(),
        order: order.order.id,
        content: order.order.content,
        signed_order: order.to_bytes(),
        at,
    }
}

/// The key to verify under. Nobody's, for whoever is unknown or has not joined: it verifies
/// nothing, and everything else is still checked and told in the same order.
fn key_of(organisation: Option<&Organisation>) -> PublicKey {
    let key = organisation.and_then(|organisation| organisation.key);
    key.unwrap_or(PublicKey([0; 32]))
}

fn within_contract(legal: &LegalRecord, now: Timestamp) -> bool {
    let today = now.date();
    legal.contract_from.is_none_or(|from| from <= today)
        && legal.contract_until.is_none_or(|until| today <= until)
}
