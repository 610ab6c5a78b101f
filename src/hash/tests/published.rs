//! Published answers, on every instruction set.

use data_encoding::HEXLOWER_PERMISSIVE as HEX;

use super::super::*;

/// A hash of one message in the middle of others, on every instruction set.
#[track_caller]
fn gives<const N: usize, const OUT: usize>(
    message: [u8; N],
    expected: &str,
    hash: impl Fn(InstructionSet, &[[u8; N]], &mut [[u8; OUT]]),
) {
    let mut inputs = [[0xee; N]; 40];
    inputs[5] = message;
    for &set in InstructionSet::available() {
        let mut out = [[0; OUT]; 40];
        hash(set, &inputs, &mut out);
        assert_eq!(HEX.encode(&out[5]), expected, "on {}", set.name());
    }
}

/// BLAKE3's test_vectors.json.
#[test]
fn keyed_blake3() {
    let key = HashKey::new(*b"whats the Elvish word for friend");
    let short = |set, inputs: &[[u8; 1]], out: &mut [_]| keyed_blake3_on(set, &key, inputs, out);
    let one = "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b\
               6568c0490609413006fbd428eb3fd14e7756d90f73a4725fad147f7bf70fd61c";
    gives([0], &one[..64], short);
    gives([0], one, |set, inputs, out| {
        keyed_blake3_xof64_on(set, &key, inputs, out);
    });
    let none = "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26\
                b18171a2f22a4b94822c701f107153dba24918c4bae4d2945c20ece13387627d";
    gives([], none, |set, inputs, out| {
        keyed_blake3_xof64_on(set, &key, inputs, out);
    });
}

/// RFC 4231, section 4; a shorter key is filled up by zeros, as HMAC itself does.
#[track_caller]
fn hmac<const N: usize>(key: &[u8], message: [u8; N], expected: &str) {
    let mut filled = [0; 32];
    filled[..key.len()].copy_from_slice(key);
    let key = HashKey::new(filled);
    gives(message, expected, |set, inputs, out| {
        hmac_sha256_on(set, &key, inputs, out);
    });
}

#[test]
fn hmac_case_1() {
    let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    hmac(&[0x0b; 20], *b"Hi There", expected);
}

#[test]
fn hmac_case_2() {
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    hmac(b"Jefe", *b"what do ya want for nothing?", expected);
}

#[test]
fn hmac_case_3() {
    let expected = "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe";
    hmac(&[0xaa; 20], [0xdd; 50], expected);
}

#[test]
fn hmac_case_4() {
    let key: Vec<u8> = (1..=25).collect();
    let expected = "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b";
    hmac(&key, [0xcd; 50], expected);
}
