//! A programme's list and its owner: every act on a version of it.

use saring::protocol::codes::{Purpose, Reason, Role};
use saring::protocol::limits::ROW_BYTES;
use saring::protocol::listing::ListingContent;
use saring::protocol::order::{Order, OrderKind, SignedOrder};
use saring::protocol::organisation::CreateList;
use saring::protocol::policy::ListPolicy;
use saring::protocol::submission::{RowOutcome, Submission, SubmissionReply, SubmissionRow};
use saring::protocol::version::{
    CloseVersion, DiffCounts, DropVersion, Handover, OpenVersion, SwitchVersion, Validity, Version,
    VersionInfo, VersionState,
};
use saring::protocol::{
    AnswerClass, Date, Derivation, Digest32, EntryId, ListId, ListKind, OfficerId, Summary,
};
use saring::registry::Refusal;

use crate::roles::Act;
use crate::world::{Actor, TODAY, World, json, somebody};

/// A programme's list with its owner.
pub(crate) struct Programme {
    pub(crate) list: ListId,
    pub(crate) owner: Actor,
    pub(crate) checker: Actor,
}

pub(crate) fn category(reason: Reason) -> ListingContent {
    ListingContent {
        reason,
        collectibility: None,
        plafond_band: None,
        defaulted_on: Date(TODAY.0 - 1),
        expires_on: None,
        evidence: None,
    }
}

pub(crate) fn row(number: u32, reason: Reason) -> SubmissionRow {
    row_under(number, reason, "ASN")
}

pub(crate) fn row_under(number: u32, reason: Reason, reference: &str) -> SubmissionRow {
    SubmissionRow {
        element: somebody(number),
        reference: Digest32::of("reference", reference.as_bytes()),
        content: category(reason),
        update: false,
    }
}

pub(crate) fn handover() -> Handover {
    Handover {
        number: "BA-12/2026".to_owned(),
        date: Date(TODAY.0 - 3),
        handed_over_by: "Badan Kepegawaian".to_owned(),
        received_by: "Manajemen Pelaksana".to_owned(),
        clauses: vec!["hanya untuk seleksi peserta".to_owned()],
    }
}

impl Programme {
    pub(crate) async fn new(world: &World, name: &str) -> Self {
        let list = ListId::parse(name).expect("an id");
        let owner = Actor::new(&format!("pemilik-{name}"), 120);
        let policy = ListPolicy {
            reasons: vec![Reason::Asn, Reason::Tni],
            owner: Some(owner.id.clone()),
            ..ListPolicy::default()
        };
        let creation = CreateList {
            policy,
            ..World::creation(&list, ListKind::HashBlake3)
        };
        world.create(&creation).await.expect("created");
        let code = world.invited(&owner, Default::default()).await;
        world.join(&owner, code).await.expect("joins");
        let roles = [Role::Contribute];
        world
            .grant(&owner, &list, &roles, 0)
            .await
            .expect("granted");
        let checks = [Role::Check];
        let id = format!("pemeriksa-{name}");
        let checker = world.member(&id, 122, &list, &checks, 0).await;
        Self {
            list,
            owner,
            checker,
        }
    }

    pub(crate) fn order(
        &self,
        world: &World,
        by: &Actor,
        kind: OrderKind,
        content: &[u8],
    ) -> Order {
        let officer = match kind {
            OrderKind::SwitchVersion => "kepala-01",
            _ => "petugas-07",
        };
        Order {
            officer: OfficerId::parse(officer).expect("an id"),
            ..world.on_list(by, kind, &self.list, content)
        }
    }

    pub(crate) async fn open(
        &self,
        world: &World,
        by: &Actor,
        open: &OpenVersion,
    ) -> Result<VersionInfo, Refusal> {
        let content = json(open);
        let order = self
            .order(world, by, OrderKind::OpenVersion, &content)
            .sign(&by.key);
        world.registry.open_version(&order, &content).await
    }

