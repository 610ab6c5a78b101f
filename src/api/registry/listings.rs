//! Listings: submitted, removed, and one's own shown again.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::Service;
use super::content::{Form, body, form_sent, form_wanted};
use super::refusal::problem;
use super::signed::{At, Ordered, Page, Reader, on_list, order};
use crate::net::Problem;
use crate::protocol::evaluation::BINARY;
use crate::protocol::order::SignedOrder;
use crate::protocol::submission::{OwnPage, RemovalReply, Submission};
use crate::protocol::{ErrorCode, ListId};
use crate::store::Store;

/// An order to submit with its content, in the binary form or as JSON.
pub(super) struct OrderedRows {
    order: SignedOrder,
    content: Bytes,
    reply: Form,
}

impl<S: Send + Sync> FromRequest<S> for OrderedRows {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let order = order(request.headers())?;
        let sent = form_sent(request.headers())?;
        let reply = form_wanted(request.headers(), sent);
        let content = body(request).await?;
        if Submission::is_binary(&content) != (sent == Form::Binary) {
            return Err(Problem::of(ErrorCode::Malformed));
        }
        Ok(Self {
            order,
            content,
            reply,
        })
    }
}

pub(super) async fn submit<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    OrderedRows {
        order,
        content,
        reply: form,
    }: OrderedRows,
) -> Result<Response, Problem> {
    on_list(&order, &list).map_err(problem)?;
    let reply = service.registry.submit(&order, &content).await;
    let reply = reply.map_err(problem)?;
    Ok(match form {
        Form::Binary => ([(header::CONTENT_TYPE, BINARY)], reply.to_bytes()).into_response(),
        Form::Json => Json(reply).into_response(),
    })
}

pub(super) async fn remove<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Ordered { order, content }: Ordered,
) -> Result<Json<RemovalReply>, Problem> {
    on_list(&order, &list).map_err(problem)?;
    let reply = service.registry.remove(&order, &content).await;
    reply.map(Json).map_err(problem)
}

pub(super) async fn own<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    page: Page,
    Reader(member): Reader,
) -> Result<Json<OwnPage>, Problem> {
    let page = service
        .registry
        .own_page(&member, &list, page.after.as_deref(), page.limit)
        .await;
    page.map(Json).map_err(problem)
}
