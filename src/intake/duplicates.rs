//! Rows of one file that repeat each other, remembered without their NIKs.

use std::collections::{HashMap, HashSet};

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

/// Memory of one file: about 100 bytes a row.
pub(super) struct Duplicates {
    key: [u8; 32],
    /// (NIK, reference) to the first row and its content.
    listings: HashMap<Token, (u64, Token)>,
    people: HashSet<Token>,
}

impl Duplicates {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self {
            key,
            listings: HashMap::new(),
            people: HashSet::new(),
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
        if self.people.insert(person) {
            Standing::New
        } else {
            Standing::OtherReference
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
fn content(row: &SubmissionRow) -> [u8; 8] {
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
    ]
}
