//! What a job keeps so that it can be resumed: its seed, what was asked for, what the first reading
//! found, the plan of each list. All of it is gone when the job ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::manifest::Counts;
use super::spill::{Extent, remove_folder};
use super::{ScreenError, Screening, private_folder};
use crate::agent::{BulkPlan, FileDigests, Home, HomeError, JobFile};
use crate::hash::{HashKey, derive_key};
use crate::protocol::{ListId, Timestamp};
use crate::texts::Lang;

/// The folder of an unfinished job, beside its results.
const FOLDER: &str = "job";
const FILE: &str = "job.sealed";
/// From the job's seed to the key of what it spills.
const SPILLS: &str = "saring 2026 v1 screening spills";
/// From the job's seed to the key of the tokens by which people are told apart.
const TOKENS: &str = "saring 2026 v1 screening tokens";

/// What was asked for: a job is resumed only by the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    lists: Vec<ListId>,
    nik_column: Option<String>,
    keep_columns: bool,
    indonesian: bool,
}

impl Asked {
    fn of(job: &Screening<'_>) -> Self {
        Self {
            lists: job.lists.to_vec(),
            nik_column: job.nik_column.map(str::to_owned),
            keep_columns: job.keep_columns,
            indonesian: job.lang == Lang::Id,
        }
    }
}

/// What the first reading of the file found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Census {
    pub(super) digests: FileDigests,
    pub(super) bytes: u64,
    pub(super) counts: Counts,
    /// Where the repetitions lie, by range of first rows.
    pub(super) repeats: Vec<Extent>,
}

/// A job's seed: as secret as its NIKs.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Seed([u8; 32]);

/// One record of the job file.
#[derive(Serialize, Deserialize)]
enum Record {
    Begun {
        seed: Seed,
        asked: Asked,
        at: Timestamp,
    },
    Counted(Census),
    /// A list's plan; a later one takes the place of an earlier one.
    Planned {
        list: u32,
        plan: Vec<u8>,
    },
    /// Chunks of a list whose keys are on the disk.
    Kept {
        list: u32,
        chunks: u32,
    },
}

/// A job under way.
pub(super) struct Job {
    folder: PathBuf,
    file: JobFile,
    seed: Seed,
    pub(super) begun_at: Timestamp,
    pub(super) census: Option<Census>,
    plans: BTreeMap<u32, Zeroizing<Vec<u8>>>,
    kept: BTreeMap<u32, u32>,
    /// Whether an earlier process began it.
    pub(super) resumed: bool,
}

impl Job {
    /// Whether `out` holds an unfinished job.
    pub(super) fn is_unfinished(out: &Path) -> bool {
        out.join(FOLDER).join(FILE).exists()
    }

    /// Resumes the job in `out` or begins one.
    ///
    /// # Errors
    /// [`ScreenError::OtherJob`], [`ScreenError::Damaged`], [`ScreenError::Output`],
    /// [`ScreenError::Randomness`].
    pub(super) fn open(
        home: &Home,
        screening: &Screening<'_>,
        now: Timestamp,
    ) -> Result<Self, ScreenError> {
        let folder = screening.out.join(FOLDER);
        private_folder(&folder)?;
        let (file, records) = home.job_file(&folder.join(FILE))?;
        let asked = Asked::of(screening);
        let mut records = records.iter();
        let Some(first) = records.next() else {
            return Self::begin(folder, file, asked, now);
        };
        let Record::Begun {
            seed,
            asked: before,
            at,
        } = read(first)?
        else {
            return Err(ScreenError::Damaged);
        };
        if before != asked {
            return Err(ScreenError::OtherJob);
        }
        let mut job = Self::new(folder, file, seed, at);
        for record in records {
            job.take(read(record)?);
        }
        job.resumed = true;
        Ok(job)
    }

    fn begin(
        folder: PathBuf,
        file: JobFile,
        asked: Asked,
        now: Timestamp,
    ) -> Result<Self, ScreenError> {
        let mut seed = Seed([0; 32]);
        getrandom::fill(&mut seed.0).map_err(|_| ScreenError::Randomness)?;
        let mut job = Self::new(folder, file, seed.clone(), now);
        job.append(&Record::Begun {
            seed,
            asked,
            at: now,
        })?;
        Ok(job)
    }

