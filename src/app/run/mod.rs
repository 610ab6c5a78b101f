//! The servers, from their keys and store to their graceful end.

mod error;
mod expiry;
mod serving;
mod signals;
mod snapshots;
mod start;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;

use super::clock::SystemClock;
use super::config::Config;
use crate::keys::harden_process;
use crate::net::raise_descriptor_limit;
use crate::protocol::Clock;
use crate::turns::{TurnOptions, Turns};

pub use error::RunError;
pub use signals::terminated;

/// The two listeners of a registry, bound and not yet served.
pub struct Listeners {
    public: TcpListener,
    admin: TcpListener,
}

/// Where a registry listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// Where members connect.
    pub listening: SocketAddr,
    /// Where the operator reads metrics and health.
    pub admin: SocketAddr,
}

impl Listeners {
    /// Binds the configured addresses.
    ///
    /// # Errors
    /// [`RunError::Listen`] with the address that could not be bound.
    pub async fn bind(config: &Config) -> Result<Self, RunError> {
        Ok(Self {
            public: bind(config.listen.address).await?,
            admin: bind(config.listen.admin_address).await?,
        })
    }

    /// Where they are bound; ports are never 0.
    ///
    /// # Errors
    /// [`RunError::Listen`] if the system does not say.
    pub fn addresses(&self) -> Result<Addresses, RunError> {
        let of = |listener: &TcpListener, configured| {
            listener.local_addr().map_err(|error| RunError::Listen {
                address: configured,
                kind: error.kind(),
            })
        };
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        Ok(Addresses {
            listening: of(&self.public, unknown)?,
            admin: of(&self.admin, unknown)?,
        })
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, RunError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| RunError::Listen {
        address,
        kind: error.kind(),
    })
}

/// Runs a registry with its embedded custodian until `shutdown` is done, then lets requests at work
/// finish and closes the store. `ready` is told the addresses once removals are replayed and
/// requests are about to be taken.
///
/// # Errors
/// Every [`RunError`]; nothing was served then.
pub async fn run(
    config: &Config,
    listeners: Listeners,
    ready: impl FnOnce(&Addresses) + Send,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RunError> {
    run_by(config, Arc::new(SystemClock), listeners, ready, shutdown).await
}

/// As [`run`], by another clock than the machine's: for rehearsing clocks that are wrong.
///
/// # Errors
/// Every [`RunError`]; nothing was served then.
pub async fn run_by(
    config: &Config,
    clock: Arc<dyn Clock>,
    listeners: Listeners,
    ready: impl FnOnce(&Addresses) + Send,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RunError> {
    harden_process()?;
    raise_descriptor_limit();
    // A pool that is there already serves as well: this process runs one registry.
    let _already = rayon::ThreadPoolBuilder::new()
        .num_threads(config.limits.jobs)
        .build_global();
    let turns = Turns::new(&TurnOptions {
        threads: config.limits.jobs,
        bulk_each: config.limits.bulk_requests_each,
    })
    .map_err(RunError::Threads)?;
    let started = start::start(config, clock, turns).await?;
    serving::serve(config, started, listeners, ready, shutdown).await
}
