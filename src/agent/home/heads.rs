//! What was seen of the registry's heads, shared by every process that works in the home: each
//! takes over what the others wrote down before it asks or judges, and adds its own.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::{MutexGuard, PoisonError};

use super::{Home, HomeError, files};
use crate::agent::AgentError;
use crate::protocol::watch::{HeadFault, HeadWatch};

const HEADS: &str = "heads.sealed";
const LOCK: &str = "heads.lock";

/// The memory of heads, and which file it was last taken from.
#[derive(Default)]
pub(super) struct Heads {
    watch: HeadWatch,
    /// A file that is replaced is another one: its number, length and time tell.
    file: Option<(u64, u64, i64, i64)>,
}

/// The memory of heads while it is used.
pub(in crate::agent) struct HeadsInUse<'a>(MutexGuard<'a, Heads>);

impl std::ops::Deref for HeadsInUse<'_> {
    type Target = HeadWatch;

    fn deref(&self) -> &HeadWatch {
        &self.0.watch
    }
}

impl std::ops::DerefMut for HeadsInUse<'_> {
    fn deref_mut(&mut self) -> &mut HeadWatch {
        &mut self.0.watch
    }
}

impl Home {
    /// What all processes saw of heads up to now.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`]; [`HeadFault::TwoBodies`] if two processes saw
    /// two bodies for one sequence, whose evidence is kept.
    pub(in crate::agent) fn heads(&self) -> Result<HeadsInUse<'_>, AgentError> {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        self.take_over(&mut heads)?;
        Ok(HeadsInUse(heads))
    }

    /// Writes down what was seen of heads, before anybody is told a verdict.
    ///
    /// # Errors
    /// Those of [`Home::heads`].
    pub(in crate::agent) fn keep_heads(&self) -> Result<(), AgentError> {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let _alone = files::wait_for_lock(&self.folder().join(LOCK)).map_err(HomeError::Io)?;
        let taken = self.take_over(&mut heads);
        let bytes = postcard::to_stdvec(&heads.watch).map_err(|_| HomeError::TooLarge)?;
        self.sealed().write(HEADS, &bytes)?;
        heads.file = self.heads_file()?;
        taken
    }

    fn take_over(&self, heads: &mut Heads) -> Result<(), AgentError> {
        let file = self.heads_file()?;
        if file.is_none() || file == heads.file {
            return Ok(());
        }
        let Some(bytes) = self.sealed().read(HEADS)? else {
            return Ok(());
        };
        let seen: HeadWatch = postcard::from_bytes(&bytes).map_err(|_| HomeError::Damaged)?;
        heads.file = file;
        let merged = heads.watch.merge(&seen);
        if let Err(HeadFault::TwoBodies(evidence)) = &merged {
            self.keep_evidence(evidence)?;
        }
        Ok(merged?)
    }

    fn heads_file(&self) -> Result<Option<(u64, u64, i64, i64)>, HomeError> {
        match fs::metadata(self.folder().join(HEADS)) {
            Ok(found) => Ok(Some((
                found.ino(),
                found.len(),
                found.mtime(),
                found.mtime_nsec(),
            ))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
