//! The texts of cells into values of the domain.

use jiff::civil::Date;

use super::ProblemCode;
use super::cell::Cell;
use crate::nik::{Nik, NikError, Sex};
use crate::protocol::codes::{AmountBand, Collectibility, Reason};

/// A NIK cell. A number is refused, because a spreadsheet keeps 15 digits of it.
pub(super) fn nik(cell: &Cell) -> Result<Nik, ProblemCode> {
    match cell {
        Cell::Text(text) => Nik::parse(text).map_err(|error| match error {
            NikError::Characters if is_scientific(text) => ProblemCode::NikScientific,
            error => ProblemCode::Nik(error),
        }),
        Cell::Number { .. } => Err(ProblemCode::NikNumericCell),
        Cell::Date(_) => Err(ProblemCode::Nik(NikError::Characters)),
        Cell::Error => Err(ProblemCode::CellError),
    }
}

/// `3,51514E+15` and its kin.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.trim().split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(exponent.trim_start_matches('+')) && digits(&mantissa.replacen([',', '.'], "", 1))
}

/// A grade 1-5; an exact number is as good as text.
pub(super) fn collectibility(cell: &Cell) -> Result<Collectibility, ProblemCode> {
    let text = plain(cell)?;
    Collectibility::parse(&text).ok_or(ProblemCode::CollectibilityUnknown)
}

/// A reason by its code; blanks and dashes count as underscores.
pub(super) fn reason(cell: &Cell) -> Result<Reason, ProblemCode> {
    let text = plain(cell)?.replace([' ', '-'], "_");
    Reason::parse(&text).ok_or(ProblemCode::ReasonUnknown)
}

/// An amount band: `<5`, `5-25`, `25-100`, `>100`, with or without blanks and `juta`.
pub(super) fn band(cell: &Cell) -> Result<AmountBand, ProblemCode> {
    if matches!(cell, Cell::Date(_)) {
        return Err(ProblemCode::BandDate);
    }
    let text = plain(cell)?
        .to_lowercase()
        .replace(['\u{2013}', '\u{2014}'], "-");
    let text = text
        .trim_start_matches("rp")
        .trim_end_matches("juta")
        .trim_end_matches("jt");
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    AmountBand::parse(&text).ok_or_else(|| {
        let words = text
            .split_once('-')
            .is_some_and(|(_, end)| end.starts_with(char::is_alphabetic));
        if words {
            ProblemCode::BandDate
        } else {
            ProblemCode::BandUnknown
        }
    })
}

/// `YYYY-MM-DD`, `DD/MM/YYYY`, `DD-MM-YYYY` or a date cell.
pub(super) fn date(cell: &Cell) -> Result<Date, ProblemCode> {
    if let Cell::Date(date) = cell {
        return Ok(*date);
    }
    let text = plain(cell)?;
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let [first, month, last] = parts.as_slice() else {
        return Err(ProblemCode::DateFormat);
    };
    let slashed = text.contains('/');
    let (year, day) = match (first.len(), last.len()) {
        (4, 1..=2) if !slashed => (first, last),
        (1..=2, 4) if !text.contains('-') || !slashed => (last, first),
        _ => return Err(ProblemCode::DateFormat),
    };
    let number = |text: &str| -> Result<i16, ProblemCode> {
        let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits
            .then(|| text.parse().ok())
            .flatten()
            .ok_or(ProblemCode::DateFormat)
    };
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    // Anything above i8 is no month and no day either.
    let small = |value: i16| i8::try_from(value).unwrap_or(i8::MAX);
    Date::new(year, small(month), small(day)).map_err(|_| ProblemCode::DateImpossible)
}

/// `L` / `P` and the words for them in Bahasa Indonesia and English.
pub(super) fn sex(cell: &Cell) -> Option<Sex> {
    match cell
        .shown()
        .to_lowercase()
        .replace([' ', '_'], "-")
        .as_str()
    {
        "l" | "lk" | "laki" | "laki-laki" | "pria" | "m" | "male" => Some(Sex::Male),
        "p" | "pr" | "perempuan" | "wanita" | "f" | "female" => Some(Sex::Female),
        _ => None,
    }
}

/// The text of a cell in which a whole number is as good as text.
pub(super) fn plain(cell: &Cell) -> Result<String, ProblemCode> {
    match cell {
        Cell::Error => Err(ProblemCode::CellError),
        Cell::Number { exact: false, .. } => Err(ProblemCode::NumberInexact),
        cell => Ok(cell.shown()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn numbers_and_scientific_forms_are_no_niks() {
        let number = Cell::Number {
            text: "3515144508680002".to_owned(),
            exact: true,
        };
        assert_eq!(nik(&number).map(drop), Err(ProblemCode::NikNumericCell));
        for form in ["3,51514E+15", "3.51514E+15", "3,51514e15", "4E+15"] {
            assert_eq!(
                nik(&text(form)).map(drop),
                Err(ProblemCode::NikScientific),
                "{form}"
            );
        }
        assert_eq!(
            nik(&text("E+15")).map(drop),
            Err(ProblemCode::Nik(NikError::Characters))
        );
        assert!(nik(&text(" 3515.1445.0868.0002 ")).is_ok());
    }

    #[test]
    fn bands_are_read_as_people_write_them_and_amounts_are_not() {
        for (form, band_) in [
            ("<5", AmountBand::Below5),
            ("< 5 juta", AmountBand::Below5),
            ("5 \u{2013} 25", AmountBand::From5To25),
            ("25-100 JT", AmountBand::From25To100),
            (">100", AmountBand::Above100),
        ] {
            assert_eq!(band(&text(form)), Ok(band_), "{form}");
        }
        assert_eq!(band(&text("17500000")), Err(ProblemCode::BandUnknown));
        assert_eq!(band(&text("25-Mei")), Err(ProblemCode::BandDate));
        assert_eq!(
            band(&Cell::Date(day(2024, 5, 25))),
            Err(ProblemCode::BandDate)
        );
    }

    #[test]
    fn three_forms_of_dates_and_no_others() {
        for form in ["2024-02-29", "29/02/2024", "29-02-2024", "29/2/2024"] {
            assert_eq!(date(&text(form)), Ok(day(2024, 2, 29)), "{form}");
        }
        for form in [
            "",
            "2024",
            "29.02.2024",
            "02/29/24",
            "2024/02/29",
            "29/02-2024",
            "a-b-cdef",
            "+1/02/2024",
        ] {
            assert_eq!(date(&text(form)), Err(ProblemCode::DateFormat), "{form}");
        }
        for form in ["2023-02-29", "31/04/2024", "12-13-2024", "2024-99-99"] {
            assert_eq!(
                date(&text(form)),
                Err(ProblemCode::DateImpossible),
                "{form}"
            );
        }
    }

    #[test]
    fn grades_reasons_and_sexes() {
        let five = Cell::Number {
            text: "5".to_owned(),
            exact: true,
        };
        assert_eq!(collectibility(&five), Ok(Collectibility::Macet));
        assert_eq!(
            collectibility(&text("6")),
            Err(ProblemCode::CollectibilityUnknown)
        );
        assert_eq!(reason(&text("macet pokok")), Ok(Reason::MacetPokok));
        assert_eq!(reason(&text("MACET")), Err(ProblemCode::ReasonUnknown));
        assert_eq!(sex(&text("Laki - laki")), None);
        assert_eq!(sex(&text("Laki-laki")), Some(Sex::Male));
        assert_eq!(sex(&text("P")), Some(Sex::Female));
    }
}
