//! Every bound of the client, with its unit and its default.

use std::time::Duration;

use crate::net::Trust;

/// How the client connects, waits and bounds what it reads.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Whom to believe. Default: the system's authorities.
    pub trust: Trust,
    /// Allow `http://` beyond loopback. Default no.
    pub allow_plain_beyond_loopback: bool,
    /// To connect, TLS included. Default 5 s.
    pub connect: Duration,
    /// From sending to the head of the answer, the upload and the server's work included; a call
    /// may set its own. Default 60 s.
    pub answer: Duration,
    /// Between two pieces of an answer's body. Default 15 s.
    pub idle_read: Duration,
    /// How long an unused connection is kept. Default 5 s, below our servers' keep-alive.
    pub pool_idle: Duration,
    /// Bytes of an answer's body; a call may set its own. Default 16 MiB.
    pub max_reply_bytes: u64,
    /// When to try again.
    pub retry: RetryOptions,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            trust: Trust::System,
            allow_plain_beyond_loopback: false,
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            idle_read: Duration::from_secs(15),
            pool_idle: Duration::from_secs(5),
            max_reply_bytes: 16 * 1024 * 1024,
            retry: RetryOptions::default(),
        }
    }
}

/// When a failed call is tried again, and when to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOptions {
    /// Times a call is sent at most, the first included. Default 4; 1 turns retries off.
    pub attempts: u32,
    /// Wait before the second attempt, doubled each time. Default 200 ms.
    pub first_wait: Duration,
    /// Longest wait; a server that asks for more is not asked again. Default 10 s.
    pub longest_wait: Duration,
}

impl RetryOptions {
    /// Every call is sent once.
    pub const NEVER: Self = Self {
        attempts: 1,
        first_wait: Duration::ZERO,
        longest_wait: Duration::ZERO,
    };
}

impl Default for RetryOptions {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(10),
        }
    }
}
