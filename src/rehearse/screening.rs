//! A screening rehearsed: a registry as a process of its own lists so many synthetic people, another
//! process screens so many, and what is found is compared with what must be found, class by class.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::meter::Moment;
pub use super::people::Classes;

use super::RehearsalError;
use super::error::hold;
use super::house::House;
use super::meter::{Meter, memory};
use super::people::{People, reference};
use super::program::{argument, number};
use crate::texts::Lang;

const LIST: &str = "daftar-gladi";
const SCREENER: &str = "program-gladi";
/// What says that a folder holds a rehearsed registry, and which.
const PLAN: &str = "rehearsal.json";

/// What to rehearse.
#[derive(Clone, Debug)]
pub struct ScreeningOptions {
    /// This executable.
    pub executable: PathBuf,
    /// Applicants to screen.
    pub applicants: u64,
    /// People to list.
    pub listed: u64,
    /// A folder with a registry that stays: set up if it is empty, else taken as it is. None: a
    /// temporary one.
    pub registry: Option<PathBuf>,
    /// Whether a temporary folder stays too.
    pub keep: bool,
    /// Where time, phase, progress and memory are written once a second, a JSON object a line.
    pub events: Option<PathBuf>,
    /// The language of the processes.
    pub lang: Lang,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct ScreeningReport {
    /// Applicants screened.
    pub applicants: u64,
    /// People listed.
    pub listed: u64,
    /// Of the screening, from the start of its process to its end.
    pub seconds: f64,
    /// Applicants a second.
    pub per_second: f64,
    /// Applicants found listed now or before.
    pub hits: u64,
    /// How many that must be.
    pub expected_hits: u64,
    /// The highest resident memory of the screening process.
    pub client_peak_rss_bytes: u64,
    /// The highest resident memory of the registry's process, since it was started.
    pub server_peak_rss_bytes: u64,
    /// Found, by class.
    pub classes: Classes,
    /// What must be found, by class.
    pub expected_classes: Classes,
    /// Of listing, all contributors together; none where the registry was taken as it is.
    pub listing_seconds: Option<f64>,
    /// Whether the manifest is complete, adds up, and every class is as expected.
    pub held: bool,
    /// The folder, where it stays.
    pub folder: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    listed: u64,
}

/// Rehearses; `tell` is told once a second what is done.
///
/// # Errors
/// [`RehearsalError`]: a step that could not be taken. Counts that are not as expected are no error
/// but [`ScreeningReport::held`].
pub fn run(
    options: &ScreeningOptions,
    tell: &mut dyn FnMut(&Moment),
) -> Result<ScreeningReport, RehearsalError> {
    let (folder, temporary) = match &options.registry {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            (std::fs::canonicalize(folder)?, None)
        }
        None => {
            let mut builder = tempfile::Builder::new();
            let made = builder.prefix("saring-rehearsal-").tempdir()?;
            (made.path().to_owned(), Some(made))
        }
    };
    let played = play(options, &folder, tell);
    if let Some(temporary) = temporary {
        if options.keep || played.is_err() {
            let _stays = temporary.keep();
        } else {
            temporary.close()?;
        }
    }
    let mut report = played.map_err(|fault| fault.at(&folder))?;
    report.folder = (options.keep || options.registry.is_some()).then_some(folder);
    Ok(report)
}

fn play(
    options: &ScreeningOptions,
    folder: &Path,
    tell: &mut dyn FnMut(&Moment),
) -> Result<ScreeningReport, RehearsalError> {
    let people = People {
        applicants: options.applicants,
        listed: options.listed,
    };
    let mut meter = Meter::new(options.events.as_deref(), tell)?;
    let mut house = House::new(&options.executable, folder, options.lang);
    let listing_seconds = match plan(folder)? {
        Some(plan) if plan.listed != people.listed => {
            return Err(RehearsalError::Another(
                "another number of people is listed",
            ));
        }
        Some(_) => {
            house.start()?;
            None
        }
        None => Some(list(&mut house, people, &mut meter)?),
    };
    let report = screen(&house, people, &mut meter)?;
    house.take_server()?.stop()?;
    Ok(ScreeningReport {
        listing_seconds,
        ..report
    })
}

