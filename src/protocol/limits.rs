//! Every bound of the product, with its unit and its reason. Overload and excess are typed answers.
//! What an operator sets is in the server's configuration; [`files`] has the bounds of files that
//! people hand in, [`screening`] those of screening jobs.

pub mod files;
pub mod screening;

use super::time::{DAY, HOUR, MINUTE, SECOND};

/// Shortest list or organisation id, bytes: shorter ones collide in people's heads.
pub const MIN_ID_BYTES: usize = 3;
/// Longest list or organisation id, bytes.
pub const MAX_ID_BYTES: usize = 48;
/// Longest officer id, bytes.
pub const MAX_OFFICER_BYTES: usize = 64;
/// Longest free text field of an organisation's legal record, bytes.
pub const MAX_LEGAL_FIELD_BYTES: usize = 200;

/// Elements in one evaluation chunk: 512 KiB of request, and the RFC's proofs number items in u16.
pub const MAX_CHUNK: usize = crate::oprf::MAX_CHUNK;
/// Listings in one submission request: keeps a body under [`MAX_SUBMISSION_BYTES`].
pub const MAX_SUBMISSION_ROWS: usize = 10_000;
/// Bytes of one submission request's body.
pub const MAX_SUBMISSION_BYTES: usize = 4 << 20;
/// Keys of one snapshot: a person with several programmes' reasons has one in each category. Their
/// index is 1 MiB at most.
pub const MAX_SNAPSHOT_KEYS: u64 = 1 << 32;
/// Bytes of a snapshot's index: a digest of 32 bytes for each chunk of 131,072 keys, and its titles.
pub const MAX_SNAPSHOT_INDEX_BYTES: u64 = (MAX_SNAPSHOT_KEYS / 131_072) * 32 + 4096;
/// Bytes of a snapshot that one answer brings: one chunk, so that many may be answered at once.
pub const MAX_SNAPSHOT_RANGE_BYTES: u64 = 1 << 20;
/// People of a list whose first snapshot is built while its asker waits: a second or less. A larger
/// one is built in the background.
pub const SNAPSHOT_BUILT_AT_ONCE: u64 = 1_000_000;
/// Ranges of a list that are read at once for a snapshot, where the machine has as many cores.
pub const SNAPSHOT_RANGES: usize = 4;
/// Moves of filter keys after which a snapshot is built again at the earliest.
pub const MIN_MOVES_BEFORE_REBUILD: u64 = 4_096;
/// Moves of filter keys after which a snapshot is built again at the latest.
pub const MAX_MOVES_BEFORE_REBUILD: u64 = 1 << 20;
/// Moves of filter keys that are kept at least, for deltas, while they are young enough: about 20
/// bytes each.
pub const MOVES_KEPT_AT_LEAST: u64 = 16_384;
/// Moves of filter keys that are kept at most, but for those after the newest snapshot.
pub const MOVES_KEPT_AT_MOST: u64 = 1 << 21;
/// How long moves and deltas over a switch of versions are kept, milliseconds: whose copy is older
/// fetches a snapshot, and who left a list is not to be seen in its past for ever.
pub const MOVES_KEPT_FOR: i64 = 35 * DAY;
/// How old a snapshot from which somebody moved becomes before it is built again, milliseconds: so
/// long may one who left stand in what clients begin with, and no move after it can be forgotten.
pub const SNAPSHOT_KEPT_FOR: i64 = 7 * DAY;
/// How long the snapshot before the newest stays for whoever is still fetching it, milliseconds.
pub const OLD_SNAPSHOT_KEPT_FOR: i64 = DAY;
/// Deltas over a switch of versions that are kept for a list: the oldest goes.
pub const SWITCH_DELTAS_KEPT: usize = 8;
/// How long a delta that was made is served again where nothing changed, milliseconds: after a switch
/// many ask for the same one.
pub const DELTA_SERVED_AGAIN_FOR: i64 = HOUR;
/// Keys of one delta: 16 MiB of body. More is a snapshot's work.
pub const MAX_DELTA_KEYS: usize = 1 << 21;
/// Bytes of one delta: its keys and the titles of its groups.
pub const MAX_DELTA_BYTES: u64 = MAX_DELTA_KEYS as u64 * 8 + (64 << 10);
/// Entry ids in one removal request.
pub const MAX_REMOVALS: usize = 10_000;
/// Bytes of one evaluation request's body: a full chunk in the binary form.
pub const MAX_EVALUATION_BYTES: usize = MAX_CHUNK * 32 + 64;
/// Bytes of one removal request's body: ids of 32 digits with quotes, commas and white space.
pub const MAX_REMOVAL_BYTES: usize = 64 * MAX_REMOVALS;
/// Bytes of an administrative order's content, a list's policy included.
pub const MAX_ADMINISTRATION_BYTES: usize = 16 << 10;
/// Bytes of an admission to a custodian's roll.
pub const MAX_ADMISSION_BYTES: usize = 4 << 10;
/// Bytes of every other request's body.
pub const MAX_REQUEST_BYTES: usize = 64 << 10;
/// Bytes of one text of a handing over (berita acara serah terima).
pub const MAX_HANDOVER_TEXT_BYTES: usize = 500;
/// Clauses of use of one handing over.
pub const MAX_CLAUSES: usize = 16;
/// Listings kept for one person on one list: beyond it a submission is refused, not forgotten.
pub const MAX_LISTINGS_PER_PERSON: usize = 256;
/// Items on one page of any listing.
pub const MAX_PAGE: usize = 1_000;
/// Heads a client keeps to recognise a second body for one of them: about 70 KB on disk. The oldest
/// goes first.
pub const MAX_REMEMBERED_HEADS: usize = 256;
/// People in one check: each costs a bucket of 64 KiB, so more is a screening's work.
pub const MAX_CHECKED: usize = 256;
/// Borrowers of one member's watched portfolio on one list: about 150 bytes of memory each.
pub const MAX_PORTFOLIO: usize = 1_000_000;
/// Bytes of one record of the agent's sealed logs in clear: ten thousand outcomes of a submission
/// fit many times over.
pub const MAX_SEALED_RECORD_BYTES: usize = 8 << 20;
/// Custodians of one list.
pub const MAX_CUSTODIANS: usize = crate::oprf::MAX_CUSTODIANS as usize;

