//! Trying again while the registry is away or busy: never sooner than it wishes, and not for ever.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::AgentError;
use crate::protocol::ErrorCode;

/// The wait before the first repetition, doubled each time up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Over how many places those come back apart that were refused together.
const PLACES: u32 = 8;

/// How long one thing is tried again.
pub struct Patience {
    since: Instant,
    long: Duration,
    wait: Duration,
    place: u32,
}

impl Patience {
    /// From now on for `long`. `place` tells apart those who may be refused together: a chunk's
    /// number.
    #[must_use]
    pub fn new(long: Duration, place: u32) -> Self {
        Self {
            since: Instant::now(),
            long,
            wait: FIRST_WAIT,
            place: place % PLACES,
        }
    }

    /// Waits until it is time to try again.
    ///
    /// # Errors
    /// The fault, if waiting does not help or would take too long.
    pub async fn after(&mut self, fault: AgentError) -> Result<(), AgentError> {
        let wished = fault.retry_after().unwrap_or_default().max(self.wait);
        // A registry may wish for any time at all.
        let wait = wished.saturating_add(self.wait * self.place / PLACES);
        let left = self.long.saturating_sub(self.since.elapsed());
        if !may_pass(&fault) || wait > left {
            return Err(fault);
        }
        sleep(wait).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        Ok(())
    }
}

/// Whether waiting may help: the registry is away or busy, not out of quota or refusing.
#[must_use]
pub fn may_pass(fault: &AgentError) -> bool {
    match fault {
        AgentError::Door(door) => {
            let daily = [
                ErrorCode::QuotaExceeded,
                ErrorCode::CapReached,
                ErrorCode::StaleOrder,
            ];
            door.is_passing() && !door.code().is_some_and(|code| daily.contains(&code))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{DoorError, RefusalDetail};

    fn refused(code: ErrorCode, seconds: Option<u64>) -> AgentError {
        let detail = RefusalDetail {
            retry_after_seconds: seconds,
            ..RefusalDetail::default()
        };
        let detail = Box::new(detail);
        DoorError::Refused { code, detail }.into()
    }

    async fn waited(patience: &mut Patience, fault: AgentError) -> Option<Duration> {
        let began = Instant::now();
        let waited = patience.after(fault).await;
        waited.ok().map(|()| began.elapsed())
    }

    #[tokio::test]
    async fn nobody_comes_back_sooner_than_the_registry_wishes() {
        let mut patience = Patience::new(Duration::from_secs(600), 0);
        let busy = refused(ErrorCode::Overloaded, Some(1));
        let wished = waited(&mut patience, busy).await;
        assert!(wished >= Some(Duration::from_secs(1)), "{wished:?}");
        let away = AgentError::Door(DoorError::Unreachable);
        let doubled = waited(&mut patience, away).await;
        assert!(doubled >= Some(2 * FIRST_WAIT), "{doubled:?}");
    }

    #[tokio::test]
    async fn what_waiting_does_not_help_is_told_at_once() {
        let mut patience = Patience::new(Duration::from_secs(600), 7);
        for fault in [
            refused(ErrorCode::QuotaExceeded, Some(1)),
            refused(ErrorCode::NotGranted, None),
            refused(ErrorCode::Overloaded, Some(601)),
            refused(ErrorCode::Overloaded, Some(u64::MAX)),
            AgentError::Answer,
        ] {
            assert_eq!(waited(&mut patience, fault).await, None);
        }
        let mut none = Patience::new(Duration::ZERO, 0);
        let unreachable = AgentError::Door(DoorError::Unreachable);
        assert_eq!(waited(&mut none, unreachable).await, None);
    }
}
