//! AVX2: eight 32-bit words or four of 64 bits to a vector. HMAC runs on SHA-NI instead where the
//! machine has it.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

mod words32;
mod words64;

use super::lanes::blake3::KeyedBlake3;
use super::lanes::expand::Expansion;
use super::lanes::hmac::HmacSha256;
#[cfg(test)]
use super::lanes::judge;
use super::lanes::{Lanes, Messages, hash_all, hash_groups};
use super::{Domain, HashKey, sha_ni};
use crate::machine::{self, InstructionSet};
use words32::U32x8;
use words64::U64x4;

/// Exists only on a machine that has AVX2.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// # Panics
    /// When this machine does not have it.
    pub(super) fn found() -> Self {
        InstructionSet::Avx2.assert_available();
        Self(())
    }
}

/// A door of this backend: a hash over all messages, with the instructions enabled.
macro_rules! door {
    ($name:ident, $out:literal, $given:ident: $kind:ty; $hash:ident<$lanes:ident>) => {
        pub(super) fn $name<const N: usize>(
            proof: Avx2,
            $given: $kind,
            inputs: &[[u8; N]],
            out: &mut [[u8; $out]],
        ) {
            #[target_feature(enable = "avx2")]
            fn enabled(hash: &$hash<$lanes>, messages: Messages<'_>, out: &mut [[u8; $out]]) {
                hash_groups(hash, messages, out);
            }
            let hash = $hash::new(proof, $given, N);
            hash_all($lanes::COUNT, inputs, out, |messages, out| {
                // SAFETY: the proof exists, so the machine has the enabled instructions.
                unsafe { enabled(&hash, messages, out) }
            });
        }
    };
}

door!(keyed_blake3, 32, key: &HashKey; KeyedBlake3<U32x8>);
door!(keyed_blake3_xof64, 64, key: &HashKey; KeyedBlake3<U32x8>);
door!(hmac_sha256_in_lanes, 32, key: &HashKey; HmacSha256<U32x8>);
door!(expand_message_xmd, 64, domain: Domain; Expansion<U64x4>);

/// HMAC-SHA256 on SHA-NI where the machine has it, in lanes elsewhere.
pub(super) fn hmac_sha256<const N: usize>(
    proof: Avx2,
    key: &HashKey,
    inputs: &[[u8; N]],
    out: &mut [[u8; 32]],
) {
    if machine::has_sha_ni() {
        sha_ni::hmac_sha256(key, inputs, out);
    } else {
        hmac_sha256_in_lanes(proof, key, inputs, out);
    }
}

#[cfg(test)]
#[test]
fn its_lanes_give_the_published_answers() {
    if InstructionSet::available().contains(&InstructionSet::Avx2) {
        judge::sha256::<U32x8>(Avx2::found());
        judge::sha512::<U64x4>(Avx2::found());
    }
}
