//! Configuration, telemetry, system clock, and the running servers.

pub mod clock;
pub mod config;
pub mod telemetry;
