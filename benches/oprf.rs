//! The oblivious function in batches, beside the `voprf` crate and curve25519-dalek alone, on one
//! core. Every figure counts elements; inputs are seeded. `SARING_INSTRUCTION_SET` chooses what ours
//! runs on, and the peers choose for themselves.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar as DalekScalar};
use rand_core_06::{CryptoRng, Error, RngCore};
use saring::group::{Batch, FixedBase, Scalar};
use saring::hash::SeededStream;
use saring::oprf::{BlindKey, BlindSeed, Blinded, PrivateKey, Step, evaluate, hash_to_group};
use sha2::{Digest, Sha512};
use voprf::{BlindedElement, OprfClient, OprfServer, Ristretto255, VoprfClient, VoprfServer};

/// Elements in a batch.
const ELEMENTS: usize = 1024;
/// Elements in the batches that proofs cover: the largest chunk.
const CHUNK: usize = saring::oprf::MAX_CHUNK;
/// Elements in a verifiable batch of the peer, as in its own benches.
const PEER_BATCH: usize = 128;

/// A seeded stream, for a peer that speaks an older `rand_core`.
struct Older(SeededStream);

impl RngCore for Older {
    fn next_u32(&mut self) -> u32 {
        rand_core::Rng::next_u32(&mut self.0)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::Rng::next_u64(&mut self.0)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        rand_core::Rng::fill_bytes(&mut self.0, bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Older {}

/// One round of the protocol, made once.
struct Round {
    inputs: Vec<[u8; 30]>,
    key: PrivateKey,
    scalar: Scalar,
    blind_key: BlindKey,
    blinded: Blinded,
    step: Step,
}

impl Round {
    fn new(elements: usize) -> Self {
        let mut stream = SeededStream::new(b"oprf bench");
        let mut inputs = vec![*b"saring/v1/nik/0000000000000000"; elements];
        for input in &mut inputs {
            rand_core::Rng::fill_bytes(&mut stream, &mut input[14..]);
        }
        let key = PrivateKey::generate(&mut stream);
        let scalar = Scalar::from_canonical_bytes(&key.expose()).expect("a key");
        let blind_key = BlindKey::derive(&BlindSeed::generate(&mut stream), b"bench\0\x01\0\0\0");
        let blinded = Blinded::new(&blind_key, &inputs).expect("honest");
        let step = evaluate(&key, blinded.sent(), &mut stream).expect("honest");
        Self {
            inputs,
            key,
            scalar,
            blind_key,
            blinded,
            step,
        }
    }
}

/// Runs `benches` on one core, so that figures are for one core.
fn on_one_core(benches: impl FnOnce() + Send) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.expect("a pool of one").install(benches);
}

fn list_build(criterion: &mut Criterion) {
    let round = Round::new(ELEMENTS);
    let mut group = criterion.benchmark_group("hash-to-group");
    group.throughput(Throughput::Elements(ELEMENTS as u64));
    group.bench_function("saring", |bench| {
        on_one_core(|| bench.iter(|| hash_to_group(black_box(&round.inputs)).map(drop)));
    });
    group.bench_function("saring, and multiply", |bench| {
        on_one_core(|| {
            bench.iter(|| {
                let hashed = hash_to_group(black_box(&round.inputs)).expect("honest");
                hashed.multiply_all(&round.scalar)
            });
        });
    });
    group.bench_function("peer: curve25519-dalek, one by one", |bench| {
        bench.iter(|| {
            for input in black_box(&round.inputs) {
                let uniform: [u8; 64] = Sha512::digest(input).into();
                black_box(RistrettoPoint::from_uniform_bytes(&uniform));
            }
        });
    });
    group.bench_function("peer: voprf, evaluate", |bench| {
        let server =
            OprfServer::<Ristretto255>::new_with_key(round.key.expose().as_slice()).expect("a key");
        bench.iter(|| {
            for input in black_box(&round.inputs) {
                black_box(server.evaluate(input).expect("honest"));
            }
        });
    });
    group.finish();
}

fn evaluation(criterion: &mut Criterion) {
    let round = Round::new(ELEMENTS);
    let sent = round.blinded.sent().encodings();
    let mut group = criterion.benchmark_group("evaluate, wire to wire");
    group.throughput(Throughput::Elements(ELEMENTS as u64));
    group.bench_function("saring", |bench| {
        on_one_core(|| {
            bench.iter(|| {
                let decoded = Batch::decode(black_box(sent).to_vec()).expect("honest");
                decoded
                    .elements()
                    .multiply_all(&round.scalar)
                    .into_encodings()
            });
        });
    });
    group.bench_function("peer: voprf", |bench| {
        let server =
            OprfServer::<Ristretto255>::new_with_key(round.key.expose().as_slice()).expect("a key");
        bench.iter(|| {
            for encoding in black_box(sent) {
                let element = BlindedElement::deserialize(encoding).expect("honest");
                black_box(server.blind_evaluate(&element).serialize());
            }
        });
    });
    group.bench_function("peer: curve25519-dalek, one by one", |bench| {
        let scalar = DalekScalar::from_bytes_mod_order(*round.key.expose());
        bench.iter(|| {
            for encoding in black_box(sent) {
                let point = CompressedRistretto(*encoding).decompress().expect("honest");
                black_box((point * scalar).compress());
            }
        });
    });
    group.bench_function("peer: curve25519-dalek, batch encode", |bench| {
        let half = DalekScalar::from_bytes_mod_order(*round.key.expose()).div_by_2();
        bench.iter(|| {
            let halves: Vec<RistrettoPoint> = black_box(sent)
                .iter()
                .map(|encoding| CompressedRistretto(*encoding).decompress().expect("honest") * half)
                .collect();
            RistrettoPoint::double_and_compress_batch(&halves)
        });
    });
    group.finish();
}

fn client(criterion: &mut Criterion) {
    let round = Round::new(ELEMENTS);
    let mut group = criterion.benchmark_group("client");
    group.throughput(Throughput::Elements(ELEMENTS as u64));
    group.bench_function("saring, blind", |bench| {
        on_one_core(|| {
            bench.iter(|| Blinded::new(&round.blind_key, black_box(&round.inputs)).map(drop))
        });
    });
    group.bench_function("saring, unblind", |bench| {
        let outputs = &round.step.outputs;
        let base = FixedBase::new(*round.key.public().element());
        on_one_core(|| {
            bench.iter(|| {
                let opened = round.blinded.unblind(black_box(outputs), &base);
                opened.map(drop)
            });
        });
    });
    let mut older = Older(SeededStream::new(b"client bench"));
    group.bench_function("peer: voprf, blind", |bench| {
        bench.iter(|| {
            for input in black_box(&round.inputs) {
                let client = OprfClient::<Ristretto255>::blind(input, &mut older).expect("honest");
                black_box(client.message.serialize());
            }
        });
    });
    group.bench_function("peer: voprf, finalize", |bench| {
        let client =
            OprfClient::<Ristretto255>::blind(&round.inputs[0], &mut older).expect("honest");
        let server = OprfServer::<Ristretto255>::new(&mut older).expect("a key");
        let reply = server.blind_evaluate(&client.message);
        bench.iter(|| {
            for _ in 0..ELEMENTS {
                black_box(
                    client
                        .state
                        .finalize(&round.inputs[0], &reply)
                        .expect("honest"),
                );
            }
        });
    });
    group.finish();
}

fn proofs(criterion: &mut Criterion) {
    let round = Round::new(CHUNK);
    let mut stream = SeededStream::new(b"proof bench");
    let (sent, outputs) = (round.blinded.sent(), &round.step.outputs);
    let mut group = criterion.benchmark_group("chunk of 16,384");
    group.throughput(Throughput::Elements(CHUNK as u64));
    group.bench_function("saring, evaluate", |bench| {
        on_one_core(|| {
            bench.iter(|| {
                let decoded = Batch::decode(black_box(sent.encodings()).to_vec()).expect("honest");
                decoded
                    .elements()
                    .multiply_all(&round.scalar)
                    .into_encodings()
            });
        });
    });
    group.bench_function("saring, evaluate and prove", |bench| {
        on_one_core(|| {
            bench.iter(|| {
                let decoded = Batch::decode(black_box(sent.encodings()).to_vec()).expect("honest");
                evaluate(&round.key, &decoded, &mut stream).map(drop)
            });
        });
    });
    group.bench_function("saring, verify", |bench| {
        let proof = &round.step.proof;
        on_one_core(|| bench.iter(|| proof.verify(round.key.public(), sent, black_box(outputs))));
    });
    group.finish();
}

fn small_batches(criterion: &mut Criterion) {
    let round = Round::new(PEER_BATCH);
    let small = round.blinded.sent().encodings();
    let mut group = criterion.benchmark_group("verifiable batch of 128");
    group.throughput(Throughput::Elements(PEER_BATCH as u64));
    group.bench_function("saring, server", |bench| {
        let mut stream = SeededStream::new(b"server bench");
        on_one_core(|| {
            bench.iter(|| {
                let decoded = Batch::decode(black_box(small).to_vec()).expect("honest");
                evaluate(&round.key, &decoded, &mut stream).map(drop)
            });
        });
    });
    let mut older = Older(SeededStream::new(b"server bench"));
    let server = VoprfServer::<Ristretto255>::new(&mut older).expect("a key");
    let clients: Vec<_> = round
        .inputs
        .iter()
        .map(|input| VoprfClient::<Ristretto255>::blind(input, &mut older).expect("honest"))
        .collect();
    let messages: Vec<_> = clients
        .iter()
        .map(|client| client.message.clone())
        .collect();
    group.bench_function("peer: voprf, server", |bench| {
        bench.iter(|| {
            server
                .batch_blind_evaluate(&mut older, black_box(&messages))
                .map(drop)
        });
    });
    group.finish();
}

criterion_group!(
    benches,
    list_build,
    evaluation,
    client,
    proofs,
    small_batches
);
criterion_main!(benches);
