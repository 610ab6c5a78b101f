//! Who asks: signed orders with their content, signed reads, and where in the path they point.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Service, content, refusal};
use crate::net::Problem;
use crate::protocol::limits::MAX_PAGE;
use crate::protocol::order::{ORDER_HEADER, SignedOrder};
use crate::protocol::read::{READ_HEADER, SignedRead};
use crate::protocol::{ContentDigest, ErrorCode, ListId};
use crate::registry::{Member, Refusal};
use crate::store::Store;

/// A signed order with the JSON content whose SHA-512 it carries. Nothing is verified yet.
pub(super) struct Ordered {
    pub(super) order: SignedOrder,
    pub(super) content: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Ordered {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let order = order(request.headers())?;
        content::require_json(request.headers())?;
        let content = content::body(request).await?;
        Ok(Self { order, content })
    }
}

/// The order of a request, unverified.
pub(super) fn order(headers: &HeaderMap) -> Result<SignedOrder, ErrorCode> {
    let text = only(headers, ORDER_HEADER)?;
    SignedOrder::from_header(text).map_err(|_| ErrorCode::Malformed)
}

/// A member whose signed read verified for this very request.
pub(super) struct Reader(pub(super) Member);

impl<S: Store> FromRequest<Arc<Service<S>>> for Reader {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Arc<Service<S>>) -> Result<Self, Problem> {
        let text = only(request.headers(), READ_HEADER)?;
        let read = SignedRead::from_header(text);
        let read = read.map_err(|_| Problem::of(ErrorCode::Malformed))?;
        let method = request.method().as_str().to_owned();
        let path = request.uri().path_and_query();
        let path = path.map_or_else(String::new, |path| path.as_str().to_owned());
        let digest = ContentDigest::of(&content::body(request).await?);
        let member = service
            .registry
            .authenticate_read(&read, &method, &path, &digest)
            .await;
        member.map(Self).map_err(refusal::problem)
    }
}

/// Parameters of the path. A path that does not parse leads nowhere.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(at)| Self(at))
            .map_err(|_| Problem::of(ErrorCode::NotFound))
    }
}

/// Which page is asked for: `?after=&limit=`, both optional, nothing else.
pub(super) struct Page {
    pub(super) after: Option<String>,
    pub(super) limit: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    after: Option<String>,
    limit: Option<usize>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<PageQuery>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|_| refusal::field("query"))?;
        Ok(Self {
            after: query.after.filter(|after| !after.is_empty()),
            limit: query.limit.unwrap_or(MAX_PAGE),
        })
    }
}

/// Refuses an order on another list than the path's.
pub(super) fn on_list(order: &SignedOrder, list: &ListId) -> Result<(), Refusal> {
    if order.order.list.as_ref() == Some(list) {
        Ok(())
    } else {
        Err(Refusal::field("list"))
    }
}

/// The one value of a header.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, ErrorCode> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(ErrorCode::Unsigned)?;
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(text),
        _ => Err(ErrorCode::Malformed),
    }
}
