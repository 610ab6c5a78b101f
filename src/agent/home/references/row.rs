//! One listing as it stands in the files: reference digest (32 bytes), entry id (16), day of default
//! (i32), epoch (u32), element mark (16), integers little-endian. Rows are in order of their first 48
//! bytes, by which they are also told apart: a later row with the same takes an earlier one's place.

use super::{ElementMark, Known};
use crate::protocol::{Digest32, EntryId};

/// Bytes of a row.
pub(super) const ROW_BYTES: usize = 72;
/// Bytes by which rows are ordered and told apart.
pub(super) const KEY_BYTES: usize = 48;

pub(super) type Row = [u8; ROW_BYTES];
pub(super) type Key = [u8; KEY_BYTES];

/// A listing's row.
pub(super) fn row(reference: &Digest32, known: &Known) -> Row {
    let mut row = [0; ROW_BYTES];
    row[..32].copy_from_slice(&reference.0);
    row[32..48].copy_from_slice(&known.entry.0);
    row[48..52].copy_from_slice(&known.defaulted_on.to_le_bytes());
    row[52..56].copy_from_slice(&known.epoch.to_le_bytes());
    row[56..].copy_from_slice(&known.mark);
    row
}

/// A row's key.
pub(super) fn key(row: &Row) -> &Key {
    row.first_chunk().expect("48 of 72 bytes")
}

/// A row's reference.
pub(super) fn reference(row: &Row) -> &[u8; 32] {
    row.first_chunk().expect("32 of 72 bytes")
}

/// A row's listing.
pub(super) fn known(row: &Row) -> Known {
    let number = |at: usize| -> [u8; 4] { row[at..at + 4].try_into().expect("4 bytes") };
    let mark: ElementMark = row[56..].try_into().expect("16 bytes");
    Known {
        entry: EntryId(row[32..48].try_into().expect("16 bytes")),
        defaulted_on: i32::from_le_bytes(number(48)),
        epoch: u32::from_le_bytes(number(52)),
        mark,
    }
}
