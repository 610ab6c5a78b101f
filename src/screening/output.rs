//! The files a job leaves: mode 0600 in a folder of mode 0700, each with its name only once it is
//! whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::job::Job;
use super::manifest::Manifest;
use super::{ScreenError, private_folder};
use crate::protocol::Digest32;

const MANIFEST: &str = "manifest.json";
const BUFFER: usize = 1 << 20;

/// The folder of a job's results.
#[derive(Clone)]
pub(super) struct Output(PathBuf);

impl Output {
    /// Makes the folder.
    ///
    /// # Errors
    /// [`ScreenError::Exists`] if it holds a manifest and no unfinished job,
    /// [`ScreenError::Output`].
    pub(super) fn create(folder: &Path) -> Result<Self, ScreenError> {
        private_folder(folder)?;
        if folder.join(MANIFEST).exists() && !Job::is_unfinished(folder) {
            return Err(ScreenError::Exists);
        }
        Ok(Self(folder.to_owned()))
    }

    /// Begins a file under a name of its own.
    pub(super) fn begin(&self, name: &str) -> io::Result<BufWriter<File>> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        Ok(BufWriter::with_capacity(
            BUFFER,
            options.open(self.part(name))?,
        ))
    }

    /// Begins a file whose bytes are hashed on the way.
    pub(super) fn begin_digested(&self, name: &str) -> io::Result<Digesting> {
        Ok(Digesting {
            file: self
                .begin(name)?
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?,
            block: Vec::with_capacity(BUFFER),
            hasher: blake3::Hasher::new(),
        })
    }

    /// Gives a whole file its name.
    pub(super) fn finish(&self, name: &str, file: impl Into<File>) -> io::Result<()> {
        file.into().sync_all()?;
        fs::rename(self.part(name), self.0.join(name))?;
        File::open(&self.0)?.sync_all()
    }

    /// [`Output::finish`] for a file with a buffer.
    pub(super) fn finish_buffered(&self, name: &str, file: BufWriter<File>) -> io::Result<()> {
        self.finish(
            name,
            file.into_inner().map_err(io::IntoInnerError::into_error)?,
        )
    }

    /// Writes a small file.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.begin(name)?;
        file.write_all(bytes)?;
        self.finish_buffered(name, file)
    }

    /// Writes the manifest: last, because it says that the others are whole.
    pub(super) fn write_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        self.write(MANIFEST, &serde_json::to_vec_pretty(manifest)?)
    }

    fn part(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.part"))
    }
}

/// A file whose bytes are hashed on the way, a block at a time.
pub(super) struct Digesting {
    file: File,
    block: Vec<u8>,
    hasher: blake3::Hasher,
}

impl Digesting {
    /// The digest of everything, and the file.
    pub(super) fn finish(mut self) -> io::Result<(Digest32, File)> {
        self.flush()?;
        Ok((Digest32(*self.hasher.finalize().as_bytes()), self.file))
    }
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        self.block.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hasher.update(&self.block);
        self.file.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}
