//! Looks for many secrets at once in much data, in every form in which they could have been
//! written down.

use std::collections::HashMap;
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

/// Secrets in all their forms.
#[derive(Default)]
pub(crate) struct Needles {
    /// By their first eight bytes.
    by_start: HashMap<[u8; 8], Vec<Needle>>,
}

struct Needle {
    bytes: Vec<u8>,
    what: String,
}

impl Needles {
    /// A NIK: its digits as text, and its number.
    pub(crate) fn add_nik(&mut self, digits: &[u8; 16], name: &str) {
        self.add_bytes(digits, name);
        let number: u64 = std::str::from_utf8(digits).unwrap().parse().unwrap();
        self.add(&number.to_le_bytes(), &format!("{name} as a number"));
        self.add(&number.to_be_bytes(), &format!("{name} as a number"));
        let wide = |unit: fn(u16) -> [u8; 2]| {
            let units = digits.iter().flat_map(|&digit| unit(digit.into()));
            units.collect::<Vec<_>>()
        };
        self.add(&wide(u16::to_le_bytes), &format!("{name} in UTF-16LE"));
        self.add(&wide(u16::to_be_bytes), &format!("{name} in UTF-16BE"));
    }

    /// Secret bytes: raw, as hexadecimal digits, and in base64 at each of its three offsets.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8], name: &str) {
        self.add(bytes, &format!("{name} raw"));
        for hex in [HEXLOWER.encode(bytes), HEXUPPER.encode(bytes)] {
            self.add(hex.as_bytes(), &format!("{name} in hex"));
        }
        for offset in 0..3 {
            let padded = [&vec![0; offset][..], bytes].concat();
            let encoded = BASE64.encode(&padded);
            // The first and last characters hold bits of what is beside.
            let inner = encoded.trim_end_matches('=');
            let inner = &inner[(offset * 8).div_ceil(6)..inner.len() - 1];
            let url = inner.replace('+', "-").replace('/', "_");
            for text in [inner, &url] {
                self.add(text.as_bytes(), &format!("{name} in base64"));
            }
        }
    }

    fn add(&mut self, bytes: &[u8], what: &str) {
        let start = *bytes.first_chunk().unwrap();
        let needle = Needle {
            bytes: bytes.to_vec(),
            what: what.to_owned(),
        };
        self.by_start.entry(start).or_default().push(needle);
    }

    /// What is found in data, with where.
    pub(crate) fn find(&self, data: &[u8], place: &str, found: &mut Vec<String>) {
        for (at, window) in data.windows(8).enumerate() {
            let start: [u8; 8] = window.try_into().unwrap();
            let Some(candidates) = self.by_start.get(&start) else {
                continue;
            };
            for needle in candidates {
                if data[at..].starts_with(&needle.bytes) {
                    found.push(format!("{place} at {at}: {}", needle.what));
                }
            }
        }
    }

    /// What is found in a folder's files and their names; files under a path that ends in one of
    /// `without` are left out.
    pub(crate) fn find_in(&self, path: &Path, without: &[&str], found: &mut Vec<String>) {
        if without.iter().any(|end| path.ends_with(end)) {
            return;
        }
        let place = path.display().to_string();
        self.find(place.as_bytes(), "a file's name", found);
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                self.find_in(&entry.unwrap().path(), without, found);
            }
        } else {
            self.find(&std::fs::read(path).unwrap(), &place, found);
        }
    }
}
