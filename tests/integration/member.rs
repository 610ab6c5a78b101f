//! A member of a registry made by hand: its own key, orders that a test may bend before they are
//! signed, and a look-up that verifies everything. It keeps nothing on disk, so it is fast; what
//! the real agent does is tested through the executable.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use saring::agent::{DoorError, RegistryDoor};
use saring::app::clock::SystemClock;
use saring::net::{Client, ClientOptions, RetryOptions};
use saring::nik::Nik;
use saring::oprf::{BlindKey, BlindSeed, Blinded, ChainPublics};
use saring::protocol::codes::{AmountBand, Collectibility, Purpose, Reason, RemovalCause};
use saring::protocol::evaluation::{BlindedElements, Evaluated};
use saring::protocol::listing::{Element32, ListingContent};
use saring::protocol::order::{Order, OrderKind};
use saring::protocol::organisation::{Join, QuotaOf};
use saring::protocol::read::{Read, SignedRead};
use saring::protocol::record::EpochRecord;
use saring::protocol::submission::{
    OwnEntry, Removal, RemovalReply, Submission, SubmissionReply, SubmissionRow,
};
use saring::protocol::trust::{Invitation, TrustRoot};
use saring::protocol::{
    AnswerClass, BucketShape, Clock, ContentDigest, Date, Derivation, Digest32, EntryId, ErrorCode,
    Head, HeadSubject, JobId, ListId, OfficerId, OrderId, OrgId, SigningKey, Timestamp, bucket,
    paths,
};
use saring::remote::HttpRegistry;

/// 16 random bytes.
pub(crate) fn random_id() -> [u8; 16] {
    let mut id = [0; 16];
    getrandom::fill(&mut id).unwrap();
    id
}

/// The machine's time.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// A door that sends every call once.
pub(crate) fn door(url: &str) -> HttpRegistry {
    let options = ClientOptions {
        retry: RetryOptions::NEVER,
        ..ClientOptions::default()
    };
    HttpRegistry::new(Client::new(options).unwrap(), url)
}

/// An organisation with its key.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) organisation: OrgId,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) trust: TrustRoot,
    /// How far its clock is from the machine's, milliseconds.
    pub(crate) ahead: i64,
}

/// A list as a member works with it: the newest record, verified, and what follows from it.
#[derive(Clone)]
pub(crate) struct ListView {
    pub(crate) record: EpochRecord,
    pub(crate) digest: Digest32,
    pub(crate) publics: Arc<ChainPublics>,
    pub(crate) shape: BucketShape,
    pub(crate) derivation: Arc<Derivation>,
}

impl Member {
    /// Joins by an invitation with a new key.
    pub(crate) async fn join(invitation: &Invitation) -> Self {
        let door = door(&invitation.url);
        let info = door.info().await.unwrap();
        let trust = TrustRoot {
            registry: info.registry,
            custodians: info.custodians,
        };
        assert_eq!(trust.digest(), invitation.trust_root);
        let key = SigningKey::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
        let member = Self {
            organisation: invitation.organisation.clone(),
            key: Arc::new(key),
            trust,
            ahead: 0,
        };
        let content = serde_json::to_vec(&Join {
            code: invitation.code.clone(),
            key: member.key.public_key(),
        })
        .unwrap();
        let order = member.order(OrderKind::Join, None, &content, 1);
        door.join(&order.sign(&member.key), &content).await.unwrap();
        member
    }

    /// An order for the registry about `content`, still to be signed. It names no record.
    pub(crate) fn order(
        &self,
        kind: OrderKind,
        list: Option<&ListId>,
        content: &[u8],
        count: usize,
    ) -> Order {
        Order {
            kind,
            audience: self.trust.registry.fingerprint(),
            organisation: self.organisation.clone(),
            officer: OfficerId::parse("petugas-1").unwrap(),
            list: list.cloned(),
            record: Digest32([0; 32]),
            purpose: purpose(kind),
            job: JobId(random_id()),
            chunk: 0,
            count: u32::try_from(count).unwrap(),
            content: ContentDigest::of(content),
            id: OrderId(random_id()),
            created_at: now().plus(self.ahead),
        }
    }

