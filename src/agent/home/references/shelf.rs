//! One list's shelf: what is on the disk and what of it is in memory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};

use super::merging::Merging;
use super::row::{KEY_BYTES, Key, ROW_BYTES, Row, known};
use super::run::{self, Named, Run, RunWriter};
use super::{FAN_IN, FRESH_ROWS, Known};
use crate::agent::home::{HomeError, SealedLog, Sealer, files};
use crate::protocol::Digest32;

const CONTENTS: &str = "shelf.sealed";
const LOCK: &str = "lock";
const FRESH_PART: &str = "fresh.part";
const LOG: &str = "log.";
/// Rows of one record of the log.
const RECORD_ROWS: usize = 10_000;

/// When the log is made a run, and runs are merged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) fresh_rows: usize,
    pub(super) fan_in: usize,
}

impl Sizes {
    pub(super) const DEFAULT: Self = Self {
        fresh_rows: FRESH_ROWS,
        fan_in: FAN_IN,
    };
}

/// What `shelf.sealed` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contents {
    /// The log's number.
    pub(super) log: u64,
    /// Oldest first, and so by level, highest first.
    pub(super) runs: Vec<Named>,
}

/// A shelf's folder.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) sealer: Sealer,
}

impl Place {
    /// Waits until nobody else reads or changes the shelf.
    pub(super) fn alone(&self) -> Result<File, HomeError> {
        Ok(files::wait_for_lock(&self.folder.join(LOCK))?)
    }

    /// Waits until nobody changes the shelf.
    pub(super) fn to_read(&self) -> Result<File, HomeError> {
        Ok(files::wait_to_read(&self.folder.join(LOCK))?)
    }

    fn contents_path(&self) -> PathBuf {
        self.folder.join(CONTENTS)
    }

    /// What is on the shelf, and the file that says so.
    pub(super) fn contents(&self) -> Result<(Contents, File), HomeError> {
        let mut file = match File::open(self.contents_path()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(HomeError::Damaged);
            }
            file => file?,
        };
        let mut sealed = Vec::new();
        file.read_to_end(&mut sealed)?;
        let plain = self.sealer.open(CONTENTS.as_bytes(), &sealed)?;
        let contents = postcard::from_bytes(&plain).map_err(|_| HomeError::Damaged)?;
        Ok((contents, file))
    }

    /// Says what is on the shelf from now on. All of it must be on the disk.
    pub(super) fn write(&self, contents: &Contents) -> Result<(), HomeError> {
        let plain = postcard::to_stdvec(contents).map_err(|_| HomeError::TooLarge)?;
        let sealed = self.sealer.seal(CONTENTS.as_bytes(), &plain)?;
        Ok(files::replace(&self.contents_path(), &sealed)?)
    }

    fn log_path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{LOG}{number}"))
    }

    /// Makes an empty shelf where there is none. A shelf that lost the file that says what is on it
    /// is not taken for an empty one.
    fn begin(&self) -> Result<(), HomeError> {
        if self.contents_path().exists() {
            return Ok(());
        }
        let first = SealedLog::header_bytes();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_begun = name == "log.0" && entry.metadata()?.len() == first;
            // What was being written when a process ended.
            let is_begun = is_begun || name == "log.new";
            let name = name.to_string_lossy();
            if !is_begun && (name.starts_with(LOG) || name.starts_with(run::PREFIX)) {
                return Err(HomeError::Damaged);
            }
        }
        SealedLog::begin(&self.log_path(0), self.sealer.clone())?;
        self.write(&Contents {
            log: 0,
            runs: Vec::new(),
        })
    }

    /// Takes away what `contents` does not name.
    pub(super) fn tidy(&self, contents: &Contents) -> Result<(), HomeError> {
        let named = self.log_path(contents.log);
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let is_log = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(LOG));
            if is_log && path != named {
                files::remove(&path)?;
            }
        }
        run::tidy(&self.folder, &contents.runs)
    }
}

/// An open shelf.
pub(super) struct Shelf {
    place: Place,
    sizes: Sizes,
    open: Open,
    merging: Option<JoinHandle<Result<(), HomeError>>>,
}

