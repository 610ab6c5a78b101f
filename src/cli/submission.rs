//! `submit`: a file of defaulters is uploaded, tried without uploading, or begun from a template.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::agent::{DryRun, HomeError, SubmitOptions, SubmitReport, discard_uploads};
use crate::intake::template;
use crate::protocol::ListId;
use crate::texts::cli::said;

use super::custody::write_new;
use super::exit::Exit;
use super::failure::Failure;
use super::uploading::{Watcher, WithErrors, error_path, remarks, tell};
use super::work::Work;

/// Uploading.
#[derive(Args)]
pub(super) struct Submit {
    /// The file: CSV or XLSX, with the columns of the template
    #[arg(required_unless_present_any = ["template", "discard"])]
    file: Option<PathBuf>,
    /// The list (default: the only one there is)
    #[arg(long)]
    list: Option<ListId>,
    /// Read and judge the file without uploading anything
    #[arg(long)]
    dry_run: bool,
    /// Replace other content under the same person and reference
    #[arg(long)]
    update: bool,
    /// Where refused rows go (default: FILE with .kesalahan.csv at its end)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Seconds to try again while the registry is away or busy
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    patience: u64,
    /// Write the empty XLSX template into this file and end
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "dry_run", "update"])]
    template: Option<PathBuf>,
    /// Give up unfinished uploads of FILE to any list, or all of them: seeds and state are destroyed
    #[arg(long, conflicts_with_all = ["list", "dry_run", "update", "errors", "template"])]
    discard: bool,
}

/// `submit`.
pub(super) fn submit(work: &Work, given: &Submit) -> Result<Exit, Failure> {
    if let Some(path) = &given.template {
        return write_template(work, path);
    }
    if given.discard {
        return give_up(work, given.file.as_deref());
    }
    let file = given
        .file
        .as_deref()
        .ok_or_else(|| Failure::input("FILE"))?;
    let errors = error_path(work, file, given.errors.as_ref());
    let agent = work.agent()?;
    let mut watcher = Watcher::new(work, &errors);
    let told = work.run(async {
        let list = work.list(&agent, given.list.as_ref()).await?;
        if given.dry_run {
            let dry = agent.dry_run(&list, file, &mut watcher).await?;
            return Ok(Told::Dry(dry));
        }
        let options = SubmitOptions {
            update: given.update,
            patience: Duration::from_secs(given.patience),
        };
        let officer = work.officer()?;
        let report = agent
            .submit(&list, file, options, &officer, &mut watcher)
            .await?;
        Ok(Told::Sent(Box::new(report)))
    });
    let errors = watcher.finish()?;
    let complete = match told? {
        Told::Dry(dry) => tell_dry(work, &dry, errors.as_deref())?,
        Told::Sent(report) => tell(work, &report, errors.as_deref())?,
    };
    Ok(if complete { Exit::Ok } else { Exit::Incomplete })
}

enum Told {
    Dry(DryRun),
    Sent(Box<SubmitReport>),
}

fn write_template(work: &Work, path: &Path) -> Result<Exit, Failure> {
    let bytes = template(work.output.lang)
        .map_err(|error| Failure::new(Exit::General, "results_unwritable").with(error))?;
    write_new(path, &bytes)?;
    let shown = path.display().to_string();
    let object = serde_json::json!({ "template": shown });
    work.output
        .either(&object, said::TEMPLATE_WRITTEN, &[("file", &shown)])?;
    Ok(Exit::Ok)
}

/// `submit --discard`.
fn give_up(work: &Work, file: Option<&Path>) -> Result<Exit, Failure> {
    let told = discard_uploads(work.agent()?.home(), file)?;
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("discarded", &told.discarded), ("busy", &told.busy)];
    work.output
        .either(&told, said::UPLOADS_DISCARDED, &values)?;
    match told.busy {
        0 => Ok(Exit::Ok),
        _ => Err(HomeError::Busy.into()),
    }
}

/// Tells what an upload would do; whether every row would be taken.
fn tell_dry(work: &Work, dry: &DryRun, errors: Option<&str>) -> Result<bool, Failure> {
    let values: [(&str, &dyn std::fmt::Display); 5] = [
        ("rows", &dry.rows),
        ("good", &dry.good),
        ("repeated", &dry.repeated),
        ("file", &dry.refused_by_file),
        ("list", &dry.refused_by_list),
    ];
    let object = WithErrors {
        report: dry,
        errors,
    };
    work.output.either(&object, said::TRIED, &values)?;
    remarks(work, &dry.warnings, errors);
    Ok(dry.refused_by_file + dry.refused_by_list == 0)
}
