//! Bounds on screening jobs, each with its unit and reason.

/// Lists of one job: each costs a few MiB of memory while results are written.
pub const MAX_SCREENED_LISTS: usize = 16;
/// Chunks of a list that are on their way at once: about 15 MiB of memory each, and enough that
/// both sides always have work.
pub const CHUNKS_IN_FLIGHT: usize = 4;
/// Chunks whose keys are written before they are forced to the disk: a power cut loses no more,
/// and what it loses is asked again free of charge.
pub const CHUNKS_TOGETHER: u32 = 32;
/// Bytes of one chunk of keys on disk: 16,384 keys, a receipt, the seal.
pub const MAX_KEPT_CHUNK_BYTES: usize = 256 << 10;
/// Bytes of memory for the buffers of records that are spilled to disk.
pub const SPILL_MEMORY_BYTES: usize = 16 << 20;
/// Bytes of one sealed block of spilled records.
pub const MAX_SPILL_BLOCK_BYTES: usize = 64 << 10;
/// Records that are sorted or compared together, where that gives at most 1,024 parts: they fit a
/// core's own cache. The most, half a million of the largest file, take some 20 MiB.
pub const RECORDS_TOGETHER: u64 = 1 << 14;
/// Parts of what is spilled, at most.
pub const MAX_SPILL_PARTS: u64 = 1_024;
/// Ranges that a file's rows are cut into, about.
pub const RANGES: u64 = 64;
/// Fewest rows of a range: fewer are not worth a file.
pub const LEAST_RANGE_ROWS: u32 = 1 << 10;
/// Most rows of a range: a byte of memory for each row and list.
pub const MOST_RANGE_ROWS: u32 = 1 << 22;
