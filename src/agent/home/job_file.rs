//! The sealed file of a job that lies outside the home, beside the job's results.

use std::path::{Path, PathBuf};

use super::files;
use super::log::{Records, SealedLog};
use super::seal::Sealer;
use super::{Home, HomeError};

/// By what the file's cipher is told from those of the home's own files.
const NAME: &str = "bulk job";

/// An append-only file of sealed records that only this home can open, in one process at a time.
/// What it holds is as secret as the job's NIKs, and is gone when the job is.
pub struct JobFile {
    path: PathBuf,
    log: SealedLog,
}

impl Home {
    /// Opens the job file at `path` or begins one, and what it holds, in order. Its folder must
    /// be there.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process has it open, [`HomeError::Damaged`], also for another
    /// home's file; [`HomeError::Io`], [`HomeError::Randomness`].
    pub fn job_file(&self, path: &Path) -> Result<(JobFile, Records), HomeError> {
        let (log, records) = SealedLog::claim(path, Sealer::new(self.keys.at_rest(), NAME))?;
        let path = path.to_owned();
        Ok((JobFile { path, log }, records))
    }
}

impl JobFile {
    /// Appends one record; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`HomeError::Io`], [`HomeError::TooLarge`], [`HomeError::Randomness`].
    pub fn append(&mut self, plain: &[u8]) -> Result<(), HomeError> {
        self.log.append(plain)
    }

    /// Overwrites the file and removes it.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub fn destroy(self) -> Result<(), HomeError> {
        Ok(files::destroy(&self.path)?)
    }
}
