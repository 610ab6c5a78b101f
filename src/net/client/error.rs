//! Why a call has no answer.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::Problem;

/// Why a call has no answer. No variant holds the address, a header or a body that was sent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The address is not a URL.
    #[error("the address is not a URL")]
    Address,
    /// `http://` to another machine was not allowed in so many words.
    #[error("the address is neither https nor on loopback")]
    PlainBeyondLoopback,
    /// No connection: refused, unknown name, no way there. Nothing was sent.
    #[error("the server cannot be reached")]
    Unreachable,
    /// TLS does not believe the certificate of the other side. Nothing was sent.
    #[error("the server's certificate is not trusted")]
    Untrusted,
    /// Nothing came in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The connection broke after the call may have arrived.
    #[error("the connection broke")]
    Broken,
    /// The answer passes the bound.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// The answer is of another media type.
    #[error("the answer is not {expected}")]
    UnexpectedContent {
        /// The media type asked for.
        expected: &'static str,
    },
    /// The server refused and said why.
    #[error("refused with {} {}", problem.status(), problem.code())]
    Refused {
        /// What it said.
        problem: Box<Problem>,
        /// When to come back, by the `Retry-After` header.
        retry_after: Option<Duration>,
    },
    /// The server answered with a status that is not 2xx and no problem document; redirects too.
    #[error("answered with status {status}")]
    Status {
        /// The status.
        status: u16,
        /// When to come back, by the `Retry-After` header.
        retry_after: Option<Duration>,
    },
}

impl CallError {
    /// The problem document, if the server sent one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused { problem, .. } => Some(problem),
            _ => None,
        }
    }

    /// The status, if the server answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { problem, .. } => Some(problem.status()),
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    pub(super) fn from_send(error: reqwest::Error) -> Self {
        if error.is_connect() {
            if distrusted(&error) {
                Self::Untrusted
            } else {
                Self::Unreachable
            }
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Broken
        }
    }
}

/// Whether the certificate is the cause somewhere below `error`.
fn distrusted(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if matches!(
            error.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_))
        ) {
            return true;
        }
        // An io::Error names its content's source as its own, so the content itself is asked for.
        let content = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match content {
            Some(content) => Some(content),
            None => error.source(),
        };
    }
    false
}
