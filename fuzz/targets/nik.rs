//! A NIK is accepted exactly when a slow reading of the rules accepts it, and never shows itself.
#![no_main]

use saring::nik::Nik;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let judged = judge(data);
    match Nik::parse_bytes(data) {
        Ok(nik) => {
            assert_eq!(judged.as_deref(), Some(&nik.expose()[..]));
            let again = Nik::parse_bytes(nik.expose()).expect("sixteen valid digits");
            assert!(again.matches(&nik));
            assert_eq!(nik.masked().as_str()[6..12], *"******");
            assert!(!format!("{nik:?}").contains(|c: char| c.is_ascii_digit()));
        }
        Err(_) => assert_eq!(judged, None),
    }
});

/// The rules once more, over text.
fn judge(data: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(data).ok()?;
    let text: String = text
        .split([' ', '.', '-', '\t', '\r', '\n', '\u{a0}'])
        .collect();
    let digits: Vec<u32> = text
        .chars()
        .map(|c| c.to_digit(10))
        .collect::<Option<_>>()?;
    let number = |from: usize| digits[from] * 10 + digits[from + 1];
    if digits.len() != 16 {
        return None;
    }
    let steps: Vec<u32> = digits
        .windows(2)
        .map(|two| (10 + two[1] - two[0]) % 10)
        .collect();
    let placeholder = steps.iter().all(|step| *step == steps[0]) && [0, 1, 9].contains(&steps[0]);
    let province = matches!(number(0),
        11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=96);
    let day = number(6) - if number(6) > 40 { 40 } else { 0 };
    let lengths = [
        31,
        if number(10) % 4 == 0 { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let month = lengths.get((number(8) as usize).checked_sub(1)?)?;
    let date = day >= 1 && day <= *month;
    (!placeholder && province && date && text[12..] != *"0000").then(|| text.into_bytes())
}
