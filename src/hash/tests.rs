//! The doors against the crates' own one-message functions, at awkward counts.

use hmac::{Hmac, KeyInit, Mac};
use rand_core::Rng;
use sha2::{Digest, Sha256, Sha512};

use super::*;

const DOMAIN: Domain = Domain::new(b"hash tests");

/// Counts around the size of one task, and none at all.
const COUNTS: [usize; 8] = [
    0,
    1,
    2,
    17,
    MESSAGES_PER_TASK - 1,
    MESSAGES_PER_TASK,
    MESSAGES_PER_TASK + 1,
    10_007,
];

fn messages<const N: usize>(count: usize) -> Vec<[u8; N]> {
    let mut stream = SeededStream::new(b"hash tests");
    let mut messages = vec![[0; N]; count];
    messages
        .iter_mut()
        .for_each(|message| stream.fill_bytes(message));
    messages
}

/// RFC 9380, section 5.3.1, with ell = 1; RFC 9497's vectors hold the bytes themselves.
fn expanded(message: &[u8]) -> [u8; 64] {
    let tail = [b"hash tests".as_slice(), &[10]].concat();
    let first = [&[0; 128][..], message, &[0, 64, 0], &tail].concat();
    let second = [Sha512::digest(first).as_slice(), &[1], &tail].concat();
    Sha512::digest(second).into()
}

fn agree<const N: usize>() {
    for &set in InstructionSet::available() {
        agree_on::<N>(set);
    }
}

fn agree_on<const N: usize>(set: InstructionSet) {
    let key = HashKey::new([0x4b; 32]);
    for count in COUNTS {
        let inputs = messages::<N>(count);
        let (mut short, mut hmacs) = (vec![[0; 32]; count], vec![[0; 32]; count]);
        let (mut long, mut uniform) = (vec![[0; 64]; count], vec![[0; 64]; count]);
        keyed_blake3_on(set, &key, &inputs, &mut short);
        keyed_blake3_xof64_on(set, &key, &inputs, &mut long);
        hmac_sha256_on(set, &key, &inputs, &mut hmacs);
        expand_message_xmd_on(set, DOMAIN, &inputs, &mut uniform);
        for (place, input) in inputs.iter().enumerate() {
            assert_eq!(
                short[place],
                *blake3::keyed_hash(key.expose(), input).as_bytes()
            );
            let mut expected = [0; 64];
            blake3::Hasher::new_keyed(key.expose())
                .update(input)
                .finalize_xof()
                .fill(&mut expected);
            assert_eq!(long[place], expected);
            let mut hmac = Hmac::<Sha256>::new_from_slice(key.expose()).unwrap();
            hmac.update(input);
            assert_eq!(hmacs[place], <[u8; 32]>::from(hmac.finalize().into_bytes()));
            assert_eq!(uniform[place], expanded(input));
        }
    }
}

#[test]
fn every_message_has_its_own_hash_at_every_count() {
    agree::<16>();
    agree::<30>();
    agree::<32>();
}

#[test]
fn transcripts_expand_as_the_rfc_says() {
    let inputs = messages::<177>(19);
    for &set in InstructionSet::available() {
        let mut uniform = vec![[0; 64]; inputs.len()];
        expand_message_xmd_on(set, DOMAIN, &inputs, &mut uniform);
        for (input, uniform) in inputs.iter().zip(&uniform) {
            assert_eq!(*uniform, expanded(input));
        }
    }
    let mut uniform = [[0; 64]; 3];
    expand_any_message_xmd(DOMAIN, &["", "a", "abc"], &mut uniform);
    assert_eq!(uniform, [b"".as_slice(), b"a", b"abc"].map(expanded));
    expand_message_xmd(Domain::new(b"hash test2"), &[*b"abc"], &mut uniform[..1]);
    assert_ne!(uniform[0], uniform[2]);
}

#[test]
fn every_set_runs_the_code_that_it_should() {
    for &set in InstructionSet::available() {
        let expected = match set {
            InstructionSet::Portable
            | InstructionSet::Avx2
            | InstructionSet::Avx512
            | InstructionSet::Avx512Ifma => "portable",
        };
        assert_eq!(code_on(set), expected);
    }
}

#[test]
fn blake3_gives_its_published_answers() {
    // BLAKE3's test_vectors.json: the message of one byte 0x00 under its own key and context.
    let key = HashKey::new(*b"whats the Elvish word for friend");
    let mut out = [[0; 64]];
    keyed_blake3_xof64(&key, &[[0]], &mut out);
    let expected = "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b\
                    6568c0490609413006fbd428eb3fd14e7756d90f73a4725fad147f7bf70fd61c";
    assert_eq!(data_encoding::HEXLOWER.encode(&out[0]), expected);
    let derived = derive_key(
        "BLAKE3 2019-12-27 16:29:52 test vectors context",
        &[&[], &[0]],
    );
    let expected = "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c";
    assert_eq!(data_encoding::HEXLOWER.encode(derived.expose()), expected);
}

#[test]
fn hmac_gives_its_published_answer() {
    // RFC 4231, test case 1, with the key's 20 bytes filled up by zeros as HMAC itself does.
    let mut key = [0; 32];
    key[..20].fill(0x0b);
    let mut out = [[0; 32]];
    hmac_sha256(&HashKey::new(key), &[*b"Hi There"], &mut out);
    let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    assert_eq!(data_encoding::HEXLOWER.encode(&out[0]), expected);
}

#[test]
fn parts_are_one_message() {
    let key = HashKey::new([1; 32]);
    let (mut whole, mut parts) = ([0; 128], [0; 128]);
    keyed_xof(&key, &[b"padding row"], &mut whole);
    keyed_xof(&key, &[b"padding", b" ", b"row"], &mut parts);
    assert_eq!(whole, parts);
    let joined = derive_key("saring 2026 v1 blind", &[b"seedmaterial"]);
    let split = derive_key("saring 2026 v1 blind", &[b"seed", b"material"]);
    assert_eq!(joined.expose(), split.expose());
}

#[test]
#[should_panic(expected = "one output for each input")]
fn outputs_of_another_length_are_a_bug_of_the_caller() {
    keyed_blake3(&HashKey::new([0; 32]), &[[0; 30]], &mut []);
}
