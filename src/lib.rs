//! Saring: a shared borrower blacklist that answers "is this applicant listed?" without learning
//! who is listed or who was asked about.
//!
//! The crate is a house of floors. A module imports only from lower floors; modules on one floor
//! ignore each other; `tests/architecture.rs` holds this.
//!
//! | floor | modules | what lives there |
//! |---|---|---|
//! | 0 | [`nik`], [`hash`], [`group`], [`texts`] | ground: pure, no clock, no I/O, no async |
//! | 1 | [`oprf`] | RFC 9497, element mode, threshold combination, key update |
//! | 2 | [`protocol`] | what is said on the wire and on disk, limits, error codes |
//! | 3 | [`store`], [`keys`], [`net`], [`intake`] | rooms that touch the world |
//! | 4 | [`registry`], [`custodian`], [`agent`] | decisions; no HTTP, no SQL |
//! | 5 | [`api`], [`remote`], [`screening`] | edges |
//! | 6 | [`app`], [`rehearse`] | assembly into running processes |
//! | 7 | [`cli`] | the one executable |

pub mod agent;
pub mod api;
pub mod app;
pub mod cli;
pub mod custodian;
pub mod group;
pub mod hash;
pub mod intake;
pub mod keys;
pub mod net;
pub mod nik;
pub mod oprf;
pub mod protocol;
pub mod registry;
pub mod rehearse;
pub mod remote;
pub mod screening;
pub mod store;
pub mod texts;
