//! `screen`: a file of applicants against lists, on this machine.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use crate::protocol::ListId;
use crate::protocol::codes::Purpose;
use crate::screening::{
    Manifest, Phase, Progress, ScreenError, Screening, Status, discard, screen as run_screening,
};
use crate::texts::Text;
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::pace::Pace;
use super::progress::Shown;
use super::work::{HttpAgent, Work};

/// Between two events of one phase.
const EVENTS_APART: Duration = Duration::from_secs(1);

/// Screening.
#[derive(Args)]
pub(super) struct Screen {
    /// The applicants: CSV or XLSX
    #[arg(required_unless_present = "discard")]
    file: Option<PathBuf>,
    /// A list to screen against; again for each (default: the only one there is)
    #[arg(long = "list", value_name = "LIST")]
    lists: Vec<ListId>,
    /// The folder for the results; made if it is missing
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The header of the NIK column, if it has an unusual name
    #[arg(long, value_name = "NAME")]
    nik_column: Option<String>,
    /// Keep the input's other columns in the results
    #[arg(long)]
    keep_columns: bool,
    /// Seconds to try again while the registry is away or busy
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    patience: u64,
    /// Give up the unfinished job in the folder: its seed and its state are destroyed
    #[arg(long, conflicts_with_all = ["file", "lists", "nik_column", "keep_columns"])]
    discard: bool,
}

/// `screen`.
pub(super) fn screen(work: &Work, given: &Screen) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    if given.discard {
        return give_up(work, &agent, &given.out);
    }
    let file = given
        .file
        .as_deref()
        .ok_or_else(|| Failure::input("FILE"))?;
    let acting = work.acting(Purpose::ProgrammeScreening)?;
    let mut watched = Watched::new(work.output);
    let manifest = work.run(async {
        let lists = match given.lists.is_empty() {
            true => vec![work.list(&agent, None).await?],
            false => given.lists.clone(),
        };
        let job = Screening {
            file,
            nik_column: given.nik_column.as_deref(),
            lists: &lists,
            out: &given.out,
            keep_columns: given.keep_columns,
            acting: &acting,
            patience: Duration::from_secs(given.patience),
            lang: work.output.lang,
        };
        Ok(run_screening(&agent, &job, &mut watched).await?)
    });
    watched.shown.end();
    let manifest = manifest?;
    if work.output.json {
        work.output.object(&manifest)?;
    } else {
        tell(work.output, &manifest, &given.out)?;
    }
    Ok(match manifest.status {
        Status::Complete => Exit::Ok,
        Status::Incomplete => Exit::Incomplete,
    })
}

/// `screen --discard`.
fn give_up(work: &Work, agent: &HttpAgent, out: &Path) -> Result<Exit, Failure> {
    let discarded = discard(agent.home(), out)?;
    let folder = out.display().to_string();
    let said = match discarded {
        true => said::JOB_DISCARDED,
        false => said::NO_JOB,
    };
    let object = serde_json::json!({ "discarded": discarded, "folder": folder });
    work.output.either(&object, said, &[("folder", &folder)])?;
    Ok(Exit::Ok)
}

/// What a person is told in the end.
fn tell(output: Output, manifest: &Manifest, folder: &Path) -> Result<(), Failure> {
    let counts = &manifest.counts;
    let values: [(&str, &dyn std::fmt::Display); 5] = [
        ("rows", &counts.rows),
        ("valid", &counts.valid),
        ("invalid", &counts.invalid),
        ("unique", &counts.unique),
        ("duplicate", &counts.duplicate),
    ];
    output.said(said::SCREENED, &values)?;
    for of in &manifest.lists {
        let values: [(&str, &dyn std::fmt::Display); 7] = [
            ("list", &of.list),
            ("epoch", &of.epoch),
            ("listed", &of.counts.listed),
            ("previously", &of.counts.previously),
            ("not_listed", &of.counts.not_listed),
            ("unavailable", &of.counts.unavailable),
            ("trust", &of.trust),
        ];
        output.said(said::SCREENED_LIST, &values)?;
        if !of.left_epochs.is_empty() {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("list", &of.list), ("epoch", &of.epoch)];
            output.said(said::SCREENED_ANEW, &values)?;
        }
    }
    output.said(said::RESULTS_IN, &[("folder", &folder.display())])?;
    if manifest.status == Status::Incomplete {
        output.said(said::SCREENED_IN_PART, &[])?;
    }
    Ok(())
}