fn plan(folder: &Path) -> Result<Option<Plan>, RehearsalError> {
    match std::fs::read(folder.join(PLAN)) {
        Ok(bytes) => {
            let plan = serde_json::from_slice(&bytes);
            plan.map(Some)
                .map_err(|_| RehearsalError::Another("its rehearsal.json is of another form"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut inside = std::fs::read_dir(folder)?;
            match inside.next() {
                Some(_) => Err(RehearsalError::Another("something else is in it")),
                None => Ok(None),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Sets the registry up and lists everybody, one contributor after the other. The seconds that the
/// uploads took.
fn list(house: &mut House, people: People, meter: &mut Meter<'_>) -> Result<f64, RehearsalError> {
    const ENOUGH: u64 = 1_000_000_000;
    house.set_up()?;
    house.create(LIST, ENOUGH)?;
    house.joins(SCREENER, LIST, &["screen"], ENOUGH)?;
    let file = house.files()?.join("defaulters.csv");
    let mut seconds = 0.0;
    people.write_defaulters(&file, |number| {
        let name = contributor(number);
        house.joins(&name, LIST, &["contribute"], ENOUGH)?;
        let mut command = house.program(&name).command();
        command.args(["--json", "submit"]).arg(&file);
        command.args(["--list", LIST]);
        let server = house.server()?;
        let uploaded = meter.run(
            "listing",
            "saring_rows_accepted_total",
            &mut command,
            server,
        )?;
        seconds += uploaded.seconds;
        hold(uploaded.status.success(), "everybody is listed")
    })?;
    for (act, places) in [
        ("settle", people.settled()),
        ("suspend", people.suspended()),
    ] {
        if places.is_empty() {
            continue;
        }
        meter.says(act, house.server()?)?;
        let references: Vec<String> = places.map(reference).collect();
        let program = house.program(&contributor(0));
        program.call(
            &[act, "--file", "-", "--list", LIST],
            &references.join("\n"),
            0,
        )?;
    }
    if people.listed > 0 {
        std::fs::remove_file(&file)?;
    }
    let plan = Plan {
        listed: people.listed,
    };
    let plan = serde_json::to_vec(&plan).map_err(std::io::Error::other)?;
    std::fs::write(house.path(PLAN), plan)?;
    Ok(seconds)
}

fn contributor(number: usize) -> String {
    format!("ksp-gladi-{}", number + 1)
}

fn screen(
    house: &House,
    people: People,
    meter: &mut Meter<'_>,
) -> Result<ScreeningReport, RehearsalError> {
    let server = house.server()?;
    meter.says("writing", server)?;
    let (file, out) = (house.files()?.join("applicants.csv"), house.results());
    people.write_applicants(&file)?;
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut command = house.program(SCREENER).command();
    command.args(["--json", "screen"]).arg(&file);
    command.args(["--list", LIST, "--out", argument(&out)?]);
    let ended = meter.run("screening", "saring_elements_total", &mut command, server)?;
    let server_peak = memory(server.process, "VmHWM:");
    std::fs::remove_file(&file)?;
    let expected = people.expected();
    let (found, adds_up) = match ended.said.last() {
        Some(manifest) if ended.status.success() => {
            (classes(manifest)?, adds_up(manifest, people.applicants)?)
        }
        _ => return Err(RehearsalError::NotHeld("the screening ends")),
    };
    Ok(ScreeningReport {
        applicants: people.applicants,
        listed: people.listed,
        seconds: ended.seconds,
        per_second: people.applicants as f64 / ended.seconds.max(1e-3),
        hits: found.listed + found.previously,
        expected_hits: expected.listed + expected.previously,
        client_peak_rss_bytes: ended.peak,
        server_peak_rss_bytes: server_peak,
        held: adds_up && found == expected,
        classes: found,
        expected_classes: expected,
        listing_seconds: None,
        folder: None,
    })
}

/// What the manifest counts for the list.
fn classes(manifest: &Value) -> Result<Classes, RehearsalError> {
    let counts = &manifest["lists"][0]["counts"];
    Ok(Classes {
        listed: number(counts, "listed")?,
        previously: number(counts, "previously")?,
        not_listed: number(counts, "not_listed")?,
    })
}

/// Whether the job is complete and everybody was one valid, different person.
fn adds_up(manifest: &Value, applicants: u64) -> Result<bool, RehearsalError> {
    let counts = &manifest["counts"];
    let of = |name| number(counts, name);
    let unavailable = number(&manifest["lists"][0]["counts"], "unavailable")?;
    let all = of("rows")? == applicants && of("unique")? == applicants;
    Ok(manifest["status"] == "complete" && all && unavailable == 0)
}
