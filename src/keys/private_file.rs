//! Files that nobody else can read, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use zeroize::Zeroizing;

use super::KeyError;
use crate::protocol::limits::MAX_KEY_FILE_BYTES;

/// How unfinished files begin.
pub(super) const UNFINISHED: &str = ".tmp-";

/// The error of a path.
pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { path, source }
}

/// Reads a file that must be regular, ours or root's, closed to everybody else (mode 0600 or
/// less) and at most `max_bytes` long.
pub(super) fn read_private(path: &Path, max_bytes: u64) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let file = open_file(path)?;
    let metadata = file.metadata().map_err(io_error(path))?;
    owned_by_us(path, metadata.uid())?;
    if metadata.mode() & 0o077 != 0 {
        return Err(KeyError::Open {
            path: path.to_owned(),
            chmod: "600",
        });
    }
    read_at_most(path, file, metadata.len(), max_bytes)
}

/// Reads a regular file of at most `max_bytes`, whoever may read it too.
pub(super) fn read_limited(path: &Path, max_bytes: u64) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let file = open_file(path)?;
    let length = file.metadata().map_err(io_error(path))?.len();
    read_at_most(path, file, length, max_bytes)
}

/// Writes a new file of mode 0600: under another name in the same folder, synchronised, then linked
/// under its own, and the folder synchronised.
///
/// # Errors
/// [`KeyError::Io`], of kind `AlreadyExists` when there is one of that name; it stays untouched.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let folder = folder_of(path);
    let unfinished = unfinished_name(folder)?;
    let linked = write_unfinished(&unfinished, bytes)
        .and_then(|()| fs::hard_link(&unfinished, path))
        .map_err(io_error(path));
    let removed = fs::remove_file(&unfinished).map_err(io_error(&unfinished));
    linked?;
    removed?;
    synchronise(folder)
}

/// Overwrites a file with zeros, then removes it. On a disk that writes elsewhere (SSD,
/// copy-on-write) the old blocks may stay until they are used again.
pub(super) fn destroy(path: &Path) -> Result<(), KeyError> {
    let file = File::options().write(true).open(path);
    let mut file = match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(io_error(path))?,
    };
    let length = file
        .metadata()
        .map_err(io_error(path))?
        .len()
        .min(MAX_KEY_FILE_BYTES);
    io::copy(&mut io::repeat(0).take(length), &mut file)
        .and_then(|_| file.sync_all())
        .and_then(|()| fs::remove_file(path))
        .map_err(io_error(path))?;
    synchronise(folder_of(path))
}

/// Makes the folder with mode 0700 if it is missing; refuses one that others can write to.
pub(super) fn private_folder(path: &Path) -> Result<(), KeyError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(io_error(path))?;
    let metadata = fs::metadata(path).map_err(io_error(path))?;
    owned_by_us(path, metadata.uid())?;
    if metadata.mode() & 0o022 != 0 {
        return Err(KeyError::Open {
            path: path.to_owned(),
            chmod: "700",
        });
    }
    Ok(())
}

/// Holds the folder against other writers until dropped.
pub(super) fn lock(folder: &Path) -> Result<File, KeyError> {
    let handle = File::open(folder).map_err(io_error(folder))?;
    flock(&handle, FlockOperation::LockExclusive)
        .map_err(|error| io_error(folder)(error.into()))?;
    Ok(handle)
}

fn open_file(path: &Path) -> Result<File, KeyError> {
    // NONBLOCK so that a pipe in the place of a key cannot hang us.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match open(path, flags, Mode::empty()) {
        Ok(descriptor) => File::from(descriptor),
        Err(rustix::io::Errno::LOOP) => {
            return Err(KeyError::NotAFile {
                path: path.to_owned(),
            });
        }
        Err(error) => return Err(io_error(path)(error.into())),
    };
    if file.metadata().map_err(io_error(path))?.is_file() {
        Ok(file)
    } else {
        Err(KeyError::NotAFile {
            path: path.to_owned(),
        })
    }
}

fn owned_by_us(path: &Path, owner: u32) -> Result<(), KeyError> {
    if owner == 0 || owner == rustix::process::geteuid().as_raw() {
        Ok(())
    } else {
        Err(KeyError::Owner {
            path: path.to_owned(),
            owner,
        })
    }
}

fn read_at_most(
    path: &Path,
    file: File,
    length: u64,
    max_bytes: u64,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let too_large = || KeyError::TooLarge {
        path: path.to_owned(),
    };
    let capacity = usize::try_from(length.min(max_bytes)).map_err(|_| too_large())?;
    // Reserved whole at once: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity + 1));
    file.take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(io_error(path))?;
    if bytes.len() as u64 > max_bytes {
        Err(too_large())
    } else {
        Ok(bytes)
    }
}

fn write_unfinished(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut file = File::from(open(path, flags, Mode::RUSR | Mode::WUSR)?);
    file.write_all(bytes)?;
    file.sync_all()
}

fn unfinished_name(folder: &Path) -> Result<PathBuf, KeyError> {
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|_| KeyError::Encryption)?;
    Ok(folder.join(format!("{UNFINISHED}{}", HEXLOWER.encode(&random))))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn synchronise(folder: &Path) -> Result<(), KeyError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error(folder))
}
