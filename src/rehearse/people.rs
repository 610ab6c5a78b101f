//! Who is listed and who applies, by place in one sequence of synthetic people: nothing is kept in
//! memory, and the same numbers give the same people on every machine.
//!
//! Places from 0 are listed. The first few settled their debt, the next few are suspended. Applicants
//! are first of all some of these, spread over the file; all others come after the last listed
//! place, so nobody else can be a hit.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use crate::nik::Nik;
use crate::nik::synth::SyntheticNiks;

/// The sequence that everybody is from.
const SEED: u64 = 42;
/// Listings of one contributor at most: what one file holds.
pub(super) const PER_CONTRIBUTOR: u64 = 1_000_000;
/// Debts that are settled at most.
const MOST_SETTLED: u64 = 1_000;
/// Listings that are suspended at most.
const MOST_SUSPENDED: u64 = 500;

/// How many are listed and apply.
#[derive(Clone, Copy, Debug)]
pub(super) struct People {
    pub(super) applicants: u64,
    pub(super) listed: u64,
}

/// How many applicants are found to be what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Classes {
    /// Listed now.
    pub listed: u64,
    /// Listed before.
    pub previously: u64,
    /// Neither, suspended ones among them.
    pub not_listed: u64,
}

impl People {
    /// Places whose debt is settled.
    pub(super) fn settled(self) -> Range<u64> {
        0..(self.listed / 20).min(MOST_SETTLED)
    }

    /// Places whose listing is suspended.
    pub(super) fn suspended(self) -> Range<u64> {
        let start = self.settled().end;
        start..start + (self.listed / 20).min(MOST_SUSPENDED)
    }

    /// Applicants who are on the list in some way.
    fn overlap(self) -> u64 {
        let tenth = self.applicants.min(self.listed) / 10;
        let most = self.applicants.min(self.listed);
        (tenth + self.suspended().end).min(most)
    }

    /// What a right screening finds.
    pub(super) fn expected(self) -> Classes {
        let overlap = self.overlap();
        let previously = overlap.min(self.settled().end);
        let special = overlap.min(self.suspended().end);
        let listed = overlap - special;
        Classes {
            listed,
            previously,
            not_listed: self.applicants - listed - previously,
        }
    }

    /// The place of the applicant who is number `number` of those on the list.
    fn place(self, number: u64) -> u64 {
        let special = self.suspended().end.min(self.overlap());
        match number.checked_sub(special) {
            None => number,
            Some(number) => {
                let (places, people) = (self.listed - special, self.overlap() - special);
                special + (u128::from(number) * u128::from(places) / u128::from(people)) as u64
            }
        }
    }

    /// Some of the listed and some others, mixed, each with whether it is listed. None of the
    /// listed is settled or suspended yet.
    pub(super) fn sample(listed: u64, of_listed: usize, others: usize) -> Vec<(Nik, bool)> {
        let mut niks = SyntheticNiks::new(SEED);
        let mut people: Vec<_> = niks
            .by_ref()
            .take(of_listed)
            .map(|nik| (nik, true))
            .collect();
        let rest = niks.skip(listed as usize - of_listed).take(others);
        people.extend(rest.map(|nik| (nik, false)));
        let every = people.len() / of_listed.max(1);
        for number in 0..of_listed {
            people.swap(number, (number * every) % others.max(1));
        }
        people
    }

    /// Contributors, and the places each of them lists.
    pub(super) fn contributors(self) -> impl Iterator<Item = Range<u64>> {
        let starts = (0..self.listed).step_by(PER_CONTRIBUTOR as usize);
        starts.map(move |start| start..(start + PER_CONTRIBUTOR).min(self.listed))
    }

    /// Writes the file of each contributor; `written` is told its number and path.
    pub(super) fn write_defaulters<E: From<io::Error>>(
        self,
        path: &Path,
        mut written: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut niks = SyntheticNiks::new(SEED);
        for (number, places) in self.contributors().enumerate() {
            let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
            file.write_all(HEADER)?;
            for place in places {
                let nik = niks.next().ok_or_else(ended)?;
                write_defaulter(&mut file, &nik, place)?;
            }
            file.flush()?;
            drop(file);
            written(number)?;
        }
        Ok(())
    }

