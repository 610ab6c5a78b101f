//! Keys against a list's sorted sections: the keys are parted and sorted, both sides are read in
//! streams and merged. A person that stands in several sections counts in the first, so that listed
//! beats previously.

use std::path::Path;

use rayon::prelude::*;

use super::firsts::Firsts;
use super::kept::KeptKeys;
use super::meter::Meter;
use super::ranges::Ranges;
use super::spill::{Parting, Spill, remove_folder};
use super::{Phase, ScreenError};
use crate::agent::AgentError;
use crate::hash::HashKey;
use crate::protocol::ListId;

/// The next keys of a section, ascending, into an emptied vector; none at its end.
pub(super) type NextKeys<'a> = Box<dyn FnMut(&mut Vec<u64>) -> Result<(), AgentError> + Send + 'a>;

/// A section that is read in a stream.
pub(super) struct Stream<'a> {
    keys: NextKeys<'a>,
    block: Vec<u64>,
    at: usize,
    last: u64,
}

impl<'a> Stream<'a> {
    pub(super) fn new(keys: NextKeys<'a>) -> Self {
        Self {
            keys,
            block: Vec::new(),
            at: 0,
            last: 0,
        }
    }

    /// The first key at or above `wanted` of those not passed yet; none if there is none.
    fn seek(&mut self, wanted: u64) -> Result<Option<u64>, AgentError> {
        loop {
            while let Some(&key) = self.block.get(self.at) {
                if key >= wanted {
                    return Ok(Some(key));
                }
                self.at += 1;
            }
            self.block.clear();
            self.at = 0;
            (self.keys)(&mut self.block)?;
            match self.block.first() {
                None => return Ok(None),
                // An unsorted section would hide people.
                Some(&first) if first < self.last || !self.block.is_sorted() => {
                    return Err(AgentError::Snapshot);
                }
                Some(_) => self.last = self.block.last().copied().unwrap_or(self.last),
            }
        }
    }
}

/// A row and what is found there: 4 bytes and a code.
pub(super) type Hit = [u8; 5];

pub(super) const fn hit(place: u32, code: u8) -> Hit {
    let [a, b, c, d] = place.to_le_bytes();
    [a, b, c, d, code]
}

pub(super) const fn hit_of(hit: &Hit) -> (u32, u8) {
    let [a, b, c, d, code] = *hit;
    (u32::from_le_bytes([a, b, c, d]), code)
}

/// What was found, by range of rows.
pub(super) struct Found {
    pub(super) hits: Spill<5>,
    /// People found in each section, in the sections' order.
    pub(super) people: Vec<u64>,
}

/// Where to look people up, and for whom.
pub(super) struct LookUp<'a> {
    pub(super) list: &'a ListId,
    pub(super) kept: &'a KeptKeys,
    pub(super) firsts: &'a Firsts,
    pub(super) runs: &'a Path,
    pub(super) hits: &'a Path,
    pub(super) key: &'a HashKey,
    pub(super) meter: &'a Meter,
}

impl LookUp<'_> {
    /// Looks everybody up in `sections`, at most 254 of them. A hit's code is its section's number
    /// from 1.
    pub(super) fn run(&self, mut sections: Vec<Stream<'_>>) -> Result<Found, ScreenError> {
        let (people, parting) = (self.kept.people, self.parting());
        self.meter
            .enter(Phase::LookingUp(self.list.clone()), 2 * people);
        let runs = self.part(parting)?;
        let ranges = Ranges::of_rows(self.firsts.rows());
        let mut found = Found {
            hits: Spill::begin(self.hits, self.key, ranges.count())?,
            people: vec![0; sections.len()],
        };
        for part in 0..parting.parts() {
            let mut keys = load(&runs, part)?;
            runs.remove(part)?;
            keys.par_sort_unstable_by_key(|&(key, _)| key);
            merge(&keys, &mut sections, ranges, &mut found)?;
            self.meter.add(keys.len() as u64)?;
        }
        remove_folder(self.runs)?;
        found.hits.flush()?;
        Ok(found)
    }

    fn parting(&self) -> Parting {
        Parting::for_records(self.kept.people)
    }

    /// Keys with the rows of their people, parted by the key's highest bits.
    fn part(&self, parting: Parting) -> Result<Spill<12>, ScreenError> {
        let mut runs = Spill::begin(self.runs, self.key, parting.parts())?;
        let mut places = self.firsts.places();
        let mut chunks = self.kept.read()?;
        while let Some(chunk) = chunks.next_chunk()? {
            for &key in &chunk.keys {
                let place = places.next().ok_or(ScreenError::Damaged)?;
                let mut record = [0; 12];
                record[..8].copy_from_slice(&key.to_le_bytes());
                record[8..].copy_from_slice(&place.to_le_bytes());
                runs.push(parting.of(key), record)?;
            }
            self.meter.add(chunk.keys.len() as u64)?;
        }
        runs.flush()?;
        Ok(runs)
    }
}

