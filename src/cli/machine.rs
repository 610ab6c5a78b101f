//! What needs neither a home nor a server: synthetic NIKs, known answers, rates, completions.

use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::nik::synth::SyntheticNiks;
use crate::rehearse::demo::{DemoOptions, Told, run as run_demo};
use crate::rehearse::selftest;
use crate::rehearse::speed::{SpeedOptions, measure};
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::language;
use super::work::Work;

/// NIKs of nobody.
#[derive(Args)]
pub(super) struct NikGroup {
    #[command(subcommand)]
    act: NikAct,
}

#[derive(Subcommand)]
enum NikAct {
    /// Print valid NIKs of nobody in particular, one a line
    Synth(SynthArgs),
}

#[derive(Args)]
struct SynthArgs {
    /// How many
    #[arg(long, value_name = "N")]
    count: usize,
    /// The same seed gives the same NIKs on every machine
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

/// `nik synth`. The numbers are nobody's, so they are printed.
pub(super) fn nik(work: &Work, group: &NikGroup) -> Result<Exit, Failure> {
    let NikAct::Synth(given) = &group.act;
    let mut out = BufWriter::new(stdout().lock());
    for nik in SyntheticNiks::new(given.seed).take(given.count) {
        let digits = std::str::from_utf8(nik.expose()).unwrap_or_default();
        if work.output.json {
            writeln!(out, "{{\"nik\":\"{digits}\"}}")?;
        } else {
            writeln!(out, "{digits}")?;
        }
    }
    out.flush()?;
    Ok(Exit::Ok)
}

/// The self-test.
#[derive(Args)]
pub(super) struct Selftest {
    /// Known answers in the format of saring-v1.json, instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
}

#[derive(Serialize)]
struct Counted {
    passed: usize,
    failed: usize,
}

/// `selftest`.
pub(super) fn selftest(work: &Work, given: &Selftest) -> Result<Exit, Failure> {
    let vectors = given
        .vectors
        .as_ref()
        .map(|path| std::fs::read(path).map_err(|error| Failure::file(path, &error)))
        .transpose()?;
    let report = selftest::run(vectors.as_deref());
    for failure in &report.failures {
        let (file, at, problem) = (failure.file, &failure.at, failure.problem);
        let backend = failure.backend;
        work.output
            .remark(format_args!("{backend}: {file} {at}: {problem}"));
    }
    let counted = Counted {
        passed: report.passed,
        failed: report.failed,
    };
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("passed", &report.passed), ("failed", &report.failed)];
    work.output.either(&counted, said::SELFTEST, &values)?;
    Ok(if report.failed == 0 {
        Exit::Ok
    } else {
        Exit::NotHeld
    })
}

/// `speed`.
pub(super) fn speed(work: &Work) -> Result<Exit, Failure> {
    let rates = measure(SpeedOptions::default())
        .map_err(|error| Failure::new(Exit::General, "internal").with(error))?;
    for rate in &rates {
        let operation = serde_json::to_value(rate.operation).map_err(std::io::Error::other)?;
        let operation = operation.as_str().unwrap_or_default().to_owned();
        let used = if rate.chosen { "*" } else { " " };
        let values: [(&str, &dyn std::fmt::Display); 5] = [
            ("operation", &format_args!("{operation:<14}")),
            ("set", &format_args!("{:<10}", rate.instruction_set)),
            ("backend", &format_args!("{:<10}", rate.backend)),
            ("rate", &format_args!("{:>11}", rate.per_second)),
            ("used", &used),
        ];
        work.output.either(rate, said::SPEED_LINE, &values)?;
    }
    Ok(Exit::Ok)
}

/// The demo.
#[derive(Args)]
pub(super) struct Demo {
    /// A new folder that stays afterwards (default: a temporary one)
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Leave the server running and show commands to try
    #[arg(long)]
    keep: bool,
}

/// `demo`. Every step is told as it is taken.
pub(super) fn demo(work: &Work, given: &Demo) -> Result<Exit, Failure> {
    let options = DemoOptions {
        executable: std::env::current_exe()?,
        folder: given.folder.clone(),
        keep: given.keep,
        lang: work.output.lang,
    };
    let output = work.output;
    // The demo goes on where nobody reads it: its exit code tells how it ended.
    let mut tell = |told: Told<'_>| {
        let _unheard = match told {
            Told::Step { number, of, title } if output.json => {
                output.object(&serde_json::json!({ "step": number, "of": of, "title": title }))
            }
            Told::Step { number, of, title } => {
                output.line(format_args!("\n[{number}/{of}] {title}"))
            }
            Told::Held(text) if output.json => output.object(&serde_json::json!({ "held": text })),
            Told::Held(text) => output.line(format_args!("  ✓ {text}")),
            Told::Shown(text) if output.json => {
                output.object(&serde_json::json!({ "shown": text }))
            }
            Told::Shown(text) => output.line(format_args!("    {text}")),
        };
    };
    run_demo(&options, &mut tell)
        .map_err(|fault| Failure::new(Exit::NotHeld, "demo").with(fault))?;
    Ok(Exit::Ok)
}

/// A shell's completions.
#[derive(Args)]
pub(super) struct Completions {
    /// bash, zsh, fish, elvish or powershell
    shell: clap_complete::Shell,
}

/// `completions`.
pub(super) fn completions(work: &Work, given: &Completions) -> Result<Exit, Failure> {
    let mut command = language::command(work.output.lang);
    let mut script = Vec::new();
    clap_complete::generate(given.shell, &mut command, "saring", &mut script);
    work.output.bytes(&script)?;
    Ok(Exit::Ok)
}
