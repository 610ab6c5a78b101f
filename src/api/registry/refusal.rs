//! Refusals as problem documents (RFC 9457): the registry's, mapped once, and the edge's own.

use serde_json::json;

use crate::net::Problem;
use crate::protocol::ErrorCode;
use crate::registry::{Refusal, RefusalDetail};

/// When to come back if the registry names no time, seconds.
const COME_BACK_SECONDS: u32 = 2;

/// A registry's refusal, with what goes with it as members.
pub(super) fn problem(refusal: Refusal) -> Problem {
    let problem = match refusal.code {
        // Whoever comes back at once meets the same.
        ErrorCode::Overloaded | ErrorCode::Unavailable => {
            Problem::of(refusal.code).retry_after(COME_BACK_SECONDS)
        }
        code => Problem::of(code),
    };
    match refusal.detail {
        RefusalDetail::None => problem,
        RefusalDetail::ServerTime(time) => problem.with("server_time", time.0),
        RefusalDetail::Quota(quota) => problem.with("quota", json!(quota)),
        RefusalDetail::Records {
            given,
            epoch,
            revision,
            in_force,
        } => problem
            .with("record_given", given.to_string())
            .with("record", in_force.to_string())
            .with("epoch", epoch.0)
            .with("revision", revision),
        RefusalDetail::RetryAfter(seconds) => problem.retry_after(seconds),
        RefusalDetail::Field(field) => problem.with("field", field),
        RefusalDetail::Limit(limit) => problem.with("limit", limit),
        RefusalDetail::Custodian => problem.with("by", "custodian"),
    }
}

/// A field of the request itself.
pub(super) fn field(field: &'static str) -> Problem {
    Problem::of(ErrorCode::InvalidField).with("field", field)
}

pub(super) async fn not_found() -> Problem {
    Problem::of(ErrorCode::NotFound)
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::of(ErrorCode::MethodNotAllowed)
}
