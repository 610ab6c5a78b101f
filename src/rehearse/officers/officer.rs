//! Officers of one organisation, many at once: what the agent does for a single check, without a
//! home on disk, so that the machine's disk limits the registry and not those who ask.

use std::sync::Arc;

use crate::agent::{DoorError, RegistryDoor};
use crate::net::{Client, ClientOptions, RetryOptions};
use crate::nik::Nik;
use crate::oprf::{BlindKey, BlindSeed, Blinded, ChainPublics};
use crate::protocol::codes::Purpose;
use crate::protocol::evaluation::BlindedElements;
use crate::protocol::order::{Order, OrderKind, SignedOrder};
use crate::protocol::organisation::Join;
use crate::protocol::read::{Read, SignedRead};
use crate::protocol::record::EpochRecord;
use crate::protocol::trust::{Invitation, TrustRoot};
use crate::protocol::{
    BucketShape, ContentDigest, Derivation, Digest32, Head, HeadSubject, JobId, ListId, OfficerId,
    OrderId, OrgId, SigningKey, Timestamp, bucket, paths,
};
use crate::rehearse::RehearsalError;
use crate::remote::HttpRegistry;

/// An organisation whose officers ask.
pub(super) struct Desk {
    organisation: OrgId,
    officer: OfficerId,
    key: SigningKey,
    trust: TrustRoot,
    door: HttpRegistry,
    list: Option<Pinned>,
}

struct Pinned {
    record: EpochRecord,
    digest: Digest32,
    publics: Arc<ChainPublics>,
    shape: BucketShape,
    derivation: Derivation,
}

/// A check that is ready to be sent.
pub(super) struct Question {
    blinded: Blinded,
    sent: BlindedElements,
    order: SignedOrder,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Verified, looked up, answered: whether the person has a row.
    Answered(bool),
    /// Told to come back, with a time or without.
    Shed {
        /// Whether a time was told.
        says_when: bool,
    },
    /// An answer that does not verify.
    Wrong,
    /// No answer: no connection, or none in time.
    Lost,
}

impl Desk {
    /// Joins by an invitation with a new key.
    pub(super) async fn join(invitation: &Invitation) -> Result<Self, RehearsalError> {
        let options = ClientOptions {
            retry: RetryOptions::NEVER,
            ..ClientOptions::default()
        };
        let door = HttpRegistry::new(Client::new(options)?, &invitation.url);
        let info = door.info().await.map_err(|_| RehearsalError::NotReady)?;
        let trust = TrustRoot {
            registry: info.registry,
            custodians: info.custodians,
        };
        let key = SigningKey::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
        let desk = Self {
            organisation: invitation.organisation.clone(),
            officer: OfficerId::parse("gladi").map_err(|_| RehearsalError::Answer)?,
            key,
            trust,
            door,
            list: None,
        };
        let content = Join {
            code: invitation.code.clone(),
            key: desk.key.public_key(),
        };
        let content = serde_json::to_vec(&content).map_err(std::io::Error::other)?;
        let order = desk.order(OrderKind::Join, None, ContentDigest::of(&content), 1)?;
        let joined = desk.door.join(&order.sign(&desk.key), &content).await;
        joined.map_err(|_| RehearsalError::NotHeld("an organisation joins"))?;
        Ok(desk)
    }

    /// Its public key, as the custodian's roll takes it.
    pub(super) fn public_key(&self) -> String {
        self.key.public_key().to_string()
    }

    /// Pins the list's newest record.
    pub(super) async fn pin(&mut self, list: &ListId) -> Result<(), RehearsalError> {
        let read = self.read(paths::fill(paths::RECORDS, &[list.as_str()]))?;
        let records = self.door.records(&read, list).await;
        let newest = records.ok().and_then(|mut records| records.pop());
        let newest = newest.ok_or(RehearsalError::Answer)?;
        let verified = newest.verify(&self.trust);
        verified.map_err(|_| RehearsalError::NotHeld("the record verifies"))?;
        let record = newest.record;
        let publics = record.keys.as_ref().and_then(|keys| keys.publics().ok());
        let shape = BucketShape::new(record.bucket_bits, record.rows_per_bucket);
        self.list = Some(Pinned {
            digest: record.digest(),
            publics: Arc::new(publics.ok_or(RehearsalError::Answer)?),
            shape: shape.ok_or(RehearsalError::Answer)?,
            derivation: Derivation::new(&record.list, record.epoch),
            record,
        });
        Ok(())
    }