/// What was last read of a shelf.
struct Open {
    /// The file that says what is on it: while this is open no other has its number.
    contents: File,
    number: u64,
    log: SealedLog,
    /// Rows in the log, each as often as it was learnt.
    logged: usize,
    /// The log's rows.
    fresh: BTreeMap<Key, [u8; ROW_BYTES - KEY_BYTES]>,
    /// Oldest first.
    runs: Vec<Arc<Run>>,
}

impl Open {
    /// What is on the shelf now. Runs that `before` has open are not opened again.
    fn read(place: &Place, before: &[Arc<Run>]) -> Result<Self, HomeError> {
        let (contents, file) = place.contents()?;
        let runs = contents.runs.iter().map(|named| {
            let open = before.iter().find(|run| run.named == *named);
            match open {
                Some(run) => Ok(Arc::clone(run)),
                None => Ok(Arc::new(Run::open(&place.folder, &place.sealer, named)?)),
            }
        });
        Ok(Self {
            runs: runs.collect::<Result<_, HomeError>>()?,
            contents: file,
            number: contents.log,
            log: SealedLog::open(&place.log_path(contents.log), place.sealer.clone())?,
            logged: 0,
            fresh: BTreeMap::new(),
        })
    }

    /// Takes over what was appended to the log.
    fn read_on(&mut self) -> Result<(), HomeError> {
        let (fresh, logged) = (&mut self.fresh, &mut self.logged);
        self.log.read_on(&mut |record| {
            let (rows, rest) = record.as_chunks::<ROW_BYTES>();
            *logged += rows.len();
            rows.iter().for_each(|row| take(fresh, row));
            match rest {
                [] => Ok(()),
                _ => Err(HomeError::Damaged),
            }
        })
    }

    fn contents(&self) -> Contents {
        Contents {
            log: self.number,
            runs: self.runs.iter().map(|run| run.named.clone()).collect(),
        }
    }
}

