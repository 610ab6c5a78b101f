//! What a job did, in one file: input, counts that add up, and where each list stood.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::list::ListAnswers;
use super::results::{Receipts, Written};
use crate::agent::FileDigests;
use crate::protocol::codes::Reason;
use crate::protocol::{AnswerClass, Digest32, Epoch, ListId, ListKind, Timestamp};

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
    /// Every count and digest reconciles and nothing is unavailable.
    Complete,
    /// Something could not be learnt, or does not reconcile. The same call goes on.
    Incomplete,
}

/// The file that was screened.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// Its name, without its folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digests.
    #[serde(flatten)]
    pub digests: FileDigests,
}

impl Input {
    pub(super) fn of(file: &Path, bytes: u64, digests: FileDigests) -> Self {
        let name = file.file_name().unwrap_or_default();
        Self {
            name: name.to_string_lossy().into_owned(),
            bytes,
            digests,
        }
    }
}

/// Rows of the file: `rows = valid + invalid`, `valid = unique + duplicate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// People of one class and category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CategoryCount {
    /// The class.
    pub class: AnswerClass,
    /// A programme's reason; none for debtors.
    pub category: Option<Reason>,
    /// People.
    pub people: u64,
}

/// Where the time went on a list, milliseconds, in the run that ended the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ListTimings {
    /// Blinding, evaluation, verification.
    pub evaluating_ms: u64,
    /// Fetching the snapshot.
    pub fetching_ms: u64,
    /// Sorting and merging.
    pub looking_up_ms: u64,
}

/// What one list said.
#[derive(Clone, Debug, Serialize)]
pub struct ListOutcome {
    /// The list.
    pub list: ListId,
    /// Its kind.
    pub kind: ListKind,
    /// The epoch that answered.
    pub epoch: Epoch,
    /// Epochs that ended while the job ran: the list was begun anew each time.
    pub left_epochs: Vec<Epoch>,
    /// How many custodians take part of how many, in words.
    pub trust: String,
    /// The list's last change that the snapshot knows.
    pub sequence: Option<u64>,
    /// The snapshot's signed time.
    pub as_of: Option<Timestamp>,
    /// People on the list, by the snapshot.
    pub entries: Option<u64>,
    /// People.
    pub counts: ListCounts,
    /// People found, by class and category.
    pub categories: Vec<CategoryCount>,
    /// How many people are to be expected among those found by chance alone, because two people
    /// may share a 64-bit key: `entries * unique / 2^64`.
    pub expected_false_hits: f64,
    /// Why some or all are unavailable.
    pub reason: Option<String>,
    /// Chunks that were evaluated.
    pub chunks: u32,
    /// The registry's receipts, one a chunk; none on a list that nobody evaluates for.
    pub receipts: Option<Receipts>,
    /// Where the time went.
    pub timings: ListTimings,
}

/// Where the time went, milliseconds, in the run that ended the job.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Timings {
    /// Reading the file and finding repetitions; in a resumed job, reading its digests.
    pub reading_ms: u64,
    /// Evaluating, fetching snapshots and looking up.
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
    /// Whether it was resumed.
    pub resumed: bool,
    /// Where the time went.
    pub timings: Timings,
}

/// All that a manifest is made of.
pub(super) struct Made {
    pub(super) input: Input,
    pub(super) counts: Counts,
    pub(super) lists: Vec<(ListAnswers, Option<Receipts>)>,
    pub(super) written: Written,
    pub(super) started_at: Timestamp,
    pub(super) finished_at: Timestamp,
    pub(super) resumed: bool,
    pub(super) timings: Timings,
}

impl Manifest {
    pub(super) fn of(made: Made) -> Self {
        let counts = made.counts;
        let lists = made.lists.into_iter();
        let lists: Vec<ListOutcome> = lists
            .map(|(answers, receipts)| outcome(&answers, receipts, counts.unique))
            .collect();
        let reconciled = reconciles(&counts, &made.input.digests, &lists, &made.written);
        Self {
            version: 2,
            status: match reconciled {
                true => Status::Complete,
                false => Status::Incomplete,
            },
            notice: NOTICE.0,
            input: made.input,
            counts,
            lists,
            results_blake3: made.written.digest,
            started_at: made.started_at,
            finished_at: made.finished_at,
            resumed: made.resumed,
            timings: made.timings,
        }
    }
}

fn outcome(answers: &ListAnswers, receipts: Option<Receipts>, unique: u64) -> ListOutcome {
    let people = answers.found.iter().flat_map(|found| &found.people);
    let categories = answers.titles.iter().zip(people);
    let millis = |spent: std::time::Duration| spent.as_millis().try_into().unwrap_or(u64::MAX);
    ListOutcome {
        list: answers.list.clone(),
        kind: answers.kind,
        epoch: answers.epoch,
        left_epochs: answers.left.clone(),
        trust: answers.trust.clone(),
        sequence: answers.sequence,
        as_of: answers.as_of,
        entries: answers.entries,
        counts: answers.counts(unique),
        categories: categories
            .map(|(title, &people)| CategoryCount {
                class: title.class,
                category: title.category,
                people,
            })
            .collect(),
        expected_false_hits: false_hits(answers.entries.unwrap_or(0), unique),
        reason: answers.reason.clone(),
        chunks: answers.kept.chunks,
        receipts,
        timings: ListTimings {
            evaluating_ms: millis(answers.spent.evaluating),
            fetching_ms: millis(answers.spent.fetching),
            looking_up_ms: millis(answers.spent.looking_up),
        },
    }
}

