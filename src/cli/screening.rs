//! `screen`: a file of applicants against lists, on this machine.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::protocol::ListId;
use crate::protocol::codes::Purpose;
use crate::screening::{Phase, Progress, ScreenError, Screening, Status, screen as run_screening};
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::progress::Shown;
use super::work::Work;

/// Screening.
#[derive(Args)]
pub(super) struct Screen {
    /// The applicants: CSV or XLSX
    file: PathBuf,
    /// A list to screen against; again for each (default: the only one there is)
    #[arg(long = "list", value_name = "LIST")]
    lists: Vec<ListId>,
    /// The folder for the results; made if it is missing
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The header of the NIK column, if it has an unusual name
    #[arg(long, value_name = "NAME")]
    nik_column: Option<String>,
    /// Seconds to try again while the registry is away or busy
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    patience: u64,
}

/// `screen`.
pub(super) fn screen(work: &Work, given: &Screen) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    let acting = work.acting(Purpose::ProgrammeScreening)?;
    let mut watched = Watched(Shown::new(work.output), work.output.lang);
    let manifest = work.run(async {
        let lists = match given.lists.is_empty() {
            true => vec![work.list(&agent, None).await?],
            false => given.lists.clone(),
        };
        let job = Screening {
            file: &given.file,
            nik_column: given.nik_column.as_deref(),
            lists: &lists,
            out: &given.out,
            acting: &acting,
            patience: Duration::from_secs(given.patience),
            lang: work.output.lang,
        };
        Ok(run_screening(&agent, &job, &mut watched).await?)
    });
    watched.0.end();
    let manifest = manifest?;
    if work.output.json {
        work.output.object(&manifest)?;
    } else {
        let counts = &manifest.counts;
        let values: [(&str, &dyn std::fmt::Display); 5] = [
            ("rows", &counts.rows),
            ("valid", &counts.valid),
            ("invalid", &counts.invalid),
            ("unique", &counts.unique),
            ("duplicate", &counts.duplicate),
        ];
        work.output.said(said::SCREENED, &values)?;
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
            work.output.said(said::SCREENED_LIST, &values)?;
        }
        work.output
            .said(said::RESULTS_IN, &[("folder", &given.out.display())])?;
    }
    Ok(match manifest.status {
        Status::Complete => Exit::Ok,
        Status::Incomplete => Exit::Incomplete,
    })
}

struct Watched(Shown, crate::texts::Lang);

impl Progress for Watched {
    fn at(&mut self, phase: &Phase, done: u64, total: u64) {
        let lang = self.1;
        let what = match phase {
            Phase::Reading => said::READING.say(lang).to_owned(),
            Phase::Fetching(list) => format!("{} {list}", said::FETCHING.say(lang)),
            Phase::Evaluating(list) => format!("{} {list}", said::EVALUATING.say(lang)),
            Phase::Writing => said::WRITING.say(lang).to_owned(),
        };
        self.0.at(&what, done, total);
    }
}

impl From<ScreenError> for Failure {
    fn from(error: ScreenError) -> Self {
        match error {
            ScreenError::File(problem) => problem.into(),
            ScreenError::Agent(fault) => fault.into(),
            ScreenError::Exists => Self::new(Exit::InvalidInput, "file_exists").with("--out"),
            ScreenError::Output(error) => error.into(),
            ScreenError::Randomness => Self::new(Exit::General, "no_randomness"),
            ScreenError::NoList | ScreenError::TooMany { .. } => Self::input(error),
        }
    }
}
