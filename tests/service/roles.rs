//! Who may do what, cell by cell: everything that is not allowed is refused.

use saring::nik::Nik;
use saring::protocol::codes::{Purpose, RemovalCause, Role};
use saring::protocol::order::OrderKind;
use saring::protocol::organisation::{
    AcceptClock, Grant, Invite, LegalRecord, SetStanding, Standing,
};
use saring::protocol::submission::RemovalOutcome;
use saring::protocol::{Digest32, ErrorCode, ListId, ListKind, OrgId};
use saring::registry::Refusal;

use crate::programme::Programme;
use crate::world::{Actor, World, json, row, somebody};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    Evaluate,
    EvaluateToWatch,
    Submit,
    RemoveAnothers,
    Bucket,
    Snapshot,
    OwnPage,
    Records,
    CreateList,
    Invite,
    SetStanding,
    SetGrant,
    MakeAdministrator,
    AcceptClock,
    Organisations,
    OpenVersion,
    Stage,
    Versions,
    VersionDiff,
    CloseVersion,
    SwitchVersion,
    DropVersion,
}

/// All but those on versions of a list. The bucket comes before the submission: a contributor may see
/// it once an entry of its own is in.
const PLAIN: [Act; 15] = [
    Act::Bucket,
    Act::Evaluate,
    Act::EvaluateToWatch,
    Act::Submit,
    Act::RemoveAnothers,
    Act::Snapshot,
    Act::OwnPage,
    Act::Records,
    Act::CreateList,
    Act::Invite,
    Act::SetStanding,
    Act::SetGrant,
    Act::MakeAdministrator,
    Act::AcceptClock,
    Act::Organisations,
];

/// What each role may do; everything else is refused. The operator has no role on the list.
fn allowed(role: Option<Role>, is_operator: bool) -> &'static [Act] {
    match role {
        _ if is_operator => &[
            Act::RemoveAnothers,
            Act::Records,
            Act::CreateList,
            Act::Invite,
            Act::SetStanding,
            Act::SetGrant,
            Act::MakeAdministrator,
            Act::AcceptClock,
            Act::Organisations,
            Act::Versions,
            Act::VersionDiff,
            Act::DropVersion,
        ],
        None => &[],
        Some(Role::Contribute) => &[Act::Evaluate, Act::Submit, Act::OwnPage, Act::Records],
        Some(Role::Check) => &[Act::Evaluate, Act::Bucket, Act::Records],
        Some(Role::Screen) => &[Act::Evaluate, Act::Snapshot, Act::Records],
        Some(Role::Watch) => &[Act::EvaluateToWatch, Act::Snapshot, Act::Records],
        Some(Role::Administer) => &[
            Act::RemoveAnothers,
            Act::Records,
            Act::SetGrant,
            Act::Versions,
            Act::VersionDiff,
            Act::DropVersion,
        ],
    }
}

/// What the owner of a programme's list may do besides, once it may contribute.
const OWNERS: [Act; 7] = [
    Act::OpenVersion,
    Act::Stage,
    Act::Versions,
    Act::VersionDiff,
    Act::CloseVersion,
    Act::SwitchVersion,
    Act::DropVersion,
];

