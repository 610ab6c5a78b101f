//! What members, the operator and the custodian's administrator do.

use saring::nik::Nik;
use saring::oprf::{BlindKey, BlindSeed, Blinded};
use saring::protocol::bucket::scan;
use saring::protocol::codes::{Purpose, RemovalCause, Role};
use saring::protocol::evaluation::{BlindedElements, Evaluated};
use saring::protocol::listing::Element32;
use saring::protocol::order::{Order, OrderKind, SignedOrder};
use saring::protocol::organisation::{
    Admit, CreateList, Grant, Invite, Join, LegalRecord, SetStanding, Standing,
};
use saring::protocol::policy::ListPolicy;
use saring::protocol::read::{Read, SignedRead};
use saring::protocol::record::SignedRecord;
use saring::protocol::submission::{
    Removal, RemovalOutcome, RowOutcome, Submission, SubmissionRow,
};
use saring::protocol::trust::InvitationCode;
use saring::protocol::{
    AnswerClass, BucketShape, ContentDigest, Derivation, Digest32, EntryId, ErrorCode, Head,
    ListId, ListKind, OrderId, Summary,
};
use saring::registry::{Member, Refusal};

use crate::world::{Actor, World, json};

impl World {
    pub(crate) fn creation(list: &ListId, kind: ListKind) -> CreateList {
        let keyed = kind != ListKind::OprfNik;
        CreateList {
            list: list.clone(),
            kind,
            hash_key: keyed.then_some(Digest32([9; 32])),
            policy: ListPolicy::default(),
            epoch_days: 60,
            daily_cap: 100_000,
        }
    }

    pub(crate) async fn create(&self, create: &CreateList) -> Result<SignedRecord, Refusal> {
        let content = json(create);
        let by = &self.operator;
        let order = self.on_list(by, OrderKind::CreateList, &create.list, &content);
        self.registry
            .create_list(&order.sign(&by.key), &content)
            .await?;
        Ok(self.record(&create.list).await)
    }

    pub(crate) async fn list(&self, name: &str, kind: ListKind) -> ListId {
        let list = ListId::parse(name).expect("an id");
        let created = self.create(&Self::creation(&list, kind)).await;
        created.expect("the list is created");
        list
    }

    pub(crate) async fn record(&self, list: &ListId) -> SignedRecord {
        let operator = self.read(&self.operator).await.expect("may read");
        let records = self.registry.records(&operator, list).await;
        records.expect("records").pop().expect("one")
    }

    pub(crate) async fn invited(&self, actor: &Actor, legal: LegalRecord) -> InvitationCode {
        let code = self.random16();
        let content = json(&Invite {
            organisation: actor.id.clone(),
            legal,
            code: InvitationCode::from_bytes(code).digest(),
        });
        let order = self.order(&self.operator, OrderKind::Invite, &content);
        let order = order.sign(&self.operator.key);
        let invited = self.registry.invite(&order, &content).await;
        invited.expect("invited");
        InvitationCode::from_bytes(code)
    }

    pub(crate) async fn join(&self, actor: &Actor, code: InvitationCode) -> Result<(), Refusal> {
        let content = json(&Join {
            code,
            key: actor.key.public_key(),
        });
        let order = self
            .order(actor, OrderKind::Join, &content)
            .sign(&actor.key);
        self.registry.join(&order, &content).await.map(|_| ())
    }

    /// An active member with roles on a list and a line on the custodian's roll.
    pub(crate) async fn member(
        &self,
        id: &str,
        seed: u8,
        list: &ListId,
        roles: &[Role],
        quota: u64,
    ) -> Actor {
        let actor = Actor::new(id, seed);
        let code = self.invited(&actor, LegalRecord::default()).await;
        self.join(&actor, code).await.expect("joined");
        self.grant(&actor, list, roles, quota)
            .await
            .expect("granted");
        self.admit(&actor, list, quota).await.expect("admitted");
        actor
    }

    pub(crate) async fn grant(
        &self,
        to: &Actor,
        list: &ListId,
        roles: &[Role],
        daily_quota: u64,
    ) -> Result<(), Refusal> {
        let content = json(&Grant {
            organisation: to.id.clone(),
            list: list.clone(),
            roles: roles.to_vec(),
            daily_quota,
        });
        let order = self.on_list(&self.operator, OrderKind::SetGrant, list, &content);
        let order = order.sign(&self.operator.key);
        self.registry.set_grant(&order, &content).await.map(|_| ())
    }

    pub(crate) async fn admit(
        &self,
        who: &Actor,
        list: &ListId,
        daily_quota: u64,
    ) -> Result<(), ErrorCode> {
        let content = json(&Admit {
            organisation: who.id.clone(),
            key: who.key.public_key(),
            list: list.clone(),
            daily_quota,
        });
        // Admissions of one line are told apart by their time.
        self.clock.advance(1);
        let order = Order {
            audience: self.custodian.audience(),
            ..self.on_list(&self.operator, OrderKind::Admit, list, &content)
        };
        let order = order.sign(&self.operator.key);
        self.custodian.admit(&order, &content).await
    }

    pub(crate) async fn set_standing(&self, who: &Actor, standing: Standing) {
        let content = json(&SetStanding {
            organisation: who.id.clone(),
            standing,
        });
        let order = self.order(&self.operator, OrderKind::SetStanding, &content);
        let order = order.sign(&self.operator.key);
        let set = self.registry.set_standing(&order, &content).await;
        set.expect("set");
    }

    pub(crate) fn signed_read(&self, by: &Actor) -> SignedRead {
        let read = Read {
            audience: self.audience(),
            organisation: by.id.clone(),
            method: "GET".into(),
            path: "/v1/test".into(),
            body: ContentDigest::of(b""),
            created_at: self.now(),
            nonce: OrderId(self.random16()),
        };
        read.sign(&by.key)
    }

