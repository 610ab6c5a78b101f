//! Valid NIKs of nobody in particular, for tests, rehearsals and the sandbox.
//!
//! A seed fixes the sequence on every machine. The numbers of one sequence are all different, in
//! constant memory: the generator walks a pseudo-random permutation of every (district, serial,
//! day, sex) it knows and thins it out to a plausible population, so nothing is remembered.
//!
//! The shape is rough and from general knowledge, not from a register: provinces weigh by their
//! population to about two figures, cities twice as much a district as regencies, adults are 17 to
//! 80 years old on 1 January 2026 with a bulge below 50, sexes are even, and serials are small
//! because few people share a district and a birthday. These are digits that a real person may
//! have; nothing else about anybody is made up.

mod pyramid;
mod scatter;
mod terrain;

use jiff::civil::Date;

use super::{Nik, Sex};
use pyramid::DAYS;
use scatter::Scatter;
use terrain::ROWS;

/// An endless-looking supply of distinct valid NIKs: about 950 million, then it ends.
///
/// Two seeds give two independent samples of one population, which overlap as two cooperatives'
/// members do. Sequences are pinned by a test and change only with a new major version.
#[derive(Clone)]
pub struct SyntheticNiks {
    scatter: Scatter,
    next: u64,
}

impl SyntheticNiks {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            scatter: Scatter::new(seed, ROWS.len() as u32, DAYS.len() as u32 * 2),
            next: 0,
        }
    }
}

impl Iterator for SyntheticNiks {
    type Item = Nik;

    fn next(&mut self) -> Option<Nik> {
        while self.next < self.scatter.len() {
            let (row, column) = self.scatter.place(self.next);
            let coin = u64::from(self.scatter.coin(self.next));
            self.next += 1;
            let row = &ROWS[row as usize];
            let day = &DAYS[column as usize / 2];
            if coin < u64::from(row.weight) * u64::from(day.weight) {
                let sex = if column % 2 == 0 {
                    Sex::Male
                } else {
                    Sex::Female
                };
                return Some(assemble(row.district, day.date, sex, row.serial));
            }
        }
        None
    }
}

/// The birth date of a synthetic NIK with its century: the one that makes an adult of 17 to 80.
/// For any other NIK it is a guess.
#[must_use]
pub fn birth_date(nik: &Nik) -> Option<Date> {
    let year = i16::from(nik.birth_year());
    let century = if year + 2000 > pyramid::YOUNGEST.year() {
        1900
    } else {
        2000
    };
    Date::new(
        century + year,
        nik.birth_month() as i8,
        nik.birth_day() as i8,
    )
    .ok()
}

fn assemble(district: u32, date: Date, sex: Sex, serial: u16) -> Nik {
    let day = date.day() as u32 + if sex == Sex::Female { 40 } else { 0 };
    let born = day * 10_000 + date.month() as u32 * 100 + date.year() as u32 % 100;
    let mut digits = [0; 16];
    write_decimal(&mut digits[..6], district);
    write_decimal(&mut digits[6..12], born);
    write_decimal(&mut digits[12..], serial.into());
    Nik::from_valid_digits(digits)
}

fn write_decimal(places: &mut [u8], mut value: u32) {
    for place in places.iter_mut().rev() {
        *place = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

#[cfg(test)]
mod tests;