/// Every act.
fn acts() -> impl Iterator<Item = Act> {
    PLAIN.into_iter().chain(OWNERS)
}

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) oblivious: ListId,
    pub(crate) keyed: ListId,
    pub(crate) bystander: Actor,
    programme: Programme,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let oblivious = world.list("peminjam-macet", ListKind::OprfNik).await;
        let keyed = world.list("daftar-lama", ListKind::HashBlake3).await;
        let roles = [Role::Contribute];
        let bystander = world.member("ksp-lain", 200, &keyed, &roles, 0).await;
        let programme = Programme::new(&world, "asn-peran").await;
        Self {
            world,
            oblivious,
            keyed,
            bystander,
            programme,
        }
    }

    pub(crate) async fn try_act(&self, by: &Actor, act: Act) -> Result<(), Refusal> {
        match act {
            Act::Evaluate => {
                let nik = [Nik::parse("3515144508680002").expect("valid")];
                self.world
                    .evaluate(by, &self.oblivious, &nik)
                    .await
                    .map(|_| ())
            }
            Act::EvaluateToWatch => {
                let nik = [Nik::parse("3515144508680002").expect("valid")];
                let watch = Purpose::PortfolioWatch;
                let evaluation = self.world.evaluation_for(watch, by, &self.oblivious, &nik);
                let (_, order, elements) = evaluation.await;
                let evaluated = self.world.registry.evaluate(&order, elements);
                evaluated.await.map(|_| ())
            }
            Act::Submit => {
                let rows = vec![row(somebody(1), 1)];
                let (order, content) = self.world.submission(by, &self.keyed, rows).await;
                self.world
                    .registry
                    .submit(&order, &content)
                    .await
                    .map(|_| ())
            }
            Act::RemoveAnothers => self.try_remove(by).await,
            _ if OWNERS.contains(&act) => self.programme.try_act(&self.world, by, act).await,
            Act::CreateList | Act::Invite | Act::SetStanding | Act::AcceptClock => {
                self.try_administer(by, act).await
            }
            Act::SetGrant => self.try_grant(by, &[Role::Check]).await,
            Act::MakeAdministrator => self.try_grant(by, &[Role::Administer]).await,
            _ => self.try_read(by, act).await,
        }
    }

    async fn try_read(&self, by: &Actor, act: Act) -> Result<(), Refusal> {
        let registry = &self.world.registry;
        let member = self.world.read(by).await?;
        let (list, epoch) = (&self.keyed, saring::protocol::Epoch(1));
        match act {
            Act::Bucket => registry.bucket(&member, list, epoch, 0).await.map(|_| ()),
            Act::Snapshot => registry.snapshot(&member, list, epoch).await.map(|_| ()),
            Act::OwnPage => registry.own_page(&member, list, None, 10).await.map(|_| ()),
            Act::Records => registry.records(&member, list).await.map(|_| ()),
            Act::Organisations => registry.organisations(&member, None, 10).await.map(|_| ()),
            _ => unreachable!("not a read"),
        }
    }

    async fn try_remove(&self, by: &Actor) -> Result<(), Refusal> {
        let number = u32::from_le_bytes(self.world.random16()[..4].try_into().expect("4 bytes"));
        let entry = self
            .world
            .list_one(&self.bystander, &self.keyed, row(somebody(number), 7))
            .await;
        let cause = RemovalCause::Sanggahan;
        let outcomes = self.world.remove(by, &self.keyed, cause, &[entry]).await?;
        match outcomes[..] {
            [RemovalOutcome::Done] => Ok(()),
            // Whether there is such an entry is not told either.
            [RemovalOutcome::NotFound] => Err(ErrorCode::NotGranted.into()),
            ref other => panic!("{other:?}"),
        }
    }

    async fn try_grant(&self, by: &Actor, roles: &[Role]) -> Result<(), Refusal> {
        let content = json(&Grant {
            organisation: OrgId::parse("ksp-penerima").expect("an id"),
            list: self.keyed.clone(),
            roles: roles.to_vec(),
            daily_quota: 1,
        });
        let order = self
            .world
            .on_list(by, OrderKind::SetGrant, &self.keyed, &content);
        let order = order.sign(&by.key);
        self.world
            .registry
            .set_grant(&order, &content)
            .await
            .map(|_| ())
    }

    async fn try_administer(&self, by: &Actor, act: Act) -> Result<(), Refusal> {
        let world = &self.world;
        let unique = format!("baru-{}", Digest32::of("t", &world.random16()));
        let unique = &unique[..20];
        let list = ListId::parse(unique).expect("an id");
        let (kind, content) = match act {
            Act::CreateList => (
                OrderKind::CreateList,
                json(&World::creation(&list, ListKind::HashBlake3)),
            ),
            Act::Invite => (
                OrderKind::Invite,
                json(&Invite {
                    organisation: OrgId::parse(unique).expect("an id"),
                    legal: LegalRecord::default(),
                    code: Digest32::of("code", unique.as_bytes()),
                }),
            ),
            Act::SetStanding => (
                OrderKind::SetStanding,
                json(&SetStanding {
                    organisation: self.bystander.id.clone(),
                    standing: Standing::Active,
                }),
            ),
            _ => (
                OrderKind::AcceptClock,
                json(&AcceptClock { now: world.now() }),
            ),
        };
        let order = world.on_list(by, kind, &list, &content).sign(&by.key);
        let registry = &world.registry;
        match act {
            Act::CreateList => registry.create_list(&order, &content).await.map(|_| ()),
            Act::Invite => registry.invite(&order, &content).await.map(|_| ()),
            Act::SetStanding => registry.set_standing(&order, &content).await.map(|_| ()),
            _ => registry.accept_clock(&order, &content).await.map(|_| ()),
        }
    }
}

#[tokio::test]
async fn every_role_does_its_own_acts_and_nothing_else() {
    let stage = Stage::new().await;
    let receiver = Actor::new("ksp-penerima", 201);
    let code = stage.world.invited(&receiver, LegalRecord::default()).await;
    stage.world.join(&receiver, code).await.expect("joins");
    let roles = [
        None,
        Some(Role::Contribute),
        Some(Role::Check),
        Some(Role::Screen),
        Some(Role::Watch),
        Some(Role::Administer),
    ];
    for (number, role) in (0u8..).zip(roles) {
        let granted: Vec<Role> = role.into_iter().collect();
        let id = format!("ksp-peran-{number}");
        let actor = stage
            .world
            .member(&id, 10 + number, &stage.keyed, &granted, 0)
            .await;
        stage
            .world
            .grant(&actor, &stage.oblivious, &granted, 10)
            .await
            .expect("granted");
        stage
            .world
            .admit(&actor, &stage.oblivious, 10)
            .await
            .expect("admitted");
        let programme = &stage.programme.list;
        let granted = stage.world.grant(&actor, programme, &granted, 10).await;
        granted.expect("granted");
        for act in acts() {
            check(&stage, &actor, act, allowed(role, false).contains(&act)).await;
        }
    }
    for act in OWNERS {
        check(&stage, &stage.programme.owner, act, true).await;
    }
    for act in acts() {
        let may = allowed(None, true).contains(&act);
        check(&stage, &stage.world.operator, act, may).await;
    }
    let stranger = Actor::new("tak-dikenal", 250);
    for act in acts() {
        let refused = stage.try_act(&stranger, act).await.expect_err("a stranger");
        assert_eq!(refused.code, ErrorCode::BadSignature, "{act:?}");
    }
}

async fn check(stage: &Stage, by: &Actor, act: Act, may: bool) {
    let outcome = stage.try_act(by, act).await;
    match outcome {
        Ok(()) => assert!(may, "{} did {act:?}", by.id),
        Err(refusal) => {
            assert!(!may, "{} was refused {act:?}: {refusal:?}", by.id);
            assert_eq!(refusal.code, ErrorCode::NotGranted, "{} at {act:?}", by.id);
        }
    }
}
