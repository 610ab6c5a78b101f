//! The agent's door to a registry over HTTP.
//!
//! Orders travel in the header `saring-order`, signed reads in `saring-read`; the body of an order is
//! exactly the content whose SHA-512 it carries. An order may be sent again, because its id or charge
//! key makes the repetition the same act; a signed read may not, because its nonce serves once.

use std::ops::Range;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;

use crate::agent::{Answering, DoorError, RefusalDetail, RegistryDoor, Served};
use crate::net::{Call, CallError, Client, Problem, Reply};
use crate::protocol::evaluation::{BINARY, BlindedElements, Evaluated};
use crate::protocol::limits::{
    MAX_CHUNK, MAX_CUSTODIANS, MAX_DELTA_BYTES, MAX_SNAPSHOT_INDEX_BYTES,
};
use crate::protocol::order::{ORDER_HEADER, OrderKind, SignedOrder};
use crate::protocol::organisation::{Done, Organisation, QuotaOf, RegistryInfo};
use crate::protocol::policy::ListInfo;
use crate::protocol::read::{READ_HEADER, SignedRead};
use crate::protocol::record::SignedRecord;
use crate::protocol::submission::{OwnPage, RemovalReply, Submission, SubmissionReply};
use crate::protocol::version::{VersionDiff, VersionInfo};
use crate::protocol::{Epoch, ErrorCode, ListId, SignedHead, Timestamp, paths};

const JSON: &str = "application/json";
/// Bytes of an evaluation's reply: a step of 32 bytes an element for each custodian and the
/// registry, and room for proofs, quota and receipt.
const MAX_EVALUATED_BYTES: u64 = ((MAX_CUSTODIANS + 1) * (MAX_CHUNK * 32 + 128) + 4096) as u64;

/// A registry at an address.
#[derive(Clone)]
pub struct HttpRegistry {
    client: Client,
    base: String,
}

