//! Times for one fixed secret against times for random ones (dudect, eprint 2016/1123).

use std::hint::black_box;
use std::time::{Duration, Instant};

use rand_core::Rng;
use saring::hash::SeededStream;
use saring::machine::InstructionSet;

use crate::operations::{COUNT, constant, leaking};
use crate::secret::Secret;
use crate::{Finding, Judge, sets, uniform};

/// A statistic below this says nothing against constant time.
const HELD_BELOW: f64 = 5.0;
/// What the controls must exceed.
const CAUGHT_ABOVE: f64 = 50.0;
/// A statistic that is too large must be so in this many independent measurements: a leak stays,
/// and grows with more samples; a disturbance goes.
const MEASUREMENTS: usize = 3;
/// Secrets made ahead of the clock, so that nothing near it depends on the class.
const AHEAD: usize = 64;
/// The parts of the fastest samples that are compared: interrupts only ever add.
const CROPS: [f64; 3] = [0.95, 0.8, 0.5];

/// Seconds for one measurement, from this environment variable.
const SECONDS: &str = "SARING_TIMING_SECONDS";

/// A fixed secret: its name and its 64 bytes.
type Fixed = (&'static str, [u8; 64]);

/// 1, and l - 1, l the group's order (RFC 9496, section 4), little-endian.
const FIXED: [Fixed; 2] = [
    ("one", {
        let mut bytes = [0; 64];
        bytes[0] = 1;
        bytes
    }),
    ("minus one", {
        let low = 0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ec_u128.to_le_bytes();
        let mut bytes = [0; 64];
        let mut place = 0;
        while place < low.len() {
            bytes[place] = low[place];
            place += 1;
        }
        bytes[31] = 0x10;
        bytes
    }),
];

struct Dudect {
    set: InstructionSet,
    leaks: bool,
    time: Duration,
    stream: SeededStream,
    findings: Vec<Finding>,
}

impl Judge for Dudect {
    fn look<S: Secret, O>(
        &mut self,
        name: &str,
        load: impl Fn(&[[u8; 64]]) -> S,
        mut run: impl FnMut(&S) -> O,
    ) {
        for (fixed, bytes) in FIXED {
            let mut found = 0.0;
            for _ in 0..MEASUREMENTS {
                found = self.measure(&[bytes; COUNT], &load, &mut run).statistic();
                if self.leaks || found < HELD_BELOW {
                    break;
                }
            }
            let set = self.set.name();
            self.findings.push(Finding {
                held: if self.leaks {
                    found > CAUGHT_ABOVE
                } else {
                    found < HELD_BELOW
                },
                line: format!("{set:<10} {name:<44} {fixed:<9} |t| = {found:.2}"),
            });
        }
    }
}

impl Dudect {
    fn measure<S, O>(
        &mut self,
        fixed: &[[u8; 64]],
        load: &impl Fn(&[[u8; 64]]) -> S,
        run: &mut impl FnMut(&S) -> O,
    ) -> Samples {
        let mut samples = Samples::default();
        // The first secrets warm caches and predictors up.
        let mut warm = false;
        let start = Instant::now();
        while !warm || start.elapsed() < self.time {
            let ahead: Vec<(bool, S)> = (0..AHEAD)
                .map(|_| {
                    let random = uniform(&mut self.stream, fixed.len());
                    let is_fixed = self.stream.next_u32() & 1 == 1;
                    (is_fixed, load(if is_fixed { fixed } else { &random }))
                })
                .collect();
            for (is_fixed, secret) in &ahead {
                let start = Instant::now();
                let output = black_box(run(black_box(secret)));
                let nanoseconds = start.elapsed().as_nanos();
                drop(output);
                if warm {
                    samples.0.push((nanoseconds as f64, *is_fixed));
                }
            }
            warm = true;
        }
        samples
    }
}

/// Nanoseconds, and whether the secret was the fixed one.
#[derive(Default)]
struct Samples(Vec<(f64, bool)>);

impl Samples {
    /// The largest statistic of all crops.
    fn statistic(mut self) -> f64 {
        self.0.sort_by(|left, right| left.0.total_cmp(&right.0));
        let whole = welch(&self.0).unwrap_or(f64::INFINITY);
        let statistic = |crop: f64| {
            let kept = (self.0.len() as f64 * crop) as usize;
            welch(&self.0[..kept])
        };
        CROPS
            .into_iter()
            .filter_map(statistic)
            .fold(whole, f64::max)
    }
}

/// Welch's |t| between the two classes; nothing where one of them is hardly there, as happens to
/// the fastest samples of a grave leak.
fn welch(samples: &[(f64, bool)]) -> Option<f64> {
    let class = |class: bool| {
        let times = || {
            samples
                .iter()
                .filter(move |(_, is_fixed)| *is_fixed == class)
        };
        let count = times().count() as f64;
        if count < 10.0 {
            return None;
        }
        let mean = times().map(|(time, _)| time).sum::<f64>() / count;
        let squares = times().map(|(time, _)| (time - mean).powi(2)).sum::<f64>();
        Some((mean, squares / (count - 1.0) / count))
    };
    let (random, fixed) = (class(false)?, class(true)?);
    let error = (random.1 + fixed.1).sqrt().max(f64::MIN_POSITIVE);
    Some((random.0 - fixed.0).abs() / error)
}

/// Looks at everything on every instruction set.
pub(crate) fn run() -> Result<Vec<Finding>, String> {
    let seconds = match std::env::var(SECONDS) {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{SECONDS} is no number"))?,
        Err(_) => 2.0,
    };
    let mut findings = Vec::new();
    for set in sets() {
        for leaks in [true, false] {
            let mut judge = Dudect {
                set,
                leaks,
                time: Duration::from_secs_f64(seconds),
                stream: SeededStream::new(b"welch"),
                findings: Vec::new(),
            };
            if leaks {
                leaking(set, &mut judge);
            } else {
                constant(set, &mut judge);
            }
            findings.append(&mut judge.findings);
        }
    }
    Ok(findings)
}
