//! One id per request, the caller's if it is harmless.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use data_encoding::HEXLOWER;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken over from a caller, in characters; the shortest is 8.
const LONGEST: usize = 64;

/// A run of this many digits could be somebody's NIK, and ids are logged.
const NIK_DIGITS: usize = 16;

/// The id of a request, in its extensions, its answer (`X-Request-Id`) and its log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The id: 8..=64 characters of `[A-Za-z0-9._-]`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn random() -> Self {
        let mut bytes = [0_u8; 16];
        // Without randomness an id of zeros still serves the request.
        let _ = getrandom::fill(&mut bytes);
        Self(HEXLOWER.encode(&bytes))
    }

    /// The caller's id, unless it is malformed or might be a NIK in any grouping.
    fn from_caller(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if !(8..=LONGEST).contains(&text.len()) || !text.chars().all(plain) {
            return None;
        }
        let mut run = 0;
        for c in text.chars().filter(char::is_ascii_alphanumeric) {
            run = if c.is_ascii_digit() { run + 1 } else { 0 };
            if run >= NIK_DIGITS {
                return None;
            }
        }
        Some(Self(text.to_owned()))
    }
}

/// Gives the request its id and the answer the same.
pub(super) async fn give(mut request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(HEADER)
        .and_then(RequestId::from_caller)
        .unwrap_or_else(RequestId::random);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> bool {
        RequestId::from_caller(&HeaderValue::from_str(text).unwrap()).is_some()
    }

    #[test]
    fn callers_ids_are_taken_unless_malformed_or_like_a_nik() {
        assert!(taken("550e8400-e29b-41d4-a716-446655440000"));
        assert!(taken("job_17.chunk-3"));
        assert!(!taken("short"));
        assert!(!taken(&"x".repeat(65)));
        assert!(!taken("white space"));
        assert!(!taken("3515140101900002"));
        assert!(!taken("x-351514-010190-0002"));
        assert!(!taken("35.15.14.01.01.90.0002"));
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(RequestId::random(), RequestId::random());
        assert_eq!(RequestId::random().as_str().len(), 32);
    }
}