impl HttpRegistry {
    /// The registry at `url`, with or without a slash at its end.
    #[must_use]
    pub fn new(client: Client, url: &str) -> Self {
        Self {
            client,
            base: url.trim_end_matches('/').to_owned(),
        }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A signed GET of the very path that the read names.
    async fn read(&self, read: &SignedRead, expect: &'static str) -> Result<Reply, DoorError> {
        let call = reading(&self.address(&read.read.path), read)?.expect(expect);
        self.client.call(call).await.map_err(refused)
    }

    async fn read_json<T: DeserializeOwned>(&self, read: &SignedRead) -> Result<T, DoorError> {
        parse(&self.read(read, JSON).await?.body)
    }

    async fn serve(&self, read: &SignedRead, limit: Option<u64>) -> Result<Served, DoorError> {
        let mut call = reading(&self.address(&read.read.path), read)?.expect(BINARY);
        if let Some(limit) = limit {
            call = call.max_reply_bytes(limit);
        }
        let reply = self.client.call(call).await.map_err(refused)?;
        Ok(Served {
            head: head(&reply.headers)?,
            body: reply.body.into(),
        })
    }

    /// The bytes of a range, as many of them as were sent.
    async fn part(&self, read: &SignedRead, range: Range<u64>) -> Result<Vec<u8>, DoorError> {
        let last = range.end.saturating_sub(1);
        let asked = value(&format!("bytes={}-{last}", range.start))?;
        let call = reading(&self.address(&read.read.path), read)?
            .header(axum::http::header::RANGE, asked)
            .expect(BINARY)
            .max_reply_bytes(range.end - range.start);
        let reply = self.client.call(call).await.map_err(refused)?;
        match reply.status {
            axum::http::StatusCode::PARTIAL_CONTENT => Ok(reply.body.into()),
            _ => Err(DoorError::Malformed),
        }
    }

    async fn order<T: DeserializeOwned>(
        &self,
        path: &str,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<T, DoorError> {
        let body = Bytes::copy_from_slice(content);
        let call = ordering(&self.address(path), order, JSON, body)?.expect(JSON);
        parse(&self.client.call(call).await.map_err(refused)?.body)
    }

    /// An order on its own list.
    async fn order_on_list<T: DeserializeOwned>(
        &self,
        path: &str,
        order: &SignedOrder,
        content: &[u8],
    ) -> Result<T, DoorError> {
        self.order(&on_list(path, order)?, order, content).await
    }
}

impl RegistryDoor for HttpRegistry {
    fn info(&self) -> Answering<'_, RegistryInfo> {
        Box::pin(async {
            let call = Call::get(&self.address(paths::REGISTRY)).map_err(refused)?;
            let reply = self.client.call(call.expect(JSON)).await;
            parse(&reply.map_err(refused)?.body)
        })
    }

    fn join<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done> {
        Box::pin(self.order(paths::JOIN, order, content))
    }

    fn lists<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<ListInfo>> {
        Box::pin(self.read_json(read))
    }

    fn records<'a>(
        &'a self,
        read: &'a SignedRead,
        _: &'a ListId,
    ) -> Answering<'a, Vec<SignedRecord>> {
        Box::pin(self.read_json(read))
    }

    fn evaluate<'a>(
        &'a self,
        order: &'a SignedOrder,
        elements: &'a BlindedElements,
    ) -> Answering<'a, Evaluated> {
        Box::pin(async {
            let address = self.address(&on_list(paths::EVALUATIONS, order)?);
            let call = ordering(&address, order, BINARY, elements.to_bytes().into())?;
            let accept = HeaderValue::from_static(BINARY);
            let call = call
                .header(axum::http::header::ACCEPT, accept)
                .expect(BINARY)
                .max_reply_bytes(MAX_EVALUATED_BYTES);
            let reply = self.client.call(call).await.map_err(refused)?;
            Evaluated::from_bytes(&reply.body).map_err(|_| DoorError::Malformed)
        })
    }

    fn submit<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, SubmissionReply> {
        Box::pin(async {
            if !Submission::is_binary(content) {
                let path = paths::SUBMISSIONS;
                return self.order_on_list(path, order, content).await;
            }
            let address = self.address(&on_list(paths::SUBMISSIONS, order)?);
            let body = Bytes::copy_from_slice(content);
            let accept = HeaderValue::from_static(BINARY);
            let call = ordering(&address, order, BINARY, body)?
                .header(axum::http::header::ACCEPT, accept)
                .expect(BINARY);
            let reply = self.client.call(call).await.map_err(refused)?;
            SubmissionReply::from_bytes(&reply.body).map_err(|_| DoorError::Malformed)
        })
    }

    fn remove<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, RemovalReply> {
        Box::pin(self.order_on_list(paths::REMOVALS, order, content))
    }

    fn bucket<'a>(
        &'a self,
        read: &'a SignedRead,
        _: &'a ListId,
        _: Epoch,
        _: u32,
    ) -> Answering<'a, Served> {
        Box::pin(self.serve(read, None))
    }

    fn snapshot<'a>(
        &'a self,
        read: &'a SignedRead,
        _: &'a ListId,
        _: Epoch,
    ) -> Answering<'a, Served> {
        Box::pin(self.serve(read, Some(MAX_SNAPSHOT_INDEX_BYTES)))
    }

    fn snapshot_keys<'a>(
        &'a self,
        read: &'a SignedRead,
        _: &'a ListId,
        _: Epoch,
        _: u64,
        range: Range<u64>,
    ) -> Answering<'a, Vec<u8>> {
        Box::pin(self.part(read, range))
    }

    fn delta<'a>(
        &'a self,
        read: &'a SignedRead,
        _: &'a ListId,
        _: Epoch,
        _: u64,
    ) -> Answering<'a, Served> {
        Box::pin(self.serve(read, Some(MAX_DELTA_BYTES)))
    }

    fn quota<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<QuotaOf>> {
        Box::pin(self.read_json(read))
    }

    fn own<'a>(
        &'a self,
        read: &'a SignedRead,
        _: &'a ListId,
        _: Option<&'a str>,
        _: usize,
    ) -> Answering<'a, OwnPage> {
        Box::pin(self.read_json(read))
    }

    fn organisations<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<Organisation>> {
        Box::pin(self.read_json(read))
    }

    fn create_list<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, ListInfo> {
        Box::pin(self.order(paths::LISTS, order, content))
    }

    fn open_version<'a>(
        &'a self,
        order: &'a SignedOrder,
        content: &'a [u8],
    ) -> Answering<'a, VersionInfo> {
        Box::pin(self.order_on_list(paths::VERSIONS, order, content))
    }

    fn versions<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, Vec<VersionInfo>> {
        Box::pin(self.read_json(read))
    }

    fn version_diff<'a>(&'a self, read: &'a SignedRead) -> Answering<'a, VersionDiff> {
        Box::pin(self.read_json(read))
    }

    fn administer<'a>(&'a self, order: &'a SignedOrder, content: &'a [u8]) -> Answering<'a, Done> {
        Box::pin(async {
            let path = match order.order.kind {
                OrderKind::Invite => paths::ORGANISATIONS.to_owned(),
                OrderKind::SetStanding => paths::STANDING.to_owned(),
                OrderKind::SetGrant => paths::GRANTS.to_owned(),
                OrderKind::AcceptClock => paths::CLOCK.to_owned(),
                OrderKind::Admit => paths::ROLL.to_owned(),
                OrderKind::CloseVersion => on_list(paths::VERSION_CLOSE, order)?,
                OrderKind::SwitchVersion => on_list(paths::VERSION_SWITCH, order)?,
                OrderKind::DropVersion => on_list(paths::VERSION_DROP, order)?,
                _ => return Err(DoorError::refused(ErrorCode::ContentMismatch)),
            };
            self.order(&path, order, content).await
        })
    }
}

