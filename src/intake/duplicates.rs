//! Rows of one file that repeat each other, remembered without their NIKs.

use std::collections::{HashMap, VecDeque};

use zeroize::Zeroize;

use super::SubmissionRow;
use crate::nik::Nik;

/// 128-bit keyed BLAKE3: collisions among 10^6 rows have a chance below 10^-26, and without the key
/// of this one run nobody turns a token back into a NIK.
type Token = [u8; 16];

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
    key: [u8; 32],
    /// How many rows are remembered.
    room: usize,
    /// (NIK, reference) to the first row and its content.
    listings: HashMap<Token, (u64, Token)>,
    /// NIK to its last row.
    people: HashMap<Token, u64>,
    /// What is remembered, oldest first: row, listing, person.
    order: VecDeque<(u64, Token, Token)>,
}

impl Duplicates {
    pub(super) fn new(room: usize) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self {
            key,
            room,
            listings: HashMap::new(),
            people: HashMap::new(),
            order: VecDeque::new(),
        })
    }

    /// Places a row among those before it, and remembers it if it is new.
    pub(super) fn place(&mut self, number: u64, row: &SubmissionRow) -> Standing {
        let listing = self.token(b"listing", &row.nik, &[row.reference.as_bytes()]);
        let content = self.token(b"content", &row.nik, &[&content(row)]);
        match self.listings.get(&listing) {
            Some((first, seen)) if *seen == content => return Standing::Repeated { first: *first },
            Some((first, _)) => return Standing::Conflict { first: *first },
            None => {}
        }
        self.listings.insert(listing, (number, content));
        let person = self.token(b"persons", &row.nik, &[]);
        self.order.push_back((number, listing, person));
        let before = self.people.insert(person, number);
        self.forget_the_oldest();
        match before {
            None => Standing::New,
            Some(_) => Standing::OtherReference,
        }
    }

    fn forget_the_oldest(&mut self) {
        if self.order.len() <= self.room {
            return;
        }
        if let Some((number, listing, person)) = self.order.pop_front() {
            self.listings.remove(&listing);
            if self.people.get(&person) == Some(&number) {
                self.people.remove(&person);
            }
        }
    }

    fn token(&self, kind: &[u8; 7], nik: &Nik, parts: &[&[u8]]) -> Token {
        // The kind and the NIK have a fixed length and at most one part follows, so no two inputs
        // read the same.
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(kind).update(nik.expose());
        for part in parts {
            hasher.update(part);
        }
        let mut token = [0; 16];
        hasher.finalize_xof().fill(&mut token);
        hasher.zeroize();
        token
    }
}

impl Drop for Duplicates {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// Everything that is sent, besides NIK and reference.
fn content(row: &SubmissionRow) -> [u8; 12] {
    let last = row.last_day.map_or(i32::MIN, |date| date.0).to_le_bytes();
    let day = row
        .defaulted_on
        .map_or(i32::MIN, |date| date.0)
        .to_le_bytes();
    [
        row.reason.number(),
        row.collectibility.map_or(0, |grade| grade.number()),
        row.amount_band.map_or(0, |band| band.number()),
        0,
        day[0],
        day[1],
        day[2],
        day[3],
        last[0],
        last[1],
        last[2],
        last[3],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nik::synth::SyntheticNiks;
    use crate::protocol::codes::Reason;

    #[test]
    fn as_many_rows_are_remembered_as_there_is_room_for() {
        let row = |nik: &Nik| SubmissionRow {
            nik: nik.clone(),
            reason: Reason::Asn,
            collectibility: None,
            amount_band: None,
            defaulted_on: None,
            last_day: None,
            reference: "ASN".to_owned(),
        };
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
            last_day: Some(crate::protocol::Date(1)),
            ..row(&people[3])
        };
        let conflict = seen.place(7, &later);
        assert_eq!(conflict, Standing::Conflict { first: 5 });
        assert_eq!(seen.order.len(), 3);
        assert_eq!(seen.listings.len(), 3);
    }
}
