//! Time as a value: the clock is handed in, never read here.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The time `milliseconds` later (earlier if negative), saturating.
    #[must_use]
    pub const fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to `self`, saturating; negative if `self` comes first.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The UTC day this time falls on.
    #[must_use]
    pub fn date(self) -> Date {
        Date(i32::try_from(self.0.div_euclid(DAY)).unwrap_or(i32::MAX))
    }
}

/// One second in milliseconds.
pub const SECOND: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// A UTC day: days since 1970-01-01. JSON carries `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// The first moment of the day.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as i64 * DAY)
    }

    /// The civil date, absent outside the years -9999 to 9999.
    #[must_use]
    pub fn civil(self) -> Option<jiff::civil::Date> {
        UNIX_EPOCH
            .checked_add(jiff::Span::new().try_days(self.0).ok()?)
            .ok()
    }

    /// The day of a civil date.
    #[must_use]
    pub fn of(date: jiff::civil::Date) -> Self {
        let days = UNIX_EPOCH.until(date).map_or(0, |span| span.get_days());
        Self(days)
    }
}

const UNIX_EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.civil() {
            Some(date) => serializer.collect_str(&date),
            None => Err(serde::ser::Error::custom("date out of range")),
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        jiff::civil::Date::deserialize(deserializer).map(Self::of)
    }
}

super::schema::schema!(Timestamp, super::schema::milliseconds());
super::schema::schema!(Date, super::schema::day());

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_agree() {
        assert_eq!(Timestamp(0).date(), Date(0));
        assert_eq!(Timestamp(-1).date(), Date(-1));
        assert_eq!(Timestamp(DAY).date().start(), Timestamp(DAY));
        assert_eq!(
            Date::of(jiff::civil::date(2024, 2, 29)).civil(),
            Some(jiff::civil::date(2024, 2, 29))
        );
        assert_eq!(
            serde_json::to_string(&Date(0)).expect("serialises"),
            "\"1970-01-01\""
        );
        assert_eq!(
            serde_json::from_str::<Date>("\"1970-01-02\"").expect("parses"),
            Date(1)
        );
    }
}
