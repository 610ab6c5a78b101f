//! Enrolment and administration: invitations, joining, lists, standing, grants, the clock, the roll.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Service;
use super::refusal::{self, problem};
use super::signed::{Ordered, Page, Reader};
use crate::net::Problem;
use crate::protocol::organisation::{Done, Organisation};
use crate::protocol::policy::ListInfo;
use crate::protocol::{ErrorCode, OrgId};
use crate::registry::{Refusal, RefusalDetail};
use crate::store::Store;

type Answer<T> = Result<Json<T>, Problem>;

pub(super) async fn join<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    let done = service.registry.join(&order, &content).await;
    done.map(Json).map_err(problem)
}

pub(super) async fn create_list<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Ordered { order, content }: Ordered,
) -> Answer<ListInfo> {
    let list = service.registry.create_list(&order, &content).await;
    list.map(Json).map_err(problem)
}

pub(super) async fn invite<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    let done = service.registry.invite(&order, &content).await;
    done.map(Json).map_err(problem)
}

pub(super) async fn organisations<S: Store>(
    State(service): State<Arc<Service<S>>>,
    page: Page,
    Reader(member): Reader,
) -> Answer<Vec<Organisation>> {
    let after = page.after.as_deref().map(OrgId::parse).transpose();
    let after = after.map_err(|_| refusal::field("after"))?;
    let all = service
        .registry
        .organisations(&member, after.as_ref(), page.limit)
        .await;
    all.map(Json).map_err(problem)
}

pub(super) async fn set_standing<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    let done = service.registry.set_standing(&order, &content).await;
    done.map(Json).map_err(problem)
}

pub(super) async fn set_grant<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    let done = service.registry.set_grant(&order, &content).await;
    done.map(Json).map_err(problem)
}

pub(super) async fn accept_clock<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    let done = service.registry.accept_clock(&order, &content).await;
    done.map(Json).map_err(problem)
}

/// The custodian's own roll: the order is meant for it and signed by its own administrator.
pub(super) async fn admit<S: Store>(
    State(service): State<Arc<Service<S>>>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    let admitted = service.custodian.admit(&order, &content).await;
    let time = service.registry.info().time;
    admitted.map_err(|code| {
        let detail = match code {
            ErrorCode::StaleOrder => RefusalDetail::ServerTime(time),
            _ => RefusalDetail::Custodian,
        };
        problem(Refusal::new(code, detail))
    })?;
    Ok(Json(Done {
        order: order.order.digest(),
        time,
    }))
}
