//! From what a person typed to sixteen digits that break no rule.

use zeroize::Zeroize;

use super::{NikError, places};

/// Takes out separators and refuses everything else that is not an ASCII digit. Full-width digits
/// win over other characters, and characters over length, because that is the order in which a
/// person mends them.
pub(super) fn normalise(bytes: &[u8]) -> Result<[u8; 16], NikError> {
    let mut digits = [0; 16];
    let outcome = collect(bytes, &mut digits);
    if outcome.is_err() {
        digits.zeroize();
    }
    outcome.map(|()| digits)
}

fn collect(bytes: &[u8], digits: &mut [u8; 16]) -> Result<(), NikError> {
    let mut count = 0_usize;
    let mut foreign = false;
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        rest = match first {
            b'0'..=b'9' => {
                if let Some(place) = digits.get_mut(count) {
                    *place = first;
                }
                count += 1;
                tail
            }
            b' ' | b'.' | b'-' | b'\t' | b'\r' | b'\n' => tail,
            // U+00A0, the no-break space that word processors put between groups of digits.
            0xc2 if tail.first() == Some(&0xa0) => &tail[1..],
            // U+FF10 to U+FF19.
            0xef if matches!(tail, [0xbc, 0x90..=0x99, ..]) => return Err(NikError::FullWidth),
            _ => {
                foreign = true;
                tail
            }
        };
    }
    match (foreign, count) {
        (true, _) => Err(NikError::Characters),
        (false, 16) => Ok(()),
        (false, _) => Err(NikError::Length),
    }
}

/// Checks the rules that sixteen ASCII digits can still break.
pub(super) fn validate(digits: &[u8; 16]) -> Result<(), NikError> {
    if is_placeholder(digits) {
        return Err(NikError::Placeholder);
    }
    if !places::is_province(pair(digits, 0)) {
        return Err(NikError::Province);
    }
    if !is_possible_date(pair(digits, 6), pair(digits, 8), pair(digits, 10)) {
        return Err(NikError::Date);
    }
    if &digits[12..] == b"0000" {
        return Err(NikError::Serial);
    }
    Ok(())
}

/// Two digits from `at`, as a number 0-99.
pub(super) fn pair(digits: &[u8; 16], at: usize) -> u8 {
    (digits[at] - b'0') * 10 + (digits[at + 1] - b'0')
}

/// One digit throughout, or each digit one more (or one less) than the last, 9 and 0 adjoining.
fn is_placeholder(digits: &[u8; 16]) -> bool {
    [0, 1, 9].into_iter().any(|step| {
        digits
            .windows(2)
            .all(|two| (two[0] - b'0' + step) % 10 == two[1] - b'0')
    })
}

/// Whether the day exists in 19YY or in 20YY; a woman's day carries 40 more.
fn is_possible_date(day: u8, month: u8, year: u8) -> bool {
    let day = if day > 40 { day - 40 } else { day };
    // 1900 was no leap year and 2000 was; for every other YY both centuries agree.
    let leap = year.is_multiple_of(4);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Nik;
    use super::*;

    fn outcome(text: &str) -> Result<String, NikError> {
        Nik::parse(text).map(|nik| String::from_utf8_lossy(nik.expose()).into_owned())
    }

    #[test]
    fn separators_are_dropped() {
        let plain = Ok("3515144508680002".to_owned());
        for text in [
            "3515144508680002",
            "35.15.14.450868.0002",
            "35-15-14 450868 0002",
            "3515\u{a0}1445\u{a0}0868\u{a0}0002",
            " 3515144508680002\r\n",
        ] {
            assert_eq!(outcome(text), plain, "{text:?}");
        }
    }

    #[test]
    fn every_rule_is_told_apart() {
        let table = [
            ("", NikError::Length),
            ("351514450868000", NikError::Length),
            ("35151445086800022", NikError::Length),
            ("351514450868OO02", NikError::Characters),
            ("3,51514E+15", NikError::Characters),
            ("3515144508680002\u{2013}", NikError::Characters),
            ("\u{ff13}515144508680002", NikError::FullWidth),
            ("x\u{ff13}", NikError::FullWidth),
            ("1111111111111111", NikError::Placeholder),
            ("0000000000000000", NikError::Placeholder),
            ("1234567890123456", NikError::Placeholder),
            ("9876543210987654", NikError::Placeholder),
            ("2015144508680002", NikError::Province),
            ("9915144508680002", NikError::Province),
            ("3515140008680002", NikError::Date),
            ("3515143208680002", NikError::Date),
            ("3515144008680002", NikError::Date),
            ("3515147208680002", NikError::Date),
            ("3515140100680002", NikError::Date),
            ("3515140113680002", NikError::Date),
            ("3515143104680002", NikError::Date),
            ("3515143002680002", NikError::Date),
            ("3515142902690002", NikError::Date),
            ("3515144508680000", NikError::Serial),
        ];
        for (text, error) in table {
            assert_eq!(outcome(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn the_29th_of_february_needs_a_leap_year_in_either_century() {
        assert!(outcome("6401062902000012").is_ok(), "2000 was a leap year");
        assert!(outcome("6401066902960012").is_ok());
        assert_eq!(outcome("6401062902010012"), Err(NikError::Date));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert_eq!(
            Nik::parse_bytes(b"\xc2").map(drop),
            Err(NikError::Characters)
        );
        assert_eq!(
            Nik::parse_bytes(b"\xff351514450868000").map(drop),
            Err(NikError::Characters)
        );
    }

    /// Independent of [`is_possible_date`]: asks the calendar.
    fn calendar_knows(day: u8, month: u8, year: u8) -> bool {
        let in_century = |century: i16| {
            jiff::civil::Date::new(century + i16::from(year), month as i8, day as i8).is_ok()
        };
        in_century(1900) || in_century(2000)
    }

    #[test]
    fn dates_agree_with_the_calendar() {
        for year in 0..100 {
            for month in 0..100 {
                for day in 0..100 {
                    let plain = if day > 40 { day - 40 } else { day };
                    let expected = calendar_knows(plain, month, year);
                    assert_eq!(
                        is_possible_date(day, month, year),
                        expected,
                        "{day} {month} {year}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(nik) = Nik::parse_bytes(&bytes) {
                prop_assert!(nik.expose().iter().all(u8::is_ascii_digit));
            }
        }

        #[test]
        fn digits_are_read_as_they_are_or_refused(
            digits in "(1[1-9]|3[1-6])[0-9]{4}([04][1-9]|[156][0-9])(0[1-9]|1[0-2])[0-9]{6}",
        ) {
            match outcome(&digits) {
                Ok(read) => prop_assert_eq!(read, digits),
                Err(error) => prop_assert!(matches!(error, NikError::Date | NikError::Serial)),
            }
        }

        #[test]
        fn one_foreign_letter_is_always_refused(at in 0_usize..=16, letter in "[a-zA-Z',;:/+]") {
            let mut text = "3515144508680002".to_owned();
            text.insert_str(at, &letter);
            prop_assert_eq!(outcome(&text), Err(NikError::Characters));
        }
    }
}
