//! Memory that is needed soon.
#![allow(unsafe_code, reason = "a hint to the processor takes a raw address")]

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

/// How far ahead, in bytes: over half a microsecond of the fastest hash, several times what memory
/// takes to answer. The processor looks ahead for itself, but not past so much arithmetic.
const AHEAD: usize = 4096;

/// The bytes of a line of the cache.
const LINE: usize = 64;

/// Asks for as many bytes as `these`, [`AHEAD`] of them.
#[inline(always)]
pub(super) fn ahead_of(these: &[u8]) {
    let first = these.as_ptr().wrapping_add(AHEAD);
    for at in (0..these.len()).step_by(LINE) {
        // SAFETY: a hint reads nothing, and nothing happens where there is no such memory.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(first.wrapping_add(at).cast()) };
    }
}
