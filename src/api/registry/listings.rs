//! Listings: submitted, removed, and one's own shown again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Service;
use super::refusal::problem;
use super::signed::{At, Ordered, Page, Reader, on_list};
use crate::net::Problem;
use crate::protocol::ListId;
use crate::protocol::submission::{OwnPage, RemovalReply, SubmissionReply};
use crate::store::Store;

pub(super) async fn submit<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Ordered { order, content }: Ordered,
) -> Result<Json<SubmissionReply>, Problem> {
    on_list(&order, &list).map_err(problem)?;
    let reply = service.registry.submit(&order, &content).await;
    reply.map(Json).map_err(problem)
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
