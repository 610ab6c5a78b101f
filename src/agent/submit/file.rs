//! The file that is uploaded or screened: opened, and named by its digests.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::FileDigests;
use crate::agent::AgentError;
use crate::intake::FileProblem;
use crate::protocol::Digest32;

/// Opens a file for reading.
pub(in crate::agent) fn open(path: &Path) -> Result<BufReader<File>, AgentError> {
    let file = File::open(path).map_err(FileProblem::from)?;
    Ok(BufReader::with_capacity(1 << 16, file))
}

/// Both digests of a file's bytes.
///
/// # Errors
/// [`AgentError::File`] if it cannot be read.
pub fn digests(path: &Path) -> Result<FileDigests, AgentError> {
    let mut file = File::open(path).map_err(FileProblem::from)?;
    let (mut blake3, mut sha256) = (blake3::Hasher::new(), Sha256::new());
    let mut piece = zeroize::Zeroizing::new(vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece).map_err(FileProblem::from)? {
            0 => break,
            length => {
                blake3.update(&piece[..length]);
                sha256.update(&piece[..length]);
            }
        }
    }
    Ok(FileDigests {
        blake3: Digest32(*blake3.finalize().as_bytes()),
        sha256: Digest32(sha256.finalize().into()),
    })
}
