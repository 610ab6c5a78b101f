//! `rehearse`: a screening of synthetic people at full size, as processes of their own.

use std::fmt::Display;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::rehearse::screening::{Moment, ScreeningOptions, ScreeningReport, run as run_screening};
use crate::texts::rehearsal as texts;

use super::exit::Exit;
use super::failure::Failure;
use super::work::Work;

/// Rehearsals.
#[derive(Args)]
pub(super) struct RehearseGroup {
    #[command(subcommand)]
    act: RehearseAct,
}

#[derive(Subcommand)]
enum RehearseAct {
    /// List and screen made-up people in any number, and compare what is found with what must be
    Screening(ScreeningArgs),
}

#[derive(Args)]
struct ScreeningArgs {
    /// Applicants to screen
    #[arg(long, value_name = "N")]
    applicants: u64,
    /// People to list
    #[arg(long, value_name = "M")]
    listed: u64,
    /// A folder for a registry that stays, and is taken as it is the next time
    #[arg(long, value_name = "FOLDER")]
    registry: Option<PathBuf>,
    /// Leave the temporary folder
    #[arg(long)]
    keep: bool,
    /// Write time, phase, progress and memory to this file, one JSON object a second
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
}

/// `rehearse`.
pub(super) fn rehearse(work: &Work, group: RehearseGroup) -> Result<Exit, Failure> {
    match group.act {
        RehearseAct::Screening(given) => screening(work, given),
    }
}

fn screening(work: &Work, given: ScreeningArgs) -> Result<Exit, Failure> {
    let options = ScreeningOptions {
        executable: std::env::current_exe()?,
        applicants: given.applicants,
        listed: given.listed,
        registry: given.registry,
        keep: given.keep,
        events: given.events,
        lang: work.output.lang,
    };
    let mut spoken = String::new();
    let mut tell = |moment: &Moment| {
        // Each phase once: the processes show their own progress where it can be drawn.
        if moment.phase != spoken {
            spoken.clone_from(&moment.phase);
            work.output.remark(&moment.phase);
        }
    };
    let report = run_screening(&options, &mut tell)
        .map_err(|fault| Failure::new(Exit::NotHeld, "rehearsal").with(fault))?;
    show(work, &report)?;
    Ok(if report.held { Exit::Ok } else { Exit::NotHeld })
}

fn show(work: &Work, report: &ScreeningReport) -> Result<(), Failure> {
    if work.output.json {
        return work.output.object(report);
    }
    const MEBIBYTE: u64 = 1 << 20;
    if let Some(seconds) = report.listing_seconds {
        let rate = report.listed as f64 / seconds.max(1e-3);
        let values: [(&str, &dyn Display); 3] = [
            ("listed", &report.listed),
            ("seconds", &format_args!("{seconds:.1}")),
            ("rate", &format_args!("{rate:.0}")),
        ];
        work.output.said(texts::LISTED, &values)?;
    }
    let (found, expected) = (report.classes, report.expected_classes);
    let values: [(&str, &dyn Display); 9] = [
        ("applicants", &report.applicants),
        ("seconds", &format_args!("{:.1}", report.seconds)),
        ("rate", &format_args!("{:.0}", report.per_second)),
        ("listed", &found.listed),
        ("expected_listed", &expected.listed),
        ("previously", &found.previously),
        ("expected_previously", &expected.previously),
        ("client", &(report.client_peak_rss_bytes / MEBIBYTE)),
        ("server", &(report.server_peak_rss_bytes / MEBIBYTE)),
    ];
    work.output.said(texts::SCREENED, &values)?;
    let verdict = if report.held {
        texts::HELD
    } else {
        texts::NOT_HELD
    };
    work.output.said(verdict, &[])?;
    if let Some(folder) = &report.folder {
        work.output
            .said(texts::STAYS, &[("folder", &folder.display())])?;
    }
    Ok(())
}
