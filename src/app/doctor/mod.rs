//! Examines an installation: what is right, doubtful or wrong, and what to do.

mod disks;
mod finding;
mod kept;
mod keys;
mod service;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::config::Config;
use crate::machine::{InstructionSet, VARIABLE};
use crate::protocol::Clock;
use crate::protocol::record::trust_words;

pub use finding::{Finding, Grade};

/// Examines the installation of a configuration file. Nothing is changed, except that a store
/// which nobody has open is opened and closed again.
pub async fn doctor(config_file: &Path, clock: &dyn Clock) -> Vec<Finding> {
    let config = match Config::load(config_file) {
        Ok(config) => config,
        Err(fault) => {
            return vec![Finding::fault(
                "config",
                format!("Konfigurasi salah: {fault}"),
                format!("The configuration is wrong: {fault}"),
            )];
        }
    };
    let mut findings = vec![Finding::ok(
        "config",
        "Konfigurasi terbaca dan sah.",
        "The configuration reads and is valid.",
    )];
    findings.push(trust());
    findings.push(processor(
        InstructionSet::chosen(),
        InstructionSet::detected(),
    ));
    findings.extend(disks::separation(&config));
    let own = keys::examine(config_file, &config, &mut findings);
    findings.push(disks::free_space(&config));
    match service::ask(&config).await {
        Some(running) => findings.push(running),
        None => {
            findings.push(service::stopped());
            findings.extend(kept::examine(&config, own, clock).await);
        }
    }
    findings
}

/// What is computed with, and whether the environment holds it back.
fn processor(chosen: InstructionSet, detected: InstructionSet) -> Finding {
    let (chosen, detected) = (chosen.name(), detected.name());
    if chosen != detected {
        return Finding::warning(
            "processor",
            format!(
                "Menghitung dengan {chosen} karena {VARIABLE}, padahal komputer ini memiliki \
                 {detected}. Hapus variabel itu."
            ),
            format!(
                "Computes with {chosen} because of {VARIABLE}, although this machine has \
                 {detected}. Unset that variable."
            ),
        );
    }
    Finding::ok(
        "processor",
        format!("Menghitung dengan {chosen}, yang terbaik di komputer ini."),
        format!("Computes with {chosen}, the best that this machine has."),
    )
}

/// Whom the members trust, in the words that every surface shows.
fn trust() -> Finding {
    let words = trust_words(1, 1);
    Finding::warning(
        "trust",
        format!(
            "{words}. Kustodian ada di dalam proses registri: siapa yang menguasai proses ini \
             dapat mengetahui siapa yang terdaftar dan siapa yang ditanyakan."
        ),
        format!(
            "{words}. The custodian is inside the registry's process: whoever controls this \
             process can learn who is listed and who was asked about."
        ),
    )
}
