//! Officers of one organisation, many at once: what the agent does for a single check, without a
//! home on disk, so that the machine's disk limits the registry and not those who ask. What can be
//! done before an officer comes is done before, and answers are verified after the last one left:
//! on a machine that is shared with the registry, those who ask must be light.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;

use super::line::{Lines, Reply};
use crate::agent::RegistryDoor;
use crate::net::{Client, ClientOptions, RetryOptions};
use crate::nik::Nik;
use crate::oprf::{BlindKey, BlindSeed, Blinded, ChainPublics};
use crate::protocol::codes::Purpose;
use crate::protocol::evaluation::{BINARY, BlindedElements, Evaluated};
use crate::protocol::order::{ORDER_HEADER, Order, OrderKind};
use crate::protocol::organisation::Join;
use crate::protocol::read::{READ_HEADER, Read, SignedRead};
use crate::protocol::record::EpochRecord;
use crate::protocol::trust::{Invitation, TrustRoot};
use crate::protocol::{
    BucketShape, ContentDigest, Derivation, Digest32, Head, HeadSubject, JobId, ListId, Locator,
    OfficerId, OrderId, OrgId, SealKey, SignedHead, SigningKey, Timestamp, bucket, paths,
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
    lines: Lines,
    host: String,
    list: Option<Pinned>,
}

struct Pinned {
    record: EpochRecord,
    digest: Digest32,
    publics: Arc<ChainPublics>,
    shape: BucketShape,
    derivation: Derivation,
}

/// A person to ask about.
pub(super) struct Person {
    nik: Nik,
    /// Whether they are on the list.
    pub(super) is_listed: bool,
    /// Where they are looked up, once somebody has asked about them.
    bucket: Option<u32>,
}

/// A check that is ready to be sent: both of its requests, byte by byte.
pub(super) struct Question {
    blinded: Blinded,
    is_listed: bool,
    bucket: Option<u32>,
    evaluate: Vec<u8>,
    look_up: Vec<u8>,
}

/// What an officer was told.
pub(super) enum Told {
    /// Both answers came. They are verified when nobody is waiting any more.
    Answered(Box<Evidence>),
    /// Told to come back, with a time or without.
    Shed {
        /// Whether a time was told.
        says_when: bool,
        /// Whether the first half was done already.
        half_done: bool,
    },
    /// Told something else.
    Wrong,
    /// No answer: no connection, or none in time.
    Lost,
}

/// The answers of a check.
pub(super) struct Evidence {
    blinded: Blinded,
    is_listed: bool,
    bucket: Option<u32>,
    evaluated: Vec<u8>,
    head: Option<String>,
    /// Of one check in [`LOOKED_INTO`]: it is 64 KiB.
    rows: Option<Vec<u8>>,
}

/// Every answer's proof is verified, and that it leads to the person's bucket; of one in so many the
/// bucket too.
const LOOKED_INTO: u8 = 16;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Verified, and as it is.
    Answered,
    /// Told to come back.
    Shed {
        /// Whether a time was told.
        says_when: bool,
        /// Whether the first half was done already.
        half_done: bool,
    },
    /// An answer that does not verify, or is not so.
    Wrong,
    /// No answer: no connection, or none in time.
    Lost,
}

