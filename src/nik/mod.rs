//! The NIK (*Nomor Induk Kependudukan*), the number of a person in Indonesia: sixteen digits that
//! name the district of first registration, the birth date, the sex and a serial number.
//!
//! Always the person's number, never *Nomor Induk Koperasi*. A number never changes when a person
//! moves or a birth date is corrected (PP 40/2019 art. 30), so whatever a retired district code or
//! a corrected column could explain is a [`NikWarning`]; only what no person can have is a
//! [`NikError`].
//!
//! | digits | field | rule |
//! |---|---|---|
//! | 1-2 | province | one of 38 codes |
//! | 3-4 | regency or city | 01-29 and 71-79 in use; unknown is a warning |
//! | 5-6 | district | unknown is a warning |
//! | 7-8 | day of birth | 01-31 for men, 41-71 for women |
//! | 9-12 | month and year of birth | MMYY, century unknown |
//! | 13-16 | serial | 0001-9999 |

mod check;
mod error;
mod masked;
mod number;
mod parse;
mod places;
pub mod synth;

pub use check::{NikWarning, Sex};
pub use error::NikError;
pub use masked::MaskedNik;
pub use number::{INPUT_PREFIX, Nik};
pub use places::{DISTRICTS, PROVINCES, REGENCIES, is_known_district, is_known_regency};