fn on_list(path: &str, order: &SignedOrder) -> Result<String, DoorError> {
    let list = order.order.list.as_ref();
    let list = list.ok_or(DoorError::refused(ErrorCode::ContentMismatch))?;
    Ok(paths::fill(path, &[list.as_str()]))
}

fn reading(address: &str, read: &SignedRead) -> Result<Call, DoorError> {
    let call = Call::new(Method::GET, address).map_err(refused)?;
    Ok(call.header(
        HeaderName::from_static(READ_HEADER),
        value(&read.to_header())?,
    ))
}

fn ordering(
    address: &str,
    order: &SignedOrder,
    media: &'static str,
    body: Bytes,
) -> Result<Call, DoorError> {
    let call = Call::post(address, media, body).map_err(refused)?;
    let header = value(&order.to_header())?;
    Ok(call
        .header(HeaderName::from_static(ORDER_HEADER), header)
        .repeatable())
}

fn value(text: &str) -> Result<HeaderValue, DoorError> {
    HeaderValue::from_str(text).map_err(|_| DoorError::Malformed)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, DoorError> {
    serde_json::from_slice(body).map_err(|_| DoorError::Malformed)
}

fn head(headers: &HeaderMap) -> Result<SignedHead, DoorError> {
    let text = headers
        .get(paths::HEAD_HEADER)
        .ok_or(DoorError::Malformed)?;
    let bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| DoorError::Malformed)?;
    SignedHead::from_bytes(&bytes).map_err(|_| DoorError::Malformed)
}

/// Why there is no answer, in the door's words.
fn refused(error: CallError) -> DoorError {
    match error {
        CallError::Address | CallError::PlainBeyondLoopback => DoorError::Address,
        CallError::Unreachable => DoorError::Unreachable,
        CallError::Untrusted => DoorError::Untrusted,
        CallError::TimedOut | CallError::Broken => DoorError::NoAnswer,
        CallError::TooLarge | CallError::UnexpectedContent { .. } => DoorError::Malformed,
        CallError::Refused {
            problem,
            retry_after,
        } => match ErrorCode::parse(problem.code()) {
            Some(code) => DoorError::Refused {
                code,
                detail: Box::new(detail(&problem, retry_after)),
            },
            None => by_status(problem.status(), retry_after),
        },
        CallError::Status {
            status,
            retry_after,
        } => by_status(status, retry_after),
    }
}

/// What a proxy or a foreign server says without a problem document of ours.
fn by_status(status: u16, retry_after: Option<Duration>) -> DoorError {
    match status {
        429 | 502..=504 => DoorError::Refused {
            code: ErrorCode::Unavailable,
            detail: Box::new(RefusalDetail {
                retry_after_seconds: seconds(retry_after),
                ..RefusalDetail::default()
            }),
        },
        _ => DoorError::Malformed,
    }
}

fn seconds(wait: Option<Duration>) -> Option<u64> {
    wait.map(|wait| wait.as_secs())
}

fn detail(problem: &Problem, retry_after: Option<Duration>) -> RefusalDetail {
    fn member<T: DeserializeOwned>(problem: &Problem, name: &str) -> Option<T> {
        problem
            .member(name)
            .and_then(|value| serde_json::from_value(value.clone()).ok())
    }
    RefusalDetail {
        server_time: member(problem, "server_time").map(Timestamp),
        quota: member(problem, "quota"),
        record: member(problem, "record"),
        retry_after_seconds: seconds(retry_after).or_else(|| problem.retry_after_seconds()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_is_busy_is_left_alone_as_long_as_it_wishes() {
        let said = |status, retry_after| {
            refused(CallError::Status {
                status,
                retry_after,
            })
        };
        let wish = Some(Duration::from_secs(7));
        let busy = said(503, wish);
        assert_eq!((busy.is_passing(), busy.retry_after()), (true, wish));
        assert_eq!(said(503, None).retry_after(), None);
        assert_eq!(said(404, wish), DoorError::Malformed);
    }
}
