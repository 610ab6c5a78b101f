//! Files of the home: private to their owner, replaced whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::HomeError;

/// Makes a folder of mode 0700, parents included; one that is there must not be looser.
///
/// # Errors
/// What the file system gives; `PermissionDenied` for a looser folder.
pub(in crate::agent) fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Puts `bytes` at `path`, mode 0600: after a crash there is the old file or the new one.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    sync_folder(path)
}

/// Takes a file away; it may already be gone.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) => Ok(()),
        Ok(()) => sync_folder(path),
    }
}

/// What a file holds; nothing if there is none.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes the lock that a file stands for, for as long as the file is open.
///
/// # Errors
/// [`HomeError::Busy`] if another process has it, [`HomeError::Io`].
pub(in crate::agent) fn lock(path: &Path) -> Result<File, HomeError> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(HomeError::Busy),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// As [`lock`], waiting for whoever has it: for work that takes a moment.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn wait_for_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path)?;
    file.lock()?;
    Ok(file)
}

/// Makes the name of a file durable.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
