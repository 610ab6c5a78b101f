//! Saring: a shared borrower blacklist that answers "is this applicant listed?" without learning
//! who is listed or who was asked about.
//!
//! The crate is a house of floors. A module imports only from lower floors; modules on one floor
//! ignore each other; `tests/architecture.rs` holds this.
//!
//! | floor | modules | what lives there |
//! |---|---|---|
//! | 0 | [`machine`], [`nik`], [`texts`] | ground: pure, no clock, no I/O, no async |
//! | 1 | [`hash`], [`group`] | arithmetic in batches, as fast as the processor allows; pure |
//! | 2 | [`oprf`] | RFC 9497, element mode, threshold combination, key update |
//! | 3 | [`protocol`] | what is said on the wire and on disk, limits, error codes |
//! | 4 | [`store`], [`keys`], [`net`], [`intake`], [`turns`] | rooms that touch the world |
//! | 5 | [`registry`], [`custodian`], [`agent`] | decisions; no HTTP, no SQL |
//! | 6 | [`api`], [`remote`], [`portfolio`], [`screening`] | edges |
//! | 7 | [`app`], [`rehearse`] | assembly into running processes |
//! | 8 | [`cli`] | the one executable |

pub mod agent;
pub mod api;
pub mod app;
pub mod cli;
pub mod custodian;
pub mod group;
pub mod hash;
pub mod intake;
pub mod keys;
pub mod machine;
pub mod net;
pub mod nik;
pub mod oprf;
pub mod portfolio;
pub mod protocol;
pub mod registry;
pub mod rehearse;
pub mod remote;
pub mod screening;
pub mod store;
pub mod texts;
pub mod turns;