/// How far an order's or a signed read's time may be from the server's, milliseconds either side.
pub const ORDER_WINDOW: i64 = 5 * MINUTE;
/// How old a bucket's head may be for a check, milliseconds.
pub const MAX_BUCKET_AGE: i64 = 60 * SECOND;
/// How old a snapshot's head may be before it no longer says "clear", milliseconds.
pub const MAX_SNAPSHOT_AGE: i64 = 24 * HOUR;
/// How far the clock may be ahead of the last committed time before expiry stops, milliseconds.
pub const MAX_CLOCK_LEAP: i64 = 24 * HOUR;
/// How far the local clock may be behind a head's time, milliseconds: what clocks that are kept
/// right differ by. More means that the local clock cannot tell how old anything is.
pub const MAX_CLOCK_LAG: i64 = 5 * SECOND;
/// How old the last committed time may grow before a pass commits the time alone, milliseconds: an
/// idle registry must not look like one whose clock leapt.
pub const NOTE_TIME_AFTER: i64 = HOUR;
/// How long an invitation lives, milliseconds.
pub const INVITATION_LIFE: i64 = 72 * HOUR;
/// Days an epoch lasts at most: it bounds how long a member who kept an element can watch a person.
pub const MAX_EPOCH_DAYS: u16 = 366;
/// How long an epoch lives by default, days.
pub const DEFAULT_EPOCH_DAYS: i64 = 60;
/// Longest life of a listing from its first day to its end as `PREVIOUSLY`, milliseconds: 8 years.
pub const MAX_LISTING_LIFE: i64 = 8 * 365 * DAY + 2 * DAY;
/// Default look-back after payoff or expiry, milliseconds: 24 months.
pub const DEFAULT_LOOK_BACK: i64 = 730 * DAY;

