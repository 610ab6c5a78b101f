//! Orders: every evaluation, submission, removal and administrative act, signed by its organisation.
//!
//! Over HTTP an order travels in the header `Saring-Order` (base64url of its bytes and signature);
//! the request's body is the content whose SHA-512 the order carries.

use serde::{Deserialize, Serialize};

use super::bytes::{DecodeError, Reader, Writer};
use super::codes::Purpose;
use super::digest::ContentDigest;
use super::ids::Digest32;
use super::ids::{Epoch, Fingerprint, JobId, ListId, OfficerId, OrderId, OrgId};
use super::limits::ORDER_WINDOW;
use super::sign::{PublicKey, Signature, SignatureError, SigningKey};
use super::time::Timestamp;

/// What starts the bytes of every order, closed by a zero byte.
pub const ORDER_CONTEXT: &str = "saring/v1/order";
/// The HTTP header that carries a signed order.
pub const ORDER_HEADER: &str = "saring-order";

/// What an order asks for. The number is part of the signed bytes, so an order for one act cannot
/// be used for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum OrderKind {
    /// Evaluate blinded elements.
    Evaluate = 1,
    /// Submit listings.
    Submit = 2,
    /// Settle, withdraw, suspend or reinstate listings.
    Remove = 3,
    /// Submit listings into a staged version of a list.
    Stage = 4,
    /// Join with an invitation; signed by the key that joins.
    Join = 8,
    /// Create a list.
    CreateList = 16,
    /// Invite an organisation.
    Invite = 17,
    /// Change an organisation's standing.
    SetStanding = 18,
    /// Change an organisation's roles and quota on a list.
    SetGrant = 19,
    /// Accept the present clock after a leap (expiry had stopped).
    AcceptClock = 20,
    /// Begin a version of a list.
    OpenVersion = 21,
    /// Close a version: it is whole.
    CloseVersion = 22,
    /// Make a staged version answer.
    SwitchVersion = 23,
    /// Discard a staged version.
    DropVersion = 24,
    /// Enter an organisation in a custodian's own roll.
    Admit = 32,
}

impl OrderKind {
    const ALL: [Self; 15] = [
        Self::Evaluate,
        Self::Submit,
        Self::Remove,
        Self::Stage,
        Self::Join,
        Self::CreateList,
        Self::Invite,
        Self::SetStanding,
        Self::SetGrant,
        Self::AcceptClock,
        Self::OpenVersion,
        Self::CloseVersion,
        Self::SwitchVersion,
        Self::DropVersion,
        Self::Admit,
    ];

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// One order, before its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What is asked for.
    pub kind: OrderKind,
    /// The fingerprint of the registry (for [`OrderKind::Admit`]: of the custodian) it is meant for.
    pub audience: Fingerprint,
    /// Who orders.
    pub organisation: OrgId,
    /// Who within the organisation.
    pub officer: OfficerId,
    /// The list concerned; none for acts on no list.
    pub list: Option<ListId>,
    /// The digest of the epoch record the client works with; zeros where no record is concerned.
    pub record: Digest32,
    /// The declared purpose.
    pub purpose: Purpose,
    /// The job whose chunk this is; random for a single act.
    pub job: JobId,
    /// The chunk's number within the job, from 0.
    pub chunk: u32,
    /// How many elements, rows or entries the content has.
    pub count: u32,
    /// SHA-512 of the content.
    pub content: ContentDigest,
    /// Random; a repeated write repeats it.
    pub id: OrderId,
    /// When the order was made.
    pub created_at: Timestamp,
}