/// Tells how far a job is: on a bar or in lines for a person, in events with `--json`.
struct Watched {
    output: Output,
    shown: Shown,
    phase: Option<Phase>,
    pace: Pace,
    told: Instant,
}

/// An event of `--json`, on standard error.
#[derive(Serialize)]
struct Event<'a> {
    event: &'static str,
    phase: &'static str,
    list: Option<&'a ListId>,
    done: u64,
    total: u64,
    per_second: Option<u64>,
    seconds_left: Option<u64>,
}

impl Watched {
    fn new(output: Output) -> Self {
        Self {
            output,
            shown: Shown::new(output),
            phase: None,
            pace: Pace::default(),
            told: Instant::now(),
        }
    }
}

impl Progress for Watched {
    fn at(&mut self, phase: &Phase, done: u64, total: u64) {
        let entered = self.phase.as_ref() != Some(phase);
        if entered {
            self.phase = Some(phase.clone());
            self.pace = Pace::default();
        }
        let now = Instant::now();
        let paced = self.pace.at(now, done, total);
        if !self.output.json {
            let (what, of) = words(phase);
            let what = what.say(self.output.lang);
            let what = of.map_or_else(|| what.to_owned(), |list| format!("{what} {list}"));
            return self.shown.paced(&what, done, total, paced);
        }
        if entered || now - self.told >= EVENTS_APART {
            self.told = now;
            self.output.event(&Event {
                event: "progress",
                phase: name(phase),
                list: words(phase).1,
                done,
                total,
                per_second: paced.map(|paced| paced.per_second),
                seconds_left: paced.and_then(|paced| paced.seconds_left),
            });
        }
    }
}

fn words(phase: &Phase) -> (Text, Option<&ListId>) {
    match phase {
        Phase::Reading => (said::READING, None),
        Phase::Comparing => (said::COMPARING, None),
        Phase::Verifying => (said::VERIFYING, None),
        Phase::Evaluating(list) => (said::EVALUATING, Some(list)),
        Phase::Fetching(list) => (said::FETCHING, Some(list)),
        Phase::LookingUp(list) => (said::LOOKING_UP, Some(list)),
        Phase::Writing => (said::WRITING, None),
    }
}

const fn name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Reading => "reading",
        Phase::Comparing => "comparing",
        Phase::Verifying => "verifying",
        Phase::Evaluating(_) => "evaluating",
        Phase::Fetching(_) => "fetching",
        Phase::LookingUp(_) => "looking_up",
        Phase::Writing => "writing",
    }
}

impl From<ScreenError> for Failure {
    fn from(error: ScreenError) -> Self {
        match error {
            ScreenError::File(problem) => problem.into(),
            ScreenError::Agent(fault) => fault.into(),
            ScreenError::Exists => Self::new(Exit::InvalidInput, "file_exists").with("--out"),
            ScreenError::OtherJob => Self::new(Exit::InvalidInput, "other_job").with("--out"),
            ScreenError::InputChanged => Self::new(Exit::InvalidInput, "input_changed"),
            ScreenError::Damaged => Self::new(Exit::Incomplete, "job_damaged"),
            ScreenError::Interrupted => Self::new(Exit::Incomplete, "interrupted"),
            ScreenError::Output(error) => error.into(),
            ScreenError::Randomness => Self::new(Exit::General, "no_randomness"),
            ScreenError::NoList | ScreenError::TooManyLists { .. } | ScreenError::RepeatedList => {
                Self::input(error)
            }
        }
    }
}
