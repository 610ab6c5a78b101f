//! What runs: configuration, the first set-up, the servers, the examination of an installation.
//!
//! | door | for |
//! |---|---|
//! | [`config`] | the TOML file, every key checked by line and field |
//! | [`init()`] | a new registry's folders, keys and configuration |
//! | [`run()`] | the servers, from their keys and store to their graceful end |
//! | [`backup()`], [`restore`] | the store's backup into a folder, and back |
//! | [`doctor`] | what is right, doubtful or wrong with an installation |

#![cfg_attr(
    not(feature = "rocks"),
    allow(
        dead_code,
        reason = "without the durable store nothing is served: what serving needs lies idle"
    )
)]

mod advice;
mod backup;
pub mod clock;
pub mod config;
pub mod doctor;
mod init;
mod own_keys;
mod places;
mod run;
#[cfg(feature = "rocks")]
mod store_files;
pub mod telemetry;

pub use backup::{BackedUp, Restored, backup, restore};
pub use init::{InitError, InitOptions, Initialised, init};
pub use run::{Addresses, Listeners, RunError, run, run_by, terminated};
