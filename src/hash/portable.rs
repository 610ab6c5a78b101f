//! The judge: the `blake3` and `hmac` crates, one message after another.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use super::HashKey;

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