    /// Blinds and signs, so that sending is all that is left.
    pub(super) fn prepare(&self, nik: &Nik) -> Result<Question, RehearsalError> {
        let list = self.list.as_ref().ok_or(RehearsalError::Answer)?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
        let key = BlindKey::derive(&BlindSeed::new(seed), list.derivation.material());
        let blinded = Blinded::new(&key, &[nik.input()]);
        let blinded = blinded.map_err(|_| RehearsalError::Answer)?;
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        let order = Order {
            record: list.digest,
            purpose: Purpose::CreditApplication,
            ..self.order(
                OrderKind::Evaluate,
                Some(&list.record.list),
                sent.content(),
                1,
            )?
        };
        Ok(Question {
            blinded,
            sent,
            order: order.sign(&self.key),
        })
    }

    /// One whole check: evaluated, verified, its bucket fetched and read.
    pub(super) async fn ask(&self, question: Question) -> Ended {
        match self.answer(question).await {
            Ok(Some(found)) => Ended::Answered(found),
            Ok(None) => Ended::Wrong,
            Err(DoorError::Refused { code, detail }) if code.retryable() => Ended::Shed {
                says_when: detail.retry_after_seconds.is_some(),
            },
            Err(DoorError::Unreachable | DoorError::NoAnswer) => Ended::Lost,
            Err(_) => Ended::Wrong,
        }
    }

    /// Whether the person has a row; nothing when something does not verify.
    async fn answer(&self, question: Question) -> Result<Option<bool>, DoorError> {
        let Some(list) = &self.list else {
            return Ok(None);
        };
        let reply = self.door.evaluate(&question.order, &question.sent).await?;
        let Some(opened) = reply
            .chain()
            .ok()
            .and_then(|chain| question.blinded.open(&chain, &list.publics).ok())
        else {
            return Ok(None);
        };
        let locator = list.derivation.locators(&opened)[0];
        let seal = &list.derivation.seal_keys(&opened)[0];
        let number = locator.bucket(list.shape.bits());
        let (name, epoch) = (&list.record.list, list.record.epoch);
        let numbers = [epoch.to_string(), number.to_string()];
        let path = paths::fill(paths::BUCKET, &[name.as_str(), &numbers[0], &numbers[1]]);
        let Ok(read) = self.read(path) else {
            return Ok(None);
        };
        let served = self.door.bucket(&read, name, epoch, number).await?;
        let head = &served.head.head;
        let holds = served.head.verify(&self.trust.registry).is_ok()
            && head.body == Head::digest_of(&served.body)
            && (head.what, head.record) == (HeadSubject::Bucket(number), list.digest);
        let material = list.derivation.material();
        let found = bucket::scan(&served.body, list.shape, &locator, seal, material);
        Ok(found
            .ok()
            .filter(|_| holds)
            .map(|summary| summary.is_some()))
    }

    fn order(
        &self,
        kind: OrderKind,
        list: Option<&ListId>,
        content: ContentDigest,
        count: u32,
    ) -> Result<Order, RehearsalError> {
        Ok(Order {
            kind,
            audience: self.trust.registry.fingerprint(),
            organisation: self.organisation.clone(),
            officer: self.officer.clone(),
            list: list.cloned(),
            record: Digest32([0; 32]),
            purpose: Purpose::Administration,
            job: JobId(random()?),
            chunk: 0,
            count,
            content,
            id: OrderId(random()?),
            created_at: now(),
        })
    }

    fn read(&self, path: String) -> Result<SignedRead, RehearsalError> {
        let read = Read {
            audience: self.trust.registry.fingerprint(),
            organisation: self.organisation.clone(),
            method: "GET".to_owned(),
            path,
            body: ContentDigest::of(b""),
            created_at: now(),
            nonce: OrderId(random()?),
        };
        Ok(read.sign(&self.key))
    }
}

fn random() -> Result<[u8; 16], RehearsalError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
