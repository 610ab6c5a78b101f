//! Reads: what the registry is, lists, records, buckets, snapshots, deltas, quotas.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;

use super::Service;
use super::ranges;
use super::refusal::problem;
use super::signed::{At, Reader};
use crate::net::Problem;
use crate::protocol::evaluation::BINARY;
use crate::protocol::organisation::{QuotaOf, RegistryInfo};
use crate::protocol::policy::ListInfo;
use crate::protocol::record::SignedRecord;
use crate::protocol::{Epoch, ErrorCode, ListId, SignedHead, paths};
use crate::store::Store;

type Answer<T> = Result<Json<T>, Problem>;

pub(super) async fn info<S: Store>(State(service): State<Arc<Service<S>>>) -> Json<RegistryInfo> {
    Json(service.registry.info())
}

pub(super) async fn lists<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Reader(member): Reader,
) -> Answer<Vec<ListInfo>> {
    let lists = service.registry.lists(&member).await;
    lists.map(Json).map_err(problem)
}

pub(super) async fn records<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Reader(member): Reader,
) -> Answer<Vec<SignedRecord>> {
    let records = service.registry.records(&member, &list).await;
    records.map(Json).map_err(problem)
}

pub(super) async fn quota<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Reader(member): Reader,
) -> Answer<Vec<QuotaOf>> {
    let quotas = service.registry.quota(&member).await;
    quotas.map(Json).map_err(problem)
}

pub(super) async fn bucket<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At((list, epoch, bucket)): At<(ListId, Epoch, u32)>,
    Reader(member): Reader,
) -> Result<Response, Problem> {
    let bucket = service
        .registry
        .bucket(&member, &list, epoch, bucket)
        .await
        .map_err(problem)?;
    Ok(headed(&bucket.head, bucket.body)?)
}

pub(super) async fn snapshot<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At((list, epoch)): At<(ListId, Epoch)>,
    Reader(member): Reader,
) -> Result<Response, Problem> {
    let index = service.registry.snapshot(&member, &list, epoch).await;
    let index = index.map_err(problem)?;
    Ok(headed(&index.head, index.body)?)
}

pub(super) async fn snapshot_keys<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At((list, epoch, sequence)): At<(ListId, Epoch, u64)>,
    headers: HeaderMap,
    Reader(member): Reader,
) -> Result<Response, Problem> {
    let (start, length) = ranges::asked(&headers)?;
    let keys = service
        .registry
        .snapshot_keys(&member, &list, epoch, sequence, (start, length))
        .await
        .map_err(problem)?;
    Ok(ranges::part(start, keys)?)
}

pub(super) async fn delta<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At((list, epoch, from)): At<(ListId, Epoch, u64)>,
    Reader(member): Reader,
) -> Result<Response, Problem> {
    let delta = service.registry.delta(&member, &list, epoch, from).await;
    let delta = delta.map_err(problem)?;
    Ok(headed(&delta.head, delta.body)?)
}

/// Bytes under their signed head, which travels in a header.
fn headed(head: &SignedHead, body: Vec<u8>) -> Result<Response, ErrorCode> {
    let head = BASE64URL_NOPAD.encode(&head.to_bytes());
    let head = HeaderValue::from_str(&head).map_err(|_| ErrorCode::Internal)?;
    let media = HeaderValue::from_static(BINARY);
    let headers = [
        (header::CONTENT_TYPE, media),
        (HeaderName::from_static(paths::HEAD_HEADER), head),
    ];
    Ok((headers, body).into_response())
}
