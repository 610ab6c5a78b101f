//! Every bound of the product, with its unit and its reason. Overload and excess are typed answers.

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
/// Bytes of one snapshot part: 10^8 people have 8 bytes each, and some room.
pub const MAX_SNAPSHOT_BYTES: u64 = 1 << 30;
/// Entry ids in one removal request.
pub const MAX_REMOVALS: usize = 10_000;
/// Bytes of one evaluation request's body: a full chunk in the binary form.
pub const MAX_EVALUATION_BYTES: usize = MAX_CHUNK * 32 + 64;
/// Bytes of one removal request's body: ids of 32 digits with quotes, commas and white space.
pub const MAX_REMOVAL_BYTES: usize = 64 * MAX_REMOVALS;
/// Bytes of every other request's body.
pub const MAX_REQUEST_BYTES: usize = 64 << 10;
/// Listings kept for one person on one list: beyond it a submission is refused, not forgotten.
pub const MAX_LISTINGS_PER_PERSON: usize = 256;
/// Items on one page of any listing.
pub const MAX_PAGE: usize = 1_000;
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
/// How long an invitation lives, milliseconds.
pub const INVITATION_LIFE: i64 = 72 * HOUR;
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
/// Bytes after which no further command joins a group.
pub const STORE_GROUP_BYTES: usize = 32 << 20;
/// Bytes of memory for what is read from the store, by default.
pub const STORE_CACHE_BYTES: usize = 256 << 20;
/// Bytes of the store's disk that must be free for a write to be taken, by default.
pub const STORE_RESERVE_BYTES: u64 = 256 << 20;
/// Bytes that must be free before the store is opened again after its disk was full: opening writes
/// out what one write buffer of 32 MiB holds.
pub const STORE_HEAL_BYTES: u64 = 48 << 20;
