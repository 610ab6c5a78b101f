//! Files of the home: private to their owner, replaced whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
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
    let mut file = begin(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&fresh, path)
}

/// Opens a file of mode 0600 for writing, empty.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn begin(path: &Path) -> io::Result<File> {
    step()?;
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

/// Gives a file another name, in the place of whatever has it.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    fs::rename(from, to)?;
    step()?;
    sync_folder(to)
}

/// Takes a file away; it may already be gone.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn remove(path: &Path) -> io::Result<()> {
    step()?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) => Ok(()),
        Ok(()) => sync_folder(path),
    }
}

/// Overwrites a file and takes it away; it may already be gone.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn destroy(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Ok(mut file) => {
            let length = file.metadata()?.len();
            io::copy(&mut io::repeat(0).take(length), &mut file)?;
            file.sync_all()?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    remove(path)
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

/// Opens a file that one process at a time works in: for as long as it is open, nobody else opens
/// it so. If there is none it is made with `header`, which is on the disk before the file gets its
/// name. Whether it was made.
///
/// # Errors
/// [`HomeError::Busy`] if another process has it open, [`HomeError::Io`].
pub(in crate::agent) fn claim(path: &Path, header: &[u8]) -> Result<(File, bool), HomeError> {
    let fresh = path.with_extension("new");
    loop {
        match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => {
                if locked(&file, path)? {
                    return Ok((file, false));
                }
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let mut file = private(&fresh)?;
        if !locked(&file, &fresh)? {
            continue;
        }
        step()?;
        file.set_len(0)?;
        file.write_all(header)?;
        file.sync_all()?;
        step()?;
        // Not renamed: that would take the place of a file that somebody made meanwhile.
        let made = fs::hard_link(&fresh, path);
        fs::remove_file(&fresh)?;
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
            Err(_) => {}
            Ok(()) => {
                sync_folder(path)?;
                return Ok((file, true));
            }
        }
    }
}

/// Locks an open file, if it still is the one that is called `path`: otherwise it has to be opened
/// again.
fn locked(file: &File, path: &Path) -> Result<bool, HomeError> {
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Err(HomeError::Busy),
        Err(fs::TryLockError::Error(error)) => return Err(error.into()),
    }
    Ok(is_called(file, path)?)
}

/// Whether an open file is the one that is called `path`.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn is_called(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes the lock that a file stands for, for as long as the file is open.
///
/// # Errors
/// [`HomeError::Busy`] if another process has it, [`HomeError::Io`].
pub(in crate::agent) fn lock(path: &Path) -> Result<File, HomeError> {
    let file = private(path)?;
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
    let file = private(path)?;
    file.lock()?;
    Ok(file)
}

/// As [`wait_for_lock`], beside others who only read.
///
/// # Errors
/// What the file system gives.
pub(in crate::agent) fn wait_to_read(path: &Path) -> io::Result<File> {
    let file = private(path)?;
    file.lock_shared()?;
    Ok(file)
}

/// Opens a file of mode 0600 for reading and writing, as it is or new.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path)
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

/// Between any two changes of the home's files. Tests let the process end here.
///
/// # Errors
/// Only in tests.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
pub(in crate::agent) const fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(in crate::agent) use killed::step;

/// The process ends after so many changes of the home's files, as far as the files can tell.
#[cfg(test)]
pub(in crate::agent) mod killed {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
    }

    pub(in crate::agent) fn after(steps: u64) {
        LEFT.set(steps);
    }

    pub(in crate::agent) fn never() -> u64 {
        LEFT.replace(u64::MAX)
    }

    pub(in crate::agent) fn step() -> io::Result<()> {
        match LEFT.get() {
            0 => Err(io::Error::other("killed")),
            left => {
                LEFT.set(left - 1);
                Ok(())
            }
        }
    }
}