    /// A signed GET.
    pub(crate) fn read(&self, path: impl Into<String>) -> SignedRead {
        self.unsigned_read(path).sign(&self.key)
    }

    /// A GET still to be signed.
    pub(crate) fn unsigned_read(&self, path: impl Into<String>) -> Read {
        Read {
            audience: self.trust.registry.fingerprint(),
            organisation: self.organisation.clone(),
            method: "GET".to_owned(),
            path: path.into(),
            body: ContentDigest::of(b""),
            created_at: now().plus(self.ahead),
            nonce: OrderId(random_id()),
        }
    }

    /// The list's newest record.
    pub(crate) async fn view(
        &self,
        door: &HttpRegistry,
        list: &ListId,
    ) -> Result<ListView, DoorError> {
        let read = self.read(paths::fill(paths::RECORDS, &[list.as_str()]));
        let newest = door.records(&read, list).await?.pop().unwrap();
        newest.verify(&self.trust).unwrap();
        let record = newest.record;
        Ok(ListView {
            digest: record.digest(),
            publics: Arc::new(record.keys.as_ref().unwrap().publics().unwrap()),
            shape: BucketShape::new(record.bucket_bits, record.rows_per_bucket).unwrap(),
            derivation: Arc::new(Derivation::new(&record.list, record.epoch)),
            record,
        })
    }

    /// Blinds NIKs under a seed.
    pub(crate) fn blind(view: &ListView, niks: &[Nik], seed: [u8; 32]) -> Blinded {
        let key = BlindKey::derive(&BlindSeed::new(seed), view.derivation.material());
        let inputs: Vec<_> = niks.iter().map(Nik::input).collect();
        Blinded::new(&key, &inputs).unwrap()
    }

    /// An order to evaluate `sent`.
    pub(crate) fn evaluation(&self, view: &ListView, sent: &BlindedElements) -> Order {
        let list = Some(&view.record.list);
        Order {
            record: view.digest,
            ..self.order(OrderKind::Evaluate, list, &sent.to_bytes(), sent.0.len())
        }
    }

    /// The elements of NIKs, and what the registry said of the charge.
    pub(crate) async fn evaluate(
        &self,
        door: &HttpRegistry,
        view: &ListView,
        niks: &[Nik],
    ) -> Result<(Vec<[u8; 32]>, Evaluated), DoorError> {
        let (first, second) = (random_id(), random_id());
        let seed: Vec<u8> = [first, second].concat();
        let blinded = Self::blind(view, niks, seed.try_into().unwrap());
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        let order = self.evaluation(view, &sent).sign(&self.key);
        let reply = door.evaluate(&order, &sent).await?;
        let opened = blinded.open(&reply.chain().unwrap(), &view.publics);
        Ok((opened.unwrap().to_vec(), reply))
    }

    /// A signed submission with its content.
    pub(crate) fn submission(&self, view: &ListView, rows: Vec<SubmissionRow>) -> (Order, Vec<u8>) {
        let count = rows.len();
        let content = serde_json::to_vec(&Submission {
            version: None,
            rows,
        })
        .unwrap();
        let list = Some(&view.record.list);
        let order = Order {
            record: view.digest,
            ..self.order(OrderKind::Submit, list, &content, count)
        };
        (order, content)
    }

    /// Submits rows.
    pub(crate) async fn submit(
        &self,
        door: &HttpRegistry,
        view: &ListView,
        rows: Vec<SubmissionRow>,
    ) -> Result<SubmissionReply, DoorError> {
        let (order, content) = self.submission(view, rows);
        door.submit(&order.sign(&self.key), &content).await
    }

    /// A removal with its content.
    pub(crate) fn removal(
        &self,
        list: &ListId,
        cause: RemovalCause,
        entries: &[EntryId],
    ) -> (Order, Vec<u8>) {
        let removal = Removal {
            cause,
            entries: entries.to_vec(),
        };
        let content = serde_json::to_vec(&removal).unwrap();
        let order = self.order(OrderKind::Remove, Some(list), &content, entries.len());
        (order, content)
    }

