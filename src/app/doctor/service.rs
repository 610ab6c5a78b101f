//! The service itself: what a running server says of its readiness.

use std::time::Duration;

use serde::Deserialize;

use super::Finding;
use crate::app::config::Config;
use crate::net::{Call, CallError, Client, ClientOptions, RetryOptions};
use crate::protocol::paths;

/// What the readiness answer is made of.
#[derive(Deserialize)]
struct Readiness {
    ready: bool,
    reasons: Vec<String>,
}

/// Asks the admin listener; none if nobody listens there.
pub(super) async fn ask(config: &Config) -> Option<Finding> {
    let options = ClientOptions {
        retry: RetryOptions::NEVER,
        answer: Duration::from_secs(5),
        ..ClientOptions::default()
    };
    let url = format!("http://{}{}", config.listen.admin_address, paths::READY);
    let (Ok(client), Ok(call)) = (Client::new(options), Call::get(&url)) else {
        return Some(stranger());
    };
    Some(match client.call(call).await {
        Ok(reply) => match serde_json::from_slice::<Readiness>(&reply.body) {
            Ok(readiness) if readiness.ready => Finding::ok(
                "service",
                "Server berjalan dan siap.",
                "The server is running and ready.",
            ),
            Ok(readiness) => not_ready(&readiness.reasons.join(", ")),
            Err(_) => stranger(),
        },
        Err(CallError::Refused { problem, .. }) => {
            let reasons = problem.member("reasons").cloned().unwrap_or_default();
            let reasons: Vec<String> = serde_json::from_value(reasons).unwrap_or_default();
            not_ready(&reasons.join(", "))
        }
        Err(CallError::Unreachable) => return None,
        Err(_) => stranger(),
    })
}

/// Nobody listens.
pub(super) fn stopped() -> Finding {
    Finding::warning(
        "service",
        "Server tidak berjalan.",
        "The server is not running.",
    )
}

fn not_ready(reasons: &str) -> Finding {
    Finding::fault(
        "service",
        format!("Server berjalan tetapi tidak siap: {reasons}."),
        format!("The server is running and not ready: {reasons}."),
    )
}

fn stranger() -> Finding {
    Finding::fault(
        "service",
        "Di listen.admin_address ada program lain, atau server tidak menjawab.",
        "Another program listens on listen.admin_address, or the server does not answer.",
    )
}
