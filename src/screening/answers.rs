//! What lists say of rows, a range of rows in memory at a time: a byte for each row and list.
//!
//! What was found stands at the first row of a person. A row that repeats a person takes the answer
//! from that first row, at once where both lie in one range, else by way of the disk: a later range
//! is always still to come.

use super::ScreenError;
use super::census::rows_of;
use super::list::ListAnswers;
use super::lookup::{hit, hit_of};
use super::ranges::Ranges;
use super::results::Writing;
use super::spill::Spill;

/// Not listed.
const SILENT: u8 = 0;
/// Not known.
pub(super) const UNAVAILABLE: u8 = 255;

/// The answers of one range of rows.
pub(super) struct RangeAnswers<'a> {
    repeats: Spill<8>,
    lists: Vec<OfList<'a>>,
    ranges: Ranges,
    start: u32,
}

struct OfList<'a> {
    answers: &'a ListAnswers,
    late: Spill<5>,
    ranges: Ranges,
    codes: Vec<u8>,
}

impl OfList<'_> {
    /// What is said of a row where nothing was found.
    fn base(&self, place: u32) -> u8 {
        let known = u64::from(place) < self.answers.known_rows && self.answers.silence_counts;
        if known { SILENT } else { UNAVAILABLE }
    }

    fn set(&mut self, start: u32, place: u32, code: u8) -> Result<(), ScreenError> {
        let at = place.checked_sub(start).map(|at| at as usize);
        let known = at.and_then(|at| self.codes.get_mut(at));
        *known.ok_or(ScreenError::Damaged)? = code;
        Ok(())
    }

    /// Fills the range with what was found of its rows, and with what earlier ranges left for it.
    fn load(&mut self, start: u32, rows: u32) -> Result<(), ScreenError> {
        self.codes.clear();
        for place in start..start + rows {
            self.codes.push(self.base(place));
        }
        let mut found = Vec::new();
        let range = self.ranges.of(start);
        if let Some(of_first) = &self.answers.found {
            of_first.hits.read(range, |hits| {
                found.extend_from_slice(hits);
                Ok(())
            })?;
        }
        self.late.read(range, |hits| {
            found.extend_from_slice(hits);
            Ok(())
        })?;
        self.late.remove(range)?;
        found
            .iter()
            .map(hit_of)
            .try_for_each(|(place, code)| self.set(start, place, code))
    }

    /// Gives a row that repeats a person the first row's answer.
    fn repeat(&mut self, start: u32, first: u32, again: u32) -> Result<(), ScreenError> {
        let at = first.checked_sub(start).map(|at| at as usize);
        let code = at.and_then(|at| self.codes.get(at).copied());
        let code = code.ok_or(ScreenError::Damaged)?;
        if self.ranges.of(again) == self.ranges.of(start) {
            self.set(start, again, code)
        } else if code != self.base(again) {
            self.late.push(self.ranges.of(again), hit(again, code))
        } else {
            Ok(())
        }
    }
}

impl<'a> RangeAnswers<'a> {
    pub(super) fn begin(writing: &'a Writing<'a>) -> Result<Self, ScreenError> {
        let ranges = Ranges::of_rows(writing.census.counts.valid);
        let lists = writing.lists.iter().zip(writing.late);
        let lists = lists.map(|(answers, folder)| {
            Ok(OfList {
                answers,
                late: Spill::begin(folder, writing.key, ranges.count())?,
                ranges,
                codes: Vec::new(),
            })
        });
        let repeats = writing.census.repeats.clone();
        Ok(Self {
            repeats: Spill::resume(writing.repeats, writing.key, repeats),
            lists: lists.collect::<Result<_, ScreenError>>()?,
            ranges,
            start: 0,
        })
    }

    /// Moves on to the range that begins at `start`: each range once, in order.
    pub(super) fn load(&mut self, start: u32) -> Result<(), ScreenError> {
        self.start = start;
        let rows = self.ranges.rows_from(start);
        for list in &mut self.lists {
            list.load(start, rows)?;
        }
        let lists = &mut self.lists;
        self.repeats.read(self.ranges.of(start), |pairs| {
            for (first, again) in pairs.iter().map(rows_of) {
                for list in lists.iter_mut() {
                    list.repeat(start, first, again)?;
                }
            }
            Ok(())
        })
    }

    /// Whether a row begins a range.
    pub(super) const fn begins(&self, place: u32) -> bool {
        self.ranges.begins(place)
    }

    /// The codes of a row of this range, one a list.
    pub(super) fn of(&self, place: u32) -> impl Iterator<Item = u8> {
        let at = (place - self.start) as usize;
        self.lists.iter().map(move |list| list.codes[at])
    }
}
