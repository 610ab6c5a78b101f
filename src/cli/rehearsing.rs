//! `rehearse`: a screening of made-up people at full size, and many officers at once, by processes of
//! their own.

use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::rehearse::officers::{OfficersOptions, OfficersReport, Phase, run as run_officers};
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
    /// Let many officers ask beside screening jobs and beyond capacity, and hold what is promised
    Officers(OfficersArgs),
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

#[derive(Args)]
struct OfficersArgs {
    /// Seconds of each of the eight phases
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600), value_name = "N")]
    seconds: u64,
    /// Screening jobs beside the officers
    #[arg(long, default_value_t = 2, value_name = "N")]
    screenings: u32,
    /// Applicants of each job; it begins again when it is done
    #[arg(long, default_value_t = 200_000, value_name = "N")]
    applicants: u64,
    /// Slow connections at once
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    slow: u32,
}

/// `rehearse`.
pub(super) fn rehearse(work: &Work, group: RehearseGroup) -> Result<Exit, Failure> {
    match group.act {
        RehearseAct::Screening(given) => screening(work, given),
        RehearseAct::Officers(given) => officers(work, &given),
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

fn officers(work: &Work, given: &OfficersArgs) -> Result<Exit, Failure> {
    let options = OfficersOptions {
        executable: std::env::current_exe()?,
        long: Duration::from_secs(given.seconds),
        jobs: given.screenings,
        slow: given.slow,
        applicants: given.applicants,
        lang: work.output.lang,
    };
    let output = work.output;
    let mut tell = |phase: &Phase| {
        let values: [(&str, &dyn Display); 11] = [
            ("phase", &format_args!("{:<13}", phase.phase)),
            (
                "offered",
                &format_args!("{:>8.0}", phase.offered_per_second),
            ),
            (
                "answered",
                &format_args!("{:>8.0}", phase.answered_per_second),
            ),
            ("median", &format_args!("{:>8.1}", phase.median_ms)),
            ("p90", &format_args!("{:>8.1}", phase.p90_ms)),
            ("p99", &format_args!("{:>8.1}", phase.p99_ms)),
            ("shed", &format_args!("{:>7}", phase.shed)),
            ("shed_p99", &format_args!("{:>8.1}", phase.shed_p99_ms)),
            ("wrong", &phase.wrong),
            ("lost", &phase.lost),
            ("late", &format_args!("{:>6.1}", phase.late_p99_ms)),
        ];
        // The rehearsal goes on where nobody reads it.
        let _unheard = match output.json {
            true => output.object(phase),
            false => output.said(texts::PHASE, &values),
        };
    };
    if !output.json {
        output.said(texts::PHASES, &[])?;
    }
    let report = run_officers(&options, &mut tell)
        .map_err(|fault| Failure::new(Exit::NotHeld, "rehearsal").with(fault))?;
    show_officers(work, &report)?;
    // What cannot be told was not shown to hold.
    Ok(match report.held {
        Some(true) => Exit::Ok,
        Some(false) | None => Exit::NotHeld,
    })
}

fn show_officers(work: &Work, report: &OfficersReport) -> Result<(), Failure> {
    if work.output.json {
        return work.output.object(report);
    }
    let cores = match report.cores_apart {
        true => texts::CORES_APART,
        false => texts::CORES_SHARED,
    };
    let values: [(&str, &dyn Display); 3] = [
        (
            "capacity",
            &format_args!("{:.0}", report.capacity_per_second),
        ),
        ("bulk", &format_args!("{:.0}", report.bulk_per_second)),
        ("cores", &cores.say(work.output.lang)),
    ];
    work.output.said(texts::CAPACITY, &values)?;
    if !report.capacity_is_the_registrys {
        work.output.said(texts::CAPACITY_NOT_ITS_OWN, &[])?;
    }
    for bar in &report.bars {
        let values: [(&str, &dyn Display); 4] = [
            ("mark", &mark(bar.held)),
            ("bar", &texts::bar(bar.bar).say(work.output.lang)),
            ("value", &format_args!("{:.2}", bar.value)),
            ("limit", &format_args!("{:.2}", bar.limit)),
        ];
        work.output.said(texts::BAR, &values)?;
    }
    if report.bars.iter().any(|bar| bar.held.is_none()) {
        work.output.said(texts::DISTURBED, &[])?;
    }
    Ok(())
}

const fn mark(held: Option<bool>) -> &'static str {
    match held {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "?",
    }
}
