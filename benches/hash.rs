//! Batch hashing on one core, on every instruction set that the machine has, beside its peers in
//! the same process: in a core's cache, and streaming from memory and back.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use rand_core::Rng;
use saring::hash::{
    Domain, HashKey, SeededStream, expand_message_xmd_on, hmac_sha256_on, keyed_blake3_on,
    keyed_blake3_xof64_on,
};
use saring::machine::InstructionSet;
use sha2::{Digest, Sha256, Sha512};

/// Messages that fit a core's cache together with their hashes.
const IN_CACHE: usize = 4096;
/// Messages that no cache holds: 126 MB with their hashes.
const STREAMING: usize = 1 << 21;

const KEY: [u8; 32] = [0x5a; 32];
const TAG: &[u8] = b"HashToGroup-OPRFV1-\x01-ristretto255-SHA512";
const DOMAIN: Domain = Domain::new(TAG);

fn messages<const N: usize>(count: usize) -> Vec<[u8; N]> {
    let mut messages = vec![[0; N]; count];
    SeededStream::new(b"hash bench").fill_bytes(messages.as_flattened_mut());
    messages
}

/// One operation on every instruction set, on the pool's only thread.
fn on_every_set<const N: usize, const OUT: usize>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    inputs: &[[u8; N]],
    hash: impl Fn(InstructionSet, &[[u8; N]], &mut [[u8; OUT]]) + Sync,
) {
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one_core = one_core.expect("a pool of one thread");
    let mut out = vec![[0; OUT]; inputs.len()];
    group.throughput(Throughput::Elements(inputs.len() as u64));
    for &set in InstructionSet::available() {
        // Whatever has IFMA hashes as AVX-512 does.
        if set != InstructionSet::Avx512Ifma {
            group.bench_function(format!("saring on {}, {what}", set.name()), |bench| {
                one_core.install(|| bench.iter(|| hash(set, black_box(inputs), &mut out)));
            });
        }
    }
}

/// A peer's hash of one message after another.
fn one_by_one<const N: usize, const OUT: usize>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    inputs: &[[u8; N]],
    hash: impl Fn(&[u8; N], &mut [u8; OUT]),
) {
    let mut out = vec![[0; OUT]; inputs.len()];
    group.throughput(Throughput::Elements(inputs.len() as u64));
    group.bench_function(format!("peer: {name}"), |bench| {
        bench.iter(|| {
            for (input, out) in black_box(inputs).iter().zip(&mut out) {
                hash(input, out);
            }
        });
    });
}

fn blake3_of<const N: usize>(criterion: &mut Criterion) {
    let (inputs, key) = (messages::<N>(IN_CACHE), HashKey::new(KEY));
    let mut group = criterion.benchmark_group(format!("keyed-blake3 of {N} bytes"));
    one_by_one(&mut group, "blake3", &inputs, |input, out| {
        *out = *blake3::keyed_hash(&KEY, input).as_bytes();
    });
    on_every_set(&mut group, "in cache", &inputs, |set, inputs, out| {
        keyed_blake3_on(set, &key, inputs, out);
    });
    on_every_set(&mut group, "64 bytes", &inputs, |set, inputs, out| {
        keyed_blake3_xof64_on(set, &key, inputs, out);
    });
    let inputs = messages::<N>(STREAMING);
    on_every_set(&mut group, "streaming", &inputs, |set, inputs, out| {
        keyed_blake3_on(set, &key, inputs, out);
    });
    group.finish();
}

fn hmac_of<const N: usize>(criterion: &mut Criterion) {
    let (inputs, key) = (messages::<N>(IN_CACHE), HashKey::new(KEY));
    let mut group = criterion.benchmark_group(format!("hmac-sha256 of {N} bytes"));
    let keyed = Hmac::<Sha256>::new_from_slice(&KEY).expect("any length");
    one_by_one(
        &mut group,
        "hmac, cloned pre-keyed",
        &inputs,
        |input, out| {
            let mut hmac = keyed.clone();
            hmac.update(input);
            *out = hmac.finalize().into_bytes().into();
        },
    );
    let keyed = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &KEY);
    one_by_one(&mut group, "ring", &inputs, |input, out: &mut [u8; 32]| {
        out.copy_from_slice(ring::hmac::sign(&keyed, input).as_ref());
    });
    on_every_set(&mut group, "in cache", &inputs, |set, inputs, out| {
        hmac_sha256_on(set, &key, inputs, out);
    });
    let inputs = messages::<N>(STREAMING);
    on_every_set(&mut group, "streaming", &inputs, |set, inputs, out| {
        hmac_sha256_on(set, &key, inputs, out);
    });
    group.finish();
}

fn expansion_of<const N: usize>(criterion: &mut Criterion) {
    let inputs = messages::<N>(IN_CACHE);
    let mut group = criterion.benchmark_group(format!("expand_message_xmd of {N} bytes"));
    let padded = Sha512::new().chain_update([0; 128]);
    one_by_one(&mut group, "sha2, after Z_pad", &inputs, |input, out| {
        let tail = [TAG, &[TAG.len() as u8]].concat();
        let first = padded.clone().chain_update(input);
        let first = first
            .chain_update([0, 64, 0])
            .chain_update(&tail)
            .finalize();
        let second = Sha512::new().chain_update(first).chain_update([1]);
        *out = second.chain_update(&tail).finalize().into();
    });
    on_every_set(&mut group, "in cache", &inputs, |set, inputs, out| {
        expand_message_xmd_on(set, DOMAIN, inputs, out);
    });
    group.finish();
}

criterion_group!(
    benches,
    blake3_of::<16>,
    blake3_of::<30>,
    blake3_of::<32>,
    hmac_of::<16>,
    hmac_of::<30>,
    hmac_of::<32>,
    expansion_of::<30>,
    expansion_of::<177>
);
criterion_main!(benches);
