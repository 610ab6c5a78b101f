//! Snapshots in the background: built when they are asked for, built again when they are outdated.

use std::sync::Arc;
use std::time::Duration;

use crate::registry::Registry;
use crate::store::Store;

/// Passes every `every` and whenever a snapshot is asked for; never ends.
pub(super) async fn keep_for_ever<S: Store>(registry: Arc<Registry<S>>, every: Duration) {
    loop {
        let _asked = tokio::time::timeout(every, registry.snapshot_asked()).await;
        if let Err(refusal) = registry.keep_snapshots().await {
            tracing::warn!(code = refusal.code.as_str(), "snapshots were not renewed");
        }
    }
}
