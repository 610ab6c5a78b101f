//! The accept loop: one listener, bounded in connections and in patience.

mod activity;
mod bodies;
mod connection;
mod descriptors;
mod door;
mod options;
mod stream;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io::Write;
use std::net::Shutdown;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::connection::Host;
pub use self::connection::Peer;
pub use self::descriptors::raise_descriptor_limit;
pub use self::door::Door;
pub use self::options::{
    ConnectionCounters, ConnectionCounts, ConnectionLimits, Deadlines, ServeOptions,
};
use self::options::{UNSENT_BYTES, count};
use super::{PROBLEM_JSON, Problem, ServerTls, SetupError};
use crate::protocol::ErrorCode;

/// How long to wait after a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Whether a listener speaks TLS.
#[derive(Clone)]
pub enum Security {
    /// TLS 1.2 or 1.3.
    Tls(ServerTls),
    /// No TLS. Only on a loopback address, unless the flag says otherwise.
    Plain {
        /// Serve without TLS on other addresses too: something in front adds it.
        allow_plain_beyond_loopback: bool,
    },
}

impl Security {
    /// No TLS, loopback only.
    pub const LOOPBACK: Self = Self::Plain {
        allow_plain_beyond_loopback: false,
    };
}

/// Serves `app` on `listener` until `shutdown` is done; then accepts nothing more, lets requests
/// in flight finish for [`Deadlines::drain`], and returns.
///
/// Requests carry [`Peer`] and axum's `ConnectInfo` in their extensions. Wrap the routes in
/// [`super::layers`] first.
///
/// # Errors
/// [`SetupError::PlainBeyondLoopback`] and [`SetupError::Listener`], before anything is accepted.
pub async fn serve(
    listener: TcpListener,
    security: Security,
    app: Router,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), SetupError> {
    let tls = allowed(&listener, security)?;
    // From here on it belongs to the threads that serve it, whichever bound it.
    let listener = listener.into_std().and_then(TcpListener::from_std);
    let listener = listener.map_err(SetupError::Listener)?;
    // Connections take it over. Where a system does not know it, it keeps what it likes.
    let _bounded = SockRef::from(&listener).set_tcp_notsent_lowat(UNSENT_BYTES);
    let drain = options.deadlines.drain;
    let places = Arc::new(Semaphore::new(options.limits.connections));
    let http = connection::http(&options);
    let stop = CancellationToken::new();
    let host = Arc::new(Host {
        app,
        tls,
        options,
        stop: stop.clone(),
        http,
        full: full(),
    });
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (tcp, peer) = tokio::select! {
            () = shutdown.as_mut() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            refuse(tcp, &host);
            continue;
        };
        let host = Arc::clone(&host);
        connections.spawn(async move {
            let _place = place;
            let _open = Open::new(&host);
            host.run(tcp, peer).await;
        });
    }
    drop(listener);
    stop.cancel();
    drain_for(drain, connections).await;
    Ok(())
}

/// Lets requests in flight finish, then cuts what is left.
async fn drain_for(patience: Duration, mut connections: JoinSet<()>) {
    let drained = timeout(patience, async {
        while connections.join_next().await.is_some() {}
    });
    if drained.await.is_err() {
        tracing::warn!(
            left = connections.len(),
            "requests were cut at the end of the drain period"
        );
    }
    connections.shutdown().await;
}

fn allowed(listener: &TcpListener, security: Security) -> Result<Option<ServerTls>, SetupError> {
    match security {
        Security::Tls(tls) => Ok(Some(tls)),
        Security::Plain {
            allow_plain_beyond_loopback,
        } => {
            let address = listener.local_addr().map_err(SetupError::Listener)?;
            if address.ip().to_canonical().is_loopback() || allow_plain_beyond_loopback {
                Ok(None)
            } else {
                Err(SetupError::PlainBeyondLoopback(address))
            }
        }
    }
}

/// The answer to a plain connection too many, whole.
fn full() -> Vec<u8> {
    let problem = Problem::of(ErrorCode::Overloaded).retry_after(1);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
         content-type: {PROBLEM_JSON}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// Refuses without a task and without waiting: one attempt to write, then close.
fn refuse(tcp: TcpStream, host: &Host) {
    count(&host.options.counters.refused);
    if host.tls.is_some() {
        return;
    }
    // The socket stays non-blocking; what it does not take at once is lost.
    if let Ok(mut tcp) = tcp.into_std() {
        let _ = tcp.write_all(&host.full);
        let _ = tcp.shutdown(Shutdown::Write);
    }
}

/// Counts a connection as open while it lives.
struct Open<'a>(&'a Host);

impl<'a> Open<'a> {
    fn new(host: &'a Host) -> Self {
        count(&host.options.counters.accepted);
        Self(host)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        count(&self.0.options.counters.closed);
    }
}