    /// Removes entries.
    pub(crate) async fn remove(
        &self,
        door: &HttpRegistry,
        list: &ListId,
        cause: RemovalCause,
        entries: &[EntryId],
    ) -> Result<RemovalReply, DoorError> {
        let (order, content) = self.removal(list, cause, entries);
        door.remove(&order.sign(&self.key), &content).await
    }

    /// What the buckets say of the people of `elements`, in their order. Every bucket is fetched
    /// once, its head, digest and record verified.
    pub(crate) async fn look_up(
        &self,
        door: &HttpRegistry,
        view: &ListView,
        elements: &[[u8; 32]],
    ) -> Result<Vec<AnswerClass>, DoorError> {
        let locators = view.derivation.locators(elements);
        let seals = view.derivation.seal_keys(elements);
        let mut buckets: BTreeMap<u32, (Head, Vec<u8>)> = BTreeMap::new();
        let mut answers = Vec::with_capacity(elements.len());
        for (locator, seal) in locators.iter().zip(&seals) {
            let number = locator.bucket(view.shape.bits());
            let (head, body) = match buckets.entry(number) {
                Entry::Occupied(fetched) => fetched.into_mut(),
                Entry::Vacant(free) => free.insert(self.bucket(door, view, number).await?),
            };
            let material = view.derivation.material();
            let found = bucket::scan(body, view.shape, locator, seal, material).unwrap();
            answers.push(found.map_or(AnswerClass::NotListed, |row| row.class_at(head.as_of)));
        }
        Ok(answers)
    }

    async fn bucket(
        &self,
        door: &HttpRegistry,
        view: &ListView,
        number: u32,
    ) -> Result<(Head, Vec<u8>), DoorError> {
        let (list, epoch) = (&view.record.list, view.record.epoch);
        let numbers = [&epoch.to_string(), &number.to_string()];
        let path = paths::fill(paths::BUCKET, &[list.as_str(), numbers[0], numbers[1]]);
        let served = door.bucket(&self.read(path), list, epoch, number).await?;
        served.head.verify(&self.trust.registry).unwrap();
        let head = served.head.head;
        assert_eq!(head.body, Head::digest_of(&served.body));
        assert_eq!(head.what, HeadSubject::Bucket(number));
        if head.record != view.digest {
            // The list has grown into finer buckets since.
            return Err(DoorError::refused(ErrorCode::RecordMismatch));
        }
        Ok((head, served.body))
    }

    /// All of the member's own entries.
    pub(crate) async fn own(
        &self,
        door: &HttpRegistry,
        list: &ListId,
    ) -> Result<Vec<OwnEntry>, DoorError> {
        let (mut entries, mut after) = (Vec::new(), None::<String>);
        loop {
            let path = paths::fill(paths::OWN, &[list.as_str()]);
            let path = match &after {
                Some(after) => format!("{path}?after={after}&limit=1000"),
                None => format!("{path}?limit=1000"),
            };
            let read = self.read(path);
            let page = door.own(&read, list, after.as_deref(), 1_000).await?;
            entries.extend(page.entries);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(entries),
            }
        }
    }

    /// The member's quotas.
    pub(crate) async fn quota(&self, door: &HttpRegistry) -> Result<Vec<QuotaOf>, DoorError> {
        door.quota(&self.read(paths::QUOTA)).await
    }
}

/// What is said of a borrower in default.
pub(crate) fn debt() -> ListingContent {
    ListingContent {
        reason: Reason::MacetPokok,
        collectibility: Some(Collectibility::Macet),
        plafond_band: Some(AmountBand::From5To25),
        defaulted_on: Date(now().date().0 - 200),
        expires_on: None,
        evidence: None,
    }
}

/// A row that lists the person of `element` as a debtor.
pub(crate) fn row(element: [u8; 32], reference: u64) -> SubmissionRow {
    SubmissionRow {
        element: Element32(element),
        reference: Digest32::of("saring/test/reference", &reference.to_le_bytes()),
        content: debt(),
        update: false,
    }
}

const fn purpose(kind: OrderKind) -> Purpose {
    match kind {
        OrderKind::Evaluate => Purpose::CreditApplication,
        OrderKind::Submit | OrderKind::Remove => Purpose::Reporting,
        _ => Purpose::Administration,
    }
}
