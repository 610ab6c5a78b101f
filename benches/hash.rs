//! Keyed hashing of 30-byte messages, beside the crates themselves, on one core.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use rand_core::Rng;
use saring::hash::{HashKey, SeededStream, hmac_sha256, keyed_blake3, keyed_blake3_xof64};
use sha2::Sha256;

/// Messages in a batch: they and their hashes fit a core's cache.
const MESSAGES: usize = 4096;

fn messages() -> Vec<[u8; 30]> {
    let mut stream = SeededStream::new(b"hash bench");
    let mut messages = vec![*b"saring/v1/nik/0000000000000000"; MESSAGES];
    messages
        .iter_mut()
        .for_each(|message| stream.fill_bytes(&mut message[14..]));
    messages
}

fn blake3_keyed(criterion: &mut Criterion) {
    let (inputs, key) = (messages(), HashKey::new([0x5a; 32]));
    let mut out = vec![[0; 32]; MESSAGES];
    let mut wide = vec![[0; 64]; MESSAGES];
    let mut group = criterion.benchmark_group("keyed-blake3");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("saring", |bench| {
        bench.iter(|| keyed_blake3(&key, black_box(&inputs), &mut out));
    });
    group.bench_function("saring, 64 bytes", |bench| {
        bench.iter(|| keyed_blake3_xof64(&key, black_box(&inputs), &mut wide));
    });
    group.bench_function("peer: blake3", |bench| {
        bench.iter(|| {
            for (input, out) in black_box(&inputs).iter().zip(&mut out) {
                *out = *blake3::keyed_hash(&[0x5a; 32], input).as_bytes();
            }
        });
    });
    group.finish();
}

fn hmac(criterion: &mut Criterion) {
    let (inputs, key) = (messages(), HashKey::new([0x5a; 32]));
    let mut out = vec![[0; 32]; MESSAGES];
    let mut group = criterion.benchmark_group("hmac-sha256");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("saring", |bench| {
        bench.iter(|| hmac_sha256(&key, black_box(&inputs), &mut out));
    });
    group.bench_function("peer: hmac, cloned pre-keyed", |bench| {
        let keyed = Hmac::<Sha256>::new_from_slice(&[0x5a; 32]).expect("any length");
        bench.iter(|| {
            for (input, out) in black_box(&inputs).iter().zip(&mut out) {
                let mut hmac = keyed.clone();
                hmac.update(input);
                *out = hmac.finalize().into_bytes().into();
            }
        });
    });
    group.finish();
}

criterion_group!(benches, blake3_keyed, hmac);
criterion_main!(benches);