impl Order {
    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(ORDER_CONTEXT);
        w.u8(self.kind as u8).raw(&self.audience.0);
        w.string(self.organisation.as_str())
            .string(self.officer.as_str());
        w.string(self.list.as_ref().map_or("", ListId::as_str))
            .raw(&self.record.0);
        w.u8(self.purpose.number())
            .raw(&self.job.0)
            .u32(self.chunk)
            .u32(self.count);
        w.raw(&self.content.0).raw(&self.id.0).time(self.created_at);
        w.finish()
    }

    /// Reads what [`Order::to_bytes`] makes.
    ///
    /// # Errors
    /// Every [`DecodeError`]: wrong context, truncated, trailing, or a field out of its range.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, ORDER_CONTEXT)?;
        let order = Self::read(&mut r)?;
        r.finish()?;
        Ok(order)
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: OrderKind::from_number(r.u8()?).ok_or(DecodeError::Field("kind"))?,
            audience: Fingerprint(r.array()?),
            organisation: OrgId::parse(r.string()?)
                .map_err(|_| DecodeError::Field("organisation"))?,
            officer: OfficerId::parse(r.string()?).map_err(|_| DecodeError::Field("officer"))?,
            list: match r.string()? {
                "" => None,
                text => Some(ListId::parse(text).map_err(|_| DecodeError::Field("list"))?),
            },
            record: Digest32(r.array()?),
            purpose: Purpose::from_number(r.u8()?).ok_or(DecodeError::Field("purpose"))?,
            job: JobId(r.array()?),
            chunk: r.u32()?,
            count: r.u32()?,
            content: ContentDigest(r.array()?),
            id: OrderId(r.array()?),
            created_at: r.time()?,
        })
    }

    /// The digest of the order's bytes: what receipts and evidence name.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        Digest32::of("saring/v1/order-digest", &self.to_bytes())
    }

    /// Signs the order.
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> SignedOrder {
        let signature = key.sign(&self.to_bytes());
        SignedOrder {
            order: self,
            signature,
        }
    }

    /// What an evaluation is charged under: the same key and content again is free.
    /// Absent where no list is concerned.
    #[must_use]
    pub fn charge_key(&self, epoch: Epoch) -> Option<ChargeKey> {
        let list = self.list.clone()?;
        Some(ChargeKey {
            organisation: self.organisation.clone(),
            list,
            epoch,
            job: self.job,
            chunk: self.chunk,
        })
    }
}

/// What an evaluation is charged under, exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChargeKey {
    /// Who is charged.
    pub organisation: OrgId,
    /// The list.
    pub list: ListId,
    /// The list's epoch.
    pub epoch: Epoch,
    /// The job.
    pub job: JobId,
    /// The chunk within the job.
    pub chunk: u32,
}

/// An order with its organisation's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOrder {
    /// The order.
    pub order: Order,
    /// Ed25519 over [`Order::to_bytes`].
    pub signature: Signature,
}

/// Why an order is refused before anything else is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderFault {
    /// Meant for another registry or custodian.
    #[error("the order is meant for another audience")]
    Audience,
    /// Of another kind than this door takes.
    #[error("the order is of another kind")]
    Kind,
    /// Made more than five minutes before or after the server's time.
    #[error("the order's time is outside the window around the server's time")]
    Stale,
    /// The content is not the one whose digest the order carries.
    #[error("the content does not match the order")]
    Content,
    /// The signature does not verify under the organisation's key.
    #[error("the signature does not verify")]
    Signature,
}

impl SignedOrder {
    /// The order's bytes, then 64 bytes of signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.order.to_bytes();
        bytes.extend_from_slice(&self.signature.0);
        bytes
    }

    /// Reads what [`SignedOrder::to_bytes`] makes. The signature is not verified.
    ///
    /// # Errors
    /// Every [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (order, signature) = bytes
            .split_last_chunk::<64>()
            .ok_or(DecodeError::Truncated)?;
        Ok(Self {
            order: Order::from_bytes(order)?,
            signature: Signature(*signature),
        })
    }

    /// The value of the header [`ORDER_HEADER`]: base64url without padding.
    #[must_use]
    pub fn to_header(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.to_bytes())
    }

    /// Reads what [`SignedOrder::to_header`] makes.
    ///
    /// # Errors
    /// [`DecodeError::WrongContext`] if it is not base64url, else every [`DecodeError`].
    pub fn from_header(text: &str) -> Result<Self, DecodeError> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes());
        Self::from_bytes(&bytes.map_err(|_| DecodeError::WrongContext)?)
    }

    /// Checks audience, kind, time, content and signature, in this order.
    ///
    /// # Errors
    /// The [`OrderFault`] of the first that does not hold.
    pub fn verify(
        &self,
        key: &PublicKey,
        audience: Fingerprint,
        kind: OrderKind,
        content: &ContentDigest,
        now: Timestamp,
    ) -> Result<(), OrderFault> {
        let order = &self.order;
        if order.audience != audience {
            return Err(OrderFault::Audience);
        }
        if order.kind != kind {
            return Err(OrderFault::Kind);
        }
        if !within_window(order.created_at, now) {
            return Err(OrderFault::Stale);
        }
        if order.content != *content {
            return Err(OrderFault::Content);
        }
        self.verify_signature(key)
            .map_err(|_| OrderFault::Signature)
    }

    /// Checks the signature alone: for evidence, long after the order's time.
    ///
    /// # Errors
    /// [`SignatureError`] if it does not verify under `key`.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), SignatureError> {
        key.verify(&self.order.to_bytes(), &self.signature)
    }
}

/// Whether a time is within the window around the server's.
#[must_use]
pub const fn within_window(time: Timestamp, now: Timestamp) -> bool {
    now.since(time).saturating_abs() <= ORDER_WINDOW
}

#[cfg(test)]
mod tests;
