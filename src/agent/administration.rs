//! Administrative acts: lists, invitations, standing, grants, the clock, a custodian's roll. Each
//! is a signed order; whether the organisation may give it, the registry decides.

use serde::Serialize;

use crate::protocol::codes::Purpose;
use crate::protocol::limits::MAX_PAGE;
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::{
    AcceptClock, Admit, CreateList, Done, Grant, Invite, LegalRecord, Organisation, SetStanding,
    Standing,
};
use crate::protocol::policy::ListInfo;
use crate::protocol::trust::{Invitation, InvitationCode};
use crate::protocol::{
    ContentDigest, Digest32, Fingerprint, JobId, ListId, OfficerId, OrderId, OrgId, paths,
};

use super::door::RegistryDoor;
use super::orders::{self, Acting, Matter, random_id};
use super::{Agent, AgentError};

/// The custodian whose roll an organisation enters.
pub type AdmitTo = Fingerprint;

impl<D: RegistryDoor> Agent<D> {
    /// Creates a list.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Content`], [`AgentError::Randomness`].
    pub async fn create_list(
        &self,
        wanted: &CreateList,
        officer: &OfficerId,
    ) -> Result<ListInfo, AgentError> {
        let (order, content) =
            self.act(OrderKind::CreateList, Some(&wanted.list), wanted, officer)?;
        Ok(self.door.create_list(&order, &content).await?)
    }

    /// Invites an organisation: the invitation to hand over. Its code never reaches the registry
    /// before the organisation joins. `url` is the address it shall use, usually the profile's.
    ///
    /// # Errors
    /// Those of [`Agent::create_list`].
    pub async fn invite(
        &self,
        organisation: OrgId,
        legal: LegalRecord,
        url: String,
        officer: &OfficerId,
    ) -> Result<Invitation, AgentError> {
        let code = InvitationCode::from_bytes(random_id()?);
        let content = Invite {
            organisation: organisation.clone(),
            legal,
            code: code.digest(),
        };
        self.administer(OrderKind::Invite, None, &content, officer)
            .await?;
        Ok(Invitation {
            organisation,
            url,
            trust_root: self.home.profile().trust.digest(),
            code,
        })
    }

    /// Changes an organisation's standing.
    ///
    /// # Errors
    /// Those of [`Agent::create_list`].
    pub async fn set_standing(
        &self,
        organisation: OrgId,
        standing: Standing,
        officer: &OfficerId,
    ) -> Result<Done, AgentError> {
        let content = SetStanding {
            organisation,
            standing,
        };
        self.administer(OrderKind::SetStanding, None, &content, officer)
            .await
    }

    /// Changes an organisation's roles and quota on a list.
    ///
    /// # Errors
    /// Those of [`Agent::create_list`].
    pub async fn grant(&self, grant: &Grant, officer: &OfficerId) -> Result<Done, AgentError> {
        self.administer(OrderKind::SetGrant, Some(&grant.list), grant, officer)
            .await
    }

    /// Confirms the present time after the server's clock leapt.
    ///
    /// # Errors
    /// Those of [`Agent::create_list`].
    pub async fn accept_clock(&self, officer: &OfficerId) -> Result<Done, AgentError> {
        let content = AcceptClock { now: self.now() };
        self.administer(OrderKind::AcceptClock, None, &content, officer)
            .await
    }

    /// Enters an organisation in the roll of the custodian of that fingerprint.
    ///
    /// # Errors
    /// Those of [`Agent::create_list`].
    pub async fn admit_to_roll(
        &self,
        custodian: AdmitTo,
        admit: &Admit,
        officer: &OfficerId,
    ) -> Result<Done, AgentError> {
        let content = serde_json::to_vec(admit).map_err(|_| AgentError::Content)?;
        let matter = matter(OrderKind::Admit, Some(&admit.list), &content)?;
        let key = self.home.signing();
        let acting = administering(officer);
        let order = orders::order_for(custodian, key, &self.home, &acting, matter, self.now());
        Ok(self.door.administer(&order, &content).await?)
    }

    /// Every organisation, by id: for the operator.
    ///
    /// # Errors
    /// [`AgentError::Door`], [`AgentError::Randomness`].
    pub async fn organisations(&self) -> Result<Vec<Organisation>, AgentError> {
        let mut all: Vec<Organisation> = Vec::new();
        loop {
            let after = all
                .last()
                .map(|last| format!("&after={}", last.organisation));
            let after = after.unwrap_or_default();
            let path = format!("{}?limit={MAX_PAGE}{after}", paths::ORGANISATIONS);
            let read = orders::read(&self.home, path, self.now())?;
            let page = self.door.organisations(&read).await?;
            let ends = page.len() < MAX_PAGE;
            all.extend(page);
            if ends {
                return Ok(all);
            }
        }
    }

    pub(super) async fn administer(
        &self,
        kind: OrderKind,
        list: Option<&ListId>,
        content: &impl Serialize,
        officer: &OfficerId,
    ) -> Result<Done, AgentError> {
        let (order, content) = self.act(kind, list, content, officer)?;
        Ok(self.door.administer(&order, &content).await?)
    }

    fn act(
        &self,
        kind: OrderKind,
        list: Option<&ListId>,
        content: &impl Serialize,
        officer: &OfficerId,
    ) -> Result<(SignedOrder, Vec<u8>), AgentError> {
        let content = serde_json::to_vec(content).map_err(|_| AgentError::Content)?;
        let matter = matter(kind, list, &content)?;
        let order = orders::order(&self.home, &administering(officer), matter, self.now());
        Ok((order, content))
    }
}

fn matter<'a>(
    kind: OrderKind,
    list: Option<&'a ListId>,
    content: &[u8],
) -> Result<Matter<'a>, AgentError> {
    Ok(Matter {
        kind,
        list,
        record: Digest32([0; 32]),
        job: JobId(random_id()?),
        chunk: 0,
        count: 1,
        content: ContentDigest::of(content),
        id: OrderId(random_id()?),
    })
}

pub(super) fn administering(officer: &OfficerId) -> Acting {
    Acting {
        officer: officer.clone(),
        purpose: Purpose::Administration,
    }
}
