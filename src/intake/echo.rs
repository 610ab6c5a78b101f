//! What of a person's row may be shown back to them: everything but the digits of a NIK.

use zeroize::Zeroizing;

use super::cell::{Cell, RawRow};
use crate::nik::Nik;

/// Digits in one run from which on it may be a NIK, also a mistyped one.
const SUSPICIOUS_DIGITS: usize = 12;

/// A row as it came, with NIKs masked, in order of the file's columns.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MaskedRow {
    cells: Vec<String>,
}

impl MaskedRow {
    /// Masks a row; `nik_column` is the one that holds the NIK.
    pub(super) fn of(row: &RawRow, nik_column: Option<usize>) -> Self {
        let cells = row.cells.iter().enumerate().map(|(column, cell)| {
            if nik_column == Some(column) {
                mask_nik(&cell.shown())
            } else {
                mask_other(cell)
            }
        });
        Self {
            cells: cells.collect(),
        }
    }

    /// A row of one cell that holds nothing of a person.
    pub(super) fn of_one(text: &str) -> Self {
        Self {
            cells: vec![text.to_owned()],
        }
    }

    /// The cells, masked, as many as the row had.
    #[must_use]
    pub fn cells(&self) -> &[String] {
        &self.cells
    }
}

/// A row that may be shown: masked only when it is, as most rows never are. It holds a NIK.
#[derive(Clone)]
pub struct Echo {
    row: RawRow,
    nik_column: Option<usize>,
}

impl Echo {
    pub(super) const fn of(row: RawRow, nik_column: Option<usize>) -> Self {
        Self { row, nik_column }
    }

    /// A row of a NIK cell alone, which may be missing.
    pub(super) fn of_nik(number: u64, cell: Option<&Cell>) -> Self {
        let cell = cell.cloned().unwrap_or_else(|| Cell::Text(String::new()));
        Self::of_cells(number, vec![cell])
    }

    /// Nothing of a row that is never shown.
    pub(super) const fn nothing(number: u64) -> Self {
        Self::of_cells(number, Vec::new())
    }

    const fn of_cells(number: u64, cells: Vec<Cell>) -> Self {
        let row = RawRow {
            number,
            cells,
            fault: None,
        };
        Self::of(row, Some(0))
    }

    /// The row with NIKs masked.
    #[must_use]
    pub fn masked(&self) -> MaskedRow {
        MaskedRow::of(&self.row, self.nik_column)
    }
}

/// Masks the text of a NIK cell: sixteen digits keep the first six and the last four, anything
/// else keeps the first four digits.
pub(super) fn mask_nik(text: &str) -> String {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    let strange = text
        .chars()
        .any(|c| !c.is_ascii_digit() && !is_separator(c));
    mask(
        text,
        digits,
        if strange {
            Shown::FirstFour
        } else {
            Shown::by(digits)
        },
    )
}

/// Masks every run of digits in `text` that is long enough to be a NIK, mistyped or not.
pub(super) fn mask_runs(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_numeric) {
        masked.push_str(&rest[..start]);
        let run = &rest[start..start + run_length(&rest[start..])];
        let digits = run.chars().filter(|c| c.is_numeric()).count();
        if digits >= SUSPICIOUS_DIGITS {
            masked.push_str(&mask(run, digits, Shown::by(digits)));
        } else {
            masked.push_str(run);
        }
        rest = &rest[start + run.len()..];
    }
    masked.push_str(rest);
    masked
}

/// `text` as it is, unless some run of digits in it reads as a valid NIK: then with every long run
/// masked.
#[must_use]
pub fn mask_niks(text: &str) -> std::borrow::Cow<'_, str> {
    match holds_nik(text) {
        true => mask_runs(text).into(),
        false => text.into(),
    }
}

