//! The applicants of a file: valid rows, and each person among them once.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;

use zeroize::Zeroizing;

use super::manifest::Counts;
use super::results::Output;
use crate::protocol::limits::MAX_APPLICANTS;

use super::{Phase, Progress, ScreenError, Screening};
use crate::hash::HashKey;
use crate::intake::{ApplicantOptions, ApplicantReader, ErrorFile, FileProblem, Verdict};
use crate::nik::{MaskedNik, Nik};

/// Rows between two words about progress.
const STEP: u64 = 16_384;

/// One valid row.
pub(super) struct Row {
    /// As the spreadsheet numbers it, from 1.
    pub(super) number: u64,
    pub(super) nik: MaskedNik,
    /// The person's place among [`Applicants::people`].
    pub(super) person: u32,
}

/// What a file holds. The people's NIKs are wiped when this is dropped.
pub(super) struct Applicants {
    rows: Vec<Row>,
    people: Vec<Nik>,
    counts: Counts,
}

impl Applicants {
    /// Reads the file; rows that are no NIK go to the error file.
    pub(super) fn read(
        job: &Screening<'_>,
        output: &Output,
        progress: &mut dyn Progress,
    ) -> Result<Self, ScreenError> {
        let file = File::open(job.file).map_err(FileProblem::from)?;
        let options = ApplicantOptions {
            nik_column: job.nik_column,
            keep_others: false,
        };
        let mut reader = ApplicantReader::open(BufReader::new(file), options)?;
        let mut errors = ErrorFile::new(output.begin("errors.csv")?, &reader.header(), job.lang)?;
        let mut seen = Seen::new()?;
        let mut this = Self {
            rows: Vec::new(),
            people: Vec::new(),
            counts: Counts::default(),
        };
        while let Some(outcome) = reader.next().transpose()? {
            this.counts.rows += 1;
            if this.counts.rows > MAX_APPLICANTS {
                let limit = MAX_APPLICANTS;
                return Err(ScreenError::TooMany { limit });
            }
            match outcome.verdict {
                Verdict::Accepted(applicant) => this.take(outcome.row, applicant.nik, &mut seen),
                verdict => {
                    this.counts.invalid += 1;
                    for problem in verdict.problems() {
                        errors.write(problem, &outcome.echo)?;
                    }
                }
            }
            if this.counts.rows.is_multiple_of(STEP) {
                let read = reader.progress();
                progress.at(&Phase::Reading, read.done, read.total);
            }
        }
        let read = reader.progress();
        progress.at(&Phase::Reading, read.total, read.total);
        output.finish("errors.csv", errors.finish()?)?;
        Ok(this)
    }

    fn take(&mut self, number: u64, nik: Nik, seen: &mut Seen) {
        self.counts.valid += 1;
        // At most MAX_APPLICANTS, far below 2^32.
        let next = self.people.len() as u32;
        let person = seen.place(&nik, next);
        self.rows.push(Row {
            number,
            nik: nik.masked(),
            person,
        });
        if person == next {
            self.counts.unique += 1;
            self.people.push(nik);
        } else {
            self.counts.duplicate += 1;
        }
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Each person once, in the order of their first row.
    pub(super) fn people(&self) -> &[Nik] {
        &self.people
    }

    pub(super) const fn counts(&self) -> Counts {
        self.counts
    }
}

/// People seen so far, by 128-bit tokens under a key of this run: among 5*10^6 people two share a
/// token with a chance below 10^-24.
struct Seen {
    key: HashKey,
    places: HashMap<[u8; 16], u32>,
}

impl Seen {
    fn new() -> Result<Self, ScreenError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|_| ScreenError::Randomness)?;
        Ok(Self {
            key: HashKey::new(*key),
            places: HashMap::new(),
        })
    }

    /// The person's place: `next` if it is new.
    fn place(&mut self, nik: &Nik, next: u32) -> u32 {
        let hash = blake3::keyed_hash(self.key.expose(), nik.expose());
        let token = hash.as_bytes()[..16].try_into().expect("16 of 32 bytes");
        *self.places.entry(token).or_insert(next)
    }
}
