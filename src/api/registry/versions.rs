//! Whole versions of a list: begun, closed, switched in, dropped, shown, compared.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Service;
use super::refusal::problem;
use super::signed::{At, Ordered, Reader, on_list};
use crate::net::Problem;
use crate::protocol::ListId;
use crate::protocol::organisation::Done;
use crate::protocol::version::{Version, VersionDiff, VersionInfo};
use crate::store::Store;

type Answer<T> = Result<Json<T>, Problem>;

pub(super) async fn open<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Ordered { order, content }: Ordered,
) -> Answer<VersionInfo> {
    on_list(&order, &list).map_err(problem)?;
    let begun = service.registry.open_version(&order, &content).await;
    begun.map(Json).map_err(problem)
}

pub(super) async fn close<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    on_list(&order, &list).map_err(problem)?;
    let done = service.registry.close_version(&order, &content).await;
    done.map(Json).map_err(problem)
}

pub(super) async fn switch<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    on_list(&order, &list).map_err(problem)?;
    let done = service.registry.switch_version(&order, &content).await;
    done.map(Json).map_err(problem)
}

pub(super) async fn discard<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Ordered { order, content }: Ordered,
) -> Answer<Done> {
    on_list(&order, &list).map_err(problem)?;
    let done = service.registry.drop_version(&order, &content).await;
    done.map(Json).map_err(problem)
}

pub(super) async fn show<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    Reader(member): Reader,
) -> Answer<Vec<VersionInfo>> {
    let versions = service.registry.versions(&member, &list).await;
    versions.map(Json).map_err(problem)
}

pub(super) async fn diff<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At((list, version)): At<(ListId, Version)>,
    Reader(member): Reader,
) -> Answer<VersionDiff> {
    let diff = service.registry.version_diff(&member, &list, version).await;
    diff.map(Json).map_err(problem)
}
