//! Secrets as undefined memory, under valgrind's memcheck.

use std::hint::black_box;

use saring::hash::SeededStream;
use saring::machine::InstructionSet;

use crate::client_request::{make_defined, make_undefined, reports, under_valgrind};
use crate::operations::{COUNT, constant, leaking, with_public_results};
use crate::secret::Secret;
use crate::{Finding, Judge, sets, uniform};

/// Counts the reports that an operation causes.
struct Memcheck {
    set: InstructionSet,
    leaks: bool,
    stream: SeededStream,
    findings: Vec<Finding>,
}

impl Judge for Memcheck {
    fn look<S: Secret, O>(
        &mut self,
        name: &str,
        load: impl Fn(&[[u8; 64]]) -> S,
        mut run: impl FnMut(&S) -> O,
    ) {
        let secret = load(&uniform(&mut self.stream, COUNT));
        let before = reports();
        secret.spans().into_iter().for_each(make_undefined);
        let output = black_box(run(&secret));
        let found = reports() - before;
        secret.spans().into_iter().for_each(make_defined);
        drop(output);
        let set = self.set.name();
        self.findings.push(Finding {
            held: (found > 0) == self.leaks,
            line: format!("{set:<10} {name:<44} {found} reports"),
        });
    }
}

/// Looks at everything on every instruction set that valgrind knows.
pub(crate) fn run() -> Result<Vec<Finding>, String> {
    if !under_valgrind() {
        return Err("run this under valgrind: it has nothing to say elsewhere".to_owned());
    }
    let mut findings = Vec::new();
    for set in sets() {
        for leaks in [false, true] {
            let mut judge = Memcheck {
                set,
                leaks,
                stream: SeededStream::new(b"undefined"),
                findings: Vec::new(),
            };
            if leaks {
                leaking(set, &mut judge);
            } else {
                constant(set, &mut judge);
                with_public_results(set, &mut judge);
            }
            findings.append(&mut judge.findings);
        }
    }
    Ok(findings)
}
