//! A signed head and its body in one file, and the files and folders of snapshots: our own, and
//! nobody else's to read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use crate::protocol::{Head, PublicKey, SignedHead};

/// How the name of a file ends that is still written.
pub(super) const PART: &str = "part";

/// What stands in a file that [`write_signed`] wrote, if we signed it.
pub(super) fn found_signed(path: &Path, most: u64, key: &PublicKey) -> Option<(Head, Vec<u8>)> {
    let found = || {
        if fs::metadata(path).ok()?.len() > most + 4096 {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let (signed, body) = split(&bytes)?;
        signed.verify(key).ok()?;
        let ours = signed.head.body == Head::digest_of(body);
        ours.then(|| (signed.head, body.to_vec()))
    };
    let found = found();
    if found.is_none() {
        tracing::warn!(file = %path.display(), "not of ours: passed over");
    }
    found
}

/// A signed head, as a u16 length and bytes, and the body after it.
pub(super) fn split(bytes: &[u8]) -> Option<(SignedHead, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (head, body) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    Some((SignedHead::from_bytes(head).ok()?, body))
}

/// Puts a head and its body into a file, on the disk and at once.
pub(super) fn write_signed(path: &Path, head: &SignedHead, body: &[u8]) -> io::Result<()> {
    let part = path.with_added_extension(PART);
    let mut written = private_file(&part)?;
    let signed = head.to_bytes();
    written.write_all(&(signed.len() as u16).to_le_bytes())?;
    written.write_all(&signed)?;
    written.write_all(body)?;
    written.sync_all()?;
    fs::rename(part, path)
}

/// Makes a folder that only its owner enters.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// An empty file of mode 0600 for writing and reading.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(true);
    options.mode(0o600).open(path)
}
