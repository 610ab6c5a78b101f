//! The number itself: sixteen valid digits that do not show themselves.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::check::{self, NikWarning, Sex};
use super::{MaskedNik, NikError, parse, places};

/// What stands before the digits in the protocol's input, 14 bytes.
pub const INPUT_PREFIX: &[u8; 14] = b"saring/v1/nik/";

/// A valid NIK: sixteen ASCII digits, wiped from memory when dropped.
///
/// It has no `Display`, `Eq` or `Serialize`, and its `Debug` prints `Nik(..)`; to show it, use
/// [`Nik::masked`].
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Nik([u8; 16]);

impl Nik {
    /// Reads a NIK as a person writes it: spaces (also no-break), dots and dashes are dropped,
    /// then every rule of [`NikError`] is checked, in the order of its variants.
    ///
    /// # Errors
    /// Every variant of [`NikError`], the first one that applies.
    pub fn parse(text: &str) -> Result<Self, NikError> {
        Self::parse_bytes(text.as_bytes())
    }

    /// [`Nik::parse`] for bytes that may not be UTF-8.
    ///
    /// # Errors
    /// Every variant of [`NikError`], the first one that applies.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, NikError> {
        let nik = Self(parse::normalise(bytes)?);
        parse::validate(&nik.0)?;
        Ok(nik)
    }

    /// Wraps digits that a generator made; they must pass every rule.
    pub(super) fn from_valid_digits(digits: [u8; 16]) -> Self {
        debug_assert_eq!(parse::validate(&digits), Ok(()));
        Self(digits)
    }

    /// The sixteen ASCII digits. The caller answers for where they go.
    #[must_use]
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    /// The protocol's input `"saring/v1/nik/" || 16 digits`, 30 bytes (docs/PROTOCOL.md). The
    /// bytes are as secret as the NIK: the caller wipes them.
    #[must_use]
    pub fn input(&self) -> [u8; 30] {
        let mut input = [0; 30];
        input[..INPUT_PREFIX.len()].copy_from_slice(INPUT_PREFIX);
        input[INPUT_PREFIX.len()..].copy_from_slice(&self.0);
        input
    }

    /// The form that may be shown: the first six and the last four digits.
    #[must_use]
    pub fn masked(&self) -> MaskedNik {
        MaskedNik::of(&self.0)
    }

    /// Whether both are the same number, in constant time: for a NIK that is asked for twice.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Digits 1-2, one of [`super::PROVINCES`].
    #[must_use]
    pub fn province(&self) -> u8 {
        self.pair(0)
    }

    /// Digits 1-4: the province and its regency or city.
    #[must_use]
    pub fn regency(&self) -> u16 {
        u16::from(self.pair(0)) * 100 + u16::from(self.pair(2))
    }

    /// Digits 1-6: the district with the regency and province it lies in.
    #[must_use]
    pub fn district(&self) -> u32 {
        u32::from(self.regency()) * 100 + u32::from(self.pair(4))
    }

    /// The day of birth, 1-31, with a woman's 40 taken off.
    #[must_use]
    pub fn birth_day(&self) -> u8 {
        self.pair(6) % 40
    }

    /// The month of birth, 1-12.
    #[must_use]
    pub fn birth_month(&self) -> u8 {
        self.pair(8)
    }

    /// The year of birth without its century, 0-99.
    #[must_use]
    pub fn birth_year(&self) -> u8 {
        self.pair(10)
    }

    /// The sex that the day of birth encodes.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.pair(6) > 40 {
            Sex::Female
        } else {
            Sex::Male
        }
    }

    /// The serial number, 1-9999.
    #[must_use]
    pub fn serial(&self) -> u16 {
        u16::from(self.pair(12)) * 100 + u16::from(self.pair(14))
    }

    /// What looks odd about the number alone: at most one warning, that its regency or district
    /// is not in the table (retired codes are not in it either).
    #[must_use]
    pub fn place_warning(&self) -> Option<NikWarning> {
        if places::is_known_district(self.district()) {
            None
        } else if places::is_known_regency(self.regency()) {
            Some(NikWarning::UnknownDistrict)
        } else {
            Some(NikWarning::UnknownRegency)
        }
    }

    /// What differs from the columns beside it; an absent column is not compared. The year is
    /// compared without its century.
    #[must_use]
    pub fn check_against(
        &self,
        birth_date: Option<jiff::civil::Date>,
        sex: Option<Sex>,
    ) -> Vec<NikWarning> {
        check::against(self, birth_date, sex)
    }

    fn pair(&self, at: usize) -> u8 {
        parse::pair(&self.0, at)
    }
}

impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nik(..)")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn nik(text: &str) -> Nik {
        Nik::parse(text).expect("valid by the rules")
    }

    #[test]
    fn the_fields_of_a_woman_and_of_a_man() {
        let woman = nik("3515144508680002");
        assert_eq!(
            (woman.province(), woman.regency(), woman.district()),
            (35, 3515, 351_514)
        );
        assert_eq!(
            (woman.birth_day(), woman.birth_month(), woman.birth_year()),
            (5, 8, 68)
        );
        assert_eq!((woman.sex(), woman.serial()), (Sex::Female, 2));
        let man = nik("1101013112999999");
        assert_eq!(
            (man.birth_day(), man.sex(), man.serial()),
            (31, Sex::Male, 9999)
        );
        assert_eq!(nik("3515147108680002").birth_day(), 31);
    }

    #[test]
    fn the_input_is_prefix_and_digits() {
        assert_eq!(
            &nik("3515144508680002").input(),
            b"saring/v1/nik/3515144508680002"
        );
    }

    #[test]
    fn debug_shows_nothing() {
        let shown = format!(
            "{:?} {:#?}",
            nik("3515144508680002"),
            Some(nik("3515144508680002"))
        );
        assert!(!shown.chars().any(|c| c.is_ascii_digit()), "{shown}");
    }

    #[test]
    fn equality_is_asked_for_by_name() {
        assert!(nik("3515144508680002").matches(&nik("3515 1445 0868 0002")));
        assert!(!nik("3515144508680002").matches(&nik("3515144508680003")));
    }

    #[test]
    fn places_outside_the_table_are_warnings() {
        assert_eq!(nik("3515144508680002").place_warning(), None);
        assert_eq!(
            nik("3515994508680002").place_warning(),
            Some(NikWarning::UnknownDistrict)
        );
        assert_eq!(
            nik("3560014508680002").place_warning(),
            Some(NikWarning::UnknownRegency)
        );
        assert_eq!(
            nik("3500004508680002").place_warning(),
            Some(NikWarning::UnknownRegency)
        );
    }

    #[test]
    fn neighbours_that_differ_are_warnings() {
        let nik = nik("3515144508680002");
        assert!(nik.check_against(None, None).is_empty());
        assert!(
            nik.check_against(Some(date(1968, 8, 5)), Some(Sex::Female))
                .is_empty()
        );
        assert!(nik.check_against(Some(date(2068, 8, 5)), None).is_empty());
        assert_eq!(
            nik.check_against(Some(date(1968, 5, 8)), Some(Sex::Male)),
            [NikWarning::BirthDateDiffers, NikWarning::SexDiffers]
        );
    }
}
