//! Why the store does not do what it is asked.

/// Why the store does not do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The backend does not answer, or a write's fate is not known.
    #[error("the store does not answer")]
    Unavailable,
    /// The disk is full; nothing was written.
    #[error("the disk is full")]
    Full,
    /// What the store holds does not read.
    #[error("the store holds bytes that do not read")]
    Corrupt,
    /// The same order id came with other content.
    #[error("the order id came with other content")]
    OrderConflict,
    /// Something else stands in the change's place.
    #[error("something else stands there already")]
    Exists,
    /// The invitation's code is unknown, used or past its time.
    #[error("the invitation is unknown, used or past its time")]
    BadInvitation,
    /// The list, organisation or view is not there.
    #[error("not there")]
    Missing,
    /// The store was written by another version.
    #[error("the store has schema version {found}, this program reads {expected}")]
    Schema {
        /// The version found.
        found: u32,
        /// The version this program reads and writes.
        expected: u32,
    },
    /// The database holds less than the signed high-water mark says it acknowledged.
    #[error("the database is at commit {found}, but {acknowledged} were acknowledged")]
    BelowMark {
        /// The commits the database holds.
        found: u64,
        /// The commits that were acknowledged.
        acknowledged: u64,
    },
    /// The high-water mark or the journal is missing, or its signature does not verify.
    #[error("the mark or journal outside the database is missing or not ours")]
    Mark,
    /// Another process has the store open.
    #[error("another process has the store open")]
    Locked,
    /// An entry is longer than a log takes.
    #[error("an entry is longer than a log takes")]
    TooLarge,
    /// A decision names a locator twice or one that was not asked for, or gives a row, a section
    /// or a due time to nobody.
    #[error("a decision does not fit what was asked")]
    BadDecision,
}
