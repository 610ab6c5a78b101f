//! Rows of one file that repeat each other, remembered without their NIKs.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use zeroize::Zeroize;

use super::SubmissionRow;
use crate::protocol::Date;

/// 128-bit keyed BLAKE3: collisions among 10^6 rows have a chance below 10^-26, and without the key
/// of this one run nobody turns a token back into a NIK.
type Token = [u8; 16];

/// Everything that is sent, besides NIK and reference.
type Content = [u8; 12];

/// Tokens are random already: their first bytes place them.
type ByToken<T> = HashMap<Token, T, BuildHasherDefault<FirstBytes>>;

#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _length: usize) {}
}

/// What an accepted row is to the rows before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// Nothing like it came before.
    New,
    /// The very same listing stands in row `first`.
    Repeated { first: u64 },
    /// Row `first` lists the same NIK and reference with other content.
    Conflict { first: u64 },
    /// The NIK came before, under another reference.
    OtherReference,
}

/// Memory of one file's last rows: about 150 bytes each.
pub(super) struct Duplicates {
    /// Keyed; begun anew for each token, because making and wiping one takes longer than a token.
    hasher: blake3::Hasher,
    /// How many rows are remembered.
    room: usize,
    /// (NIK, reference) to the first row and its content.
    listings: ByToken<(u64, Content)>,
    /// NIK to its last row.
    people: ByToken<u64>,
    /// What is remembered, oldest first: row, listing, person.
    order: VecDeque<(u64, Token, Token)>,
}

impl Duplicates {
    pub(super) fn new(room: usize) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let hasher = blake3::Hasher::new_keyed(&key);
        key.zeroize();
        Ok(Self {
            hasher,
            room,
            listings: HashMap::default(),
            people: HashMap::default(),
            order: VecDeque::new(),
        })
    }

    /// Places a row among those before it, and remembers it if it is new.
    pub(super) fn place(&mut self, number: u64, row: &SubmissionRow) -> Standing {
        let [listing, person] = self.tokens(row);
        let content = content(row);
        match self.listings.get(&listing) {
            Some((first, seen)) if *seen == content => return Standing::Repeated { first: *first },
            Some((first, _)) => return Standing::Conflict { first: *first },
            None => {}
        }
        self.forget_the_oldest();
        self.listings.insert(listing, (number, content));
        self.order.push_back((number, listing, person));
        match self.people.insert(person, number) {
            None => Standing::New,
            Some(_) => Standing::OtherReference,
        }
    }

    /// Makes room first, so that nothing grows beyond it.
    fn forget_the_oldest(&mut self) {
        if self.order.len() < self.room {
            return;
        }
        if let Some((number, listing, person)) = self.order.pop_front() {
            self.listings.remove(&listing);
            if self.people.get(&person) == Some(&number) {
                self.people.remove(&person);
            }
        }
    }

    /// The tokens of the row's listing and of its person.
    fn tokens(&mut self, row: &SubmissionRow) -> [Token; 2] {
        let reference = row.reference.as_bytes();
        [(LISTING, reference), (PERSON, b"".as_slice())].map(|(kind, reference)| {
            // Kind and NIK have a fixed length, so no two inputs read the same.
            let hasher = self.hasher.reset();
            hasher
                .update(kind)
                .update(row.nik.expose())
                .update(reference);
            let hash = hasher.finalize();
            *hash.as_bytes().first_chunk().expect("16 of 32 bytes")
        })
    }
}

const LISTING: &[u8; 7] = b"listing";
const PERSON: &[u8; 7] = b"persons";

impl Drop for Duplicates {
    fn drop(&mut self) {
        self.hasher.zeroize();
    }
}

fn content(row: &SubmissionRow) -> Content {
    let day = |date: Option<Date>| date.map_or(i32::MIN, |date| date.0).to_le_bytes();
    let mut content = [0; 12];
    content[0] = row.reason.number();
    content[1] = row.collectibility.map_or(0, |grade| grade.number());
    content[2] = row.amount_band.map_or(0, |band| band.number());
    content[4..8].copy_from_slice(&day(row.defaulted_on));
    content[8..].copy_from_slice(&day(row.last_day));
    content
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nik::Nik;
    use crate::nik::synth::SyntheticNiks;
    use crate::protocol::codes::Reason;

    /// A row that says nothing but who is meant, under a reference.
    fn row(nik: &Nik, reference: &str) -> SubmissionRow {
        SubmissionRow {
            nik: nik.clone(),
            reason: Reason::Asn,
            collectibility: None,
            amount_band: None,
            defaulted_on: None,
            last_day: None,
            reference: reference.to_owned(),
        }
    }

    #[test]
    fn references_of_any_length_are_told_apart() {
        let nik = SyntheticNiks::new(2).next().expect("one");
        let mut seen = Duplicates::new(3).expect("a key");
        let tokens = (0..=200).map(|length| seen.tokens(&row(&nik, &"0".repeat(length))));
        let (listings, people): (Vec<Token>, Vec<Token>) = tokens.map(|[a, b]| (a, b)).unzip();
        let distinct: std::collections::HashSet<Token> = listings.iter().copied().collect();
        assert_eq!(distinct.len(), listings.len());
        assert!(people.iter().all(|token| *token == people[0]));
        assert!(!distinct.contains(&people[0]));
    }

    #[test]
    fn as_many_rows_are_remembered_as_there_is_room_for() {
        let row = |nik: &Nik| row(nik, "ASN");
        let people: Vec<Nik> = SyntheticNiks::new(1).take(4).collect();
        let mut seen = Duplicates::new(3).expect("a key");
        for (number, nik) in (1..).zip(&people[..3]) {
            assert_eq!(seen.place(number, &row(nik)), Standing::New);
        }
        let again = seen.place(4, &row(&people[0]));
        assert_eq!(again, Standing::Repeated { first: 1 });
        assert_eq!(seen.place(5, &row(&people[3])), Standing::New);
        let forgotten = seen.place(6, &row(&people[0]));
        assert_eq!(forgotten, Standing::New, "its row is too long ago");
        let later = SubmissionRow {
            last_day: Some(Date(1)),
            ..row(&people[3])
        };
        let conflict = seen.place(7, &later);
        assert_eq!(conflict, Standing::Conflict { first: 5 });
        assert_eq!(seen.order.len(), 3);
        assert_eq!(seen.listings.len(), 3);
    }
}
