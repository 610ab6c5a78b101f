//! AVX-512: sixteen 32-bit words or eight of 64 bits to a vector; BLAKE3 with two vectors at once.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

mod pair;
mod words32;
mod words64;

use super::lanes::blake3::KeyedBlake3;
use super::lanes::expand::Expansion;
use super::lanes::hmac::HmacSha256;
#[cfg(test)]
use super::lanes::judge;
use super::lanes::{Lanes, Messages, hash_all, hash_groups};
use super::{Domain, HashKey};
use crate::machine::InstructionSet;
use pair::U32x32;
use words32::U32x16;
use words64::U64x8;

/// Exists only on a machine that has AVX-512 F, BW and VL.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    /// # Panics
    /// When this machine does not have them.
    pub(super) fn found() -> Self {
        InstructionSet::Avx512.assert_available();
        Self(())
    }
}

/// A door of this backend: a hash over all messages, with the instructions enabled.
macro_rules! door {
    ($name:ident, $out:literal, $given:ident: $kind:ty; $hash:ident<$lanes:ident>) => {
        pub(super) fn $name<const N: usize>(
            proof: Avx512,
            $given: $kind,
            inputs: &[[u8; N]],
            out: &mut [[u8; $out]],
        ) {
            #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
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

door!(keyed_blake3, 32, key: &HashKey; KeyedBlake3<U32x32>);
door!(keyed_blake3_xof64, 64, key: &HashKey; KeyedBlake3<U32x32>);
door!(hmac_sha256, 32, key: &HashKey; HmacSha256<U32x16>);
door!(expand_message_xmd, 64, domain: Domain; Expansion<U64x8>);

#[cfg(test)]
#[test]
fn its_lanes_give_the_published_answers() {
    if InstructionSet::available().contains(&InstructionSet::Avx512) {
        judge::sha256::<U32x16>(Avx512::found());
        judge::sha256::<U32x32>(Avx512::found());
        judge::sha512::<U64x8>(Avx512::found());
    }
}