fn false_hits(entries: u64, people: u64) -> f64 {
    entries as f64 * people as f64 / 2_f64.powi(64)
}

/// Whether everything adds up: the rows, the people, each list's answers as they were found and
/// as they were written down, a receipt for each chunk, and one file in every reading.
fn reconciles(
    counts: &Counts,
    input: &FileDigests,
    lists: &[ListOutcome],
    written: &Written,
) -> bool {
    let rows = counts.rows == counts.valid + counts.invalid && counts.valid == written.rows;
    let people = counts.valid == counts.unique + counts.duplicate;
    let answered = |(list, written): (&ListOutcome, &ListCounts)| {
        let ListCounts {
            listed,
            previously,
            not_listed,
            unavailable,
        } = list.counts;
        let receipts = list.receipts.as_ref().map(|receipts| receipts.count);
        let expected = list.kind.is_oprf().then_some(list.chunks);
        unavailable == 0
            && list.reason.is_none()
            && listed + previously + not_listed == counts.unique
            && *written == list.counts
            && receipts == expected
    };
    rows && people
        && written.input == *input
        && written.lists.len() == lists.len()
        && lists.iter().zip(&written.lists).all(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Counts = Counts {
        rows: 10,
        valid: 9,
        invalid: 1,
        unique: 7,
        duplicate: 2,
    };

    fn list(listed: u64, not_listed: u64, unavailable: u64) -> ListOutcome {
        ListOutcome {
            list: ListId::parse("asn").expect("an id"),
            kind: ListKind::OprfNik,
            epoch: Epoch(1),
            left_epochs: Vec::new(),
            trust: String::new(),
            sequence: None,
            as_of: None,
            entries: None,
            counts: ListCounts {
                listed,
                previously: 0,
                not_listed,
                unavailable,
            },
            categories: Vec::new(),
            expected_false_hits: 0.0,
            reason: None,
            chunks: 1,
            receipts: Some(Receipts {
                file: String::new(),
                count: 1,
                blake3: Digest32([0; 32]),
            }),
            timings: ListTimings {
                evaluating_ms: 0,
                fetching_ms: 0,
                looking_up_ms: 0,
            },
        }
    }

    const INPUT: FileDigests = FileDigests {
        blake3: Digest32([1; 32]),
        sha256: Digest32([2; 32]),
    };

    fn holds(counts: Counts, lists: &[ListOutcome]) -> bool {
        let written = Written {
            digest: Digest32([0; 32]),
            rows: counts.valid,
            lists: lists.iter().map(|list| list.counts).collect(),
            input: INPUT,
        };
        reconciles(&counts, &INPUT, lists, &written)
    }

    #[test]
    fn finished_is_said_only_when_everything_adds_up() {
        assert!(holds(COUNTS, &[list(3, 4, 0)]));
        assert!(!holds(COUNTS, &[list(3, 4, 0), list(3, 3, 1)]));
        assert!(!holds(COUNTS, &[list(3, 3, 0)]));
        assert!(!holds(Counts { rows: 11, ..COUNTS }, &[list(3, 4, 0)]));
        let lost = Counts {
            duplicate: 1,
            ..COUNTS
        };
        assert!(!holds(lost, &[list(3, 4, 0)]));
        let unreceipted = ListOutcome {
            receipts: None,
            ..list(3, 4, 0)
        };
        assert!(!holds(COUNTS, &[unreceipted]));
    }

    #[test]
    fn what_was_written_down_is_held_to_what_was_found() {
        let lists = [list(3, 4, 0)];
        let good = Written {
            digest: Digest32([0; 32]),
            rows: 9,
            lists: vec![lists[0].counts],
            input: INPUT,
        };
        assert!(reconciles(&COUNTS, &INPUT, &lists, &good));
        let short = Written {
            rows: 8,
            ..good.clone()
        };
        assert!(!reconciles(&COUNTS, &INPUT, &lists, &short));
        let other = Written {
            lists: vec![list(4, 3, 0).counts],
            ..good.clone()
        };
        assert!(!reconciles(&COUNTS, &INPUT, &lists, &other));
        let changed = Written {
            input: FileDigests {
                sha256: Digest32([3; 32]),
                ..INPUT
            },
            ..good
        };
        assert!(!reconciles(&COUNTS, &INPUT, &lists, &changed));
    }

    #[test]
    fn the_false_hits_of_the_two_sizes_that_are_talked_about() {
        let close = |value: f64, expected: f64| (value / expected - 1.0).abs() < 0.2;
        assert!(close(false_hits(10_000_000, 42_000_000), 2.3e-5));
        assert!(close(false_hits(100_000_000, 42_000_000), 2.3e-4));
    }
}
