//! Batch hashes: every instruction set that the machine has gives what the judge gives.
//!
//! The input is a key of 32 bytes, one byte that chooses the messages' length, and the messages.
#![no_main]

use saring::hash::{
    Domain, HashKey, expand_message_xmd_on, hmac_sha256_on, keyed_blake3_on, keyed_blake3_xof64_on,
};
use saring::machine::InstructionSet;

const DOMAIN: Domain = Domain::new(b"HashToGroup-OPRFV1-\x01-ristretto255-SHA512");

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((key, [length, messages @ ..])) = data.split_first_chunk() else {
        return;
    };
    let key = HashKey::new(*key);
    match length % 8 {
        0 => agree::<1>(&key, messages),
        1 => agree::<15>(&key, messages),
        2 => agree::<30>(&key, messages),
        3 => agree::<32>(&key, messages),
        4 => agree::<33>(&key, messages),
        5 => agree::<55>(&key, messages),
        6 => agree::<64>(&key, messages),
        _ => agree::<177>(&key, messages),
    }
});

fn agree<const N: usize>(key: &HashKey, bytes: &[u8]) {
    let messages = bytes.as_chunks::<N>().0;
    let judged = hashes(InstructionSet::Portable, key, messages);
    for &set in InstructionSet::available() {
        assert!(hashes(set, key, messages) == judged, "on {}", set.name());
    }
}

/// Keyed BLAKE3 in both lengths, HMAC-SHA256 and the expansion.
type Hashes = (Vec<[u8; 32]>, Vec<[u8; 64]>, Vec<[u8; 32]>, Vec<[u8; 64]>);

fn hashes<const N: usize>(set: InstructionSet, key: &HashKey, messages: &[[u8; N]]) -> Hashes {
    let (mut short, mut hmacs) = (vec![[0; 32]; messages.len()], vec![[0; 32]; messages.len()]);
    let (mut long, mut expanded) = (vec![[0; 64]; messages.len()], vec![[0; 64]; messages.len()]);
    keyed_blake3_on(set, key, messages, &mut short);
    keyed_blake3_xof64_on(set, key, messages, &mut long);
    hmac_sha256_on(set, key, messages, &mut hmacs);
    expand_message_xmd_on(set, DOMAIN, messages, &mut expanded);
    (short, long, hmacs, expanded)
}