impl Shelf {
    /// Opens the shelf in `folder`, or begins it.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn open(folder: PathBuf, sealer: Sealer, sizes: Sizes) -> Result<Self, HomeError> {
        let place = Place { folder, sealer };
        let _alone = place.alone()?;
        place.begin()?;
        let mut open = Open::read(&place, &[])?;
        open.read_on()?;
        Ok(Self {
            place,
            sizes,
            open,
            merging: None,
        })
    }

    /// Takes over what other processes did.
    fn refresh(&mut self) -> Result<(), HomeError> {
        if !files::is_called(&self.open.contents, &self.place.contents_path())? {
            self.open = Open::read(&self.place, &self.open.runs)?;
        }
        self.open.read_on()
    }

    /// Writes rows down; they are on the disk when this returns.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn learn(&mut self, rows: &[Row]) -> Result<(), HomeError> {
        if rows.is_empty() {
            return Ok(());
        }
        let _alone = self.place.alone()?;
        self.refresh()?;
        self.open.log.cut()?;
        for part in rows.chunks(RECORD_ROWS) {
            self.open.log.append(part.as_flattened())?;
            self.open.logged += part.len();
            let fresh = &mut self.open.fresh;
            part.iter().for_each(|row| take(fresh, row));
        }
        if self.open.logged >= self.sizes.fresh_rows {
            self.shelve()?;
        }
        self.merge_beside()
    }

    /// Makes the log a run.
    fn shelve(&mut self) -> Result<(), HomeError> {
        let part = self.place.folder.join(FRESH_PART);
        let mut writer = RunWriter::begin(&part, &self.place.sealer)?;
        for (key, rest) in &self.open.fresh {
            let mut row = [0; ROW_BYTES];
            row[..KEY_BYTES].copy_from_slice(key);
            row[KEY_BYTES..].copy_from_slice(rest);
            writer.push(&row)?;
        }
        let named = writer.finish(0)?;
        run::name(&self.place.folder, &part, &named)?;
        let mut contents = self.open.contents();
        contents.log += 1;
        contents.runs.push(named);
        SealedLog::begin(
            &self.place.log_path(contents.log),
            self.place.sealer.clone(),
        )?;
        self.place.write(&contents)?;
        self.place.tidy(&contents)?;
        self.refresh()
    }

    /// Merges runs where there are enough of one level, on a thread of its own.
    fn merge_beside(&mut self) -> Result<(), HomeError> {
        if self
            .merging
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
        {
            return Ok(());
        }
        self.merged()?;
        let merging = self.merging();
        if merging.is_due(&self.open.contents()) {
            self.merging = Some(std::thread::spawn(move || merging.run()));
        }
        Ok(())
    }

    /// Waits for the thread that merges, and tells what it met.
    pub(super) fn merged(&mut self) -> Result<(), HomeError> {
        match self.merging.take().map(JoinHandle::join) {
            None | Some(Err(_)) => Ok(()),
            Some(Ok(result)) => result,
        }
    }

    pub(super) fn merging(&self) -> Merging {
        Merging {
            place: self.place.clone(),
            fan_in: self.sizes.fan_in,
        }
    }

    /// The listings under each reference, in its place, by entry id.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`].
    pub(super) fn find(&mut self, references: &[Digest32]) -> Result<Vec<Vec<Known>>, HomeError> {
        {
            let _nobody_changes = self.place.to_read()?;
            self.refresh()?;
        }
        let mut wanted: Vec<([u8; 32], usize)> = Vec::with_capacity(references.len());
        wanted.extend(references.iter().map(|digest| digest.0).zip(0..));
        wanted.sort_unstable();
        let mut found = vec![Vec::new(); references.len()];
        for run in &self.open.runs {
            run.find(&wanted, &mut |at, row| newest(&mut found[at], row))?;
        }
        for (sought, at) in &wanted {
            let mut from = [0; KEY_BYTES];
            from[..32].copy_from_slice(sought);
            let fresh = self.open.fresh.range(from..);
            for (key, rest) in fresh.take_while(|(key, _)| key[..32] == sought[..]) {
                let mut row = [0; ROW_BYTES];
                row[..KEY_BYTES].copy_from_slice(key);
                row[KEY_BYTES..].copy_from_slice(rest);
                newest(&mut found[*at], &row);
            }
        }
        Ok(found)
    }

    /// How many listings there are.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`].
    pub(super) fn count(&mut self) -> Result<u64, HomeError> {
        {
            let _nobody_changes = self.place.to_read()?;
            self.refresh()?;
        }
        let mut count = self.open.fresh.len() as u64;
        let fresh = &self.open.fresh;
        run::merge(self.open.runs.iter().map(Arc::as_ref), &mut |row| {
            count += u64::from(!fresh.contains_key(super::row::key(row)));
            Ok(())
        })?;
        Ok(count)
    }
}

#[cfg(test)]
impl Shelf {
    pub(super) fn fresh_rows(&self) -> usize {
        self.open.fresh.len()
    }

    pub(super) fn index_bytes(&self) -> usize {
        self.open.runs.iter().map(|run| run.index_bytes()).sum()
    }

    pub(super) fn runs(&self) -> usize {
        self.open.runs.len()
    }
}

impl Drop for Shelf {
    /// What is merged when the process ends is merged again; waiting for it is cheaper.
    fn drop(&mut self) {
        let _told_nobody = self.merged();
    }
}

fn take(fresh: &mut BTreeMap<Key, [u8; ROW_BYTES - KEY_BYTES]>, row: &Row) {
    let (key, rest) = row.split_first_chunk().expect("48 of 72 bytes");
    fresh.insert(*key, rest.try_into().expect("the other 24"));
}

/// Adds a newer row's listing, or puts it in the place of an older one's. They stay in order.
fn newest(listings: &mut Vec<Known>, row: &Row) {
    let new = known(row);
    match listings.binary_search_by_key(&new.entry, |known| known.entry) {
        Ok(at) => listings[at] = new,
        Err(at) => listings.insert(at, new),
    }
}