    /// Writes the applicants' file: those on the list evenly among the others.
    pub(super) fn write_applicants(self, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        let mut listed = SyntheticNiks::new(SEED);
        let mut others = SyntheticNiks::new(SEED);
        if self.listed > 0 && self.applicants > self.overlap() {
            others.nth(self.listed as usize - 1).ok_or_else(ended)?;
        }
        file.write_all(b"nik\n")?;
        let (mut next_place, mut number) = (0, 0);
        let share = |row: u64| {
            (u128::from(row) * u128::from(self.overlap()) / u128::from(self.applicants)) as u64
        };
        for row in 0..self.applicants {
            let nik = if share(row + 1) > share(row) {
                let place = self.place(number);
                let skipped = place - next_place;
                (next_place, number) = (place + 1, number + 1);
                listed.nth(skipped as usize)
            } else {
                others.next()
            };
            file.write_all(nik.ok_or_else(ended)?.expose())?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }
}

/// There are fewer synthetic people than asked for.
fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// The reference under which a place is listed.
pub(super) fn reference(place: u64) -> String {
    format!("R{place}")
}

const HEADER: &[u8] = b"nik;kolektibilitas;kode_alasan;plafond_band;tgl_macet;no_ref_internal\r\n";

fn write_defaulter(file: &mut impl Write, nik: &Nik, place: u64) -> io::Result<()> {
    const REASONS: [&str; 4] = ["MACET_POKOK", "MACET_BUNGA", "KABUR", "PINJAMAN_GANDA"];
    const BANDS: [&str; 4] = ["<5", "5-25", "25-100", ">100"];
    file.write_all(nik.expose())?;
    let (grade, day) = (3 + place % 3, 1 + place % 28);
    let (reason, band) = (REASONS[place as usize % 4], BANDS[place as usize / 4 % 4]);
    write!(
        file,
        ";{grade};{reason};{band};2025-06-{day:02};R{place}\r\n"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Where everybody of the sequence stands.
    fn places(count: u64) -> HashMap<String, u64> {
        let niks = SyntheticNiks::new(SEED).take(count as usize);
        let text = |nik: Nik| String::from_utf8_lossy(nik.expose()).into_owned();
        niks.map(text).zip(0..).collect()
    }

    #[test]
    fn the_files_hold_exactly_the_classes_that_are_expected() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("applicants.csv");
        for (applicants, listed) in [
            (0, 0),
            (1, 1),
            (7, 0),
            (0, 9),
            (40, 3),
            (3, 400),
            (900, 700),
        ] {
            let people = People { applicants, listed };
            people.write_applicants(&path).expect("writes");
            let text = std::fs::read_to_string(&path).expect("reads");
            let places = places(applicants + listed);
            let found: Vec<u64> = text.lines().skip(1).map(|nik| places[nik]).collect();
            let mut distinct = found.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len() as u64, applicants, "everybody once");
            let within = |range: Range<u64>| {
                found.iter().filter(|place| range.contains(place)).count() as u64
            };
            let counted = Classes {
                listed: within(people.suspended().end..listed),
                previously: within(people.settled()),
                not_listed: within(people.suspended()) + within(listed..u64::MAX),
            };
            assert_eq!(counted, people.expected(), "{people:?}");
        }
    }

    #[test]
    fn every_class_is_there_once_the_numbers_allow() {
        let people = People {
            applicants: 1_000,
            listed: 400,
        };
        let expected = people.expected();
        assert_eq!((expected.listed, expected.previously), (40, 20));
        let large = People {
            applicants: 42_000_000,
            listed: 10_000_000,
        };
        let expected = large.expected();
        assert_eq!((expected.listed, expected.previously), (1_000_000, 1_000));
        assert_eq!(large.contributors().count(), 10);
    }

    #[test]
    fn defaulters_come_in_files_of_one_contributor_each() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("defaulters.csv");
        let people = People {
            applicants: 0,
            listed: 50,
        };
        let mut files = Vec::new();
        let kept = people.write_defaulters(&path, |number| {
            files.push((number, std::fs::read_to_string(&path)?));
            Ok::<_, io::Error>(())
        });
        kept.expect("writes");
        let [(0, text)] = &files[..] else {
            panic!("one file")
        };
        let places = places(50);
        for (line, place) in text.lines().skip(1).zip(0..) {
            assert_eq!(places[&line[..16]], place);
            assert!(line.ends_with(&format!(";{}", reference(place))));
        }
    }
}
