//! The doors against the crates' own one-message functions, at awkward counts.

use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use rand_core::Rng;
use sha2::{Digest, Sha256, Sha512};

use super::*;

mod published;

const DOMAIN: Domain = Domain::new(b"hash tests");

/// Counts around those of the lanes and of one task, and none at all.
const COUNTS: [usize; 15] = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    9,
    15,
    17,
    31,
    33,
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

/// What the crates say of one message.
struct Expected {
    blake3: [u8; 64],
    hmac: [u8; 32],
    uniform: [u8; 64],
}

impl Expected {
    fn of(key: &HashKey, input: &[u8]) -> Self {
        let mut blake3 = [0; 64];
        let mut hasher = blake3::Hasher::new_keyed(key.expose());
        hasher.update(input).finalize_xof().fill(&mut blake3);
        let mut hmac = Hmac::<Sha256>::new_from_slice(key.expose()).unwrap();
        hmac.update(input);
        Self {
            blake3,
            hmac: hmac.finalize().into_bytes().into(),
            uniform: expanded(input),
        }
    }
}

/// Bytes around an output that nothing may write.
const GUARD: u8 = 0xa5;

/// The outputs of `hash`, after a look at the rows before and after them.
fn guarded<const OUT: usize>(count: usize, hash: impl FnOnce(&mut [[u8; OUT]])) -> Vec<[u8; OUT]> {
    let mut rows = vec![[GUARD; OUT]; count + 2];
    hash(&mut rows[1..=count]);
    assert_eq!([rows[0], rows[count + 1]], [[GUARD; OUT]; 2]);
    rows[1..=count].to_vec()
}

/// Every operation on every instruction set against the crates. The messages stand alone in their
/// allocation, so a tool that watches memory sees a read past them.
fn agree<const N: usize>(inputs: &[[u8; N]]) {
    let key = HashKey::new([0x4b; 32]);
    let expected: Vec<_> = inputs
        .iter()
        .map(|input| Expected::of(&key, input))
        .collect();
    for &set in InstructionSet::available() {
        for count in COUNTS.into_iter().filter(|count| *count <= inputs.len()) {
            let (inputs, expected) = (&inputs[..count], &expected[..count]);
            let short = guarded(count, |out| keyed_blake3_on(set, &key, inputs, out));
            let long = guarded(count, |out| keyed_blake3_xof64_on(set, &key, inputs, out));
            let hmacs = guarded(count, |out| hmac_sha256_on(set, &key, inputs, out));
            let uniform = guarded(count, |out| expand_message_xmd_on(set, DOMAIN, inputs, out));
            for (place, expected) in expected.iter().enumerate() {
                assert_eq!(short[place], expected.blake3[..32]);
                assert_eq!(long[place], expected.blake3);
                assert_eq!(hmacs[place], expected.hmac);
                assert_eq!(uniform[place], expected.uniform);
            }
        }
    }
}

#[test]
fn every_message_has_its_own_hash_at_every_count() {
    agree(&messages::<30>(10_007));
    agree(&messages::<32>(33));
}

/// Around the ends of words, of what one read takes, and of a block of each hash.
#[test]
fn every_length_of_message_is_padded_right() {
    agree(&messages::<0>(17));
    agree(&messages::<1>(17));
    agree(&messages::<15>(33));
    agree(&messages::<16>(17));
    agree(&messages::<17>(17));
    agree(&messages::<33>(17));
    agree(&messages::<48>(33));
    agree(&messages::<55>(17));
    agree(&messages::<56>(17));
    agree(&messages::<63>(17));
    agree(&messages::<64>(33));
    agree(&messages::<65>(17));
    agree(&messages::<177>(33));
}

