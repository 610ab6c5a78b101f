//! Configuration, telemetry, system clock, and the running servers.
