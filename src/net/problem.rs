//! `application/problem+json`: the one shape of every refusal (RFC 9457).

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::ErrorCode;
use crate::protocol::limits::MAX_PROBLEM_BYTES;

/// The media type of a [`Problem`] (RFC 9457 section 6.1).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal, as sent and as received (RFC 9457 section 3).
///
/// `code` is the stable `snake_case` name that programs match on; `type` is made from it. Extension
/// members such as `retry_after_seconds`, `server_time` or `rows` stand beside the others.
/// Whoever builds one must not put input into it: no NIK, no header, no query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:saring:problem:` and the code.
    #[serde(rename = "type", default = "about_blank")]
    #[schema(value_type = String)]
    kind: Cow<'static, str>,
    /// Short and the same for every occurrence.
    #[serde(default)]
    #[schema(value_type = String)]
    title: Cow<'static, str>,
    /// The HTTP status, 400..=599.
    #[serde(default)]
    status: u16,
    /// Stable `snake_case` name; empty if the sender knows none.
    #[serde(default)]
    #[schema(value_type = String)]
    code: Cow<'static, str>,
    /// What happened this time, without any input in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    detail: Option<Cow<'static, str>>,
    /// Names the occurrence: the request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Extension members (RFC 9457 section 3.2).
    #[serde(flatten)]
    #[schema(value_type = Object)]
    members: BTreeMap<String, Value>,
}

fn about_blank() -> Cow<'static, str> {
    Cow::Borrowed("about:blank")
}

impl Problem {
    /// A problem with `status` (a value outside 400..=599 is sent as 500), its stable `code` and
    /// its `title`.
    pub fn new(status: u16, code: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: Cow::Owned(format!("urn:saring:problem:{code}")),
            title: title.into(),
            status: if (400..=599).contains(&status) {
                status
            } else {
                500
            },
            code: Cow::Borrowed(code),
            detail: None,
            instance: None,
            members: BTreeMap::new(),
        }
    }

    /// The problem of a code in the protocol's table, titled in English; who shows it to people
    /// finds their language by the code.
    pub fn of(code: ErrorCode) -> Self {
        Self::new(code.status(), code.as_str(), code.text_en())
    }

    /// Adds what happened this time. Never put input into it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the request id of the occurrence.
    #[must_use]
    pub fn instance(mut self, request_id: impl Into<String>) -> Self {
        self.instance = Some(request_id.into());
        self
    }

    /// Adds an extension member; a name of RFC 9457 itself is ignored.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        if !matches!(
            name,
            "type" | "title" | "status" | "detail" | "instance" | "code"
        ) {
            self.members.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Asks the caller to come back after `seconds`: the member `retry_after_seconds`, and the
    /// header `Retry-After` when it is sent (RFC 9110 section 10.2.3).
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.with("retry_after_seconds", seconds)
    }

    /// The stable `snake_case` code; empty if the sender knows none.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The code, if it is one of the protocol's table.
    pub fn error_code(&self) -> Option<ErrorCode> {
        ErrorCode::parse(&self.code)
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What happened this time.
    pub fn detail_text(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The request id of the occurrence.
    pub fn instance_id(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// An extension member.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// The seconds after which to come back, if told.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.member("retry_after_seconds").and_then(Value::as_u64)
    }

    /// The document as it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A map of strings to JSON values always serialises; an empty body would still carry the status.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a received document of at most 64 KiB; `None` if it is none. The status of the
    /// answer stands above the one inside.
    pub fn parse(status: u16, body: &[u8]) -> Option<Self> {
        if body.len() > MAX_PROBLEM_BYTES {
            return None;
        }
        let mut problem: Self = serde_json::from_slice(body).ok()?;
        problem.status = status;
        Some(problem)
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::of(code)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.to_bytes()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn is_sent_as_rfc_9457_says_and_reads_back() {
        let sent = Problem::of(ErrorCode::QuotaExceeded)
            .detail("10 of 10 used")
            .instance("abc")
            .with("rows", serde_json::json!([1, 2]))
            .with("status", 200)
            .retry_after(7);
        let response = sent.clone().into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
        let body = axum::body::to_bytes(response.into_body(), 1 << 16)
            .await
            .unwrap();
        let json: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(json["type"], "urn:saring:problem:quota_exceeded");
        assert_eq!(json["status"], 429);
        assert_eq!(json["rows"][1], 2);
        assert_eq!(json["retry_after_seconds"], 7);
        assert_eq!(Problem::parse(429, &body), Some(sent));
    }

    #[test]
    fn foreign_and_broken_documents_are_read_or_refused() {
        let bare = Problem::parse(503, b"{}").unwrap();
        assert_eq!((bare.status(), bare.code()), (503, ""));
        assert_eq!(Problem::parse(503, b"[1]"), None);
        assert_eq!(Problem::parse(503, b"{\"status\":\"x\"}"), None);
        assert_eq!(
            Problem::parse(503, &vec![b' '; MAX_PROBLEM_BYTES + 1]),
            None
        );
    }

    #[test]
    fn a_status_that_is_no_error_becomes_500() {
        assert_eq!(Problem::new(200, "x", "X").status(), 500);
        assert_eq!(Problem::new(99, "x", "X").status(), 500);
    }
}
