//! What runs: configuration, the first set-up, the servers, the examination of an installation.
//!
//! | door | for |
//! |---|---|
//! | [`config`] | the TOML file, every key checked by line and field |
//! | [`init`] | a new registry's folders, keys and configuration |
//! | [`run`] | the servers, from their keys and store to their graceful end |
//! | [`doctor`] | what is right, doubtful or wrong with an installation |

pub mod clock;
pub mod config;
pub mod doctor;
mod init;
mod own_keys;
mod places;
pub mod telemetry;

pub use init::{InitError, InitOptions, Initialised, init};
