//! What a home keeps of a portfolio for one epoch: for each borrower a mark, the filter key, the
//! masked NIK and the member's own reference, and what was told last. No NIK and no element N: a
//! snapshot is tested with the filter key alone.
//!
//! `portfolio/LIST/EPOCH.sealed` is a job file of the home: records of one kind byte and postcard,
//! appended one by one. It is overwritten and removed with its epoch.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::PortfolioError;
use super::borrowers::Borrower;
use crate::agent::{BulkPlan, Home, JobFile};
use crate::nik::Nik;
use crate::protocol::{Epoch, ListId};

/// A borrower's mark in one file: 16 bytes of the NIK's keyed hash under the file's salt.
pub(super) type Mark = [u8; 16];

/// One borrower as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) mark: Mark,
    pub(super) key: u64,
    pub(super) masked: String,
    pub(super) reference: Option<String>,
    pub(super) told: Told,
}

/// What was told of a borrower last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Told {
    /// Nothing yet.
    #[default]
    Nothing,
    Clear,
    Previously,
    Listed,
}

#[derive(Serialize, Deserialize)]
enum Record {
    /// The file's salt, and the plan of its evaluations.
    Begun(Vec<u8>, Vec<u8>),
    /// A chunk is about to be evaluated: its number and the digest of whom it holds.
    Asking(u32, [u8; 32]),
    /// A chunk was evaluated.
    People(Vec<Kept>),
    /// These are no longer borrowers.
    Gone(Vec<Mark>),
    /// These were told of, as that.
    Told(Vec<(Mark, Told)>),
}

/// A portfolio in one epoch.
pub(super) struct Portfolio {
    file: JobFile,
    salt: Zeroizing<[u8; 32]>,
    pub(super) plan: BulkPlan,
    /// The last chunk that was asked, and whom it held.
    asked: Option<(u32, [u8; 32])>,
    people: HashMap<Mark, Kept>,
}

impl Portfolio {
    /// The portfolio of a list's epoch, if there is one.
    pub(super) fn open(
        home: &Home,
        list: &ListId,
        epoch: Epoch,
    ) -> Result<Option<Self>, PortfolioError> {
        let path = path(home, list, epoch);
        if !path.exists() {
            return Ok(None);
        }
        let (file, records) = home.job_file(&path)?;
        let mut records = records.into_iter().map(|bytes| {
            let record = postcard::from_bytes::<Record>(&bytes);
            record.map_err(|_| PortfolioError::Damaged)
        });
        let (salt, plan) = match records.next().transpose()? {
            Some(Record::Begun(salt, plan)) => (Zeroizing::new(salt), Zeroizing::new(plan)),
            // A crash came between the file and its first record.
            None => {
                file.destroy()?;
                return Ok(None);
            }
            Some(_) => return Err(PortfolioError::Damaged),
        };
        let mut portfolio = Self {
            file,
            salt: Zeroizing::new(salt[..].try_into().map_err(|_| PortfolioError::Damaged)?),
            plan: BulkPlan::from_bytes(&plan)?,
            asked: None,
            people: HashMap::new(),
        };
        for record in records {
            portfolio.take(record?);
        }
        Ok(Some(portfolio))
    }

    /// Begins a portfolio in the plan's epoch.
    pub(super) fn begin(home: &Home, plan: BulkPlan) -> Result<Self, PortfolioError> {
        let path = path(home, plan.list(), plan.epoch());
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let (mut file, _) = home.job_file(&path)?;
        let mut salt = Zeroizing::new([0; 32]);
        getrandom::fill(salt.as_mut()).map_err(std::io::Error::other)?;
        let begun = Record::Begun(salt.to_vec(), plan.to_bytes()?.to_vec());
        append(&mut file, &begun)?;
        if let Record::Begun(mut salt, mut plan) = begun {
            salt.zeroize();
            plan.zeroize();
        }
        Ok(Self {
            file,
            salt,
            plan,
            asked: None,
            people: HashMap::new(),
        })
    }

