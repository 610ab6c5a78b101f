//! What a job did, in one file: input, counts that add up, and where each list stood.

use std::path::Path;

use serde::Serialize;

use super::list::ListAnswers;
use crate::agent::FileDigests;
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::{Digest32, Epoch, ListId, Timestamp};

/// What everybody who opens the results is told, in Bahasa Indonesia and in English.
pub(super) const NOTICE: (&str, &str) = (
    "Hasil penyaringan massal ini bukan dasar tindakan terhadap satu orang.\n\
     Sebelum bertindak terhadap seseorang, jalankan `saring check` dan tinjau hasilnya.\n",
    "The results of this screening are no ground for acting against one person.\n\
     Before acting against anybody, run `saring check` and have a person review the answer.\n",
);

/// Whether a job may be called finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every count adds up and nothing is unavailable.
    Complete,
    /// Something could not be learnt, or does not add up.
    Incomplete,
}

/// The file that was screened.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// Its name, without its folder.
    pub name: String,
    /// Its digests.
    #[serde(flatten)]
    pub digests: FileDigests,
}

impl Input {
    pub(super) fn of(file: &Path, digests: FileDigests) -> Self {
        let name = file.file_name().unwrap_or_default();
        Self {
            name: name.to_string_lossy().into_owned(),
            digests,
        }
    }
}

/// Rows of the file: `rows = valid + invalid`, `valid = unique + duplicate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Filled rows, without the header.
    pub rows: u64,
    /// Rows with a valid NIK.
    pub valid: u64,
    /// Rows without one: see `errors.csv`.
    pub invalid: u64,
    /// People.
    pub unique: u64,
    /// Rows that repeat a person.
    pub duplicate: u64,
}

/// People on one list: `unique = listed + previously + not_listed + unavailable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListCounts {
    /// Listed.
    pub listed: u64,
    /// Previously listed.
    pub previously: u64,
    /// Not listed.
    pub not_listed: u64,
    /// Not known.
    pub unavailable: u64,
}

/// What one list said.
#[derive(Clone, Debug, Serialize)]
pub struct ListOutcome {
    /// The list.
    pub list: ListId,
    /// Its epoch.
    pub epoch: Epoch,
    /// How many custodians take part of how many, in words.
    pub trust: String,
    /// The list's last change that the snapshot knows.
    pub sequence: Option<u64>,
    /// The snapshot's signed time.
    pub as_of: Option<Timestamp>,
    /// People.
    pub counts: ListCounts,
    /// Why some or all are unavailable.
    pub reason: Option<String>,
    /// The registry's receipts, one a chunk.
    pub receipts: Vec<SignedReceipt>,
}

/// Where the time went, milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Timings {
    /// Reading the file.
    pub reading_ms: u64,
    /// Fetching snapshots, evaluating and looking up.
    pub lists_ms: u64,
    /// Writing the results.
    pub writing_ms: u64,
}

/// A job's manifest.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// The manifest's own version.
    pub version: u8,
    /// Whether the job may be called finished.
    pub status: Status,
    /// What to mind when using the results.
    pub notice: &'static str,
    /// The file that was screened.
    pub input: Input,
    /// Its rows.
    pub counts: Counts,
    /// One a list, in the order asked for.
    pub lists: Vec<ListOutcome>,
    /// The BLAKE3 digest of `results.csv`.
    pub results_blake3: Digest32,
    /// When the job began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Where the time went.
    pub timings: Timings,
}

impl Manifest {
    pub(super) fn new(
        input: Input,
        counts: Counts,
        lists: Vec<ListAnswers>,
        results_blake3: Digest32,
        (started_at, finished_at): (Timestamp, Timestamp),
        timings: Timings,
    ) -> Self {
        let outcome = |answers: ListAnswers| ListOutcome {
            counts: answers.counts(),
            list: answers.list,
            epoch: answers.epoch,
            trust: answers.trust,
            sequence: answers.sequence,
            as_of: answers.as_of,
            reason: answers.reason,
            receipts: answers.receipts,
        };
        let lists: Vec<ListOutcome> = lists.into_iter().map(outcome).collect();
        Self {
            version: 1,
            status: status(&counts, &lists),
            notice: NOTICE.0,
            input,
            counts,
            lists,
            results_blake3,
            started_at,
            finished_at,
            timings,
        }
    }
}

fn status(counts: &Counts, lists: &[ListOutcome]) -> Status {
    let rows = counts.rows == counts.valid + counts.invalid;
    let people = counts.valid == counts.unique + counts.duplicate;
    let answered = |list: &ListOutcome| {
        let ListCounts {
            listed,
            previously,
            not_listed,
            unavailable,
        } = list.counts;
        unavailable == 0 && listed + previously + not_listed == counts.unique
    };
    if rows && people && lists.iter().all(answered) {
        Status::Complete
    } else {
        Status::Incomplete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(listed: u64, not_listed: u64, unavailable: u64) -> ListOutcome {
        ListOutcome {
            list: ListId::parse("asn").expect("an id"),
            epoch: Epoch(1),
            trust: String::new(),
            sequence: None,
            as_of: None,
            counts: ListCounts {
                listed,
                previously: 0,
                not_listed,
                unavailable,
            },
            reason: None,
            receipts: Vec::new(),
        }
    }

    #[test]
    fn finished_is_said_only_when_everything_adds_up() {
        let counts = Counts {
            rows: 10,
            valid: 9,
            invalid: 1,
            unique: 7,
            duplicate: 2,
        };
        assert_eq!(status(&counts, &[list(3, 4, 0)]), Status::Complete);
        assert_eq!(
            status(&counts, &[list(3, 4, 0), list(3, 3, 1)]),
            Status::Incomplete
        );
        assert_eq!(status(&counts, &[list(3, 3, 0)]), Status::Incomplete);
        let lost = Counts { rows: 11, ..counts };
        assert_eq!(status(&lost, &[list(3, 4, 0)]), Status::Incomplete);
        let lost = Counts {
            duplicate: 1,
            ..counts
        };
        assert_eq!(status(&lost, &[list(3, 4, 0)]), Status::Incomplete);
    }
}