fn load(runs: &Spill<12>, part: usize) -> Result<Vec<(u64, u32)>, ScreenError> {
    let mut keys = Vec::with_capacity(usize::try_from(runs.records(part)).unwrap_or(0));
    runs.read(part, |records| {
        keys.extend(records.iter().map(|record| {
            let (key, place) = record.split_at(8);
            (
                u64::from_le_bytes(key.try_into().expect("8 of 12 bytes")),
                u32::from_le_bytes(place.try_into().expect("4 of 12 bytes")),
            )
        }));
        Ok(())
    })?;
    Ok(keys)
}

/// Sorted keys against sections that have been read up to where these begin.
fn merge(
    keys: &[(u64, u32)],
    sections: &mut [Stream<'_>],
    ranges: Ranges,
    found: &mut Found,
) -> Result<(), ScreenError> {
    let mut codes = vec![0_u8; keys.len()];
    for (section, code) in sections.iter_mut().zip(1..) {
        for (&(key, _), known) in keys.iter().zip(&mut codes) {
            match section.seek(key)? {
                None => break,
                Some(listed) if listed == key && *known == 0 => *known = code,
                Some(_) => {}
            }
        }
    }
    for (&(_, place), &code) in keys.iter().zip(&codes) {
        if code != 0 {
            found.people[usize::from(code) - 1] += 1;
            found.hits.push(ranges.of(place), hit(place, code))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::agent::FilterKeys;
    use crate::protocol::Epoch;

    /// Sections handed out `step` keys at a time.
    fn section(keys: &[u64], step: usize) -> Stream<'_> {
        let mut left = keys;
        let next = move |block: &mut Vec<u64>| {
            let (now, later) = left.split_at(step.min(left.len()));
            block.extend_from_slice(now);
            left = later;
            Ok(())
        };
        Stream::new(Box::new(next))
    }

    fn look_up(
        keys: &[u64],
        sections: Vec<Stream<'_>>,
    ) -> Result<(Vec<u8>, Vec<u64>), ScreenError> {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let list = ListId::parse("asn").expect("an id");
        let key = HashKey::new([1; 32]);
        let mut kept = KeptKeys::open(&at("keys"), &key, (&list, Epoch(1)), 0).expect("begins");
        for chunk in keys.chunks(7) {
            let found = FilterKeys {
                keys: chunk.to_vec(),
                charged: None,
            };
            kept.append(&found).expect("appends");
        }
        let found = LookUp {
            list: &list,
            kept: &kept,
            firsts: &Firsts::all(keys.len() as u64),
            runs: &at("runs"),
            hits: &at("hits"),
            key: &key,
            meter: &Meter::new(),
        }
        .run(sections)?;
        let mut codes = vec![0; keys.len()];
        found.hits.read(0, |hits| {
            for (place, code) in hits.iter().map(hit_of) {
                codes[place as usize] = code;
            }
            Ok(())
        })?;
        Ok((codes, found.people))
    }

    proptest! {
        /// A plain search through both sections is the judge.
        #[test]
        fn everybody_is_found_where_a_plain_search_finds_them(
            keys in proptest::collection::vec(prop_oneof![0..30_u64, any::<u64>(), Just(u64::MAX)], 0..60),
            mut first in proptest::collection::vec(prop_oneof![0..30_u64, any::<u64>()], 0..40),
            mut second in proptest::collection::vec(prop_oneof![0..30_u64, Just(u64::MAX)], 0..40),
            step in 1..9_usize,
        ) {
            first.sort_unstable();
            second.sort_unstable();
            let sections = vec![section(&first, step), section(&second, step)];
            let (codes, people) = look_up(&keys, sections).expect("looks up");
            for (key, code) in keys.iter().zip(&codes) {
                let expected = match (first.contains(key), second.contains(key)) {
                    (true, _) => 1,
                    (false, true) => 2,
                    (false, false) => 0,
                };
                prop_assert_eq!(*code, expected);
            }
            let count = |code: u8| codes.iter().filter(|&&of| of == code).count() as u64;
            prop_assert_eq!(people, [count(1), count(2)]);
        }
    }

    #[test]
    fn an_unsorted_section_says_nothing() {
        for keys in [&[5, 3, 9][..], &[5, 6, 2, 9]] {
            let found = look_up(&[9], vec![section(keys, 2)]);
            let refused = matches!(found, Err(ScreenError::Agent(AgentError::Snapshot)));
            assert!(refused, "{keys:?}");
        }
    }
}