#[test]
fn messages_of_one_bit_or_none_hash_right() {
    let mut inputs = vec![[0; 32]; 257];
    for (bit, input) in inputs[..256].iter_mut().enumerate() {
        input[bit / 8] = 1 << (bit % 8);
    }
    inputs.push([0xff; 32]);
    agree(&inputs[..33]);
    agree(&inputs[225..]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_messages_under_any_key_hash_as_the_judge_says(
        key: [u8; 32],
        messages in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let key = HashKey::new(key);
        let (mut short, mut hmacs) = (vec![[0; 32]; messages.len()], vec![[0; 32]; messages.len()]);
        portable::keyed_blake3(&key, &messages, &mut short);
        portable::hmac_sha256(&key, &messages, &mut hmacs);
        for &set in InstructionSet::available() {
            let mut out = vec![[0; 32]; messages.len()];
            keyed_blake3_on(set, &key, &messages, &mut out);
            prop_assert_eq!(&out, &short);
            hmac_sha256_on(set, &key, &messages, &mut out);
            prop_assert_eq!(&out, &hmacs);
        }
    }
}

/// Lanes touch each other nowhere: one changed message changes one output.
#[test]
fn a_message_decides_its_own_hash_alone() {
    let key = HashKey::new([7; 32]);
    let inputs = messages::<30>(67);
    for &set in InstructionSet::available() {
        let all = |inputs: &[[u8; 30]]| {
            let (mut short, mut hmacs) = ([[0; 32]; 67], [[0; 32]; 67]);
            let (mut long, mut uniform) = ([[0; 64]; 67], [[0; 64]; 67]);
            keyed_blake3_on(set, &key, inputs, &mut short);
            keyed_blake3_xof64_on(set, &key, inputs, &mut long);
            hmac_sha256_on(set, &key, inputs, &mut hmacs);
            expand_message_xmd_on(set, DOMAIN, inputs, &mut uniform);
            (short, long, hmacs, uniform)
        };
        let before = all(&inputs);
        for changed in 0..inputs.len() {
            let mut inputs = inputs.clone();
            inputs[changed][changed % 30] ^= 1;
            let after = all(&inputs);
            for place in 0..inputs.len() {
                let same = place != changed;
                assert_eq!(before.0[place] == after.0[place], same);
                assert_eq!(before.1[place] == after.1[place], same);
                assert_eq!(before.2[place] == after.2[place], same);
                assert_eq!(before.3[place] == after.3[place], same);
            }
        }
    }
}

/// Both ways of HMAC on AVX2, of which a machine with SHA-NI takes one only.
#[cfg(target_arch = "x86_64")]
#[test]
fn hmac_in_lanes_of_avx2_agrees_with_sha_ni() {
    let key = HashKey::new([3; 32]);
    let inputs = messages::<55>(21);
    let mut expected = [[0; 32]; 21];
    portable::hmac_sha256(&key, &inputs, &mut expected);
    if InstructionSet::available().contains(&InstructionSet::Avx2) {
        let mut out = [[0; 32]; 21];
        avx2::hmac_sha256_in_lanes(avx2::Avx2::found(), &key, &inputs, &mut out);
        assert_eq!(out, expected);
    }
    if crate::machine::has_sha_ni() {
        let mut out = [[0; 32]; 21];
        sha_ni::hmac_sha256(&key, &inputs, &mut out);
        assert_eq!(out, expected);
    }
}

/// A tag so long that both hashes of the expansion take three blocks more.
#[test]
fn every_length_of_tag_expands_right() {
    const TAGS: [u8; 255] = [b'x'; 255];
    let inputs = messages::<30>(9);
    macro_rules! check {
        ($($length:literal)*) => {
            $(
                let domain = Domain::new(const { TAGS.split_at($length).0 });
                let mut expected = [[0; 64]; 9];
                portable::expand_message_xmd(domain, &inputs, &mut expected);
                for &set in InstructionSet::available() {
                    let mut out = [[0; 64]; 9];
                    expand_message_xmd_on(set, domain, &inputs, &mut out);
                    assert_eq!(out, expected);
                }
            )*
        };
    }
    check!(1 44 45 46 60 61 62 63 77 78 79 190 191 255);
}

#[test]
fn messages_of_any_lengths_expand_as_the_rfc_says() {
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
            InstructionSet::Portable => "portable",
            InstructionSet::Avx2 => "avx2",
            InstructionSet::Avx512 | InstructionSet::Avx512Ifma => "avx512",
        };
        assert_eq!(code_on(set), expected);
    }
}

#[test]
fn derived_keys_are_the_published_ones() {
    // BLAKE3's test_vectors.json: the message of one byte 0x00 in its own context.
    let context = "BLAKE3 2019-12-27 16:29:52 test vectors context";
    let derived = derive_key(context, &[&[], &[0]]);
    let expected = "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c";
    assert_eq!(data_encoding::HEXLOWER.encode(derived.expose()), expected);
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
