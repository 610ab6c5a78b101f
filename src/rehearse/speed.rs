//! This machine's rates on one core, for each primitive and each instruction set that it has: what
//! an operator sizes a server by.

use std::time::{Duration, Instant};

use rand_core::Rng;
use serde::Serialize;

use crate::group::{Batch, FixedBase, Scalar};
use crate::hash::{
    self, Domain, HashKey, SeededStream, expand_message_xmd_on, hmac_sha256_on, keyed_blake3_on,
};
use crate::machine::InstructionSet;
use crate::oprf::{
    BlindKey, BlindSeed, Blinded, OprfError, PrivateKey, Proof, Step, evaluate, hash_to_group_on,
};

/// Elements in one measured batch.
const ELEMENTS: usize = 1024;
/// Messages in one measured batch of hashing: they and their hashes fit a core's cache.
const MESSAGES: usize = 4096;
/// How many operations are measured.
const OPERATIONS: u32 = 9;
/// As long as the domains of RFC 9497.
const DOMAIN: Domain = Domain::new(b"HashToGroup-OPRFV1-\x01-ristretto255-SHA512");
/// The longest budget: the whole must end within 30 seconds.
const LONGEST: Duration = Duration::from_secs(24);

/// What is measured. Every rate counts elements or messages, and batches are large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Keyed BLAKE3 of the 30-byte NIK form.
    KeyedBlake3,
    /// HMAC-SHA256 of the 30-byte NIK form.
    HmacSha256,
    /// The expansion of the 30-byte NIK form to 64 bytes by SHA-512, the first part of hashing to
    /// the group.
    ExpandSha512,
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
    /// The instruction set that it may use.
    pub instruction_set: &'static str,
    /// The code that ran there: that of a lower set, where none was written for this one.
    pub backend: &'static str,
    /// Elements or messages a second, on one core.
    pub per_second: u64,
    /// Whether this process uses that instruction set.
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
            budget: Duration::from_secs(12),
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

/// Measures every operation once on each instruction set that is available, on one core, over
/// seeded inputs. The rates of one operation stand together, the judge's first.
///
/// # Errors
/// [`SpeedError::Thread`] and [`SpeedError::Operation`].
pub fn measure(options: SpeedOptions) -> Result<Vec<Rate>, SpeedError> {
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let sets = InstructionSet::available();
    let runs = OPERATIONS * u32::try_from(sets.len()).unwrap_or(u32::MAX);
    let share = options.budget.min(LONGEST) / runs;
    one_core.install(|| {
        let mut rates = Vec::new();
        for &set in sets {
            rates.extend(hash_rates(set, share));
            rates.extend(group_rates(set, share)?);
        }
        rates.sort_by_key(|rate: &Rate| rate.operation);
        Ok(rates)
    })
}

fn rate(
    (set, backend): (InstructionSet, &'static str),
    operation: Operation,
    per_second: u64,
) -> Rate {
    Rate {
        operation,
        instruction_set: set.name(),
        backend,
        per_second,
        chosen: set == InstructionSet::chosen(),
    }
}

fn hash_rates(set: InstructionSet, share: Duration) -> Vec<Rate> {
    let key = HashKey::new([0x5a; 32]);
    let inputs = messages(MESSAGES);
    let (mut out, mut wide) = (vec![[0; 32]; MESSAGES], vec![[0; 64]; MESSAGES]);
    let blake3 = per_second(MESSAGES, share, || {
        keyed_blake3_on(set, &key, &inputs, &mut out);
    });
    let hmac = per_second(MESSAGES, share, || {
        hmac_sha256_on(set, &key, &inputs, &mut out);
    });
    let expansion = per_second(MESSAGES, share, || {
        expand_message_xmd_on(set, DOMAIN, &inputs, &mut wide);
    });
    let ran = (set, hash::code_on(set));
    vec![
        rate(ran, Operation::KeyedBlake3, blake3),
        rate(ran, Operation::HmacSha256, hmac),
        rate(ran, Operation::ExpandSha512, expansion),
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
    fn new(set: InstructionSet) -> Result<Self, OprfError> {
        let mut stream = SeededStream::new(b"saring speed");
        let inputs = messages(ELEMENTS);
        let key = PrivateKey::generate(&mut stream);
        let blind_key = BlindKey::derive(&BlindSeed::generate(&mut stream), b"speed\0\x01\0\0\0");
        let blinded = Blinded::new_on(set, &blind_key, &inputs)?;
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

fn group_rates(set: InstructionSet, share: Duration) -> Result<Vec<Rate>, OprfError> {
    let Round {
        inputs,
        key,
        blind_key,
        blinded,
        step,
        mut stream,
    } = Round::new(set)?;
    let scalar = Scalar::from_canonical_bytes(&key.expose())?;
    let base = FixedBase::new(*key.public().element());
    let sent = blinded.sent();
    let hashing = fallible(share, || Ok(hash_to_group_on(set, &inputs).map(drop)?));
    let evaluation = fallible(share, || {
        let decoded = Batch::decode_on(set, sent.encodings().to_vec())?;
        drop(decoded.elements().multiply_all(&scalar));
        Ok(())
    });
    let blinding = fallible(share, || {
        Blinded::new_on(set, &blind_key, &inputs).map(drop)
    });
    let unblinding = fallible(share, || blinded.unblind(&step.outputs, &base).map(drop));
    let proving = fallible(share, || {
        Proof::generate(&key, sent, step.outputs.encodings(), &mut stream).map(drop)
    });
    let verifying = fallible(share, || {
        step.proof.verify(key.public(), sent, &step.outputs)
    });
    let ran = (set, sent.elements().code());
    Ok(vec![
        rate(ran, Operation::HashToGroup, hashing?),
        rate(ran, Operation::Evaluate, evaluation?),
        rate(ran, Operation::Blind, blinding?),
        rate(ran, Operation::Unblind, unblinding?),
        rate(ran, Operation::Prove, proving?),
        rate(ran, Operation::Verify, verifying?),
    ])
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
        let sets: Vec<_> = InstructionSet::available()
            .iter()
            .map(|set| set.name())
            .collect();
        let names = [
            "keyed-blake3",
            "hmac-sha256",
            "expand-sha512",
            "hash-to-group",
            "evaluate",
            "blind",
            "unblind",
            "prove",
            "verify",
        ];
        assert_eq!(names.len(), usize::try_from(OPERATIONS).unwrap());
        let expected = names
            .iter()
            .flat_map(|name| sets.iter().map(move |set| (*name, *set)));
        let said = serde_json::to_value(&rates).unwrap();
        let said = said.as_array().unwrap();
        assert!(
            said.iter()
                .map(|rate| (
                    rate["operation"].as_str().unwrap(),
                    rate["instruction_set"].as_str().unwrap()
                ))
                .eq(expected),
            "{said:?}"
        );
        for rate in said {
            assert!(rate["per_second"].as_u64().unwrap() > 0, "{rate}");
            let used = rate["instruction_set"] == InstructionSet::chosen().name();
            assert_eq!(rate["chosen"], used);
        }
    }
}
