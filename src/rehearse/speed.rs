//! This machine's rates on one core, for each primitive: what an operator sizes a server by.

use std::time::{Duration, Instant};

use rand_core::Rng;
use serde::Serialize;

use crate::group::{self, Batch, FixedBase};
use crate::hash::{HashKey, SeededStream, hmac_sha256, keyed_blake3};
use crate::machine::InstructionSet;
use crate::oprf::{
    BlindKey, BlindSeed, Blinded, OprfError, PrivateKey, Proof, Step, evaluate, hash_to_group,
};

/// Elements in one measured batch.
const ELEMENTS: usize = 1024;
/// Messages in one measured batch of hashing: they and their hashes fit a core's cache.
const MESSAGES: usize = 4096;
/// The longest budget: the whole must end within 30 seconds.
const LONGEST: Duration = Duration::from_secs(24);

/// What is measured. Every rate counts elements or messages, and batches are large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Keyed BLAKE3 of the 30-byte NIK form.
    KeyedBlake3,
    /// HMAC-SHA256 of the 30-byte NIK form.
    HmacSha256,
    /// The 30-byte NIK form to an element P.
    HashToGroup,
    /// An evaluation wire to wire: decode, multiply, encode; no proof.
    Evaluate,
    /// A client's blinding: hash to the group, derive the blind, mask, encode.
    Blind,
    /// A client's unblinding: unmask, encode; the proof apart.
    Unblind,
    /// A batch proof, for each element that it covers.
    Prove,
    /// The verification of a batch proof, for each element that it covers.
    Verify,
}

/// One measured rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// What was measured.
    pub operation: Operation,
    /// The backend that ran.
    pub backend: &'static str,
    /// Elements or messages a second, on one core.
    pub per_second: u64,
    /// Whether this machine uses that backend for this operation.
    pub chosen: bool,
}

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct SpeedOptions {
    /// Time for all operations together, cut to 24 seconds; each gets at least one batch.
    pub budget: Duration,
}

