//! Expiry in the background.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::protocol::ErrorCode;
use crate::registry::Registry;
use crate::store::Store;

/// Passes every `every`, the first one at once; never ends.
pub(super) async fn expire_for_ever<S: Store>(registry: Arc<Registry<S>>, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut refused = None;
    loop {
        ticks.tick().await;
        match registry.expire().await {
            Ok(expired) => {
                if expired.people > 0 {
                    tracing::info!(people = expired.people, "listings ended by time");
                }
                refused = None;
            }
            // Said once, not at every pass.
            Err(refusal) if refused == Some(refusal.code) => {}
            Err(refusal) => {
                let code = refusal.code.as_str();
                if refusal.code == ErrorCode::ClockWrong {
                    tracing::error!(
                        code,
                        "expiry stopped: the clock is behind or leapt; set it right, or confirm it \
                         with an accept-clock order"
                    );
                } else {
                    tracing::warn!(code, "expiry did not run");
                }
                refused = Some(refusal.code);
            }
        }
    }
}
