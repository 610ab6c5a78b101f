//! A bucket off the wire gives a summary only where a row holds it: whatever the bytes, the scan
//! agrees with looking at every row by itself.
//!
//! The input is one byte of bucket bits (0 to 7) and the bucket's rows.
#![no_main]

use saring::protocol::bucket::{BucketShape, scan};
use saring::protocol::derive::SealKey;
use saring::protocol::ids::Locator;
use saring::protocol::row::{open_row, seal_bytes};
use saring::protocol::summary::Summary;

const LOCATOR: Locator = Locator([0; 32]);
const MATERIAL: &[u8] = b"peminjam-macet\0\x01\0\0\0";
const NONCE: [u8; 24] = [9; 24];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((bits, body)) = data.split_first() else {
        return;
    };
    let key = SealKey::new([7; 32]);
    if let Some(shape) = BucketShape::new(bits % 8, (body.len() / 128) as u32) {
        let scanned = scan(body, shape, &LOCATOR, &key, MATERIAL);
        let mut tagged = body
            .as_chunks::<128>()
            .0
            .iter()
            .filter(|row| row[..16] == [0; 16]);
        match scanned {
            Ok(None) => assert_eq!(tagged.next(), None),
            Ok(Some(summary)) => {
                assert!(tagged.any(|row| open_row(&key, MATERIAL, row) == Ok(summary)));
            }
            Err(_) => {}
        }
    }
    if let Some((summary, rest)) = body.split_first_chunk::<72>() {
        seal_and_bend(&key, summary, rest);
    }
});

/// A sealed row opens to what went in, and after any one changed bit to nothing.
fn seal_and_bend(key: &SealKey, bytes: &[u8; 72], rest: &[u8]) {
    let Ok(summary) = Summary::from_bytes(bytes) else {
        return;
    };
    assert_eq!(summary.to_bytes(), *bytes);
    let shape = BucketShape::new(0, 1).expect("one bucket of one row");
    let mut row = seal_bytes(key, MATERIAL, [0; 16], NONCE, bytes);
    let scanned = scan(&row, shape, &LOCATOR, key, MATERIAL);
    assert_eq!(scanned, Ok(Some(summary)));
    let bit = rest.first_chunk().map_or(0, |at| u16::from_le_bytes(*at)) % 1024;
    row[usize::from(bit / 8)] ^= 1 << (bit % 8);
    assert!(!matches!(
        scan(&row, shape, &LOCATOR, key, MATERIAL),
        Ok(Some(_))
    ));
}
