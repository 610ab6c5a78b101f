//! Bounds on a file that a person hands in, each with its unit and reason.

/// Bytes of a CSV file: 4.2 * 10^7 applicants at a hundred bytes a row, ten times over.
pub const MAX_CSV_BYTES: u64 = 40 << 30;
/// Bytes of an XLSX file as stored: a full sheet of 1,048,576 rows needs about 60 MiB.
pub const MAX_XLSX_BYTES: u64 = 128 << 20;
/// Bytes of an XLSX file's parts once inflated, all together: its texts are kept in memory.
pub const MAX_XLSX_INFLATED_BYTES: u64 = 1 << 30;
/// Parts (files inside) of an XLSX file: ordinary workbooks have a dozen.
pub const MAX_XLSX_PARTS: usize = 4_096;
/// Rows of a submission file: several times the largest list that an agency hands over, and as many
/// chunks as an upload's job file notes without growing long. (One sheet of a workbook holds
/// 1,048,576.)
pub const MAX_SUBMISSION_FILE_ROWS: u64 = 20_000_000;
/// Rows of a submission file that are remembered to find repetitions, about 150 bytes each: a whole
/// sheet. Of rows further apart the registry tells that they repeat each other.
pub const REMEMBERED_ROWS: usize = 1 << 20;
/// Rows of an applicants' file: ten times the largest programme known.
pub const MAX_APPLICANT_FILE_ROWS: u64 = 500_000_000;
/// Bytes of one row, all cells together: long addresses fit many times over.
pub const MAX_ROW_BYTES: usize = 64 << 10;
/// Columns of a row.
pub const MAX_COLUMNS: usize = 256;
/// Lines that one quoted cell may span: addresses have a handful.
pub const MAX_JOINED_LINES: usize = 32;
/// Characters of a cooperative's own reference.
pub const MAX_REFERENCE_CHARS: usize = 64;
/// Characters of a column's name that are echoed to a person.
pub const MAX_ECHOED_NAME_CHARS: usize = 40;
/// NIKs from which on a file is suspected of lost digits when nearly all end in 0.
pub const MIN_NIKS_FOR_ZERO_SUSPICION: u64 = 20;
