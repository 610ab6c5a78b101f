//! A file on its way up: rows that are refused go into a file of their own, and in the end it is
//! told what came of it. For `submit` and for `version stage`.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::agent::{SubmitEvent, SubmitReport, SubmitWatcher};
use crate::intake::{ErrorFile, FileWarning, MaskedRow};
use crate::protocol::submission::RowRefusal;
use crate::texts::Lang;
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::progress::Shown;
use super::work::Work;

/// Where refused rows go.
pub(super) fn error_path(work: &Work, file: &Path, named: Option<&PathBuf>) -> PathBuf {
    named.cloned().unwrap_or_else(|| {
        let mut name = file.as_os_str().to_owned();
        name.push(work.output.lang.pick(".kesalahan.csv", ".errors.csv"));
        name.into()
    })
}

/// A report, and where refused rows are.
#[derive(Serialize)]
pub(super) struct WithErrors<'a, T> {
    #[serde(flatten)]
    pub(super) report: &'a T,
    pub(super) errors: Option<&'a str>,
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

/// Remarks on the file as a whole, and where refused rows are.
pub(super) fn remarks(work: &Work, warnings: &[FileWarning], errors: Option<&str>) {
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
