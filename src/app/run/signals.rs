//! The signals a server listens to.

use tokio::signal::unix::{SignalKind, signal};

use crate::net::ServerTls;

/// Done at the first SIGTERM or SIGINT. If the system lets us listen to neither, never.
pub async fn terminated() {
    let of = |kind| signal(kind).ok();
    let (mut term, mut int) = (of(SignalKind::terminate()), of(SignalKind::interrupt()));
    match (&mut term, &mut int) {
        (Some(term), Some(int)) => {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
        }
        (Some(one), None) | (None, Some(one)) => {
            one.recv().await;
        }
        (None, None) => std::future::pending().await,
    }
}

/// Reads the certificate again at every SIGHUP.
pub(super) async fn reload_at_hangup(tls: ServerTls) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangup.recv().await.is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(%error, "the certificate in use stays"),
        }
    }
}
