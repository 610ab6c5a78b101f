//! The log: one line an event on standard error, JSON for machines or text for a person.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use super::config::{Log, LogFormat};

/// Why the log cannot be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error("log.filter does not parse; examples: info, saring=debug")]
    Filter,
    /// A log was set up before in this process.
    #[error("the log is already set up")]
    Again,
}

/// Sets up the log of this process.
///
/// # Errors
/// [`TelemetryError::Filter`], [`TelemetryError::Again`].
pub fn start(log: &Log) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|_| TelemetryError::Filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let set = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
        LogFormat::Text => lines.compact().finish().try_init(),
    };
    set.map_err(|_| TelemetryError::Again)
}
