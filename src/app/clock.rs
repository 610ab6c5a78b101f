//! The system's clock, read in one place.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::protocol::{Clock, Timestamp};

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let milliseconds =
            |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => Timestamp(milliseconds(since)),
            Err(before) => Timestamp(-milliseconds(before.duration())),
        }
    }
}