    /// Destroys what is kept of a list in every epoch but `but`.
    pub(super) fn forget(
        home: &Home,
        list: &ListId,
        but: Option<Epoch>,
    ) -> Result<usize, PortfolioError> {
        let kept = but.map(|epoch| path(home, list, epoch));
        let Ok(entries) = fs::read_dir(folder(home, list)) else {
            return Ok(0);
        };
        let mut forgotten = 0;
        for entry in entries {
            let path = entry?.path();
            if Some(&path) != kept.as_ref() {
                home.job_file(&path)?.0.destroy()?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// A person's mark.
    pub(super) fn mark(&self, nik: &Nik) -> Mark {
        let hash = blake3::keyed_hash(&self.salt, nik.expose());
        hash.as_bytes()[..16].try_into().expect("16 of 32 bytes")
    }

    /// Whether a person is kept.
    pub(super) fn holds(&self, mark: &Mark) -> bool {
        self.people.contains_key(mark)
    }

    /// Everybody.
    pub(super) fn people(&self) -> impl ExactSizeIterator<Item = &Kept> {
        self.people.values()
    }

    /// The number of the chunk of these people: the one that a kill left unanswered, if it held the
    /// same, so that it is not charged again; else the next. It is on the disk when this returns.
    pub(super) fn number(&mut self, marks: &[Mark]) -> Result<u32, PortfolioError> {
        let digest = *blake3::hash(marks.as_flattened()).as_bytes();
        let number = match self.asked {
            Some((number, of)) if of == digest => return Ok(number),
            Some((number, _)) => number + 1,
            None => 0,
        };
        self.keep(Record::Asking(number, digest))?;
        Ok(number)
    }

    /// Keeps people with their keys.
    pub(super) fn add(
        &mut self,
        borrowers: &[&Borrower],
        keys: &[u64],
    ) -> Result<(), PortfolioError> {
        let kept = borrowers.iter().zip(keys).map(|(borrower, key)| Kept {
            mark: self.mark(&borrower.nik),
            key: *key,
            masked: borrower.nik.masked().to_string(),
            reference: borrower.reference.clone(),
            told: Told::Nothing,
        });
        let kept = kept.collect();
        self.keep(Record::People(kept))
    }

    /// Keeps nobody but these.
    pub(super) fn retain(&mut self, marks: &[Mark]) -> Result<usize, PortfolioError> {
        let stays: std::collections::HashSet<&Mark> = marks.iter().collect();
        let goes = self.people.keys().filter(|mark| !stays.contains(mark));
        let goes: Vec<Mark> = goes.copied().collect();
        let count = goes.len();
        if count > 0 {
            self.keep(Record::Gone(goes))?;
        }
        Ok(count)
    }

    /// Remembers what was told.
    pub(super) fn told(&mut self, told: Vec<(Mark, Told)>) -> Result<(), PortfolioError> {
        match told.is_empty() {
            true => Ok(()),
            false => self.keep(Record::Told(told)),
        }
    }

    fn keep(&mut self, record: Record) -> Result<(), PortfolioError> {
        append(&mut self.file, &record)?;
        self.take(record);
        Ok(())
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Begun(..) => {}
            Record::Asking(number, digest) => self.asked = Some((number, digest)),
            Record::People(people) => {
                let marked = people.into_iter().map(|kept| (kept.mark, kept));
                self.people.extend(marked);
            }
            Record::Gone(marks) => {
                for mark in marks {
                    self.people.remove(&mark);
                }
            }
            Record::Told(told) => {
                for (mark, told) in told {
                    if let Some(kept) = self.people.get_mut(&mark) {
                        kept.told = told;
                    }
                }
            }
        }
    }
}

fn append(file: &mut JobFile, record: &Record) -> Result<(), PortfolioError> {
    let bytes = postcard::to_stdvec(record).map_err(std::io::Error::other)?;
    Ok(file.append(&Zeroizing::new(bytes))?)
}

fn folder(home: &Home, list: &ListId) -> PathBuf {
    home.folder().join("portfolio").join(list.as_str())
}

fn path(home: &Home, list: &ListId, epoch: Epoch) -> PathBuf {
    folder(home, list).join(format!("{epoch}.sealed"))
}

fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}