    /// A version that holds at once, of a source of its own.
    pub(crate) async fn begin(&self, world: &World, source: u8) -> Version {
        let open = OpenVersion {
            source: Digest32([source; 32]),
            validity: Validity::default(),
        };
        let begun = self.open(world, &self.owner, &open).await.expect("begins");
        assert_eq!(begun.state, VersionState::Staging);
        begun.version
    }

    pub(crate) async fn rows_order(
        &self,
        world: &World,
        by: &Actor,
        version: Version,
        rows: Vec<SubmissionRow>,
    ) -> (SignedOrder, Vec<u8>) {
        let count = rows.len() as u32;
        let submission = Submission {
            version: Some(version),
            rows,
        };
        let content = submission.to_bytes();
        let order = Order {
            record: world.record(&self.list).await.record.digest(),
            purpose: Purpose::Reporting,
            count,
            ..self.order(world, by, OrderKind::Stage, &content)
        };
        (order.sign(&by.key), content)
    }

    pub(crate) async fn stage(
        &self,
        world: &World,
        by: &Actor,
        version: Version,
        rows: Vec<SubmissionRow>,
    ) -> Result<SubmissionReply, Refusal> {
        let (order, content) = self.rows_order(world, by, version, rows).await;
        world.registry.submit(&order, &content).await
    }

    pub(crate) async fn close(
        &self,
        world: &World,
        by: &Actor,
        version: Version,
        listings: u64,
    ) -> Result<(), Refusal> {
        let content = json(&CloseVersion { version, listings });
        let order = self
            .order(world, by, OrderKind::CloseVersion, &content)
            .sign(&by.key);
        world
            .registry
            .close_version(&order, &content)
            .await
            .map(|_| ())
    }

    pub(crate) async fn switch(
        &self,
        world: &World,
        by: &Actor,
        switch: &SwitchVersion,
    ) -> Result<(), Refusal> {
        let content = json(switch);
        let order = self
            .order(world, by, OrderKind::SwitchVersion, &content)
            .sign(&by.key);
        world
            .registry
            .switch_version(&order, &content)
            .await
            .map(|_| ())
    }

    pub(crate) async fn discard(
        &self,
        world: &World,
        by: &Actor,
        version: Version,
    ) -> Result<(), Refusal> {
        let content = json(&DropVersion { version });
        let order = self
            .order(world, by, OrderKind::DropVersion, &content)
            .sign(&by.key);
        world
            .registry
            .drop_version(&order, &content)
            .await
            .map(|_| ())
    }

    pub(crate) async fn versions(&self, world: &World) -> Vec<VersionInfo> {
        let member = world.read(&self.owner).await.expect("may read");
        let versions = world.registry.versions(&member, &self.list).await;
        versions.expect("versions")
    }

    pub(crate) async fn diff(&self, world: &World, version: Version) -> DiffCounts {
        let member = world.read(&self.owner).await.expect("may read");
        let diff = world.registry.version_diff(&member, &self.list, version);
        diff.await.expect("a difference").counts
    }

    pub(crate) async fn class(&self, world: &World, number: u32) -> AnswerClass {
        let looked_up = world
            .look_up(&self.checker, &self.list, somebody(number))
            .await;
        looked_up.expect("looked up").0
    }

    pub(crate) async fn summary(&self, world: &World, number: u32) -> Option<Summary> {
        let looked_up = world
            .look_up(&self.checker, &self.list, somebody(number))
            .await;
        looked_up.expect("looked up").1
    }

    pub(crate) async fn listed(
        &self,
        world: &World,
        numbers: impl IntoIterator<Item = u32>,
    ) -> Vec<u32> {
        let mut listed = Vec::new();
        for number in numbers {
            if self.class(world, number).await == AnswerClass::Listed {
                listed.push(number);
            }
        }
        listed
    }

