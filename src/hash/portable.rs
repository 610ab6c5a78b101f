//! The judge: the `blake3`, `hmac` and `sha2` crates, one message after another.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroize;

use super::{Domain, HashKey};

pub(super) fn keyed_blake3<const N: usize>(
    key: &HashKey,
    inputs: &[[u8; N]],
    out: &mut [[u8; 32]],
) {
    for (input, out) in inputs.iter().zip(out) {
        *out = *blake3::keyed_hash(key.expose(), input).as_bytes();
    }
}

pub(super) fn keyed_blake3_xof64<const N: usize>(
    key: &HashKey,
    inputs: &[[u8; N]],
    out: &mut [[u8; 64]],
) {
    for (input, out) in inputs.iter().zip(out) {
        keyed_xof(key, &[input], out);
    }
}

pub(super) fn hmac_sha256<const N: usize>(key: &HashKey, inputs: &[[u8; N]], out: &mut [[u8; 32]]) {
    let keyed = Hmac::<Sha256>::new_from_slice(key.expose())
        .expect("HMAC takes a key of any length (RFC 2104)");
    for (input, out) in inputs.iter().zip(out) {
        let mut hmac = keyed.clone();
        hmac.update(input);
        *out = hmac.finalize().into_bytes().into();
    }
}

/// SHA-512 that has taken `Z_pad`: the same first block starts every expansion.
static PADDED: LazyLock<Sha512> = LazyLock::new(|| Sha512::new().chain_update([0; 128]));

/// With an output of 64 bytes, `b_1` is the whole output.
pub(super) fn expand_message_xmd<M: AsRef<[u8]>>(
    domain: Domain,
    inputs: &[M],
    out: &mut [[u8; 64]],
) {
    let (tag, length) = domain.parts();
    for (input, out) in inputs.iter().zip(out) {
        let first = PADDED
            .clone()
            .chain_update(input.as_ref())
            .chain_update(64_u16.to_be_bytes())
            .chain_update([0])
            .chain_update(tag)
            .chain_update(length)
            .finalize();
        let second = Sha512::new()
            .chain_update(first)
            .chain_update([1])
            .chain_update(tag)
            .chain_update(length)
            .finalize();
        *out = second.into();
    }
}

pub(super) fn keyed_xof(key: &HashKey, parts: &[&[u8]], out: &mut [u8]) {
    let mut hasher = blake3::Hasher::new_keyed(key.expose());
    for part in parts {
        hasher.update(part);
    }
    let mut reader = hasher.finalize_xof();
    reader.fill(out);
    reader.zeroize();
    hasher.zeroize();
}

pub(super) fn derive_key(context: &'static str, material: &[&[u8]]) -> HashKey {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in material {
        hasher.update(part);
    }
    let key = HashKey::new(*hasher.finalize().as_bytes());
    hasher.zeroize();
    key
}
