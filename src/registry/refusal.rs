//! Why the registry does not do what it is asked: a stable code and what the caller needs to do
//! better. Neither ever repeats input.

use crate::protocol::order::OrderFault;
use crate::protocol::organisation::Quota;
use crate::protocol::{Digest32, Epoch, ErrorCode, Timestamp};
use crate::store::StoreError;

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Refusal {
    /// The stable code.
    pub code: ErrorCode,
    /// What goes with it.
    pub detail: RefusalDetail,
}

/// What goes with a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalDetail {
    /// Nothing.
    None,
    /// The server's time, for whoever's order or read is stale.
    ServerTime(Timestamp),
    /// Where the quota stands.
    Quota(Quota),
    /// The record that was named and the one in force.
    Records {
        /// The digest that the order named.
        given: Digest32,
        /// The epoch in force.
        epoch: Epoch,
        /// The revision in force.
        revision: u32,
        /// The digest of the record in force.
        in_force: Digest32,
    },
    /// When to come back, seconds.
    RetryAfter(u32),
    /// The field whose value is not allowed.
    Field(&'static str),
    /// The limit that was passed.
    Limit(u64),
    /// The custodian refused, by its own rules.
    Custodian,
}

impl Refusal {
    /// A refusal by its code and detail.
    #[must_use]
    pub const fn new(code: ErrorCode, detail: RefusalDetail) -> Self {
        Self { code, detail }
    }

    /// A field with a value that is not allowed.
    #[must_use]
    pub const fn field(field: &'static str) -> Self {
        Self::new(ErrorCode::InvalidField, RefusalDetail::Field(field))
    }

    /// A part of the request over its limit.
    #[must_use]
    pub const fn limit(limit: usize) -> Self {
        Self::new(ErrorCode::TooLarge, RefusalDetail::Limit(limit as u64))
    }

    pub(super) fn of_order(fault: OrderFault, now: Timestamp) -> Self {
        let detail = match fault {
            OrderFault::Stale => RefusalDetail::ServerTime(now),
            _ => RefusalDetail::None,
        };
        Self::new(fault.into(), detail)
    }

    pub(super) const fn by_custodian(code: ErrorCode) -> Self {
        Self::new(code, RefusalDetail::Custodian)
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, RefusalDetail::None)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Unavailable => ErrorCode::Unavailable,
            StoreError::Full => ErrorCode::StorageFull,
            StoreError::OrderConflict => ErrorCode::OrderConflict,
            StoreError::Exists => ErrorCode::AlreadyExists,
            StoreError::BadInvitation => ErrorCode::BadInvitation,
            StoreError::Missing => ErrorCode::NotFound,
            _ => ErrorCode::Internal,
        };
        code.into()
    }
}
