//! Hashing of many small messages: BLAKE3 in keyed mode, HMAC-SHA256, and the expansion of messages
//! by SHA-512 for hashing to the group; whole batches at a time.
//!
//! Every batch door takes slices and works on all cores of the caller's rayon pool, so a caller
//! bounds the number of jobs by running it inside [`rayon::ThreadPool::install`], or by building
//! the global pool once at start. Batches are generic over the message length `N`, because all
//! messages of one batch have one length: 30 bytes for the NIK form, 32 for an element, 177 for a
//! proof's transcript.
//!
//! Each operation is one match over the backend; `portable` (the `blake3`, `hmac` and `sha2`
//! crates) is the judge of every other backend. A door `..._on` runs on a given instruction set,
//! for tests, benches and whoever holds data made on it; the door without is the same on
//! [`InstructionSet::chosen`].

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod backend;
mod domain;
mod key;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod portable;
#[cfg(target_arch = "x86_64")]
mod sha_ni;
mod stream;
#[cfg(test)]
mod tests;

pub use domain::Domain;
pub use key::HashKey;
pub use stream::SeededStream;

use backend::{Backend, on_backend};
use rayon::prelude::*;

use crate::machine::InstructionSet;

/// The longest message that one block of BLAKE3 holds; the judge hashes longer ones on any backend.
const BLAKE3_LONGEST: usize = 64;

/// The longest message that one block of SHA-256 holds, beside the byte 0x80 and the length.
const HMAC_LONGEST: usize = 64 - 9;

/// Messages one core hashes before another is worth waking.
const MESSAGES_PER_TASK: usize = 4096;

/// `out[i] = BLAKE3.keyed_hash(key, inputs[i])`, 32 bytes each.
///
/// # Panics
/// When `inputs` and `out` differ in length: the caller sized both.
pub fn keyed_blake3<const N: usize>(key: &HashKey, inputs: &[[u8; N]], out: &mut [[u8; 32]]) {
    keyed_blake3_on(InstructionSet::chosen(), key, inputs, out);
}

/// [`keyed_blake3`] on a given instruction set.
///
/// # Panics
/// When this machine does not have `set`, or the lengths differ.
pub fn keyed_blake3_on<const N: usize>(
    set: InstructionSet,
    key: &HashKey,
    inputs: &[[u8; N]],
    out: &mut [[u8; 32]],
) {
    let backend = Backend::on(set);
    spread(inputs, out, |inputs, out| {
        on_backend!(backend, if N > 0 && N <= BLAKE3_LONGEST, keyed_blake3(key, inputs, out));
    });
}

/// `out[i] = BLAKE3.keyed_xof(key, inputs[i])[0..64]`, 64 bytes each. The first 32 are those of
/// [`keyed_blake3`].
///
/// # Panics
/// When `inputs` and `out` differ in length: the caller sized both.
pub fn keyed_blake3_xof64<const N: usize>(key: &HashKey, inputs: &[[u8; N]], out: &mut [[u8; 64]]) {
    keyed_blake3_xof64_on(InstructionSet::chosen(), key, inputs, out);
}

/// [`keyed_blake3_xof64`] on a given instruction set.
///
/// # Panics
/// When this machine does not have `set`, or the lengths differ.
pub fn keyed_blake3_xof64_on<const N: usize>(
    set: InstructionSet,
    key: &HashKey,
    inputs: &[[u8; N]],
    out: &mut [[u8; 64]],
) {
    let backend = Backend::on(set);
    spread(inputs, out, |inputs, out| {
        on_backend!(backend, if N > 0 && N <= BLAKE3_LONGEST, keyed_blake3_xof64(key, inputs, out));
    });
}

/// `out[i] = HMAC-SHA256(key, inputs[i])`, 32 bytes each (RFC 2104).
///
/// # Panics
/// When `inputs` and `out` differ in length: the caller sized both.
pub fn hmac_sha256<const N: usize>(key: &HashKey, inputs: &[[u8; N]], out: &mut [[u8; 32]]) {
    hmac_sha256_on(InstructionSet::chosen(), key, inputs, out);
}

/// [`hmac_sha256`] on a given instruction set.
///
/// # Panics
/// When this machine does not have `set`, or the lengths differ.
pub fn hmac_sha256_on<const N: usize>(
    set: InstructionSet,
    key: &HashKey,
    inputs: &[[u8; N]],
    out: &mut [[u8; 32]],
) {
    let backend = Backend::on(set);
    spread(inputs, out, |inputs, out| {
        on_backend!(backend, if N > 0 && N <= HMAC_LONGEST, hmac_sha256(key, inputs, out));
    });
}

/// `out[i] = expand_message_xmd(inputs[i], domain, 64)` with SHA-512 (RFC 9380, section 5.3.1).
/// Constant time in the messages' bytes.
///
/// # Panics
/// When `inputs` and `out` differ in length: the caller sized both.
pub fn expand_message_xmd<const N: usize>(
    domain: Domain,
    inputs: &[[u8; N]],
    out: &mut [[u8; 64]],
) {
    expand_message_xmd_on(InstructionSet::chosen(), domain, inputs, out);
}

/// [`expand_message_xmd`] on a given instruction set.
///
/// # Panics
/// When this machine does not have `set`, or the lengths differ.
pub fn expand_message_xmd_on<const N: usize>(
    set: InstructionSet,
    domain: Domain,
    inputs: &[[u8; N]],
    out: &mut [[u8; 64]],
) {
    let backend = Backend::on(set);
    spread(inputs, out, |inputs, out| {
        on_backend!(backend, if N > 0, expand_message_xmd(domain, inputs, out));
    });
}

/// [`expand_message_xmd`] of messages of any lengths, one after another: for the RFC's own modes
/// and other rare callers.
///
/// # Panics
/// When `inputs` and `out` differ in length: the caller sized both.
pub fn expand_any_message_xmd<M: AsRef<[u8]> + Sync>(
    domain: Domain,
    inputs: &[M],
    out: &mut [[u8; 64]],
) {
    spread(inputs, out, |inputs, out| {
        portable::expand_message_xmd(domain, inputs, out);
    });
}

/// The name of the code that runs on an instruction set, for reports: one for which there is none
/// of its own uses that of a lower one.
///
/// # Panics
/// When this machine does not have `set`.
#[must_use]
pub fn code_on(set: InstructionSet) -> &'static str {
    Backend::on(set).name()
}

/// Fills `out`, any length, with `BLAKE3.keyed_xof(key, parts[0] || parts[1] || ...)`: one message
/// of any length, for rows of padding and the like.
pub fn keyed_xof(key: &HashKey, parts: &[&[u8]], out: &mut [u8]) {
    portable::keyed_xof(key, parts, out);
}

/// `BLAKE3.derive_key(context, material[0] || material[1] || ...)`, 32 bytes. The context is a
/// constant of the protocol, never input.
#[must_use]
pub fn derive_key(context: &'static str, material: &[&[u8]]) -> HashKey {
    portable::derive_key(context, material)
}

/// Runs `work` on matching pieces of `inputs` and `out`, in parallel where they are long.
fn spread<I: Sync, O: Send>(inputs: &[I], out: &mut [O], work: impl Fn(&[I], &mut [O]) + Sync) {
    assert_eq!(inputs.len(), out.len(), "one output for each input");
    if inputs.len() <= MESSAGES_PER_TASK {
        return work(inputs, out);
    }
    inputs
        .par_chunks(MESSAGES_PER_TASK)
        .zip(out.par_chunks_mut(MESSAGES_PER_TASK))
        .for_each(|(inputs, out)| work(inputs, out));
}
