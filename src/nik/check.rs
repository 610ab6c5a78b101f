//! What looks odd about a valid NIK. A warning never refuses a number.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Nik;

/// A reason to look at a valid NIK again. PP 40/2019 art. 30: the number stays when a district is
/// split or a birth date is corrected, so none of these makes it wrong.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NikWarning {
    /// Digits 1-4 are not in the table of regencies and cities.
    UnknownRegency,
    /// Digits 1-6 are not in the table of districts.
    UnknownDistrict,
    /// The birth date differs from the column beside it.
    BirthDateDiffers,
    /// The sex differs from the column beside it.
    SexDiffers,
}

impl NikWarning {
    /// Every variant once.
    pub const ALL: [Self; 4] = [
        Self::UnknownRegency,
        Self::UnknownDistrict,
        Self::BirthDateDiffers,
        Self::SexDiffers,
    ];

    /// The stable code, also the key of its text in [`crate::texts::nik`].
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownRegency => "nik_unknown_regency",
            Self::UnknownDistrict => "nik_unknown_district",
            Self::BirthDateDiffers => "nik_birth_date_differs",
            Self::SexDiffers => "nik_sex_differs",
        }
    }
}

/// The sex a NIK encodes by its day of birth.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// *Laki-laki*.
    Male,
    /// *Perempuan*.
    Female,
}

/// Compares a NIK with the columns beside it.
pub(super) fn against(nik: &Nik, birth_date: Option<Date>, sex: Option<Sex>) -> Vec<NikWarning> {
    let mut warnings = Vec::new();
    if birth_date.is_some_and(|date| !names_day(nik, date)) {
        warnings.push(NikWarning::BirthDateDiffers);
    }
    if sex.is_some_and(|sex| sex != nik.sex()) {
        warnings.push(NikWarning::SexDiffers);
    }
    warnings
}

fn names_day(nik: &Nik, date: Date) -> bool {
    i16::from(nik.birth_year()) == date.year().rem_euclid(100)
        && i16::from(nik.birth_month()) == i16::from(date.month())
        && i16::from(nik.birth_day()) == i16::from(date.day())
}
