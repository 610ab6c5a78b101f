//! What every server's routes wear, as functions on an axum [`Router`].
//!
//! From the outside in: [`dress`] (request id, one log line, problem documents, panics, encodings), then per group of
//! routes [`body_limit()`] and [`shed`] by class. A server that expects more than it can do has a
//! door besides ([`turn_away`]).

mod body_limit;
mod door;
mod encodings;
mod gate;
mod panics;
mod problems;
mod request_id;
mod request_log;
mod shedding;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

pub use body_limit::body_limit;
pub use door::turn_away;
pub use gate::{Gate, Permits, RouteClass, refusal};
pub use request_id::RequestId;
pub use request_log::{Observer, RequestRecord};
pub use shedding::{shed, shed_by};

/// Dresses a whole server: request id, one log line a request (told to `observer` too), panics to
/// 500, encoded bodies to 415, and every other 4xx or 5xx that is no problem document to one (so a
/// readiness answer with reasons must be a [`super::Problem`]). Call it last, after the groups of routes are merged.
pub fn dress<S>(router: Router<S>, observer: Option<Observer>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router
        .layer(from_fn(encodings::refuse))
        .layer(from_fn(panics::catch))
        .layer(from_fn(problems::only))
        .layer(from_fn_with_state(observer, request_log::log))
        .layer(from_fn(request_id::give))
}
