//! Looks for NIKs in bytes: one person's in every form, anybody's as plain digits.

use std::collections::HashSet;
use std::path::Path;

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

use crate::nik::Nik;
use crate::rehearse::RehearsalError;

/// What was searched, and what was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) pairs: u64,
    /// Files and pairs in which a NIK stands.
    pub(super) niks: u64,
}

/// A search for one person's NIK in every form and everybody's in digits.
pub(super) struct Search<'a> {
    forms: Vec<Vec<u8>>,
    everybody: HashSet<&'a [u8; 16]>,
}

/// A person's NIK raw, in hexadecimal, in UTF-16 of either order, and in base64 at each of the
/// three places at which a text can begin within a group of bytes.
pub(super) fn forms(person: &Nik) -> Vec<Vec<u8>> {
    let digits = person.expose();
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        digits
            .iter()
            .flat_map(|&digit| order(u16::from(digit)))
            .collect()
    };
    let mut forms = vec![
        digits.to_vec(),
        HEXLOWER.encode(digits).into_bytes(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
    ];
    for before in 0..3 {
        let padded = [&[0; 2][..before], &digits[..]].concat();
        // The first and last letters depend on what stands around the digits.
        let start = [0, 2, 3][before];
        let end = padded.len() * 8 / 6;
        for text in [BASE64.encode(&padded), BASE64URL.encode(&padded)] {
            let form = text.as_bytes()[start..end].to_vec();
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    let upper = HEXUPPER.encode(digits).into_bytes();
    if !forms.contains(&upper) {
        forms.push(upper);
    }
    forms
}

impl<'a> Search<'a> {
    pub(super) fn new(person: &Nik, everybody: &'a [Nik]) -> Self {
        Self {
            forms: forms(person),
            everybody: everybody.iter().map(Nik::expose).collect(),
        }
    }

    /// Searches every file under a folder.
    pub(super) fn folder(&self, folder: &Path, found: &mut Found) -> Result<(), RehearsalError> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.folder(&path, found)?;
            } else {
                let bytes = std::fs::read(&path)?;
                found.files += 1;
                found.bytes += bytes.len() as u64;
                found.niks += u64::from(self.holds(&bytes));
            }
        }
        Ok(())
    }

    /// Searches one pair of a database.
    #[cfg(feature = "rocks")]
    pub(super) fn pair(&self, key: &[u8], value: &[u8], found: &mut Found) {
        found.pairs += 1;
        found.niks += u64::from(self.holds(key) || self.holds(value));
    }

    fn holds(&self, bytes: &[u8]) -> bool {
        self.holds_anybody(bytes) || self.forms.iter().any(|form| contains(bytes, form))
    }

    /// Whether any sixteen digits in a row are a NIK of this demo.
    fn holds_anybody(&self, bytes: &[u8]) -> bool {
        let mut run = 0;
        for (place, byte) in bytes.iter().enumerate() {
            run = if byte.is_ascii_digit() { run + 1 } else { 0 };
            if run >= 16 {
                let sixteen: Option<&[u8; 16]> = bytes[place - 15..=place].try_into().ok();
                if sixteen.is_some_and(|digits| self.everybody.contains(digits)) {
                    return true;
                }
            }
        }
        false
    }
}

/// Whether `form` stands in `bytes`; its first byte is looked for first.
fn contains(bytes: &[u8], form: &[u8]) -> bool {
    let Some((&first, rest)) = form.split_first() else {
        return false;
    };
    let mut left = bytes;
    while let Some(place) = left.iter().position(|&byte| byte == first) {
        left = &left[place + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_wherever_it_stands() {
        let nik = Nik::parse("3515144508680002").expect("a NIK");
        let nobody: [Nik; 0] = [];
        let search = Search::new(&nik, &nobody);
        for before in ["", "x", "xy", "xyz"] {
            let text = format!("{before}3515144508680002 and more");
            for hidden in [
                text.clone().into_bytes(),
                HEXLOWER.encode(text.as_bytes()).into_bytes(),
                BASE64.encode(text.as_bytes()).into_bytes(),
                BASE64URL.encode(text.as_bytes()).into_bytes(),
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            ] {
                assert!(search.holds(&hidden), "{before}");
            }
        }
        assert!(!search.holds(b"351514******0002 3515144508680003"));
    }

    #[test]
    fn anybody_is_found_in_digits() {
        let nik = Nik::parse("3515144508680002").expect("a NIK");
        let other = [Nik::parse("3515144508680003").expect("a NIK")];
        let search = Search::new(&nik, &other);
        assert!(search.holds(b"99993515144508680003"));
        assert!(!search.holds(b"3515144508680004"));
    }
}
