//! Serving an open registry, and ending it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::start::Started;
use super::{Addresses, Listeners, RunError, expiry, signals, snapshots};
use crate::api::registry::Service;
use crate::app::config::{Config, Listen};
use crate::machine::InstructionSet;
use crate::net::layers::{Gate, Permits};
use crate::net::{
    ConnectionCounters, ConnectionLimits, Deadlines, Security, ServeOptions, ServerTls, SetupError,
    Threads, serve as serve_routes,
};
use crate::registry::Registry;
use crate::store::Store;

/// Look-ups at once for each interactive request at once: each follows one that had a place.
const LOOK_UPS_EACH: usize = 4;
/// Requests at work on the health routes and the admin listener.
const HEALTH_REQUESTS: usize = 16;
/// Requests at work of whoever needs not be known.
const OPEN_REQUESTS: usize = 16;
/// How long the end waits for a worker that is in the middle of a step.
const CLOSING: Duration = Duration::from_secs(10);
/// Connections on the admin listener.
const ADMIN_CONNECTIONS: usize = 64;

/// Serves until `shutdown`, lets requests at work finish, closes the store.
pub(super) async fn serve<S: Store>(
    config: &Config,
    started: Started<S>,
    listeners: Listeners,
    ready: impl FnOnce(&Addresses) + Send,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RunError> {
    let addresses = listeners.addresses()?;
    let (security, _reloading) = security(&config.listen)?;
    let connections = Arc::new(ConnectionCounters::default());
    let Started {
        registry,
        custodian,
    } = started;
    let workers = Threads::workers().map_err(RunError::Threads)?;
    let gate = Gate::new(&permits(config)).with_workers(workers.handle());
    let listening = Threads::listeners(&gate).map_err(RunError::Threads)?;
    let service = Service::new(
        Arc::clone(&registry),
        custodian,
        gate,
        Arc::clone(&connections),
    );
    let every = Duration::from_secs(config.expiry.interval_seconds);
    let background = Background::start(&registry, every);
    let admin = Listening::start(
        &Handle::current(),
        (listeners.admin, Security::LOOPBACK),
        service.admin_routes(),
        options(config, ADMIN_CONNECTIONS, Arc::default()),
    );
    say_serving(&addresses, &registry.info().trust);
    ready(&addresses);
    let mut open = options(config, config.limits.connections, connections);
    open.door = service.door();
    let public = (listeners.public, security);
    let public = Listening::start(&listening.handle(), public, service.routes(), open);
    tokio::select! {
        () = public.stop.cancelled() => {}
        () = shutdown => tracing::info!("stopping: requests at work may finish"),
    }
    service.stop();
    let served = public.end().await?;
    background.end().await;
    let admin = admin.end().await?;
    let closed = tokio::task::spawn_blocking(move || {
        listening.close(CLOSING);
        // What they were still at holds the registry, too.
        workers.close(CLOSING);
        drop((service, registry));
    });
    closed.await.map_err(|_| RunError::Panicked)?;
    tracing::info!("stopped");
    Ok(served.and(admin)?)
}

/// A listener that is served.
struct Listening {
    /// Cancelled to end it, and when it has ended by itself.
    stop: CancellationToken,
    serving: JoinHandle<Result<(), SetupError>>,
}

impl Listening {
    fn start(
        on: &Handle,
        (listener, security): (TcpListener, Security),
        routes: Router,
        options: ServeOptions,
    ) -> Self {
        let stop = CancellationToken::new();
        let ended = stop.clone();
        let serving = on.spawn(async move {
            let _ended = ended.clone().drop_guard();
            serve_routes(listener, security, routes, options, ended.cancelled_owned()).await
        });
        Self { stop, serving }
    }

    /// Lets requests at work finish; what became of it.
    async fn end(self) -> Result<Result<(), SetupError>, RunError> {
        self.stop.cancel();
        self.serving.await.map_err(|_| RunError::Panicked)
    }
}

fn say_serving(addresses: &Addresses, trust: &str) {
    tracing::info!(
        listening = %addresses.listening,
        admin = %addresses.admin,
        trust,
        instruction_set = InstructionSet::chosen().name(),
        "serving"
    );
}

/// What goes on beside the requests.
struct Background([JoinHandle<()>; 2]);

impl Background {
    fn start<S: Store>(registry: &Arc<Registry<S>>, every: Duration) -> Self {
        Self([
            tokio::spawn(expiry::expire_for_ever(Arc::clone(registry), every)),
            tokio::spawn(snapshots::keep_for_ever(Arc::clone(registry), every)),
        ])
    }

    /// They hold the registry: the store closes when the last one is gone.
    async fn end(self) {
        for task in self.0 {
            task.abort();
            let _aborted = task.await;
        }
    }
}

/// TLS with its reloading at SIGHUP, or none.
fn security(listen: &Listen) -> Result<(Security, Option<AbortOnDropHandle<()>>), RunError> {
    let (Some(certificate), Some(key)) = (&listen.tls_certificate_file, &listen.tls_key_file)
    else {
        let plain = Security::Plain {
            allow_plain_beyond_loopback: listen.allow_plain_beyond_loopback,
        };
        return Ok((plain, None));
    };
    let tls = ServerTls::from_pem_files(certificate, key)?;
    let reloading = tokio::spawn(signals::reload_at_hangup(tls.clone()));
    let reloading = AbortOnDropHandle::new(reloading);
    Ok((Security::Tls(tls), Some(reloading)))
}

fn permits(config: &Config) -> Permits {
    Permits {
        health: HEALTH_REQUESTS,
        removal: config.limits.removal_requests,
        open: OPEN_REQUESTS,
        interactive: config.limits.interactive_requests,
        look_up: LOOK_UPS_EACH * config.limits.interactive_requests,
        bulk: config.limits.bulk_requests,
    }
}

fn options(config: &Config, connections: usize, counters: Arc<ConnectionCounters>) -> ServeOptions {
    let told = &config.deadlines;
    let deadlines = Deadlines {
        handshake: Duration::from_secs(told.handshake_seconds),
        headers: Duration::from_secs(told.headers_seconds),
        body_idle: Duration::from_secs(told.body_idle_seconds),
        keep_alive: Duration::from_secs(told.keep_alive_seconds),
        drain: Duration::from_secs(told.drain_seconds),
        ..Deadlines::default()
    };
    let limits = ConnectionLimits {
        connections,
        ..ConnectionLimits::default()
    };
    ServeOptions {
        deadlines,
        limits,
        counters,
        ..ServeOptions::default()
    }
}
