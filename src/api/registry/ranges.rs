//! Ranges of bytes (RFC 9110, section 14): one range, from a first byte to a last one or to the end.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refusal;
use crate::net::Problem;
use crate::protocol::ErrorCode;
use crate::protocol::evaluation::BINARY;
use crate::registry::KeyRange;

/// The first byte that is asked for, and how many.
pub(super) fn asked(headers: &HeaderMap) -> Result<(u64, u64), Problem> {
    let text = headers
        .get(header::RANGE)
        .and_then(|text| text.to_str().ok());
    let range = text.and_then(|text| text.strip_prefix("bytes=")?.split_once('-'));
    let parsed = range.and_then(|(first, last)| {
        let first = number(first)?;
        let length = match last {
            "" => u64::MAX,
            last => number(last)?.checked_sub(first)?.checked_add(1)?,
        };
        Some((first, length))
    });
    parsed.ok_or_else(|| refusal::field("range"))
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok())?
}

/// The bytes from `start` on as part of a whole.
pub(super) fn part(start: u64, keys: KeyRange) -> Result<Response, ErrorCode> {
    let last = start + (keys.bytes.len() as u64).saturating_sub(1);
    let range = format!("bytes {start}-{last}/{}", keys.total);
    let range = HeaderValue::from_str(&range).map_err(|_| ErrorCode::Internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(BINARY)),
        (header::CONTENT_RANGE, range),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ];
    Ok((StatusCode::PARTIAL_CONTENT, headers, keys.bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_range_is_understood() {
        let asked = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(text));
            asked(&headers).ok()
        };
        assert_eq!(asked("bytes=0-0"), Some((0, 1)));
        assert_eq!(asked("bytes=8-15"), Some((8, 8)));
        assert_eq!(asked("bytes=8-"), Some((8, u64::MAX)));
        for wrong in [
            "bytes=9-8",
            "bytes=-5",
            "bytes=0-1,4-5",
            "bytes= 1-2",
            "bytes=+1-2",
            "items=0-1",
            "bytes=0-18446744073709551615",
            "bytes=18446744073709551616-",
            "",
        ] {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
        assert!(super::asked(&HeaderMap::new()).is_err());
    }
}