    fn new(folder: PathBuf, file: JobFile, seed: Seed, begun_at: Timestamp) -> Self {
        Self {
            folder,
            file,
            seed,
            begun_at,
            census: None,
            plans: BTreeMap::new(),
            kept: BTreeMap::new(),
            resumed: false,
        }
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Begun { .. } => {}
            Record::Counted(census) => self.census = Some(census),
            Record::Planned { list, plan } => {
                self.plans.insert(list, Zeroizing::new(plan));
                self.kept.remove(&list);
            }
            Record::Kept { list, chunks } => {
                self.kept.insert(list, chunks);
            }
        }
    }

    fn append(&mut self, record: &Record) -> Result<(), ScreenError> {
        let bytes = postcard::to_stdvec(record).map_err(|_| HomeError::TooLarge)?;
        Ok(self.file.append(&Zeroizing::new(bytes))?)
    }

    fn record(&mut self, record: Record) -> Result<(), ScreenError> {
        self.append(&record)?;
        self.take(record);
        Ok(())
    }

    /// Writes down what the first reading found.
    pub(super) fn counted(&mut self, census: Census) -> Result<(), ScreenError> {
        self.record(Record::Counted(census))
    }

    /// The plan of a list, if one was made.
    pub(super) fn plan(&self, list: usize) -> Result<Option<BulkPlan>, ScreenError> {
        let bytes = self.plans.get(&(list as u32));
        Ok(bytes.map(|bytes| BulkPlan::from_bytes(bytes)).transpose()?)
    }

    /// Writes down the plan of a list; keys under an earlier one are worthless from now on.
    pub(super) fn planned(&mut self, list: usize, plan: &BulkPlan) -> Result<(), ScreenError> {
        let plan = plan.to_bytes()?.to_vec();
        self.record(Record::Planned {
            list: list as u32,
            plan,
        })
    }

    /// How many chunks of a list are known to be on the disk.
    pub(super) fn kept(&self, list: usize) -> u32 {
        self.kept.get(&(list as u32)).copied().unwrap_or(0)
    }

    /// Writes down that so many are.
    pub(super) fn keep(&mut self, list: usize, chunks: u32) -> Result<(), ScreenError> {
        self.record(Record::Kept {
            list: list as u32,
            chunks,
        })
    }

    /// A path for a list's files of one kind.
    pub(super) fn path(&self, kind: &str, list: usize) -> PathBuf {
        self.folder.join(format!("{kind}-{list}"))
    }

    /// A path for files that all lists share.
    pub(super) fn shared(&self, kind: &str) -> PathBuf {
        self.folder.join(kind)
    }

    /// The key of everything that the job spills.
    pub(super) fn spill_key(&self) -> HashKey {
        derive_key(SPILLS, &[&self.seed.0])
    }

    /// The key under which people are told apart.
    pub(super) fn token_key(&self) -> HashKey {
        derive_key(TOKENS, &[&self.seed.0])
    }

    /// Whether nothing was counted and nothing asked yet.
    pub(super) fn is_bare(&self) -> bool {
        self.census.is_none()
    }

    /// Ends the job: its seed is overwritten and gone, and so is all that it kept.
    ///
    /// # Errors
    /// [`ScreenError::Output`].
    pub(super) fn end(self) -> Result<(), ScreenError> {
        self.file.destroy()?;
        remove_folder(&self.folder)
    }
}

/// Gives up the unfinished job whose results go to `out`: its seed is overwritten and gone, and so is
/// all that it kept. What was charged stays charged. Whether there was one.
///
/// # Errors
/// [`ScreenError::Agent`] while another process works on it, [`ScreenError::Damaged`] for another
/// home's job, [`ScreenError::Output`], [`ScreenError::Randomness`].
pub fn discard(home: &Home, out: &Path) -> Result<bool, ScreenError> {
    if !Job::is_unfinished(out) {
        return Ok(false);
    }
    let folder = out.join(FOLDER);
    let (file, _) = home.job_file(&folder.join(FILE))?;
    file.destroy()?;
    remove_folder(&folder)?;
    Ok(true)
}

fn read(bytes: &[u8]) -> Result<Record, ScreenError> {
    postcard::from_bytes(bytes).map_err(|_| ScreenError::Damaged)
}
