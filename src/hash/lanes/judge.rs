//! What every kind of lanes must pass: the published answers of FIPS 180-4, from the block
//! function itself.

use data_encoding::HEXLOWER as HEX;

use super::sha2::{Sha256, Sha512, compressed};
use super::{Lanes, Messages};

/// The message `abc` in lane 0 alone, so that the others differ from it.
fn messages<V: Lanes>() -> Vec<[u8; 3]> {
    let mut messages = vec![[0; 3]; V::COUNT];
    messages[0] = *b"abc";
    messages
}

/// `abc`, the byte 0x80 and the length in bits, as sixteen words.
fn block<V: Lanes>(proof: V::Proof, end: V::Word, bits: V::Word, zero: V::Word) -> [V; 16] {
    let mut block = [V::splat(proof, zero); 16];
    block[0] = V::read(proof, Messages::new(&messages::<V>()), 0)[0]
        .with_bytes_swapped()
        .xor(V::splat(proof, end));
    block[15] = V::splat(proof, bits);
    block
}

/// The hash of lane 0's message.
fn hash<V: Lanes, const OUT: usize>(state: [V; 8]) -> String {
    let mut rows = vec![[0; OUT]; V::COUNT];
    V::write(state.map(V::with_bytes_swapped), &mut rows, 0);
    assert!(
        rows[1..]
            .iter()
            .all(|row| *row == rows[1] && *row != rows[0])
    );
    HEX.encode(&rows[0])
}

pub(in crate::hash) fn sha256<V: Lanes<Word = u32>>(proof: V::Proof) {
    let start = super::hmac::START.map(|word| V::splat(proof, word));
    let mut block = block::<V>(proof, 0x80, 24, 0);
    let state = compressed::<Sha256, V>(proof, &start, &mut block);
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hash::<V, 32>(state), expected);
}

pub(in crate::hash) fn sha512<V: Lanes<Word = u64>>(proof: V::Proof) {
    let start = super::expand::START.map(|word| V::splat(proof, word));
    let mut block = block::<V>(proof, 0x80 << 32, 24, 0);
    let state = compressed::<Sha512, V>(proof, &start, &mut block);
    let expected = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                    2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
    assert_eq!(hash::<V, 64>(state), expected);
}