/// Bytes of one sealed row: tag 16, nonce 24, summary 72, authenticator 16.
pub const ROW_BYTES: usize = 128;
/// Bytes of a summary in clear.
pub const SUMMARY_BYTES: usize = 72;
/// Rows in one bucket: 64 KiB whatever the list.
pub const ROWS_PER_BUCKET: u32 = 512;
/// Entries a bucket holds on average at most: with 512 rows, an overflow is about 6 sigma away.
pub const MAX_MEAN_BUCKET_LOAD: u64 = 393;
/// Most bits of a bucket number: 2^24 buckets of 393 hold 6.6*10^9 people.
pub const MAX_BUCKET_BITS: u8 = 24;

/// Bytes of one entry of an append-only log: several times the largest removal order.
pub const MAX_LOG_ENTRY_BYTES: usize = 4 << 20;
/// Bytes of one frame of an append-only log, so that reading it back takes little memory.
pub const MAX_LOG_FRAME_BYTES: usize = 16 << 20;
/// Commands that wait for the store's committer; further ones wait outside.
pub const STORE_QUEUE: usize = 1_024;
/// Commands that the store commits together.
pub const STORE_GROUP: usize = 256;
/// Changes whose moves are forgotten in one command.
pub const STORE_ROWS_TOGETHER: usize = 1_000;
/// Bytes after which no further command joins a group.
pub const STORE_GROUP_BYTES: usize = 32 << 20;
/// Bytes of one command after which no further command joins its group: it need not be kept for
/// them to read, and its fsync is small beside its writing.
pub const STORE_LARGE_COMMAND_BYTES: usize = 1 << 20;
/// Bytes of memory for what is read from the store and for what is not written out yet, by default.
pub const STORE_CACHE_BYTES: usize = 192 << 20;
/// Bytes of the store's disk that must be free for a write to be taken, by default.
pub const STORE_RESERVE_BYTES: u64 = 256 << 20;
/// Bytes that must be free before the store is opened again after its disk was full: opening writes
/// out at most what the write buffers held.
pub const STORE_HEAL_BYTES: u64 = 64 << 20;
/// Bytes of the removal journal's disk that must be free for a write to be taken: two of the longest
/// frames. No write is taken that could not be taken back by a removal.
pub const STORE_JOURNAL_RESERVE_BYTES: u64 = 32 << 20;
/// People re-decided in one change of an expiry pass.
pub const EXPIRED_TOGETHER: usize = 500;
/// Nonces of signed reads remembered at most, 16 bytes each: 1,700 reads a second for the ten
/// minutes that a read may be fresh.
pub const MAX_NONCES: usize = 1 << 20;
/// Nonces of one organisation at most, so that none fills the memory of all.
pub const MAX_NONCES_PER_ORGANISATION: usize = 1 << 17;
/// Organisations and lists whose own buckets a registry remembers: 4 bytes an entry each.
pub const MAX_REMEMBERED_OWN_BUCKETS: usize = 32;
/// Acts that wait for a custodian's ledger; further ones are told to come back.
pub const LEDGER_QUEUE: usize = 4_096;
/// Acts that share one fsync of a custodian's ledger.
pub const LEDGER_GROUP: usize = 512;
/// Bytes of request bodies that are still arriving, all connections together. Whoever sends slowly
/// holds what it sent and no place among the requests at work; beyond this, requests are shed.
pub const MAX_ARRIVING_BYTES: usize = 128 << 20;
/// Pieces of bulk arithmetic at once: a second one fills the cores while the first is in a part that
/// one core does. More would only make each of them later.
pub const BULK_AT_ONCE: usize = 2;
/// Pieces of bulk arithmetic of one organisation, running and waiting, by default.
pub const BULK_EACH: usize = 8;

/// Bytes of the server's configuration file.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;
/// Bytes of a key or passphrase file.
pub const MAX_KEY_FILE_BYTES: u64 = 16 << 10;
/// Bytes of the one line of a key file, its end included.
pub const MAX_KEY_LINE_BYTES: usize = 256;
/// Bytes of an escrow file: about 100,000 keys.
pub const MAX_ESCROW_BYTES: u64 = 16 << 20;
/// Bytes of a problem document that is parsed.
pub const MAX_PROBLEM_BYTES: usize = 64 << 10;
