//! Rehearsals: the demo, which starts this executable as real processes and drives them; this
//! machine's rates; the self-test over known answers.

pub mod demo;
pub mod selftest;
pub mod speed;
