//! A folder of key files, one secret each.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::private_file::{
    UNFINISHED, destroy, io_error, lock, private_folder, read_private, write_new,
};
use super::{KeyError, KeyName, KeyProvider, Sealing, Secret32, format_line, parse_line};
use crate::protocol::limits::MAX_KEY_FILE_BYTES;

/// A folder of key files: `<kind>.key` or `<kind>.<list>.<epoch>.key`, with `.age` behind where
/// encrypted. The folder is 0700 and each file 0600; looser is refused with the `chmod` to run.
pub struct KeyFiles {
    folder: PathBuf,
    sealing: Sealing,
}

impl KeyFiles {
    /// Opens the folder, making it if it is missing, and removes what an interrupted write left.
    /// New keys are written as `sealing` says; encrypted and plain ones are both read.
    ///
    /// # Errors
    /// [`KeyError::Open`], [`KeyError::Owner`], [`KeyError::Io`].
    pub fn open(folder: &Path, sealing: Sealing) -> Result<Self, KeyError> {
        private_folder(folder)?;
        let _lock = lock(folder)?;
        for entry in fs::read_dir(folder).map_err(io_error(folder))? {
            let entry = entry.map_err(io_error(folder))?;
            if entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with(UNFINISHED))
            {
                // Not overwritten: after a crash it may be a second link to a finished key.
                fs::remove_file(entry.path()).map_err(io_error(&entry.path()))?;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            sealing,
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn plain_path(&self, name: &KeyName) -> PathBuf {
        self.folder.join(format!("{}.key", name.stem()))
    }

    fn sealed_path(&self, name: &KeyName) -> PathBuf {
        self.folder.join(format!("{}.key.age", name.stem()))
    }

    fn read(&self, name: &KeyName, path: &Path) -> Result<Secret32, KeyError> {
        let mut bytes = read_private(path, MAX_KEY_FILE_BYTES)?;
        if path.extension().is_some_and(|ending| ending == "age") {
            let Sealing::Age(passphrase) = &self.sealing else {
                return Err(KeyError::PassphraseNeeded {
                    path: path.to_owned(),
                });
            };
            bytes = passphrase.open(&bytes, path)?;
        }
        let (found, secret) = parse_line(&bytes).map_err(|fault| KeyError::Line {
            path: path.to_owned(),
            fault,
        })?;
        if found == *name {
            Ok(secret)
        } else {
            Err(KeyError::Renamed {
                path: path.to_owned(),
                found,
            })
        }
    }
}

impl KeyProvider for KeyFiles {
    fn get(&self, name: &KeyName) -> Result<Secret32, KeyError> {
        for path in [self.plain_path(name), self.sealed_path(name)] {
            match self.read(name, &path) {
                Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                other => return other,
            }
        }
        Err(KeyError::Missing(name.clone()))
    }

    fn put(&self, name: &KeyName, secret: &Secret32) -> Result<(), KeyError> {
        let _lock = lock(&self.folder)?;
        match self.get(name) {
            Ok(kept) if kept.same_as(secret) => return Ok(()),
            Ok(_) => return Err(KeyError::Different(name.clone())),
            Err(KeyError::Missing(_)) => {}
            Err(other) => return Err(other),
        }
        let line = format_line(name, secret);
        match &self.sealing {
            Sealing::Plain => write_new(&self.plain_path(name), line.as_bytes()),
            Sealing::Age(passphrase) => {
                let sealed = passphrase.seal(line.as_bytes(), false)?;
                write_new(&self.sealed_path(name), &sealed)
            }
        }
    }

    fn names(&self) -> Result<Vec<KeyName>, KeyError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(io_error(&self.folder))? {
            let entry = entry.map_err(io_error(&self.folder))?;
            let file = entry.file_name();
            if file
                .to_str()
                .is_some_and(|file| file.starts_with(UNFINISHED))
            {
                continue;
            }
            let name = file.to_str().and_then(|file| {
                KeyName::from_stem(
                    file.strip_suffix(".age")
                        .unwrap_or(file)
                        .strip_suffix(".key")?,
                )
            });
            names.push(name.ok_or_else(|| KeyError::Stranger { path: entry.path() })?);
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn destroy(&self, name: &KeyName) -> Result<(), KeyError> {
        let _lock = lock(&self.folder)?;
        destroy(&self.plain_path(name))?;
        destroy(&self.sealed_path(name))
    }
}

#[cfg(test)]
mod tests;
