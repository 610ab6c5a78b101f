//! Birth days of adults and how many were born on each.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The birthday of somebody who turns 17 on the reference day, 1 January 2026.
pub(super) const YOUNGEST: Date = date(2009, 1, 1);

/// The day after the birthday of somebody who turns 81 on the reference day.
const OLDEST: Date = date(1945, 1, 2);

/// (age reached, weight out of 256): people per year of age up to that age, relative to the
/// largest cohort. Rough, from general knowledge of Indonesia's age pyramid.
const COHORTS: [(i16, u16); 11] = [
    (24, 250),
    (29, 256),
    (34, 246),
    (39, 236),
    (44, 230),
    (49, 212),
    (54, 186),
    (59, 156),
    (64, 122),
    (69, 88),
    (80, 42),
];

/// A day on which somebody now 17 to 80 years old was born.
pub(super) struct BirthDay {
    pub(super) date: Date,
    /// 0-256.
    pub(super) weight: u16,
}

/// Every such day, ascending: 23,376 of them.
pub(super) static DAYS: LazyLock<Vec<BirthDay>> = LazyLock::new(|| {
    OLDEST
        .series(1.day())
        .take_while(|day| *day <= YOUNGEST)
        .map(|date| BirthDay {
            date,
            weight: weight(date),
        })
        .collect()
});

fn weight(date: Date) -> u16 {
    // The age on 1 January 2026: everybody but those born on 1 January has one birthday to go.
    let first_of_year = date.month() == 1 && date.day() == 1;
    let age = 2026 - date.year() - i16::from(!first_of_year);
    COHORTS
        .iter()
        .find(|(up_to, _)| age <= *up_to)
        .map_or(0, |(_, weight)| *weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_span_the_ages_17_to_80() {
        assert_eq!(DAYS.len(), 23_376);
        assert_eq!(
            (DAYS[0].date, DAYS[DAYS.len() - 1].date),
            (OLDEST, YOUNGEST)
        );
        assert!(DAYS.iter().all(|day| day.weight > 0 && day.weight <= 256));
    }
}