    pub(crate) async fn read(&self, by: &Actor) -> Result<Member, Refusal> {
        let body = ContentDigest::of(b"");
        let read = self.signed_read(by);
        self.registry
            .authenticate_read(&read, "GET", "/v1/test", &body)
            .await
    }

    pub(crate) async fn evaluation(
        &self,
        by: &Actor,
        list: &ListId,
        niks: &[Nik],
    ) -> (Blinded, SignedOrder, BlindedElements) {
        self.evaluation_for(Purpose::CreditApplication, by, list, niks)
            .await
    }

    pub(crate) async fn evaluation_for(
        &self,
        purpose: Purpose,
        by: &Actor,
        list: &ListId,
        niks: &[Nik],
    ) -> (Blinded, SignedOrder, BlindedElements) {
        let inputs: Vec<[u8; 30]> = niks.iter().map(Nik::input).collect();
        let record = self.record(list).await.record;
        let seed = BlindSeed::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
        let derivation = Derivation::new(list, record.epoch);
        let key = BlindKey::derive(&seed, derivation.material());
        let blinded = Blinded::new(&key, &inputs).expect("blinds");
        let elements = BlindedElements(blinded.sent().encodings().to_vec());
        let order = Order {
            record: record.digest(),
            count: niks.len() as u32,
            purpose,
            ..self.on_list(by, OrderKind::Evaluate, list, &elements.to_bytes())
        };
        (blinded, order.sign(&by.key), elements)
    }

    pub(crate) async fn evaluate(
        &self,
        by: &Actor,
        list: &ListId,
        niks: &[Nik],
    ) -> Result<(Vec<Element32>, Evaluated), Refusal> {
        let (blinded, order, elements) = self.evaluation(by, list, niks).await;
        let reply = self.registry.evaluate(&order, elements).await?;
        let record = self.record(list).await.record;
        let publics = record.keys.expect("keys").publics().expect("fit together");
        let chain = reply.chain().expect("a chain");
        let opened = blinded.open(&chain, &publics).expect("the proofs hold");
        assert!(reply.receipt.verify(&self.registry.info().registry).is_ok());
        Ok((opened.iter().map(|n| Element32(*n)).collect(), reply))
    }

    pub(crate) async fn submission(
        &self,
        by: &Actor,
        list: &ListId,
        rows: Vec<SubmissionRow>,
    ) -> (SignedOrder, Vec<u8>) {
        let count = rows.len() as u32;
        let content = json(&Submission {
            version: None,
            rows,
        });
        let order = Order {
            record: self.record(list).await.record.digest(),
            purpose: Purpose::Reporting,
            count,
            ..self.on_list(by, OrderKind::Submit, list, &content)
        };
        (order.sign(&by.key), content)
    }

    pub(crate) async fn submit(
        &self,
        by: &Actor,
        list: &ListId,
        rows: Vec<SubmissionRow>,
    ) -> Vec<RowOutcome> {
        let (order, content) = self.submission(by, list, rows).await;
        let reply = self.registry.submit(&order, &content).await;
        reply.expect("submitted").rows
    }

    /// Lists one person and answers the entry's id.
    pub(crate) async fn list_one(&self, by: &Actor, list: &ListId, row: SubmissionRow) -> EntryId {
        match self.submit(by, list, vec![row]).await[..] {
            [RowOutcome::Accepted { entry, .. }] => entry,
            ref other => panic!("{other:?}"),
        }
    }

    pub(crate) fn removal(
        &self,
        by: &Actor,
        list: &ListId,
        cause: RemovalCause,
        entries: &[EntryId],
    ) -> (SignedOrder, Vec<u8>) {
        let content = json(&Removal {
            cause,
            entries: entries.to_vec(),
        });
        let order = Order {
            count: entries.len() as u32,
            ..self.on_list(by, OrderKind::Remove, list, &content)
        };
        (order.sign(&by.key), content)
    }

    pub(crate) async fn remove(
        &self,
        by: &Actor,
        list: &ListId,
        cause: RemovalCause,
        entries: &[EntryId],
    ) -> Result<Vec<RemovalOutcome>, Refusal> {
        let (order, content) = self.removal(by, list, cause, entries);
        let reply = self.registry.remove(&order, &content).await?;
        Ok(reply.entries)
    }

    /// Looks a person up in the bucket, as a client does with the element.
    pub(crate) async fn look_up(
        &self,
        by: &Actor,
        list: &ListId,
        element: Element32,
    ) -> Result<(AnswerClass, Option<Summary>), Refusal> {
        let member = self.read(by).await?;
        let record = self.record(list).await.record;
        let derivation = Derivation::new(list, record.epoch);
        let locator = derivation.locators(&[element.0])[0];
        let shape = BucketShape::new(record.bucket_bits, record.rows_per_bucket).expect("fits");
        let bucket = locator.bucket(shape.bits());
        let served = self
            .registry
            .bucket(&member, list, record.epoch, bucket)
            .await?;
        let head = &served.head;
        assert!(head.verify(&self.registry.info().registry).is_ok());
        assert_eq!(head.head.body, Head::digest_of(&served.body));
        let key = &derivation.seal_keys(&[element.0])[0];
        let found = scan(&served.body, shape, &locator, key, derivation.material());
        let found = found.expect("a sound bucket");
        let class = found.map_or(AnswerClass::NotListed, |s| s.class_at(head.head.as_of));
        Ok((class, found))
    }

    pub(crate) async fn class(&self, by: &Actor, list: &ListId, of: Element32) -> AnswerClass {
        self.look_up(by, list, of).await.expect("answered").0
    }
}
