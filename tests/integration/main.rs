//! The product as it is used: the real `saring serve` as a process, driven by the library and by
//! the executable. One module a theme; docs/TESTING.md says what each shows and how to run it at
//! its full counts.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod backup;
mod clock;
mod command;
mod copies;
mod durability;
mod exactly_once;
mod indistinguishable;
mod installation;
mod interrupted;
mod limits;
mod linkage;
mod load;
mod main_job;
mod member;
mod needles;
mod one_home;
mod orders;
mod privacy;
mod proxy;
mod rehearsal;
mod screened;
mod statistics;
mod unlinkable;
mod versions;
mod watching;
mod wire;
mod world;

/// A number from the environment.
fn number(variable: &str, otherwise: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The small count, or the full one where `SARING_FULL=1` asks for it.
fn count(small: usize, full: usize) -> usize {
    if std::env::var("SARING_FULL").is_ok_and(|value| value == "1") {
        full
    } else {
        small
    }
}
