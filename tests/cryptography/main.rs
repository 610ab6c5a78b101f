//! The cryptography against known answers, other implementations and a reference of its own.
//! No processes but the JavaScript peer.
//!
//! Counts are sized for every run; `SARING_FULL=1` takes the full ones.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod elements;
mod encodings;
mod instruction_sets;
mod noble_peer;
mod proofs;
mod reference;
mod rfc9497;
mod saring_v1;
mod vectors;
mod voprf_peer;

/// The small count, or the full one where `SARING_FULL=1` asks for it.
fn count(small: usize, full: usize) -> usize {
    if std::env::var("SARING_FULL").is_ok_and(|value| value == "1") {
        full
    } else {
        small
    }
}
