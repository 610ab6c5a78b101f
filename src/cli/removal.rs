//! Settling and withdrawing by the organisation's own references: no NIK, no quota.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::agent::Settled;
use crate::protocol::ListId;
use crate::protocol::codes::RemovalCause;
use crate::protocol::submission::RemovalOutcome;
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::work::{Work, next_line};

/// Whose listings.
#[derive(Args)]
pub(super) struct References {
    /// One's own references (no_ref_internal), as they were uploaded
    #[arg(required_unless_present = "file", value_name = "REFERENCE")]
    references: Vec<String>,
    /// Read references from this file, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The list (default: the only one there is)
    #[arg(long)]
    list: Option<ListId>,
}

/// A removal that leaves nothing.
#[derive(Args)]
pub(super) struct Withdraw {
    #[command(flatten)]
    whose: References,
    /// NIK_SALAH, PUTUSAN_PENGADILAN, MENINGGAL, DICABUT_PELAPOR or PERSETUJUAN_DICABUT
    #[arg(long, value_parser = cause, value_name = "CAUSE")]
    cause: RemovalCause,
}

/// The causes that leave nothing.
const WITHDRAWALS: [RemovalCause; 5] = [
    RemovalCause::NikSalah,
    RemovalCause::PutusanPengadilan,
    RemovalCause::Meninggal,
    RemovalCause::DicabutPelapor,
    RemovalCause::PersetujuanDicabut,
];

fn cause(text: &str) -> Result<RemovalCause, String> {
    RemovalCause::parse(text)
        .filter(|cause| WITHDRAWALS.contains(cause))
        .ok_or_else(|| WITHDRAWALS.map(RemovalCause::as_str).join(", "))
}

/// `settle`.
pub(super) fn settle(work: &Work, given: &References) -> Result<Exit, Failure> {
    remove(work, given, RemovalCause::Lunas)
}

/// `withdraw`.
pub(super) fn withdraw(work: &Work, given: &Withdraw) -> Result<Exit, Failure> {
    remove(work, &given.whose, given.cause)
}

/// `suspend`.
pub(super) fn suspend(work: &Work, given: &References) -> Result<Exit, Failure> {
    remove(work, given, RemovalCause::Sanggahan)
}

/// `reinstate`.
pub(super) fn reinstate(work: &Work, given: &References) -> Result<Exit, Failure> {
    remove(work, given, RemovalCause::SanggahanDitolak)
}

#[derive(Serialize)]
struct Line<'a> {
    reference: &'a str,
    cause: RemovalCause,
    outcome: &'static str,
    listings: usize,
}

fn remove(work: &Work, given: &References, cause: RemovalCause) -> Result<Exit, Failure> {
    let references = given.read()?;
    let agent = work.agent()?;
    let names: Vec<&str> = references.iter().map(String::as_str).collect();
    let report = work.run(async {
        let list = work.list(&agent, given.list.as_ref()).await?;
        Ok(agent.settle(&list, &names, cause, &work.officer()?).await?)
    })?;
    let mut complete = true;
    for (reference, settled) in names.iter().zip(&report.references) {
        let (outcome, listings) = told(settled);
        complete &= matches!(outcome, "done" | "unchanged");
        let line = Line {
            reference,
            cause,
            outcome,
            listings,
        };
        let meaning = said::removal(outcome).say(work.output.lang);
        let values: [(&str, &dyn std::fmt::Display); 3] = [
            ("reference", reference),
            ("cause", &cause.as_str()),
            ("outcome", &meaning),
        ];
        work.output.either(&line, said::REMOVAL_LINE, &values)?;
    }
    Ok(if complete { Exit::Ok } else { Exit::Incomplete })
}

/// What became of a reference: the least of its listings' outcomes.
fn told(settled: &Settled) -> (&'static str, usize) {
    let Settled::Outcomes(outcomes) = settled else {
        return ("unknown_reference", 0);
    };
    let has = |wanted| outcomes.contains(&wanted);
    let outcome = if has(RemovalOutcome::NotPossible) {
        "not_possible"
    } else if has(RemovalOutcome::NotFound) {
        "not_found"
    } else if has(RemovalOutcome::Done) {
        "done"
    } else {
        "unchanged"
    };
    (outcome, outcomes.len())
}

impl References {
    fn read(&self) -> Result<Vec<String>, Failure> {
        let mut references = self.references.clone();
        let Some(file) = &self.file else {
            return Ok(references);
        };
        let mut input: Box<dyn std::io::BufRead> = if file.as_os_str() == "-" {
            Box::new(std::io::stdin().lock())
        } else {
            let opened = std::fs::File::open(file).map_err(|error| Failure::file(file, &error))?;
            Box::new(std::io::BufReader::new(opened))
        };
        while let Some(line) = next_line(&mut *input)? {
            if !line.trim().is_empty() {
                references.push(line.trim().to_owned());
            }
        }
        Ok(references)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_outcome_is_told() {
        use RemovalOutcome::{Done, NotFound, Unchanged};
        let told = |outcomes: &[RemovalOutcome]| told(&Settled::Outcomes(outcomes.to_vec())).0;
        assert_eq!(told(&[Done, Unchanged]), "done");
        assert_eq!(told(&[Unchanged]), "unchanged");
        assert_eq!(told(&[Done, NotFound]), "not_found");
        assert_eq!(super::told(&Settled::Unknown).0, "unknown_reference");
    }

    #[test]
    fn only_causes_that_leave_nothing_withdraw() {
        assert_eq!(cause("nik_salah"), Ok(RemovalCause::NikSalah));
        assert!(cause("LUNAS").is_err());
    }
}
