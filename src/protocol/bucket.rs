//! Buckets: all rows of the locators that share their first p bits, padded to R rows and sorted, so
//! that every bucket of a list has one size.

use serde::{Deserialize, Serialize};

use super::bytes::DecodeError;
use super::derive::SealKey;
use super::ids::Locator;
use super::limits::{MAX_BUCKET_BITS, MAX_MEAN_BUCKET_LOAD, ROW_BYTES, ROWS_PER_BUCKET};
use super::padding::PaddingKey;
use super::row::{Row, RowError, TAG_BYTES, open_row};
use super::summary::Summary;

/// Why a bucket cannot be assembled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// More real rows than a bucket holds: the list needs a revision with more bits.
    #[error("the bucket holds more rows than its revision allows")]
    Overflow,
    /// A row's first bits are not the bucket's number.
    #[error("a row belongs to another bucket")]
    ForeignRow,
}

/// Why a bucket is no evidence of anything: the answer is `UNAVAILABLE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketFault {
    /// Not exactly R rows of 128 bytes.
    #[error("the bucket's length is not the record's")]
    Length,
    /// A row's first bits are not the bucket's number.
    #[error("a row belongs to another bucket")]
    ForeignRow,
    /// The rows are not in order.
    #[error("the rows are not sorted")]
    Unsorted,
    /// A row has the person's tag and none with it opens.
    #[error("a row with the person's tag does not open")]
    Seal,
    /// A row with the person's tag opens and holds no summary.
    #[error("a row opens but holds no summary: {0}")]
    Summary(DecodeError),
    /// Two rows with the person's tag open.
    #[error("two rows open for one person")]
    Twice,
}

/// How a list is cut into buckets: bits p and rows R, as its record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawShape", into = "RawShape")]
pub struct BucketShape {
    bits: u8,
    rows: u32,
}

impl BucketShape {
    /// 2^`bits` buckets of `rows` rows; absent for more than [`MAX_BUCKET_BITS`] bits, no rows or
    /// more than 65,536.
    #[must_use]
    pub fn new(bits: u8, rows: u32) -> Option<Self> {
        let fits = bits <= MAX_BUCKET_BITS && (1..=1 << 16).contains(&rows);
        fits.then_some(Self { bits, rows })
    }

    /// The shape of a list of `entries` persons: [`bits_for`] and [`ROWS_PER_BUCKET`].
    #[must_use]
    pub const fn for_entries(entries: u64) -> Self {
        Self {
            bits: bits_for(entries),
            rows: ROWS_PER_BUCKET,
        }
    }

    /// p: the first bits of a locator that are its bucket's number.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// R: rows in each bucket.
    #[must_use]
    pub const fn rows(self) -> u32 {
        self.rows
    }

    /// How many buckets there are: numbers run from 0 to one less.
    #[must_use]
    pub const fn buckets(self) -> u32 {
        1 << self.bits
    }

    /// Bytes of each bucket.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.rows as usize * ROW_BYTES
    }

    fn bucket_of(self, row: &Row) -> u32 {
        let (head, _) = row.split_first_chunk().expect("32 of 128 bytes");
        Locator(*head).bucket(self.bits)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShape {
    bits: u8,
    rows: u32,
}

impl From<BucketShape> for RawShape {
    fn from(BucketShape { bits, rows }: BucketShape) -> Self {
        Self { bits, rows }
    }
}

impl TryFrom<RawShape> for BucketShape {
    type Error = DecodeError;

    fn try_from(raw: RawShape) -> Result<Self, DecodeError> {
        Self::new(raw.bits, raw.rows).ok_or(DecodeError::Field("bucket shape"))
    }
}

/// The least p with `entries` / 2^p at most [`MAX_MEAN_BUCKET_LOAD`], and at most
/// [`MAX_BUCKET_BITS`].
#[must_use]
pub const fn bits_for(entries: u64) -> u8 {
    let mut bits = 0;
    while bits < MAX_BUCKET_BITS && entries > MAX_MEAN_BUCKET_LOAD << bits {
        bits += 1;
    }
    bits
}

/// The bytes of `bucket`: its real `rows` and padding rows 0, 1, ... up to R, sorted.
///
/// # Errors
/// [`BucketError::Overflow`] for more than R rows, [`BucketError::ForeignRow`] for a row of another
/// bucket.
pub fn assemble(
    rows: &[Row],
    shape: BucketShape,
    bucket: u32,
    material: &[u8],
    padding: &PaddingKey,
) -> Result<Vec<u8>, BucketError> {
    let count = u32::try_from(rows.len()).map_err(|_| BucketError::Overflow)?;
    let missing = shape.rows.checked_sub(count).ok_or(BucketError::Overflow)?;
    if rows.iter().any(|row| shape.bucket_of(row) != bucket) {
        return Err(BucketError::ForeignRow);
    }
    let mut all = rows.to_vec();
    all.extend((0..missing).map(|index| padding.row(material, shape.bits, bucket, index)));
    // By tag, then by the rest of the row: one set of rows has one body.
    all.sort_unstable();
    Ok(all.into_flattened())
}

/// Looks for one person in a bucket's bytes: the summary, or nothing if the person has no row.
///
/// Every row is looked at whatever it holds. A padding row may by chance (2^-128 for a given pair)
/// show the person's tag, so each row with the tag is tried: exactly one must open, and the others
/// are taken for padding.
///
/// # Errors
/// Any [`BucketFault`]; the answer is then `UNAVAILABLE`, never a verdict.
pub fn scan(
    body: &[u8],
    shape: BucketShape,
    locator: &Locator,
    key: &SealKey,
    material: &[u8],
) -> Result<Option<Summary>, BucketFault> {
    let (rows, rest) = body.as_chunks::<ROW_BYTES>();
    if rows.len() != shape.rows as usize || !rest.is_empty() {
        return Err(BucketFault::Length);
    }
    let bucket = locator.bucket(shape.bits);
    let foreign = rows.iter().filter(|row| shape.bucket_of(row) != bucket);
    if foreign.count() != 0 {
        return Err(BucketFault::ForeignRow);
    }
    if !rows.is_sorted() {
        return Err(BucketFault::Unsorted);
    }
    let tag = locator.tag();
    let tagged = rows.iter().filter(|row| row[..TAG_BYTES] == tag);
    let outcomes: Vec<_> = tagged.map(|row| open_row(key, material, row)).collect();
    let mut opened = outcomes
        .iter()
        .filter(|o| !matches!(o, Err(RowError::Seal)));
    match (opened.next(), opened.next()) {
        (Some(_), Some(_)) => Err(BucketFault::Twice),
        (Some(Ok(summary)), None) => Ok(Some(*summary)),
        (Some(Err(RowError::Summary(fault))), None) => Err(BucketFault::Summary(*fault)),
        (Some(Err(RowError::Seal)), None) => Err(BucketFault::Seal),
        (None, _) if outcomes.is_empty() => Ok(None),
        (None, _) => Err(BucketFault::Seal),
    }
}

#[cfg(test)]
mod tests;
