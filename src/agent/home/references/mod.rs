//! Reference digest to entry ids: what lets a cooperative settle without a NIK and without quota.
//!
//! Each list has a shelf of its own, and so has each version of a programme's list: sorted runs on
//! the disk and a log of what is newer than they are. Memory is bounded whatever the number of
//! listings: the log is made a run at [`FRESH_ROWS`], and of runs there is in memory half a byte a
//! row. Several runs of a size are merged into one, beside the work that goes on.
//!
//! | file of `references/LIST/own/` or `references/LIST/VERSION/` | holds |
//! |---|---|
//! | `shelf.sealed` | which log and which runs there are; replaced whole |
//! | `log.N` | rows that no run holds yet |
//! | `run.ID` | rows in order, written once |
//! | `merge.part` | a run in the making |
//! | `lock` | held while the shelf is read or changed: moments |
//! | `merge.lock` | held by who merges |
//!
//! A file is on the disk before `shelf.sealed` names it, and goes after it is named no more: after a
//! crash there is the shelf before a change or the one after it.

mod merging;
mod old;
mod row;
mod run;
mod shelf;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Home, HomeError, Sealer, files};
use crate::protocol::version::Version;
use crate::protocol::{Date, Digest32, EntryId, Epoch, ListId};
use shelf::{Shelf, Sizes};

/// Rows of a log, about 20 MiB of memory, from which on they are made a run.
const FRESH_ROWS: usize = 1 << 17;
/// Runs of one level that are merged into one of the next.
const FAN_IN: usize = 4;

/// One listing of the organisation's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::agent) struct Known {
    /// The listing's id.
    pub(in crate::agent) entry: EntryId,
    /// Days since 1970: the day of default as it was sent.
    defaulted_on: i32,
    /// The epoch in which the mark was made.
    epoch: u32,
    mark: ElementMark,
}

/// By what the element that was submitted is recognised, without keeping the element: 16 bytes of
/// its keyed hash under the home's salt.
pub(in crate::agent) type ElementMark = [u8; 16];

impl Known {
    /// A listing and the day of default that was sent with it.
    pub(in crate::agent) const fn new(
        entry: EntryId,
        defaulted_on: Date,
        epoch: Epoch,
        mark: ElementMark,
    ) -> Self {
        Self {
            entry,
            defaulted_on: defaulted_on.0,
            epoch: epoch.0,
            mark,
        }
    }

    /// Whether another element was submitted in this epoch; unknown after a rotation.
    pub(in crate::agent) fn is_another(&self, epoch: Epoch, mark: &ElementMark) -> bool {
        self.epoch == epoch.0 && self.mark != *mark
    }

    /// The day of default as it was sent.
    pub(in crate::agent) const fn defaulted_on(&self) -> Date {
        Date(self.defaulted_on)
    }
}

/// A listing that was learnt of.
#[derive(Clone, Debug)]
pub(in crate::agent) struct Learnt {
    /// The digest of the organisation's own reference.
    pub(in crate::agent) reference: Digest32,
    /// The listing.
    pub(in crate::agent) known: Known,
}

/// Which listings: those that were submitted to a list, or those of one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::agent) struct Of {
    pub(in crate::agent) list: ListId,
    pub(in crate::agent) version: Option<Version>,
}

impl Of {
    fn name(&self) -> String {
        let part = self.version.map(|version| version.to_string());
        format!("{FOLDER}/{}/{}", self.list, part.as_deref().unwrap_or(OWN))
    }
}

const FOLDER: &str = "references";
const OWN: &str = "own";

/// The shelves that were opened.
pub(super) type Shelves = Mutex<BTreeMap<Of, References>>;

/// The references of a list or of a version. Several processes may look up and learn at once.
#[derive(Clone)]
pub(in crate::agent) struct References(Arc<Mutex<Shelf>>);

impl References {
    /// Writes down what was learnt; it is on the disk when this returns. What is known already under
    /// the same reference and entry is replaced.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`], [`HomeError::Randomness`].
    pub(in crate::agent) fn learn(&self, batch: &[Learnt]) -> Result<(), HomeError> {
        let rows = batch.iter();
        let rows: Vec<row::Row> = rows
            .map(|learnt| row::row(&learnt.reference, &learnt.known))
            .collect();
        self.shelf().learn(&rows)
    }

    /// The listings under each reference, in its place, by entry id; none where it is not known. A
    /// joint loan has several.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`].
    pub(in crate::agent) fn find(
        &self,
        references: &[Digest32],
    ) -> Result<Vec<Vec<Known>>, HomeError> {
        self.shelf().find(references)
    }

    /// How many listings are known. It reads all of them.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`].
    pub(in crate::agent) fn count(&self) -> Result<u64, HomeError> {
        self.shelf().count()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Home {
    /// The organisation's references of a list or of a version.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`], [`HomeError::TooOpen`],
    /// [`HomeError::Randomness`].
    pub(in crate::agent) fn references(&self, of: &Of) -> Result<References, HomeError> {
        let mut shelves = self
            .references
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if shelves.is_empty() {
            self.take_over_old_references()?;
        }
        if let Some(open) = shelves.get(of) {
            return Ok(open.clone());
        }
        let opened = self.open_shelf(of, Sizes::DEFAULT)?;
        let references = References(Arc::new(Mutex::new(opened)));
        shelves.insert(of.clone(), references.clone());
        Ok(references)
    }

    fn open_shelf(&self, of: &Of, sizes: Sizes) -> Result<Shelf, HomeError> {
        let name = of.name();
        let folder = self.folder().join(&name);
        for part in [
            FOLDER.to_owned(),
            format!("{FOLDER}/{}", of.list),
            name.clone(),
        ] {
            files::private_folder(&self.folder().join(part)).map_err(HomeError::of_folder)?;
        }
        Shelf::open(folder, Sealer::new(self.keys.at_rest(), &name), sizes)
    }

    /// The versions of a list whose references are kept.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub(in crate::agent) fn versions_kept(&self, list: &ListId) -> Result<Vec<Version>, HomeError> {
        let folder = self.folder().join(FOLDER).join(list.as_str());
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut versions = Vec::new();
        for entry in entries {
            versions.extend(entry?.file_name().to_string_lossy().parse::<Version>());
        }
        versions.sort_unstable();
        Ok(versions)
    }

    /// Destroys what is kept of a version.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub(in crate::agent) fn forget_version(
        &self,
        list: &ListId,
        version: Version,
    ) -> Result<(), HomeError> {
        let of = Of {
            list: list.clone(),
            version: Some(version),
        };
        let mut shelves = self
            .references
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        shelves.remove(&of);
        let folder: PathBuf = self.folder().join(of.name());
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
