//! Every bound of a listener, with its unit and its default.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::door::Door;

/// How long a peer may keep us waiting. None of them bounds the time our own work takes.
///
/// | field | default | what is cut |
/// |---|---|---|
/// | `handshake` | 5 s | a TLS handshake that is not complete |
/// | `headers` | 8 s | a request head that is not complete, or a new connection that says nothing |
/// | `body_idle` | 8 s | a request body that brings fewer than `body_progress_bytes` while awaited |
/// | `write_stall` | 8 s | a reader that takes fewer than `write_progress_bytes` of an answer that waits |
/// | `keep_alive` | 60 s | a connection without a request |
/// | `linger` | 3 s | after our last byte, a peer that is still sending |
/// | `drain` | 30 s | requests in flight once shutdown was asked |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// From the accepted connection to the end of the TLS handshake.
    pub handshake: Duration,
    /// From the first byte of a request head (for a new connection, from its start) to its last.
    pub headers: Duration,
    /// The window in which a request body that a handler waits for must bring
    /// `body_progress_bytes` or end.
    pub body_idle: Duration,
    /// See `body_idle`; bytes, default 512.
    pub body_progress_bytes: u64,
    /// The window in which a peer that took nothing of an answer that is ready must take
    /// `write_progress_bytes` or the rest.
    pub write_stall: Duration,
    /// See `write_stall`; bytes, default 16 KiB: a system takes a little for a peer that does not
    /// read, whenever it puts in order what it holds for it.
    pub write_progress_bytes: u64,
    /// How long a connection may stay open with no request in flight.
    pub keep_alive: Duration,
    /// How long what a peer still sends after our last byte is read and thrown away, so that it
    /// can read our answer instead of a reset.
    pub linger: Duration,
    /// How long requests in flight may take once shutdown was asked; then they are cut.
    pub drain: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(5),
            headers: Duration::from_secs(8),
            body_idle: Duration::from_secs(8),
            body_progress_bytes: 512,
            write_stall: Duration::from_secs(8),
            write_progress_bytes: 16 * 1024,
            keep_alive: Duration::from_secs(60),
            linger: Duration::from_secs(3),
            drain: Duration::from_secs(30),
        }
    }
}

impl Deadlines {
    /// How often a connection is looked at: a quarter of the shortest bound, in 5 ms..=1 s.
    pub(crate) fn look_every(&self) -> Duration {
        let shortest = self
            .headers
            .min(self.write_stall)
            .min(self.keep_alive)
            .min(self.linger);
        (shortest / 4).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }
}

/// Bytes of answers that the system keeps for one peer beyond what is on its way: enough to be ahead
/// of the network, and little for thousands of peers who read nothing.
pub(super) const UNSENT_BYTES: u32 = 64 * 1024;

/// How much one listener, and one connection of it, may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at once; the next is refused with a short 503 (plain) or closed (TLS). Default 12,000.
    pub connections: usize,
    /// HTTP/2 requests at once on one connection. Default 64.
    pub streams: u32,
    /// A request head: bytes of HTTP/1 read ahead, or of an HTTP/2 header list. Default 32 KiB, at least 8 KiB.
    pub head_bytes: u32,
    /// Headers of one HTTP/1 request. Default 64.
    pub headers: usize,
    /// Bytes thrown away while lingering (see [`Deadlines::linger`]). Default 64 MiB.
    pub linger_bytes: u64,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 12_000,
            streams: 64,
            head_bytes: 32 * 1024,
            headers: 64,
            linger_bytes: 64 * 1024 * 1024,
        }
    }
}

/// What [`super::serve`] is told besides listener, TLS and routes.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// How long a peer may keep us waiting.
    pub deadlines: Deadlines,
    /// How much may be held.
    pub limits: ConnectionLimits,
    /// Counts that somebody else may read meanwhile, for metrics.
    pub counters: Arc<ConnectionCounters>,
    /// Who is turned away before anything is done for a request; by default nobody.
    pub door: Door,
}

/// What happened to a listener's connections so far.
#[derive(Debug, Default)]
pub struct ConnectionCounters {
    pub(crate) accepted: AtomicU64,
    pub(crate) closed: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) cut: AtomicU64,
}

/// A reading of [`ConnectionCounters`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionCounts {
    /// Connections open now.
    pub open: u64,
    /// Connections accepted since the start.
    pub accepted: u64,
    /// Connections refused because [`ConnectionLimits::connections`] were open.
    pub refused: u64,
    /// Connections cut because a deadline passed.
    pub cut: u64,
}

impl ConnectionCounters {
    /// The counts now.
    pub fn read(&self) -> ConnectionCounts {
        let closed = self.closed.load(Ordering::Relaxed);
        let accepted = self.accepted.load(Ordering::Relaxed);
        ConnectionCounts {
            open: accepted.saturating_sub(closed),
            accepted,
            refused: self.refused.load(Ordering::Relaxed),
            cut: self.cut.load(Ordering::Relaxed),
        }
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
