//! The self-test: known answers on every instruction set of this machine.
//!
//! An operator runs it after installing, a vendor while integrating. It checks Saring's own known
//! answers, those of RFC 9497 and RFC 9496, or a file in the format of `saring-v1.json`.

mod answers;
mod own;
mod rfc;

use serde::Serialize;
use serde_json::Value;

use self::answers::{Node, Tally};
use crate::machine::InstructionSet;

/// Saring's own known answers.
pub const BUILT_IN: &str = include_str!("../../../tests/vectors/saring-v1.json");
const RFC_9497: &str = include_str!("../../../tests/vectors/rfc9497-ristretto255-sha512.json");
const RFC_9496: &str = include_str!("../../../tests/vectors/rfc9496-bad-encodings.json");

/// What a self-test found. It held when `failed` is 0: a section without a single answer to check
/// is a failure too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Known answers that this program gives.
    pub passed: usize,
    /// Known answers that it does not give, and parts of the file that cannot be read.
    pub failed: usize,
    /// Each of the failed ones.
    pub failures: Vec<Failure>,
}

/// One known answer that is not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The instruction set that ran.
    pub backend: &'static str,
    /// The known answers in which it stands.
    pub file: &'static str,
    /// Its place there: a JSON pointer (RFC 6901).
    pub at: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with one known answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The file is not JSON.
    #[error("not JSON")]
    NotJson,
    /// Nothing stands there.
    #[error("missing")]
    Missing,
    /// There is something, of another kind or length than the format says.
    #[error("not what the format says")]
    Malformed,
    /// A list that must hold something is empty.
    #[error("empty")]
    Empty,
    /// This program refuses a value that must be accepted, or accepts one that must be refused.
    #[error("refused, or accepted, wrongly")]
    Refused,
    /// This program computes something else.
    #[error("this program computes something else")]
    Differs,
}

/// Checks the built-in known answers, or those of `vectors`, on every instruction set that is
/// available.
#[must_use]
pub fn run(vectors: Option<&[u8]>) -> Report {
    let mut report = Report::default();
    for &set in InstructionSet::available() {
        let mut checked = |file, content: &[u8], sections| {
            check_file(&mut report, set, file, content, sections);
        };
        if let Some(content) = vectors {
            checked("the given file", content, own::SECTIONS);
        } else {
            checked("saring-v1.json", BUILT_IN.as_bytes(), own::SECTIONS);
            checked(
                "rfc9497-ristretto255-sha512.json",
                RFC_9497.as_bytes(),
                rfc::SECTIONS_9497,
            );
            checked(
                "rfc9496-bad-encodings.json",
                RFC_9496.as_bytes(),
                rfc::SECTIONS_9496,
            );
        }
    }
    report
}

/// One section of a file: checks what it holds, and stops at what cannot be read.
type Section = fn(&Node, &mut Tally) -> Result<(), answers::Fault>;

fn check_file(
    report: &mut Report,
    set: InstructionSet,
    file: &'static str,
    content: &[u8],
    sections: &[Section],
) {
    let mut tally = Tally::default();
    match serde_json::from_slice::<Value>(content) {
        Err(_) => tally.fault(answers::Fault::at(String::new(), Problem::NotJson)),
        Ok(value) => {
            for section in sections {
                if let Err(fault) = section(&Node::root(&value, set), &mut tally) {
                    tally.fault(fault);
                }
            }
        }
    }
    report.passed += tally.passed;
    report.failed += tally.faults.len();
    report
        .failures
        .extend(tally.faults.into_iter().map(|fault| Failure {
            backend: set.name(),
            file,
            at: fault.at,
            problem: fault.problem,
        }));
}

#[cfg(test)]
mod tests;