impl Default for SpeedOptions {
    fn default() -> Self {
        Self {
            budget: Duration::from_secs(8),
        }
    }
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum SpeedError {
    /// No thread could be started for the one core.
    #[error("no thread for one core: {0}")]
    Thread(#[from] rayon::ThreadPoolBuildError),
    /// An operation refused its own honest input.
    #[error("an operation refused honest input: {0}")]
    Operation(#[from] OprfError),
}

/// Measures every operation once, on one core, over seeded inputs.
///
/// # Errors
/// [`SpeedError::Thread`] and [`SpeedError::Operation`].
pub fn measure(options: SpeedOptions) -> Result<Vec<Rate>, SpeedError> {
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let share = options.budget.min(LONGEST) / 8;
    one_core.install(|| {
        let mut rates = hash_rates(share);
        rates.extend(group_rates(share)?);
        Ok(rates)
    })
}

fn hash_rates(share: Duration) -> Vec<Rate> {
    let key = HashKey::new([0x5a; 32]);
    let inputs = messages(MESSAGES);
    let mut out = vec![[0; 32]; MESSAGES];
    let rate = |operation, per_second| {
        let backend = InstructionSet::chosen().name();
        Rate {
            operation,
            backend,
            per_second,
            chosen: true,
        }
    };
    let blake3 = per_second(MESSAGES, share, || keyed_blake3(&key, &inputs, &mut out));
    let hmac = per_second(MESSAGES, share, || hmac_sha256(&key, &inputs, &mut out));
    vec![
        rate(Operation::KeyedBlake3, blake3),
        rate(Operation::HmacSha256, hmac),
    ]
}

/// One round of the protocol, made once, whose parts are then repeated.
struct Round {
    inputs: Vec<[u8; 30]>,
    key: PrivateKey,
    blind_key: BlindKey,
    blinded: Blinded,
    step: Step,
    stream: SeededStream,
}

impl Round {
    fn new() -> Result<Self, OprfError> {
        let mut stream = SeededStream::new(b"saring speed");
        let inputs = messages(ELEMENTS);
        let key = PrivateKey::generate(&mut stream);
        let blind_key = BlindKey::derive(&BlindSeed::generate(&mut stream), b"speed\0\x01\0\0\0");
        let blinded = Blinded::new(&blind_key, &inputs)?;
        let step = evaluate(&key, blinded.sent(), &mut stream)?;
        Ok(Self {
            inputs,
            key,
            blind_key,
            blinded,
            step,
            stream,
        })
    }
}

fn group_rates(share: Duration) -> Result<Vec<Rate>, OprfError> {
    let Round {
        inputs,
        key,
        blind_key,
        blinded,
        step,
        mut stream,
    } = Round::new()?;
    let scalar = group::Scalar::from_canonical_bytes(&key.expose())?;
    let base = FixedBase::new(*key.public().element());
    let sent = blinded.sent();
    let rate = |operation, measured: Result<u64, OprfError>| {
        let backend = InstructionSet::chosen().name();
        Ok(Rate {
            operation,
            backend,
            per_second: measured?,
            chosen: true,
        })
    };
    let hashing = fallible(share, || Ok(hash_to_group(&inputs).map(drop)?));
    let evaluation = fallible(share, || {
        let decoded = Batch::decode(sent.encodings().to_vec())?;
        drop(decoded.elements().multiply_all(&scalar));
        Ok(())
    });
    let blinding = fallible(share, || Blinded::new(&blind_key, &inputs).map(drop));
    let unblinding = fallible(share, || blinded.unblind(&step.outputs, &base).map(drop));
    let proving = fallible(share, || {
        Proof::generate(&key, sent, step.outputs.encodings(), &mut stream).map(drop)
    });
    let verifying = fallible(share, || {
        step.proof.verify(key.public(), sent, &step.outputs)
    });
    vec![
        rate(Operation::HashToGroup, hashing),
        rate(Operation::Evaluate, evaluation),
        rate(Operation::Blind, blinding),
        rate(Operation::Unblind, unblinding),
        rate(Operation::Prove, proving),
        rate(Operation::Verify, verifying),
    ]
    .into_iter()
    .collect()
}

/// The rate of an operation on a batch of [`ELEMENTS`], or its first refusal.
fn fallible(
    share: Duration,
    mut batch: impl FnMut() -> Result<(), OprfError>,
) -> Result<u64, OprfError> {
    let mut refused = None;
    let rate = per_second(ELEMENTS, share, || {
        if let Err(error) = batch() {
            refused = Some(error);
        }
    });
    refused.map_or(Ok(rate), Err)
}

/// Repeats a batch of `size` for `share`, after one to warm up, and counts.
fn per_second(size: usize, share: Duration, mut batch: impl FnMut()) -> u64 {
    batch();
    let start = Instant::now();
    let mut done = 0_u128;
    loop {
        batch();
        done += size as u128;
        let elapsed = start.elapsed();
        if elapsed >= share {
            let nanoseconds = elapsed.as_nanos().max(1);
            return u64::try_from(done * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX);
        }
    }
}

/// Seeded messages in the NIK form.
fn messages(count: usize) -> Vec<[u8; 30]> {
    let mut stream = SeededStream::new(b"saring speed inputs");
    let message = |_| {
        let mut message = *b"saring/v1/nik/0000000000000000";
        for digit in &mut message[14..] {
            *digit = b'0' + u8::try_from(stream.next_u32() % 10).unwrap_or(0);
        }
        message
    };
    (0..count).map(message).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_rate() {
        let rates = measure(SpeedOptions {
            budget: Duration::ZERO,
        })
        .unwrap();
        let said = serde_json::to_value(&rates).unwrap();
        let names: Vec<_> = said
            .as_array()
            .unwrap()
            .iter()
            .map(|rate| &rate["operation"])
            .collect();
        assert_eq!(
            names,
            [
                "keyed-blake3",
                "hmac-sha256",
                "hash-to-group",
                "evaluate",
                "blind",
                "unblind",
                "prove",
                "verify"
            ]
        );
        for rate in said.as_array().unwrap() {
            assert!(rate["per_second"].as_u64().unwrap() > 0, "{rate}");
            assert_eq!(rate["chosen"], true);
            assert_eq!(rate["backend"], InstructionSet::chosen().name());
        }
    }
}
