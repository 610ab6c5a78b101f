//! A served registry with its operator: lists and members are made by signed orders, through the
//! library.

use std::sync::Arc;

use saring::agent::{Agent, Home, key_folder};
use saring::app::clock::SystemClock;
use saring::keys::{KeyFiles, Sealing};
use saring::nik::Nik;
use saring::nik::synth::SyntheticNiks;
use saring::protocol::codes::Role;
use saring::protocol::organisation::{Admit, CreateList, Grant, LegalRecord, Standing};
use saring::protocol::policy::ListPolicy;
use saring::protocol::trust::Invitation;
use saring::protocol::{Clock, ListId, ListKind, OfficerId, OrgId};
use saring::remote::HttpRegistry;

use crate::installation::{Installation, Server};
use crate::member::{Member, door};

/// A running registry: a process, or whatever else serves it.
pub(crate) struct World<S = Server> {
    pub(crate) server: S,
    pub(crate) operator: Agent<HttpRegistry>,
    pub(crate) installation: Installation,
}

impl World {
    /// A registry with nobody but its operator.
    pub(crate) fn new() -> Self {
        Self::of(Installation::new())
    }

    /// Serves an installation.
    pub(crate) fn of(installation: Installation) -> Self {
        let server = installation.serve();
        let operator = operator(&installation, Arc::new(SystemClock));
        Self {
            server,
            operator,
            installation,
        }
    }
}

impl<S> World<S> {
    /// Creates a list of kind `oprf/nik` with the default rules.
    pub(crate) async fn list(&self, id: &str) -> ListId {
        self.list_with(id, ListPolicy::default()).await
    }

    /// Creates a list of kind `oprf/nik` with other rules.
    pub(crate) async fn list_with(&self, id: &str, policy: ListPolicy) -> ListId {
        let list = ListId::parse(id).unwrap();
        let wanted = CreateList {
            list: list.clone(),
            kind: ListKind::OprfNik,
            hash_key: None,
            policy,
            epoch_days: 60,
            daily_cap: 10_000_000,
        };
        self.operator
            .create_list(&wanted, &officer())
            .await
            .unwrap();
        list
    }

    /// Invites an organisation.
    pub(crate) async fn invite(&self, organisation: &str, url: &str) -> Invitation {
        let legal = LegalRecord {
            name: format!("Koperasi {organisation}"),
            ..LegalRecord::default()
        };
        let organisation = OrgId::parse(organisation).unwrap();
        self.operator
            .invite(organisation, legal, url.to_owned(), &officer())
            .await
            .unwrap()
    }

    /// A new member with roles on a list, admitted by the custodian too.
    pub(crate) async fn member(
        &self,
        organisation: &str,
        list: &ListId,
        roles: &[Role],
        daily_quota: u64,
    ) -> Member {
        let invitation = self.invite(organisation, &self.installation.url()).await;
        let member = Member::join(&invitation).await;
        self.grant(&member, list, roles, daily_quota).await;
        let admit = Admit {
            organisation: member.organisation.clone(),
            key: member.key.public_key(),
            list: list.clone(),
            daily_quota,
        };
        let custodian = self.installation.custodian;
        self.operator
            .admit_to_roll(custodian, &admit, &officer())
            .await
            .unwrap();
        member
    }

    /// Changes a member's grant.
    pub(crate) async fn grant(
        &self,
        member: &Member,
        list: &ListId,
        roles: &[Role],
        daily_quota: u64,
    ) {
        let grant = Grant {
            organisation: member.organisation.clone(),
            list: list.clone(),
            roles: roles.to_vec(),
            daily_quota,
        };
        self.operator.grant(&grant, &officer()).await.unwrap();
    }

    /// Suspends a member.
    pub(crate) async fn suspend(&self, member: &Member) {
        let organisation = member.organisation.clone();
        self.operator
            .set_standing(organisation, Standing::Suspended, &officer())
            .await
            .unwrap();
    }

    /// A door to the server.
    pub(crate) fn door(&self) -> HttpRegistry {
        door(&self.installation.url())
    }
}

/// Who acts for the operator.
pub(crate) fn officer() -> OfficerId {
    OfficerId::parse("admin-1").unwrap()
}

/// Everything that a cooperative does.
pub(crate) const COOPERATIVE: &[Role] = &[Role::Contribute, Role::Check];

/// The operator's agent, over its home in the registry's folder.
pub(crate) fn operator(installation: &Installation, clock: Arc<dyn Clock>) -> Agent<HttpRegistry> {
    let home = installation.registry().join("operator");
    let keys = KeyFiles::open(&key_folder(&home), Sealing::Plain).unwrap();
    let home = Home::open(&home, Box::new(keys)).unwrap();
    Agent::new(home, door(&installation.url()), clock)
}

/// Valid NIKs of nobody in particular.
pub(crate) fn people(seed: u64, count: usize) -> Vec<Nik> {
    SyntheticNiks::new(seed).take(count).collect()
}
