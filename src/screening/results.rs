//! The files a job leaves: mode 0600 in a folder of mode 0700, each with its name only once it is
//! whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::applicants::Applicants;
use super::list::ListAnswers;
use super::manifest::Manifest;
use super::{Phase, Progress, ScreenError};
use crate::protocol::Digest32;
use crate::protocol::codes::Reason;

const MANIFEST: &str = "manifest.json";
const RESULTS: &str = "results.csv";
/// Rows between two words about progress.
const STEP: usize = 16_384;

/// The folder of a job's results.
pub(super) struct Output(PathBuf);

impl Output {
    /// Makes the folder.
    ///
    /// # Errors
    /// [`ScreenError::Exists`] if it holds a manifest, [`ScreenError::Output`].
    pub(super) fn create(folder: &Path) -> Result<Self, ScreenError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        if folder.join(MANIFEST).exists() {
            return Err(ScreenError::Exists);
        }
        Ok(Self(folder.to_owned()))
    }

    /// Begins a file under a name of its own.
    pub(super) fn begin(&self, name: &str) -> io::Result<BufWriter<File>> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        Ok(BufWriter::new(options.open(self.part(name))?))
    }

    /// Gives a whole file its name.
    pub(super) fn finish(&self, name: &str, file: BufWriter<File>) -> io::Result<()> {
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fs::rename(self.part(name), self.0.join(name))?;
        File::open(&self.0)?.sync_all()
    }

    /// Writes a small file.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.begin(name)?;
        file.write_all(bytes)?;
        self.finish(name, file)
    }

    /// Writes the manifest: last, because it says that the others are whole.
    pub(super) fn write_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        self.write(MANIFEST, &serde_json::to_vec_pretty(manifest)?)
    }

    /// One line a valid row: its number, the masked NIK, and for each list the answer and the
    /// category. The digest of the file.
    pub(super) fn write_results(
        &self,
        applicants: &Applicants,
        lists: &[ListAnswers],
        progress: &mut dyn Progress,
    ) -> Result<Digest32, ScreenError> {
        let digesting = Digesting {
            file: self.begin(RESULTS)?,
            hasher: blake3::Hasher::new(),
        };
        let mut csv = csv::Writer::from_writer(digesting);
        let titles = lists.iter().flat_map(|answers| {
            let list = answers.list.as_str();
            [list.to_owned(), format!("{list}/category")]
        });
        let header: Vec<String> = ["row".to_owned(), "nik".to_owned()]
            .into_iter()
            .chain(titles)
            .collect();
        csv.write_record(&header).map_err(io::Error::other)?;
        let total = applicants.rows().len();
        for (at, row) in applicants.rows().iter().enumerate() {
            csv.write_field(row.number.to_string())
                .map_err(io::Error::other)?;
            csv.write_field(row.nik.as_str())
                .map_err(io::Error::other)?;
            for answers in lists {
                let said = &answers.people[row.person as usize];
                csv.write_field(said.answer.as_str())
                    .map_err(io::Error::other)?;
                csv.write_field(said.category.map_or("", Reason::as_str))
                    .map_err(io::Error::other)?;
            }
            csv.write_record(None::<&[u8]>).map_err(io::Error::other)?;
            if at.is_multiple_of(STEP) {
                progress.at(&Phase::Writing, at as u64, total as u64);
            }
        }
        progress.at(&Phase::Writing, total as u64, total as u64);
        let whole = csv.into_inner().map_err(|error| error.into_error())?;
        self.finish(RESULTS, whole.file)?;
        Ok(Digest32(*whole.hasher.finalize().as_bytes()))
    }

    fn part(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.part"))
    }
}

/// A file whose bytes are hashed on the way.
struct Digesting {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
