//! What one connection is waiting for, noted by its stream and its bodies, judged on a clock.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::options::Deadlines;

/// Notes of one connection, shared by its stream, its requests and its watch.
pub(super) struct Activity {
    born: Instant,
    /// Requests whose answer is not yet handed over entirely.
    in_flight: AtomicUsize,
    had_request: AtomicBool,
    /// HTTP/2 frames are not heads: only the first request's deadline holds there.
    multiplexed: AtomicBool,
    /// Requests begun since bytes last came in.
    since_read: AtomicUsize,
    last_end: Mark,
    head_began: Mark,
    write_blocked: Mark,
    /// Bytes that the peer took since it was found to take nothing.
    taken: AtomicU64,
    retired: Mark,
    answers: Mutex<Vec<Arc<Mark>>>,
}

/// What is to be done with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Keep,
    /// Ask it to finish: it was idle long enough.
    Retire,
    /// Drop it, for this reason.
    Cut(&'static str),
}

/// A moment in milliseconds since the connection's birth, or none (0).
#[derive(Default)]
pub(super) struct Mark(AtomicU64);

impl Mark {
    fn set(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }

    /// Whether there was none.
    fn set_if_none(&self, now: u64) -> bool {
        let set = self
            .0
            .compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        set.is_ok()
    }