    /// Which of the first people one answer lists: the bucket that holds them all.
    pub(crate) async fn in_one_answer(&self, world: &World, people: u32) -> Vec<u32> {
        let member = world.read(&self.checker).await.expect("may read");
        let record = world.record(&self.list).await.record;
        assert_eq!(record.bucket_bits, 0, "one bucket");
        let derivation = Derivation::new(&self.list, record.epoch);
        let elements: Vec<[u8; 32]> = (0..people).map(|number| somebody(number).0).collect();
        let served = world
            .registry
            .bucket(&member, &self.list, record.epoch, 0)
            .await;
        let (body, tags) = (served.expect("served").body, derivation.locators(&elements));
        let rows: std::collections::HashSet<&[u8]> =
            body.chunks(ROW_BYTES).map(|row| &row[..16]).collect();
        let listed = (0..people)
            .zip(tags)
            .filter(|(_, locator)| rows.contains(&locator.tag()[..]));
        listed.map(|(number, _)| number).collect()
    }

    /// Stages rows as a whole version and switches it in.
    pub(crate) async fn replace(
        &self,
        world: &World,
        source: u8,
        rows: Vec<SubmissionRow>,
    ) -> Version {
        let answering = self.versions(world).await[0].version;
        let version = self.begin(world, source).await;
        let reply = self
            .stage(world, &self.owner, version, rows)
            .await
            .expect("staged");
        let accepted = |row: &&RowOutcome| matches!(row, RowOutcome::Accepted { .. });
        let listings = reply.rows.iter().filter(accepted).count() as u64;
        self.close(world, &self.owner, version, listings)
            .await
            .expect("closed");
        self.take_effect(world, version, answering).await;
        version
    }

    pub(crate) async fn take_effect(&self, world: &World, version: Version, replaces: Version) {
        let switch = SwitchVersion {
            version,
            replaces,
            handover: handover(),
        };
        let switched = self.switch(world, &self.owner, &switch).await;
        switched.expect("switched");
    }

    /// One cell of the role matrix: the owner's own acts go before, so that only `by` decides.
    pub(crate) async fn try_act(&self, world: &World, by: &Actor, act: Act) -> Result<(), Refusal> {
        if let [_, staged] = &self.versions(world).await[..] {
            self.discard(world, &self.owner, staged.version)
                .await
                .expect("dropped");
        }
        let source = Digest32(world.random16().repeat(2).try_into().expect("32 bytes"));
        let open = OpenVersion {
            source,
            validity: Validity::default(),
        };
        if act == Act::OpenVersion {
            return self.open(world, by, &open).await.map(|_| ());
        }
        let version = self
            .open(world, &self.owner, &open)
            .await
            .expect("begins")
            .version;
        let answering = self.versions(world).await[0].version;
        let rows = vec![row(1, Reason::Asn)];
        if act == Act::Stage {
            return self.stage(world, by, version, rows).await.map(|_| ());
        }
        if act == Act::CloseVersion {
            return self.close(world, by, version, 0).await;
        }
        self.close(world, &self.owner, version, 0)
            .await
            .expect("closed");
        let switch = SwitchVersion {
            version,
            replaces: answering,
            handover: handover(),
        };
        match act {
            Act::SwitchVersion => self.switch(world, by, &switch).await,
            Act::DropVersion => self.discard(world, by, version).await,
            _ => {
                let member = world.read(by).await?;
                let registry = &world.registry;
                if act == Act::Versions {
                    return registry.versions(&member, &self.list).await.map(|_| ());
                }
                let diff = registry.version_diff(&member, &self.list, version);
                diff.await.map(|_| ())
            }
        }
    }
}

pub(crate) async fn entry_of(world: &World, programme: &Programme, number: u32) -> EntryId {
    let member = world.read(&programme.owner).await.expect("may read");
    let page = world
        .registry
        .own_page(&member, &programme.list, None, 1000)
        .await;
    let entries = page.expect("a page").entries;
    let of_person = entries
        .iter()
        .find(|entry| entry.element == somebody(number));
    of_person.expect("listed").entry
}
