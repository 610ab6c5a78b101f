//! What is asked and what came back.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use bytes::Bytes;
use reqwest::Url;

use super::CallError;

/// One request to another server.
#[derive(Clone)]
pub struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) repeatable: bool,
    pub(super) expect: Option<&'static str>,
    pub(super) max_reply_bytes: Option<u64>,
    pub(super) answer_within: Option<Duration>,
}

impl Call {
    /// A call with any method. It is sent once, unless [`Call::repeatable`] says otherwise.
    ///
    /// # Errors
    /// [`CallError::Address`] when `url` is none.
    pub fn new(method: Method, url: &str) -> Result<Self, CallError> {
        Ok(Self {
            method,
            url: Url::parse(url).map_err(|_| CallError::Address)?,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            repeatable: false,
            expect: None,
            max_reply_bytes: None,
            answer_within: None,
        })
    }

    /// A GET, repeatable.
    ///
    /// # Errors
    /// [`CallError::Address`] when `url` is none.
    pub fn get(url: &str) -> Result<Self, CallError> {
        Ok(Self::new(Method::GET, url)?.repeatable())
    }

    /// A POST of `body` as `content_type`, sent once unless made repeatable.
    ///
    /// # Errors
    /// [`CallError::Address`] when `url` is none.
    pub fn post(
        url: &str,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Result<Self, CallError> {
        let mut call = Self::new(Method::POST, url)?;
        call.body = body.into();
        let content_type = HeaderValue::from_static(content_type);
        call.headers
            .insert(axum::http::header::CONTENT_TYPE, content_type);
        Ok(call)
    }

    /// Adds a header, replacing one of the same name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says that repeating the call does no harm: it is a read, or an order whose charge key
    /// makes the same content free. Only then is it sent again after it may have arrived.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Accepts only an answer of this media type (without parameters).
    #[must_use]
    pub fn expect(mut self, media_type: &'static str) -> Self {
        self.expect = Some(media_type);
        self
    }

    /// Replaces [`super::ClientOptions::max_reply_bytes`], in bytes.
    #[must_use]
    pub fn max_reply_bytes(mut self, bytes: u64) -> Self {
        self.max_reply_bytes = Some(bytes);
        self
    }

    /// Replaces [`super::ClientOptions::answer`] for work that takes longer or must be quicker.
    #[must_use]
    pub fn answer_within(mut self, limit: Duration) -> Self {
        self.answer_within = Some(limit);
        self
    }
}

/// An answer that was read whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status, 2xx.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}
