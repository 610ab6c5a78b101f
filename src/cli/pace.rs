//! How fast long work goes, and how long it will take.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The time over which a pace is taken.
const WINDOW: Duration = Duration::from_secs(20);
/// Between two samples.
const APART: Duration = Duration::from_millis(500);

/// The pace of one phase, over the last seconds: what a resumed job had done before counts for
/// nothing.
#[derive(Default)]
pub(super) struct Pace(VecDeque<(Instant, u64)>);

/// What can be said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paced {
    /// Steps a second.
    pub(super) per_second: u64,
    /// Seconds until the phase ends; none where nothing moves.
    pub(super) seconds_left: Option<u64>,
}

impl Pace {
    /// `done` of `total` at `now`; none until there is something to tell from.
    pub(super) fn at(&mut self, now: Instant, done: u64, total: u64) -> Option<Paced> {
        if self.0.back().is_none_or(|(last, _)| now - *last >= APART) {
            self.0.push_back((now, done));
        }
        while self.0.len() > 2 && now - self.0[0].0 > WINDOW {
            self.0.pop_front();
        }
        let (then, before) = *self.0.front()?;
        let seconds = (now - then).as_secs_f64();
        if seconds < APART.as_secs_f64() {
            return None;
        }
        let per_second = done.saturating_sub(before) as f64 / seconds;
        let left = total.saturating_sub(done) as f64 / per_second;
        Some(Paced {
            per_second: per_second as u64,
            seconds_left: left.is_finite().then_some(left.ceil() as u64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut pace = Pace::default();
        assert_eq!(pace.at(at(0), 1_000_000, 2_000_000), None);
        let paced = pace.at(at(10), 1_100_000, 2_000_000).expect("ten seconds");
        assert_eq!((paced.per_second, paced.seconds_left), (10_000, Some(90)));
        let stalled = pace.at(at(60), 1_100_000, 2_000_000).expect("a minute");
        assert_eq!((stalled.per_second, stalled.seconds_left), (0, None));
        let over = pace.at(at(61), 2_000_000, 2_000_000).expect("the end");
        assert_eq!(over.seconds_left, Some(0));
    }
}
