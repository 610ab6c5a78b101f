//! Rows in ranges: the answers of one range are in memory together.

use crate::protocol::limits::screening::{LEAST_RANGE_ROWS, MOST_RANGE_ROWS, RANGES};

/// How a file's valid rows are cut into ranges of one power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranges {
    rows: u64,
    each: u32,
}

impl Ranges {
    /// The ranges of so many rows: always the same for the same number.
    pub(super) fn of_rows(rows: u64) -> Self {
        let fair = rows.div_ceil(RANGES).next_power_of_two();
        let most = u64::from(MOST_RANGE_ROWS);
        Self {
            rows,
            each: (fair.min(most) as u32).max(LEAST_RANGE_ROWS),
        }
    }

    /// The range of a row.
    pub(super) const fn of(self, place: u32) -> usize {
        (place / self.each) as usize
    }

    /// How many ranges there are, at least one.
    pub(super) fn count(self) -> usize {
        self.rows.div_ceil(u64::from(self.each)).max(1) as usize
    }

    /// Whether a row is the first of its range.
    pub(super) const fn begins(self, place: u32) -> bool {
        place.is_multiple_of(self.each)
    }

    /// How many rows the range has that begins at `start`.
    pub(super) fn rows_from(self, start: u32) -> u32 {
        let left = self.rows.saturating_sub(u64::from(start));
        left.min(u64::from(self.each)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_range_and_no_range_is_too_large() {
        for rows in [0, 1, 1_024, 1_025, 70_000, 42_000_000, 500_000_000] {
            let ranges = Ranges::of_rows(rows);
            assert!((LEAST_RANGE_ROWS..=MOST_RANGE_ROWS).contains(&ranges.each));
            let starts = (0..ranges.count() as u32).map(|range| range * ranges.each);
            let mut counted = 0;
            for (start, range) in starts.zip(0..) {
                assert!(ranges.begins(start));
                assert_eq!(ranges.of(start), range);
                counted += u64::from(ranges.rows_from(start));
            }
            assert_eq!(counted, rows);
        }
        assert_eq!(Ranges::of_rows(16_385).count(), 17);
    }
}
