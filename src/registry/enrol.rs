//! Enrolment: invitations, joining, standing, grants.

use super::members::{Member, Needs, evidence};
use super::{Refusal, Registry};
use crate::protocol::codes::Role;
use crate::protocol::limits::{
    INVITATION_LIFE, MAX_ADMINISTRATION_BYTES, MAX_LEGAL_FIELD_BYTES, MAX_PAGE,
};
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::{
    Done, Grant, Invite, Join, LegalRecord, Organisation, SetStanding, Standing,
};
use crate::protocol::{ContentDigest, ErrorCode, OrgId, Timestamp};
use crate::store::{Change, Invitation, Store};

impl<S: Store> Registry<S> {
    /// Invites an organisation: its code's digest is good for 72 hours and one use. One that was
    /// invited and has not joined may be invited again, which voids the earlier code.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`] for anybody but the operator,
    /// [`ErrorCode::Malformed`], [`ErrorCode::TooLarge`], [`ErrorCode::InvalidField`] naming
    /// `legal`, [`ErrorCode::AlreadyExists`] if it has joined, and the store's.
    pub async fn invite(&self, order: &SignedOrder, content: &[u8]) -> Result<Done, Refusal> {
        let (member, now) = self
            .administrative(order, OrderKind::Invite, content)
            .await?;
        Self::only_operator(&member)?;
        let invite: Invite = parse(content)?;
        if !legal_fits(&invite.legal) {
            return Err(Refusal::field("legal"));
        }
        let invitation = Invitation {
            code: invite.code,
            organisation: invite.organisation.clone(),
            expires: now.plus(INVITATION_LIFE),
        };
        let organisation = Organisation {
            organisation: invite.organisation,
            legal: invite.legal,
            standing: Standing::Invited,
            key: None,
            since: now,
        };
        self.carry_out(order, Change::Invite(organisation, invitation), now)
            .await
    }

    /// Redeems an invitation: the order is signed by the new key that its content names.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::Malformed`], [`ErrorCode::TooLarge`],
    /// [`ErrorCode::BadInvitation`], and the store's.
    pub async fn join(&self, order: &SignedOrder, content: &[u8]) -> Result<Done, Refusal> {
        let join: Join = parse(content)?;
        let now = self.clock.now();
        let digest = ContentDigest::of(content);
        order
            .verify(&join.key, self.audience, OrderKind::Join, &digest, now)
            .map_err(|fault| Refusal::of_order(fault, now))?;
        let change = Change::Join {
            code: join.code.digest(),
            organisation: order.order.organisation.clone(),
            key: join.key,
        };
        self.carry_out(order, change, now).await
    }

    /// Suspends an organisation or lets it act again.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`] for anybody but the operator,
    /// [`ErrorCode::Malformed`], [`ErrorCode::TooLarge`], [`ErrorCode::NotFound`],
    /// [`ErrorCode::InvalidField`] naming `organisation` (the operator, or one that has not joined)
    /// or `standing` (invited), and the store's.
    pub async fn set_standing(&self, order: &SignedOrder, content: &[u8]) -> Result<Done, Refusal> {
        let (member, now) = self
            .administrative(order, OrderKind::SetStanding, content)
            .await?;
        Self::only_operator(&member)?;
        let set: SetStanding = parse(content)?;
        if set.standing == Standing::Invited {
            return Err(Refusal::field("standing"));
        }
        let known = self.store.organisation(&set.organisation).await?;
        let known = known.ok_or(ErrorCode::NotFound)?;
        if known.standing == Standing::Invited || set.organisation == self.options.operator {
            return Err(Refusal::field("organisation"));
        }
        let changed = Organisation {
            standing: set.standing,
            ..known
        };
        self.carry_out(order, Change::Organisation(changed), now)
            .await
    }

    /// Changes what an organisation may do on a list. Administrators of the list may, except that
    /// only the operator makes and unmakes administrators.
    ///
    /// # Errors
    /// Those of an order; [`ErrorCode::NotGranted`], [`ErrorCode::Malformed`],
    /// [`ErrorCode::TooLarge`], [`ErrorCode::InvalidField`] naming `list` (not the order's) or
    /// `roles` (one twice), [`ErrorCode::NotFound`], and the store's.
    pub async fn set_grant(&self, order: &SignedOrder, content: &[u8]) -> Result<Done, Refusal> {
        let (member, now) = self
            .administrative(order, OrderKind::SetGrant, content)
            .await?;
        let grant: Grant = parse(content)?;
        if !self.administers(&member, &grant.list).await? {
            return Err(ErrorCode::NotGranted.into());
        }
        if order.order.list.as_ref() != Some(&grant.list) {
            return Err(Refusal::field("list"));
        }
        let mut roles = grant.roles.clone();
        roles.sort_unstable();
        roles.dedup();
        if roles.len() != grant.roles.len() {
            return Err(Refusal::field("roles"));
        }
        let before = self.store.grant(&grant.organisation, &grant.list).await?;
        let administers = |grant: &Grant| grant.roles.contains(&Role::Administer);
        let touches_administrators =
            administers(&grant) || before.as_ref().is_some_and(administers);
        if touches_administrators && !member.is_operator {
            return Err(ErrorCode::NotGranted.into());
        }
        self.carry_out(order, Change::Grant(grant), now).await
    }

    /// Organisations in order of their id, after `after`, at most `limit` of 1 to
    /// [`MAX_PAGE`]: for the operator.
    ///
    /// # Errors
    /// [`ErrorCode::NotGranted`], [`ErrorCode::InvalidField`] naming `limit`, the store's.
    pub async fn organisations(
        &self,
        member: &Member,
        after: Option<&OrgId>,
        limit: usize,
    ) -> Result<Vec<Organisation>, Refusal> {
        Self::only_operator(member)?;
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(Refusal::field("limit"));
        }
        Ok(self.store.organisations(after, limit).await?)
    }

    pub(super) async fn administrative(
        &self,
        order: &SignedOrder,
        kind: OrderKind,
        content: &[u8],
    ) -> Result<(Member, Timestamp), Refusal> {
        if content.len() > MAX_ADMINISTRATION_BYTES {
            return Err(Refusal::limit(MAX_ADMINISTRATION_BYTES));
        }
        let digest = ContentDigest::of(content);
        let member = self
            .authenticate(order, kind, &digest, Needs::GoodStanding)
            .await?;
        Ok((member, self.clock.now()))
    }

    pub(super) async fn carry_out(
        &self,
        order: &SignedOrder,
        change: Change,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        self.store.administer(change, evidence(order, now)).await?;
        Ok(Done {
            order: order.order.digest(),
            time: now,
        })
    }
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(content: &[u8]) -> Result<T, Refusal> {
    if content.len() > MAX_ADMINISTRATION_BYTES {
        return Err(Refusal::limit(MAX_ADMINISTRATION_BYTES));
    }
    serde_json::from_slice(content).map_err(|_| ErrorCode::Malformed.into())
}

fn legal_fits(legal: &LegalRecord) -> bool {
    let texts = [
        &legal.name,
        &legal.badan_hukum,
        &legal.nib,
        &legal.pse_number,
        &legal.iso27001_certificate,
        &legal.idxcoop,
    ];
    texts.iter().all(|text| text.len() <= MAX_LEGAL_FIELD_BYTES)
}
