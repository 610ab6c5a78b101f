//! Media types and bodies of requests.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use bytes::Bytes;

use crate::net::Problem;
use crate::protocol::ErrorCode;
use crate::protocol::evaluation::BINARY;

/// The media type of everything that is not an evaluation, a bucket or a snapshot.
pub(super) const JSON: &str = "application/json";

/// The two forms of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `application/octet-stream`.
    Binary,
    /// `application/json`.
    Json,
}

/// The form of a request's body: 415 unless it is one of the two.
pub(super) fn form_sent(headers: &HeaderMap) -> Result<Form, ErrorCode> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ErrorCode::UnsupportedMedia);
    };
    let text = value.to_str().map_err(|_| ErrorCode::UnsupportedMedia)?;
    match form(text) {
        Some(form) if parameters_allowed(text, form) => Ok(form),
        _ => Err(ErrorCode::UnsupportedMedia),
    }
}

/// 415 unless the body is JSON.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), ErrorCode> {
    match form_sent(headers)? {
        Form::Json => Ok(()),
        Form::Binary => Err(ErrorCode::UnsupportedMedia),
    }
}

/// The form that the caller wants; the one it sent if it names none of the two.
pub(super) fn form_wanted(headers: &HeaderMap, sent: Form) -> Form {
    let values = headers.get_all(header::ACCEPT).iter();
    let ranges = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut named = ranges.filter_map(form);
    let first = named.next();
    // Both acceptable: no need to change.
    match first {
        Some(first) if first != sent && named.any(|form| form == sent) => sent,
        Some(first) => first,
        None => sent,
    }
}

/// The body, whose bound its route's layer keeps.
pub(super) async fn body(request: Request) -> Result<Bytes, Problem> {
    // A body over its limit, or one that stalled, is answered by the layers around.
    to_bytes(request.into_body(), usize::MAX)
        .await
        .map_err(|_| Problem::of(ErrorCode::Malformed))
}

fn form(text: &str) -> Option<Form> {
    let media = text.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case(BINARY) {
        Some(Form::Binary)
    } else if media.eq_ignore_ascii_case(JSON) {
        Some(Form::Json)
    } else {
        None
    }
}

/// JSON is UTF-8 (RFC 8259 section 8.1), and may say so; nothing else is a parameter of ours.
fn parameters_allowed(text: &str, form: Form) -> bool {
    let mut parameters = text.split(';').skip(1).map(str::trim);
    match (parameters.next(), parameters.next()) {
        (None, _) => true,
        (Some(charset), None) => {
            form == Form::Json
                && (charset.eq_ignore_ascii_case("charset=utf-8")
                    || charset.eq_ignore_ascii_case("charset=\"utf-8\""))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), value.parse().expect("a value"));
        }
        headers
    }

    fn sent(values: &[&'static str]) -> Result<Form, u16> {
        form_sent(&headers(header::CONTENT_TYPE, values)).map_err(ErrorCode::status)
    }

    #[test]
    fn only_the_two_media_types_are_read() {
        assert_eq!(sent(&["application/json"]), Ok(Form::Json));
        assert_eq!(sent(&["Application/JSON; charset=UTF-8"]), Ok(Form::Json));
        assert_eq!(sent(&["application/octet-stream"]), Ok(Form::Binary));
        let refused: [&[&'static str]; 7] = [
            &[],
            &["text/plain"],
            &["application/json; charset=utf-16"],
            &["application/octet-stream; charset=utf-8"],
            &["application/json; a=b; charset=utf-8"],
            &["application/jsonp"],
            &["application/json", "application/json"],
        ];
        for values in refused {
            assert_eq!(sent(values), Err(415), "{values:?}");
        }
    }

    #[test]
    fn the_answers_form_is_the_one_named_or_the_requests() {
        let wanted =
            |values: &[&'static str], sent| form_wanted(&headers(header::ACCEPT, values), sent);
        for form in [Form::Binary, Form::Json] {
            assert_eq!(wanted(&[], form), form);
            assert_eq!(wanted(&["*/*"], form), form);
            assert_eq!(wanted(&["text/html"], form), form);
            assert_eq!(wanted(&["application/json"], form), Form::Json);
            assert_eq!(
                wanted(&["application/octet-stream;q=0.5"], form),
                Form::Binary
            );
            let both = "application/json, application/octet-stream";
            assert_eq!(wanted(&[both], form), form);
        }
    }
}