/// Whether some run of digits in `text` reads as a valid NIK.
pub(super) fn holds_nik(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find(char::is_numeric) {
        let run = &rest[start..start + run_length(&rest[start..])];
        let digits: Zeroizing<String> =
            Zeroizing::new(run.chars().filter(|c| c.is_numeric()).collect());
        if Nik::parse(&digits).is_ok() {
            return true;
        }
        rest = &rest[start + run.len()..];
    }
    false
}

fn mask_other(cell: &Cell) -> String {
    match cell {
        Cell::Date(_) => cell.shown(),
        cell => mask_runs(&cell.shown()),
    }
}

/// Bytes of the run of digits that `text` starts with: up to its last digit before a letter or the
/// end, because people put anything between groups of digits.
fn run_length(text: &str) -> usize {
    let digits = text
        .char_indices()
        .take_while(|(_, c)| c.is_numeric() || !c.is_alphabetic());
    digits
        .filter(|(_, c)| c.is_numeric())
        .last()
        .map_or(0, |(at, c)| at + c.len_utf8())
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '\u{a0}' | '\t' | '\n' | '\r')
}

/// Which digits stay.
#[derive(Clone, Copy)]
enum Shown {
    SixAndFour,
    FirstFour,
}

impl Shown {
    fn by(digits: usize) -> Self {
        if digits == 16 {
            Self::SixAndFour
        } else {
            Self::FirstFour
        }
    }
}

fn mask(text: &str, digits: usize, shown: Shown) -> String {
    let mut index = 0;
    text.chars()
        .map(|c| {
            if !c.is_numeric() {
                return c;
            }
            index += 1;
            let stays = match shown {
                Shown::SixAndFour => index <= 6 || index + 4 > digits,
                Shown::FirstFour => index <= 4,
            };
            if stays { c } else { '*' }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_nik_keeps_six_and_four_and_a_mistyped_one_four() {
        assert_eq!(mask_nik("3515144508680002"), "351514******0002");
        assert_eq!(mask_nik("35.15.14.450868.0002"), "35.15.14.******.0002");
        assert_eq!(mask_nik("351514450868000"), "3515***********");
        assert_eq!(mask_nik("351514450868OO02"), "3515********OO**");
        assert_eq!(mask_nik("3,51514E+15"), "3,515**E+**");
        assert_eq!(
            mask_nik("\u{ff13}\u{ff15}15144508680002"),
            "\u{ff13}\u{ff15}15************"
        );
    }

    #[test]
    fn other_cells_keep_dates_and_short_references() {
        assert_eq!(mask_runs("PK-2023/00017"), "PK-2023/00017");
        assert_eq!(mask_runs("2024-02-29"), "2024-02-29");
        assert_eq!(
            mask_runs("an. 3515144508680002 ok"),
            "an. 351514******0002 ok"
        );
        assert_eq!(mask_runs("3515 1445 0868 000"), "3515 **** **** ***");
        assert_eq!(mask_runs("3515/1445/0868/0002"), "3515/14**/****/0002");
        let roman = "\u{2167}".repeat(12);
        assert_eq!(
            mask_runs(&roman).matches('*').count(),
            8,
            "numeric and alphabetic at once"
        );
        assert_eq!(mask_runs("35151445086800021"), "3515*************");
    }

    /// Digits in the longest stretch of `text` between masks and other characters.
    fn longest_stretch(text: &str) -> usize {
        text.split(|c: char| !c.is_numeric())
            .map(|run| run.chars().count())
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn the_middle_of_a_nik_never_shows(
            before in "[a-z /;]{0,5}", digits in "[0-9]{16}", after in "[a-z /;]{0,5}",
        ) {
            let masked = mask_runs(&format!("{before}{digits}{after}"));
            prop_assert_eq!(masked, format!("{before}{}******{}{after}", &digits[..6], &digits[12..]));
        }

        #[test]
        fn no_long_stretch_of_digits_survives(text in "[0-9 ./x-]{0,60}") {
            prop_assert!(longest_stretch(&mask_runs(&text)) < SUSPICIOUS_DIGITS);
            prop_assert!(longest_stretch(&mask_nik(&text)) <= 6);
        }
    }
}
