//! Rehearsals: the demo, a screening and many officers, which start this executable as real processes
//! and drive them; this machine's rates; the self-test over known answers.

pub mod demo;
mod error;
mod house;
mod meter;
pub mod officers;
mod people;
mod program;
pub mod screening;
pub mod selftest;
mod server;
pub mod speed;
mod tether;

pub use error::RehearsalError;
pub use tether::end_with_the_rehearsal;