    fn is_none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn older_than(&self, age: Duration, now: u64) -> bool {
        match self.0.load(Ordering::Relaxed) {
            0 => false,
            since => u128::from(now.saturating_sub(since)) > age.as_millis(),
        }
    }
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            born: Instant::now(),
            in_flight: AtomicUsize::new(0),
            had_request: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
            since_read: AtomicUsize::new(0),
            last_end: Mark::default(),
            head_began: Mark::default(),
            write_blocked: Mark::default(),
            taken: AtomicU64::new(0),
            retired: Mark::default(),
            answers: Mutex::default(),
        })
    }

    /// Bytes came in.
    pub(super) fn bytes_read(&self) {
        if self.in_flight.load(Ordering::Relaxed) == 0
            && self.had_request.load(Ordering::Relaxed)
            && !self.multiplexed.load(Ordering::Relaxed)
        {
            let _began_before = self.head_began.set_if_none(self.now());
        }
        self.since_read.store(0, Ordering::Relaxed);
    }

    /// The peer takes nothing at the moment.
    pub(super) fn write_blocked(&self) {
        if self.write_blocked.set_if_none(self.now()) {
            self.taken.store(0, Ordering::Relaxed);
        }
    }

    /// The peer took `bytes`: of one that took nothing, `enough` are asked for.
    pub(super) fn written(&self, bytes: u64, enough: u64) {
        if !self.write_blocked.is_none()
            && self.taken.fetch_add(bytes, Ordering::Relaxed) + bytes >= enough
        {
            self.write_blocked.clear();
        }
    }

    /// Nothing is left for the peer to take.
    pub(super) fn all_written(&self) {
        self.write_blocked.clear();
    }

    /// A request head is complete. The returned guard lives as long as its answer.
    pub(super) fn begin(self: &Arc<Self>, multiplexed: bool) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.had_request.store(true, Ordering::Relaxed);
        self.multiplexed.store(multiplexed, Ordering::Relaxed);
        self.head_began.clear();
        self.since_read.fetch_add(1, Ordering::Relaxed);
        let mark = Arc::new(Mark::default());
        self.answers().push(Arc::clone(&mark));
        InFlight {
            activity: Arc::clone(self),
            mark,
        }
    }

    /// Whether the newest request came in one piece with others before it.
    pub(super) fn is_pipelined(&self) -> bool {
        self.since_read.load(Ordering::Relaxed) > 1 && !self.multiplexed.load(Ordering::Relaxed)
    }

    /// Time since the connection began.
    pub(super) fn age(&self) -> Duration {
        self.born.elapsed()
    }

    /// What is to be done at `age`.
    pub(super) fn judge(&self, deadlines: &Deadlines, age: Duration) -> Verdict {
        let now = milliseconds(age);
        if self.write_blocked.older_than(deadlines.write_stall, now)
            || self
                .answers()
                .iter()
                .any(|mark| mark.older_than(deadlines.write_stall, now))
        {
            return Verdict::Cut("the peer does not read");
        }
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            return Verdict::Keep;
        }
        if !self.had_request.load(Ordering::Relaxed) {
            return if u128::from(now) > deadlines.headers.as_millis() {
                Verdict::Cut("no request came")
            } else {
                Verdict::Keep
            };
        }
        if self.head_began.older_than(deadlines.headers, now) {
            return Verdict::Cut("a request head stayed incomplete");
        }
        if self
            .retired
            .older_than(deadlines.linger + deadlines.write_stall, now)
        {
            return Verdict::Cut("the peer keeps an idle connection");
        }
        if self.last_end.older_than(deadlines.keep_alive, now) {
            let _retired_before = self.retired.set_if_none(now);
            return Verdict::Retire;
        }
        Verdict::Keep
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Mark>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole milliseconds, never 0, which means none.
fn milliseconds(age: Duration) -> u64 {
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// One request and its answer, from the complete head to the last byte handed over.
pub(super) struct InFlight {
    activity: Arc<Activity>,
    mark: Arc<Mark>,
}

impl InFlight {
    /// A piece of the answer was handed over: until the next is asked for, the peer is awaited.
    pub(super) fn awaiting_peer(&self) {
        self.mark.set(self.activity.now());
    }

    /// The next piece was asked for: from here on our own work is awaited.
    pub(super) fn awaiting_us(&self) {
        self.mark.clear();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.activity
            .answers()
            .retain(|mark| !Arc::ptr_eq(mark, &self.mark));
        self.activity.last_end.set(self.activity.now());
        self.activity.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINES: Deadlines = Deadlines {
        handshake: Duration::from_secs(5),
        headers: Duration::from_secs(5),
        body_idle: Duration::from_secs(5),
        body_progress_bytes: 1,
        write_stall: Duration::from_secs(7),
        write_progress_bytes: 100,
        keep_alive: Duration::from_secs(60),
        linger: Duration::from_secs(2),
        drain: Duration::from_secs(5),
    };

    /// The verdict `seconds` after everything noted so far.
    fn after(activity: &Activity, seconds: u64) -> Verdict {
        activity.judge(&DEADLINES, activity.age() + Duration::from_secs(seconds))
    }

    fn cut(activity: &Activity, seconds: u64) -> bool {
        matches!(after(activity, seconds), Verdict::Cut(_))
    }

    #[test]
    fn a_silent_or_trickling_peer_is_cut_and_work_is_not() {
        let activity = Activity::new();
        assert_eq!(after(&activity, 4), Verdict::Keep);
        assert!(cut(&activity, 6));
        let request = activity.begin(false);
        assert_eq!(after(&activity, 3600), Verdict::Keep);
        drop(request);
        assert_eq!(after(&activity, 6), Verdict::Keep);
        activity.bytes_read();
        assert_eq!(after(&activity, 4), Verdict::Keep);
        assert!(cut(&activity, 6));
    }

    #[test]
    fn an_idle_connection_retires_then_is_cut() {
        let activity = Activity::new();
        drop(activity.begin(true));
        activity.bytes_read();
        assert_eq!(after(&activity, 59), Verdict::Keep);
        assert_eq!(after(&activity, 61), Verdict::Retire);
        assert!(cut(&activity, 61 + 10));
    }

    #[test]
    fn a_reader_that_takes_nothing_is_cut() {
        let activity = Activity::new();
        let request = activity.begin(true);
        request.awaiting_peer();
        assert_eq!(after(&activity, 6), Verdict::Keep);
        assert!(cut(&activity, 8));
        request.awaiting_us();
        assert_eq!(after(&activity, 60), Verdict::Keep);
        activity.write_blocked();
        assert!(cut(&activity, 8));
        activity.written(60, 100);
        assert!(cut(&activity, 8), "too little");
        activity.written(40, 100);
        assert_eq!(after(&activity, 60), Verdict::Keep);
        activity.write_blocked();
        activity.written(60, 100);
        assert!(cut(&activity, 8), "what was taken before does not count");
        activity.all_written();
        assert_eq!(after(&activity, 60), Verdict::Keep);
    }

    #[test]
    fn requests_that_came_together_are_told_from_others() {
        let activity = Activity::new();
        for multiplexed in [false, true] {
            activity.bytes_read();
            drop(activity.begin(multiplexed));
            assert!(!activity.is_pipelined());
            drop(activity.begin(multiplexed));
            assert_eq!(activity.is_pipelined(), !multiplexed);
        }
    }
}
