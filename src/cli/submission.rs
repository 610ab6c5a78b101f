//! `submit`: a file of defaulters is uploaded, tried without uploading, or begun from a template.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::agent::{
    DryRun, HomeError, SubmitEvent, SubmitOptions, SubmitReport, SubmitWatcher, discard_uploads,
};
use crate::intake::{ErrorFile, FileWarning, MaskedRow, template};
use crate::protocol::ListId;
use crate::protocol::submission::RowRefusal;
use crate::texts::Lang;
use crate::texts::cli::said;

use super::custody::write_new;
use super::exit::Exit;
use super::failure::Failure;
use super::progress::Shown;
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

/// Where refused rows go.
pub(super) fn error_path(work: &Work, file: &Path, named: Option<&PathBuf>) -> PathBuf {
    named.cloned().unwrap_or_else(|| {
        let mut name = file.as_os_str().to_owned();
        name.push(work.output.lang.pick(".kesalahan.csv", ".errors.csv"));
        name.into()
    })
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

#[derive(Serialize)]
struct WithErrors<'a, T> {
    #[serde(flatten)]
    report: &'a T,
    errors: Option<&'a str>,
}

/// Tells what came of an upload; whether every row was taken.
pub(super) fn tell(
    work: &Work,
    report: &SubmitReport,
    errors: Option<&str>,
) -> Result<bool, Failure> {
    if !report.reconciles() {
        return Err(Failure::new(Exit::Untrusted, "answer_unfit"));
    }
    let refused = report.refused_by_file + report.refused_by_list;
    let receipts = report.receipts.len();
    let values: [(&str, &dyn std::fmt::Display); 9] = [
        ("rows", &report.rows),
        ("new", &report.new),
        ("also", &report.also_listed_by_another),
        ("updated", &report.updated),
        ("unchanged", &report.unchanged),
        ("repeated", &report.repeated),
        ("file", &report.refused_by_file),
        ("list", &report.refused_by_list),
        ("receipts", &receipts),
    ];
    let object = WithErrors { report, errors };
    work.output.either(&object, said::SUBMITTED, &values)?;
    remarks(work, &report.warnings, errors);
    Ok(refused == 0)
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

fn remarks(work: &Work, warnings: &[FileWarning], errors: Option<&str>) {
    for warning in warnings {
        work.output.remark(warning.text(work.output.lang));
    }
    if let Some(errors) = errors {
        let remark = said::ERROR_FILE.fill(work.output.lang, &[("file", &errors)]);
        work.output.remark(remark);
    }
}

/// Writes refused rows into the error file, begun with the first of them.
pub(super) struct Watcher<'a> {
    path: &'a Path,
    lang: Lang,
    header: Option<MaskedRow>,
    file: Option<ErrorFile<BufWriter<File>>>,
    shown: Shown,
    what: &'static str,
    warned: u64,
    work: &'a Work,
}

/// Rows with warnings that are told one by one.
const WARNED_ROWS: u64 = 20;

impl<'a> Watcher<'a> {
    pub(super) fn new(work: &'a Work, path: &'a Path) -> Self {
        Self {
            path,
            lang: work.output.lang,
            header: None,
            file: None,
            shown: Shown::new(work.output),
            what: said::UPLOADING.say(work.output.lang),
            warned: 0,
            work,
        }
    }

    fn file(&mut self) -> io::Result<&mut ErrorFile<BufWriter<File>>> {
        if self.file.is_none() {
            let header = self.header.clone().unwrap_or_default();
            // Written anew by a repeated upload: it holds masked rows of this very file only.
            let writer = BufWriter::new(File::create(self.path)?);
            self.file = Some(ErrorFile::new(writer, &header, self.lang)?);
        }
        self.file
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Closes the error file; its name, if there is one.
    pub(super) fn finish(self) -> Result<Option<String>, Failure> {
        self.shown.end();
        let Some(file) = self.file else {
            return Ok(None);
        };
        file.finish()
            .map_err(|error| Failure::file(self.path, &error))?;
        Ok(Some(self.path.display().to_string()))
    }
}

impl SubmitWatcher for Watcher<'_> {
    fn event(&mut self, event: SubmitEvent<'_>) -> io::Result<()> {
        match event {
            SubmitEvent::Header(header) => self.header = Some(header.clone()),
            SubmitEvent::Problem(problem, echo) => self.file()?.write(problem, echo)?,
            SubmitEvent::Warning(warning) => {
                self.warned += 1;
                if self.warned <= WARNED_ROWS {
                    let (row, text) = (warning.row, warning.text(self.lang));
                    self.work.output.remark(format_args!("{row}: {text}"));
                }
            }
            SubmitEvent::Repeated { .. } => {}
            SubmitEvent::Refused { row, reason, echo } => {
                let (code, text) = refusal(reason, self.lang);
                self.file()?.write_refusal(row, "", &code, text, echo)?;
            }
            SubmitEvent::Progress(progress) => {
                self.shown.at(self.what, progress.done, progress.total);
            }
        }
        Ok(())
    }
}

/// A list's refusal of a row: its code and its sentence.
fn refusal(reason: RowRefusal, lang: Lang) -> (String, &'static str) {
    let code = serde_json::to_value(reason).ok();
    let code = code
        .and_then(|code| code.as_str().map(str::to_owned))
        .unwrap_or_default();
    let text = said::row_refusal(&code).say(lang);
    (code, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_a_row_has_its_sentence() {
        use RowRefusal as R;
        let all = [
            R::BadElement,
            R::Conflict,
            R::Repeated,
            R::TooManyListings,
            R::Reason,
            R::Collectibility,
            R::BelowGrade,
            R::Plafond,
            R::BelowAmount,
            R::DefaultedOn,
            R::ExpiresOn,
            R::Withdrawn,
        ];
        let mut said: Vec<_> = all
            .iter()
            .map(|reason| refusal(*reason, Lang::Id).1)
            .collect();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), all.len());
    }
}
