//! When to try again: bounded, jittered, and never sooner than the server asked.

use std::time::Duration;

use axum::http::{HeaderMap, header};

use super::{CallError, RetryOptions};

/// The waits of one call.
pub(super) struct Waits {
    options: RetryOptions,
    sent: u32,
}

impl Waits {
    pub(super) fn new(options: &RetryOptions) -> Self {
        Self {
            options: *options,
            sent: 0,
        }
    }

    /// How long to wait before sending again after `failed`; `None` to give up. What never left is
    /// sent again; what may have arrived only if `repeatable`.
    pub(super) fn next(&mut self, failed: &CallError, repeatable: bool) -> Option<Duration> {
        self.sent += 1;
        if self.sent >= self.options.attempts {
            return None;
        }
        let doubled = 2_u32.saturating_pow(self.sent - 1);
        let backoff = self.options.first_wait.saturating_mul(doubled);
        let backoff = backoff.min(self.options.longest_wait);
        match failed {
            CallError::Unreachable => Some(jittered(backoff)),
            CallError::Broken | CallError::TimedOut if repeatable => Some(jittered(backoff)),
            CallError::Refused { retry_after, .. } | CallError::Status { retry_after, .. }
                if repeatable && matches!(failed.status(), Some(429 | 503)) =>
            {
                let asked = (*retry_after)?;
                // A crowd that was told the same second comes back over as long again, and later
                // each time.
                let spread = asked.max(backoff);
                (asked <= self.options.longest_wait).then(|| asked + spread.mul_f64(part()))
            }
            _ => None,
        }
    }
}

/// The seconds form of `Retry-After` (RFC 9110 section 10.2.3); our servers send no dates.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// Between half of `wait` and all of it, so that callers refused together come back apart.
fn jittered(wait: Duration) -> Duration {
    wait / 2 + (wait / 2).mul_f64(part())
}

/// At random in 0..1.
fn part() -> f64 {
    let mut random = [0_u8; 2];
    // Without randomness the wait is merely the shortest.
    let _ = getrandom::fill(&mut random);
    f64::from(u16::from_le_bytes(random)) / 65_536.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: RetryOptions = RetryOptions {
        attempts: 3,
        first_wait: Duration::from_millis(100),
        longest_wait: Duration::from_secs(2),
    };

    fn refused(status: u16, seconds: Option<u64>) -> CallError {
        CallError::Status {
            status,
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    #[test]
    fn only_what_is_safe_is_sent_again() {
        let wait = |failed: CallError, repeatable| Waits::new(&OPTIONS).next(&failed, repeatable);
        assert!(wait(CallError::Unreachable, false).is_some());
        assert!(wait(CallError::Broken, true).is_some());
        assert_eq!(wait(CallError::Broken, false), None);
        assert_eq!(wait(CallError::TimedOut, false), None);
        assert_eq!(wait(CallError::TooLarge, true), None);
        assert!(wait(refused(503, Some(1)), true) >= Some(Duration::from_secs(1)));
        assert_eq!(wait(refused(503, Some(1)), false), None);
        assert_eq!(wait(refused(503, None), true), None);
        assert_eq!(wait(refused(429, Some(3)), true), None);
        assert_eq!(wait(refused(500, Some(1)), true), None);
    }

    #[test]
    fn a_crowd_comes_back_no_sooner_than_asked_and_not_all_at_once() {
        let wait = |_| Waits::new(&OPTIONS).next(&refused(503, Some(1)), true);
        let waits: Vec<_> = (0..1_000).filter_map(wait).collect();
        assert_eq!(waits.len(), 1_000);
        let bounds = Duration::from_secs(1)..Duration::from_secs(2);
        assert!(waits.iter().all(|wait| bounds.contains(wait)));
        // In each tenth of a second about a hundred; by chance never more than two hundred.
        let mut tenths = [0; 10];
        for wait in &waits {
            tenths[(wait.subsec_millis() / 100) as usize] += 1;
        }
        assert!(
            tenths.iter().all(|count| (20..=200).contains(count)),
            "{tenths:?}"
        );
    }

    #[test]
    fn attempts_end_and_waits_grow_within_bounds() {
        let mut waits = Waits::new(&OPTIONS);
        let first = waits.next(&CallError::Unreachable, true).unwrap();
        let second = waits.next(&CallError::Unreachable, true).unwrap();
        assert!((50..=100).contains(&first.as_millis()), "{first:?}");
        assert!((100..=200).contains(&second.as_millis()), "{second:?}");
        assert_eq!(waits.next(&CallError::Unreachable, true), None);
    }
}
