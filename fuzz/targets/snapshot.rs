//! A snapshot's index that is read is the one its sections and chunks make, and the order of keys
//! is judged of any bytes.
#![no_main]

use saring::protocol::snapshot::{KeyOrder, SnapshotIndex};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(index) = SnapshotIndex::from_bytes(data) else {
        return;
    };
    assert_eq!(index.to_bytes(), data);
    let chunks = 0..index.chunks().len();
    let bytes: u64 = chunks.map(|number| index.chunk_bytes(number) as u64).sum();
    assert_eq!(bytes, index.bytes());
    let _ordered = KeyOrder::of(&index).take(data);
});
