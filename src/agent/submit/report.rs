//! What came of an upload: totals that add up, and each row's fate as it becomes known.

use serde::{Deserialize, Serialize};

use super::chunk::Ready;
use super::job::Done;
use crate::agent::AgentError;
use crate::intake::{FileWarning, MaskedRow, Progress, RowProblem, RowWarning, Totals};
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::submission::RowRefusal;
use crate::protocol::{Digest32, Epoch, ListId};

/// What happens during an upload or a dry run.
#[derive(Clone, Copy)]
pub enum SubmitEvent<'a> {
    /// The file's header was understood.
    Header(&'a MaskedRow),
    /// A row of the file has a problem; one event a problem.
    Problem(&'a RowProblem, &'a MaskedRow),
    /// A row looks odd; it is taken all the same.
    Warning(&'a RowWarning),
    /// A row repeats an earlier one of the file.
    Repeated {
        /// The row, from 1.
        row: u64,
        /// The earlier row.
        first: u64,
    },
    /// The list refuses a good row.
    Refused {
        /// The row, from 1.
        row: u64,
        /// Why.
        reason: RowRefusal,
        /// The row with its NIK masked.
        echo: &'a MaskedRow,
    },
    /// A chunk is finished; how far the file is read.
    Progress(Progress),
}

/// Whoever is told: an error file, a progress bar.
pub trait SubmitWatcher: Send {
    /// Takes note of an event.
    ///
    /// # Errors
    /// What writing it down gives; the upload ends there and can be resumed.
    fn event(&mut self, event: SubmitEvent<'_>) -> std::io::Result<()>;
}

/// Nobody is told.
pub struct Unwatched;

impl SubmitWatcher for Unwatched {
    fn event(&mut self, _: SubmitEvent<'_>) -> std::io::Result<()> {
        Ok(())
    }
}

/// The digests of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigests {
    /// BLAKE3.
    pub blake3: Digest32,
    /// SHA-256.
    pub sha256: Digest32,
}

/// What came of an upload. `rows` is the sum of `new`, `updated`, `unchanged`, `repeated`,
/// `refused_by_file` and `refused_by_list`.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitReport {
    /// The list.
    pub list: ListId,
    /// Its epoch.
    pub epoch: Epoch,
    /// The file.
    pub file: FileDigests,
    /// Filled rows of the file, without its header.
    pub rows: u64,
    /// New listings.
    pub new: u64,
    /// Of these, people whom another organisation has listed already.
    pub also_listed_by_another: u64,
    /// Listings whose content was replaced.
    pub updated: u64,
    /// Listings that stood there already with the same content.
    pub unchanged: u64,
    /// Rows that repeat an earlier one of the file.
    pub repeated: u64,
    /// Rows with a problem of their own.
    pub refused_by_file: u64,
    /// Good rows that the list refuses.
    pub refused_by_list: u64,
    /// What looks odd about the file as a whole.
    pub warnings: Vec<FileWarning>,
    /// The registry's receipts, one a chunk.
    pub receipts: Vec<SignedReceipt>,
}

impl SubmitReport {
    pub(super) const fn empty(list: ListId, epoch: Epoch, file: FileDigests) -> Self {
        Self {
            list,
            epoch,
            file,
            rows: 0,
            new: 0,
            also_listed_by_another: 0,
            updated: 0,
            unchanged: 0,
            repeated: 0,
            refused_by_file: 0,
            refused_by_list: 0,
            warnings: Vec::new(),
            receipts: Vec::new(),
        }
    }

    /// Whether every row of the file is accounted for.
    #[must_use]
    pub const fn reconciles(&self) -> bool {
        let kept = self.new + self.updated + self.unchanged;
        self.rows == kept + self.repeated + self.refused_by_file + self.refused_by_list
    }

    pub(super) fn take(
        &mut self,
        rows: &[Ready],
        done: &Done,
        watcher: &mut dyn SubmitWatcher,
    ) -> Result<(), AgentError> {
        self.new += u64::from(done.new);
        self.also_listed_by_another += u64::from(done.also_listed_by_another);
        self.updated += u64::from(done.updated);
        self.unchanged += u64::from(done.unchanged);
        for (at, reason) in &done.refused {
            self.refused_by_list += 1;
            let ready = rows.get(*at as usize).ok_or(AgentError::Answer)?;
            ready.refused(*reason, watcher)?;
        }
        self.receipts.push(done.receipt.clone());
        Ok(())
    }

    pub(super) fn close(&mut self, totals: Totals, warnings: Vec<FileWarning>) {
        self.rows = totals.rows;
        self.repeated = totals.repeated;
        self.refused_by_file = totals.refused;
        self.warnings = warnings;
    }
}

/// What an upload would do, as far as this machine can tell.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DryRun {
    /// Filled rows of the file, without its header.
    pub rows: u64,
    /// Rows that the list's rules admit.
    pub good: u64,
    /// Rows that repeat an earlier one of the file.
    pub repeated: u64,
    /// Rows with a problem of their own.
    pub refused_by_file: u64,
    /// Good rows that the list's rules refuse.
    pub refused_by_list: u64,
    /// What looks odd about the file as a whole.
    pub warnings: Vec<FileWarning>,
}

impl DryRun {
    pub(super) fn close(&mut self, totals: Totals, warnings: Vec<FileWarning>) {
        self.rows = totals.rows;
        self.repeated = totals.repeated;
        self.refused_by_file = totals.refused;
        self.warnings = warnings;
    }
}
