//! The HTTP client: bounded in time and bytes, never redirected, polite when asked to come back.

mod call;
mod error;
mod options;
mod retry;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;
use tokio::time::{sleep, timeout};

pub use self::call::{Call, Reply};
pub use self::error::CallError;
pub use self::options::{ClientOptions, RetryOptions};
use super::problem::{PROBLEM_JSON, Problem};
use super::{SetupError, tls};
use crate::protocol::limits::MAX_PROBLEM_BYTES;

/// Calls other servers. Clones share one pool of connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    options: Arc<ClientOptions>,
}

impl Client {
    /// A client under `options`. It speaks HTTP/1.1, one call a connection at a time; it follows no redirect, reads no proxy from the environment,
    /// keeps no cookie and decompresses nothing.
    ///
    /// # Errors
    /// [`SetupError::Certificate`], [`SetupError::PinIsNotOne`], [`SetupError::Tls`] for the trust
    /// given, [`SetupError::Client`] when the client cannot be built.
    pub fn new(options: ClientOptions) -> Result<Self, SetupError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(&options.trust)?)
            .connect_timeout(options.connect)
            .pool_idle_timeout(options.pool_idle)
            .http1_only()
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("saring/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(SetupError::Client)?;
        Ok(Self {
            http,
            options: Arc::new(options),
        })
    }

    /// Calls and reads the whole answer. Only a 2xx is a [`Reply`].
    ///
    /// # Errors
    /// Every variant of [`CallError`]; retries are over when it is returned.
    pub async fn call(&self, call: Call) -> Result<Reply, CallError> {
        let mut waits = retry::Waits::new(&self.options.retry);
        loop {
            let failed = match self.attempt(&call).await {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            match waits.next(&failed, call.repeatable) {
                Some(wait) => sleep(wait).await,
                None => return Err(failed),
            }
        }
    }

    /// Calls and hands over the answer piece by piece, for what does not fit in memory. Retries
    /// end with the first byte of the answer's head.
    ///
    /// # Errors
    /// Every variant of [`CallError`]; `TooLarge` also when the announced length is too much.
    pub async fn download(&self, call: Call) -> Result<Download, CallError> {
        let mut waits = retry::Waits::new(&self.options.retry);
        loop {
            let failed = match self.open(&call).await {
                Ok(download) => return Ok(download),
                Err(failed) => failed,
            };
            match waits.next(&failed, call.repeatable) {
                Some(wait) => sleep(wait).await,
                None => return Err(failed),
            }
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Reply, CallError> {
        let mut download = self.open(call).await?;
        let body = download.rest().await?;
        Ok(Reply {
            status: download.status,
            headers: download.headers,
            body,
        })
    }

    async fn open(&self, call: &Call) -> Result<Download, CallError> {
        self.allowed(call)?;
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        request = request.headers(call.headers.clone());
        if !call.body.is_empty() {
            request = request.body(call.body.clone());
        }
        let answer_within = call.answer_within.unwrap_or(self.options.answer);
        let response = timeout(answer_within, request.send())
            .await
            .map_err(|_| CallError::TimedOut)?
            .map_err(CallError::from_send)?;
        let download = Download {
            status: response.status(),
            headers: response.headers().clone(),
            left: call.max_reply_bytes.unwrap_or(self.options.max_reply_bytes),
            idle: self.options.idle_read,
            response,
        };
        if !download.status.is_success() {
            return Err(download.refusal().await);
        }
        if let Some(expected) = call.expect
            && media_type(&download.headers) != Some(expected)
        {
            return Err(CallError::UnexpectedContent { expected });
        }
        match download.response.content_length() {
            Some(length) if length > download.left => Err(CallError::TooLarge),
            _ => Ok(download),
        }
    }

    fn allowed(&self, call: &Call) -> Result<(), CallError> {
        match call.url.scheme() {
            "https" => Ok(()),
            "http" if self.options.allow_plain_beyond_loopback || is_loopback(&call.url) => Ok(()),
            _ => Err(CallError::PlainBeyondLoopback),
        }
    }
}

/// An answer that is being read. Dropping it ends the transfer.
pub struct Download {
    /// The status, 2xx.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    response: reqwest::Response,
    left: u64,
    idle: std::time::Duration,
}

impl Download {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`CallError::TimedOut`] when nothing came for [`ClientOptions::idle_read`],
    /// [`CallError::TooLarge`] past the bound, [`CallError::Broken`] when the transfer broke off.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, CallError> {
        let piece = timeout(self.idle, self.response.chunk())
            .await
            .map_err(|_| CallError::TimedOut)?
            .map_err(|_| CallError::Broken)?;
        if let Some(piece) = &piece {
            self.left = self
                .left
                .checked_sub(piece.len() as u64)
                .ok_or(CallError::TooLarge)?;
        }
        Ok(piece)
    }

    async fn rest(&mut self) -> Result<Bytes, CallError> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.piece().await? {
            if whole.is_empty() && self.response.content_length() == Some(piece.len() as u64) {
                return Ok(piece);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// Reads what a refusal says: a problem document, or only its status.
    async fn refusal(mut self) -> CallError {
        let status = self.status.as_u16();
        let retry_after = retry::retry_after(&self.headers);
        self.left = self.left.min(MAX_PROBLEM_BYTES as u64);
        let problem = match media_type(&self.headers) {
            Some(PROBLEM_JSON) => match self.rest().await {
                Ok(body) => Problem::parse(status, &body),
                Err(_) => None,
            },
            _ => None,
        };
        match problem {
            Some(problem) => CallError::Refused {
                problem: Box::new(problem),
                retry_after,
            },
            None => CallError::Status {
                status,
                retry_after,
            },
        }
    }
}

/// The media type without its parameters.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim())
}

fn is_loopback(url: &reqwest::Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback()),
        None => false,
    }
}
