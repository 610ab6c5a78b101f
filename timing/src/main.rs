//! Whether the arithmetic on secrets takes constant time, on every instruction set: `make
//! constant-time`, and docs/TESTING.md.
//!
//! | command | how it looks |
//! |---|---|
//! | `undefined` | under valgrind, with secrets marked undefined: each branch and address that depends on one is reported |
//! | `welch` | natively: times for one fixed secret against times for random ones, by Welch's t-test (dudect, eprint 2016/1123) |
//!
//! Both put the same operations (`operations`) to a [`Judge`], and then operations that leak on
//! purpose, which must be caught.

mod client_request;
mod operations;
mod secret;
mod undefined;
mod welch;

use std::process::ExitCode;

use saring::hash::SeededStream;
use saring::machine::InstructionSet;
use secret::Secret;

/// Looks at one operation at a time.
trait Judge {
    /// `load` makes the secrets from uniform bytes, `run` computes with them. Whatever else `run`
    /// uses is public.
    fn look<S: Secret, O>(
        &mut self,
        name: &str,
        load: impl Fn(&[[u8; 64]]) -> S,
        run: impl FnMut(&S) -> O,
    );
}

/// What was found, and whether it is what must be found.
struct Finding {
    held: bool,
    line: String,
}

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let run = || match command.as_str() {
        "undefined" => undefined::run(),
        "welch" => welch::run(),
        _ => Err("say `undefined` (under valgrind) or `welch`".to_owned()),
    };
    let findings = match one_core {
        Ok(pool) => pool.install(run),
        Err(error) => Err(error.to_string()),
    };
    match findings {
        Ok(findings) => report(&findings),
        Err(error) => {
            println!("{error}");
            ExitCode::from(2)
        }
    }
}

fn report(findings: &[Finding]) -> ExitCode {
    for Finding { held, line } in findings {
        println!("{} {line}", if *held { "held  " } else { "BROKEN" });
    }
    let broken = findings.iter().filter(|finding| !finding.held).count();
    println!("{} looked at, {broken} broken", findings.len());
    if findings.is_empty() || broken > 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The instruction sets to look at: all of the machine, or the one that the environment forces.
fn sets() -> Vec<InstructionSet> {
    if std::env::var_os(saring::machine::VARIABLE).is_some() {
        return vec![InstructionSet::chosen()];
    }
    InstructionSet::available().to_vec()
}

/// Reproducible uniform bytes.
fn uniform(stream: &mut SeededStream, count: usize) -> Vec<[u8; 64]> {
    let mut bytes = vec![[0; 64]; count];
    for bytes in &mut bytes {
        rand_core::Rng::fill_bytes(stream, bytes);
    }
    bytes
}