impl Person {
    /// Nobody has asked about them yet.
    pub(super) const fn new(nik: Nik, is_listed: bool) -> Self {
        Self {
            nik,
            is_listed,
            bucket: None,
        }
    }
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
            lines: Lines::to(&invitation.url).ok_or(RehearsalError::Answer)?,
            host: invitation
                .url
                .trim_start_matches("http://")
                .trim_end_matches('/')
                .to_owned(),
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
    pub(super) fn prepare(&self, person: &Person) -> Result<Question, RehearsalError> {
        let list = self.list.as_ref().ok_or(RehearsalError::Answer)?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
        let key = BlindKey::derive(&BlindSeed::new(seed), list.derivation.material());
        let blinded = Blinded::new(&key, &[person.nik.input()]);
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
        let order = order.sign(&self.key).to_header();
        let path = paths::fill(paths::EVALUATIONS, &[list.record.list.as_str()]);
        let body = sent.to_bytes();
        let mut evaluate = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\n{ORDER_HEADER}: {order}\r\naccept: {BINARY}\r\n\
             content-type: {BINARY}\r\ncontent-length: {}\r\n\r\n",
            self.host,
            body.len()
        )
        .into_bytes();
        evaluate.extend_from_slice(&body);
        let look_up = match person.bucket {
            Some(bucket) => self.look_up(list, bucket)?,
            None => Vec::new(),
        };
        Ok(Question {
            blinded,
            is_listed: person.is_listed,
            bucket: person.bucket,
            evaluate,
            look_up,
        })
    }

    fn look_up(&self, list: &Pinned, bucket: u32) -> Result<Vec<u8>, RehearsalError> {
        let numbers = [list.record.epoch.to_string(), bucket.to_string()];
        let name = list.record.list.as_str();
        let path = paths::fill(paths::BUCKET, &[name, &numbers[0], &numbers[1]]);
        let read = self.read(path.clone())?.to_header();
        let host = &self.host;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{READ_HEADER}: {read}\r\n\r\n");
        Ok(request.into_bytes())
    }

    /// Asks about somebody once, verifies all of it, and keeps where they are looked up.
    pub(super) async fn find(&self, person: &mut Person) -> Result<(), RehearsalError> {
        let list = self.list.as_ref().ok_or(RehearsalError::Answer)?;
        let question = self.prepare(person)?;
        let reply = self.lines.exchange(&question.evaluate).await?;
        let locator = opened(list, &question.blinded, &reply.body);
        let (locator, _) = locator.ok_or(RehearsalError::NotHeld("an evaluation verifies"))?;
        person.bucket = Some(locator.bucket(list.shape.bits()));
        match self.ask(self.prepare(person)?).await {
            Told::Answered(evidence) if self.is_right(&evidence) => Ok(()),
            _ => Err(RehearsalError::NotHeld("a check is answered rightly")),
        }
    }

    /// Opens connections until `count` are idle.
    pub(super) async fn warm(&self, count: usize) -> Result<(), RehearsalError> {
        Ok(self.lines.warm(count).await?)
    }

    /// One whole check.
    pub(super) async fn ask(&self, question: Question) -> Told {
        let half_done = false;
        let evaluated = match self.lines.exchange(&question.evaluate).await {
            Ok(reply) if reply.status == 200 => reply.body,
            reply => return not_answered(reply, half_done),
        };
        let reply = match self.lines.exchange(&question.look_up).await {
            Ok(reply) if reply.status == 200 => reply,
            reply => return not_answered(reply, true),
        };
        let is_looked_into = evaluated.last().is_some_and(|last| last % LOOKED_INTO == 0);
        Told::Answered(Box::new(Evidence {
            blinded: question.blinded,
            is_listed: question.is_listed,
            bucket: question.bucket,
            evaluated,
            head: reply.head,
            rows: is_looked_into.then_some(reply.body),
        }))
    }

    /// How a check ended, once what was told is verified.
    pub(super) fn ended(&self, told: Told) -> Ended {
        match told {
            Told::Answered(evidence) if self.is_right(&evidence) => Ended::Answered,
            Told::Answered(_) | Told::Wrong => Ended::Wrong,
            Told::Shed {
                says_when,
                half_done,
            } => Ended::Shed {
                says_when,
                half_done,
            },
            Told::Lost => Ended::Lost,
        }
    }

    /// Whether the proof verifies and leads to the person's bucket, and what was looked into says
    /// what is so.
    fn is_right(&self, evidence: &Evidence) -> bool {
        let Some(list) = &self.list else { return false };
        let Some((locator, seal)) = opened(list, &evidence.blinded, &evidence.evaluated) else {
            return false;
        };
        let number = locator.bucket(list.shape.bits());
        if evidence.bucket != Some(number) {
            return false;
        }
        let Some(rows) = &evidence.rows else {
            return true;
        };
        let head = evidence.head.as_ref();
        let head = head.and_then(|head| BASE64URL_NOPAD.decode(head.as_bytes()).ok());
        let Some(signed) = head.and_then(|head| SignedHead::from_bytes(&head).ok()) else {
            return false;
        };
        let head = &signed.head;
        let vouched = signed.verify(&self.trust.registry).is_ok()
            && head.body == Head::digest_of(rows)
            && (head.what, head.record) == (HeadSubject::Bucket(number), list.digest);
        let material = list.derivation.material();
        let found = bucket::scan(rows, list.shape, &locator, &seal, material);
        vouched && found.is_ok_and(|summary| summary.is_some() == evidence.is_listed)
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

/// Where a verified evaluation leads, and what opens the row there.
fn opened(list: &Pinned, blinded: &Blinded, evaluated: &[u8]) -> Option<(Locator, SealKey)> {
    let evaluated = Evaluated::from_bytes(evaluated).ok()?;
    let opened = blinded.open(&evaluated.chain().ok()?, &list.publics).ok()?;
    let locator = *list.derivation.locators(&opened).first()?;
    Some((locator, list.derivation.seal_keys(&opened).pop()?))
}

/// What is told where nothing is answered.
fn not_answered(reply: std::io::Result<Reply>, half_done: bool) -> Told {
    match reply {
        Ok(reply) if matches!(reply.status, 429 | 503) => Told::Shed {
            says_when: reply.says_when,
            half_done,
        },
        Ok(_) => Told::Wrong,
        Err(_) => Told::Lost,
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
