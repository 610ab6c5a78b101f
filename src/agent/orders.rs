//! Making and signing orders and reads.
//!
//! They carry the local clock's time. A refusal `stale_order` tells the server's time, but nobody
//! has signed that: whoever could make the agent adopt it could have it date orders years ahead and
//! keep them. So the time is shown to a person and never adopted; a check needs a right clock in
//! any case, because it judges how old the signed head is.

use crate::protocol::codes::Purpose;
use crate::protocol::order::{Order, OrderKind, SignedOrder};
use crate::protocol::read::{Read, SignedRead};
use crate::protocol::{
    ContentDigest, Digest32, Fingerprint, JobId, ListId, OfficerId, OrderId, SigningKey, Timestamp,
};

use super::AgentError;
use super::home::Home;

/// Who within the organisation acts, and for which declared purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// A staff number or a service's name.
    pub officer: OfficerId,
    /// The declared purpose.
    pub purpose: Purpose,
}

/// What an order is about, besides who gives it and when.
pub(super) struct Matter<'a> {
    pub(super) kind: OrderKind,
    pub(super) list: Option<&'a ListId>,
    pub(super) record: Digest32,
    pub(super) job: JobId,
    pub(super) chunk: u32,
    pub(super) count: usize,
    pub(super) content: ContentDigest,
    pub(super) id: OrderId,
}

/// 16 random bytes.
pub(super) fn random_id() -> Result<[u8; 16], AgentError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| AgentError::Randomness)?;
    Ok(id)
}

/// Signs an order for the registry of `home`.
pub(super) fn order(
    home: &Home,
    acting: &Acting,
    matter: Matter<'_>,
    now: Timestamp,
) -> SignedOrder {
    let audience = home.profile().registry();
    order_for(audience, home.signing(), home, acting, matter, now)
}

/// Signs an order for another audience, such as a custodian.
pub(super) fn order_for(
    audience: Fingerprint,
    key: &SigningKey,
    home: &Home,
    acting: &Acting,
    matter: Matter<'_>,
    now: Timestamp,
) -> SignedOrder {
    let order = Order {
        kind: matter.kind,
        audience,
        organisation: home.profile().organisation.clone(),
        officer: acting.officer.clone(),
        list: matter.list.cloned(),
        record: matter.record,
        purpose: acting.purpose,
        job: matter.job,
        chunk: matter.chunk,
        count: u32::try_from(matter.count).unwrap_or(u32::MAX),
        content: matter.content,
        id: matter.id,
        created_at: now,
    };
    order.sign(key)
}

/// Signs a GET of `path`, query included.
pub(super) fn read(home: &Home, path: String, now: Timestamp) -> Result<SignedRead, AgentError> {
    let read = Read {
        audience: home.profile().registry(),
        organisation: home.profile().organisation.clone(),
        method: "GET".to_owned(),
        path,
        body: ContentDigest::of(b""),
        created_at: now,
        nonce: OrderId(random_id()?),
    };
    Ok(read.sign(home.signing()))
}
