//! The demo: starts this executable as real processes and drives them.

pub mod selftest;
pub mod speed;
