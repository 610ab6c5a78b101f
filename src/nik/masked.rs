//! The only form of a NIK that is shown, logged or sent.

use std::fmt;

use serde::{Serialize, Serializer};

/// A NIK with its birth date hidden: `351514******0002`, sixteen ASCII characters.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct MaskedNik([u8; 16]);

impl MaskedNik {
    pub(super) fn of(digits: &[u8; 16]) -> Self {
        let mut masked = *digits;
        masked[6..12].fill(b'*');
        Self(masked)
    }

    /// The sixteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for MaskedNik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for MaskedNik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for MaskedNik {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::synth::SyntheticNiks;

    #[test]
    fn the_birth_date_is_hidden_in_every_form() {
        let masked = crate::nik::Nik::parse("3515144508680002")
            .expect("valid")
            .masked();
        assert_eq!(masked.to_string(), "351514******0002");
        assert_eq!(format!("{masked:?}"), "351514******0002");
        assert_eq!(
            serde_json::to_string(&masked).expect("a string"),
            "\"351514******0002\""
        );
    }

    #[test]
    fn no_masked_form_holds_the_middle_digits() {
        for nik in SyntheticNiks::new(5).take(2000) {
            let shown = nik.masked().to_string();
            assert_eq!(&shown[6..12], "******");
            assert_eq!(shown.as_bytes()[..6], nik.expose()[..6]);
            assert_eq!(shown.as_bytes()[12..], nik.expose()[12..]);
        }
    }
}
