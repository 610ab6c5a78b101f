//! Districts and how many serials a birthday there reaches.

use std::sync::LazyLock;

use super::super::places;

/// (province, population in units of 10,000), rounded, from general knowledge of the 2020s.
const POPULATION: [(u32, u32); 38] = [
    (11, 550),
    (12, 1550),
    (13, 570),
    (14, 670),
    (15, 370),
    (16, 870),
    (17, 210),
    (18, 930),
    (19, 150),
    (21, 210),
    (31, 1060),
    (32, 4990),
    (33, 3760),
    (34, 370),
    (35, 4150),
    (36, 1230),
    (51, 440),
    (52, 550),
    (53, 550),
    (61, 560),
    (62, 280),
    (63, 420),
    (64, 390),
    (65, 73),
    (71, 270),
    (72, 310),
    (73, 930),
    (74, 270),
    (75, 120),
    (76, 150),
    (81, 190),
    (82, 130),
    (91, 105),
    (92, 58),
    (93, 54),
    (94, 145),
    (95, 145),
    (96, 62),
];

/// People (in hundreds) for one more serial on every birthday of a district.
const HUNDREDS_PER_SERIAL: u32 = 50;

/// One serial of one district, for every birthday and sex.
pub(super) struct Row {
    /// Six digits.
    pub(super) district: u32,
    /// 1 upward, below 100.
    pub(super) serial: u16,
    /// 1-256: how often this serial is reached. Falls in a line, so small serials are common.
    pub(super) weight: u16,
}

/// Every row, ascending by district and serial.
pub(super) static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let districts: Vec<u32> = places::district_codes().collect();
    POPULATION
        .into_iter()
        .flat_map(|(province, population)| province_rows(&districts, province, population))
        .collect()
});

fn province_rows(districts: &[u32], province: u32, population: u32) -> Vec<Row> {
    let of_province = districts
        .iter()
        .copied()
        .filter(|code| code / 10_000 == province);
    let parts: u32 = of_province.clone().map(parts_of).sum();
    of_province
        .flat_map(|district| {
            let hundreds = population * 100 * parts_of(district) / parts.max(1);
            let reach = (hundreds / HUNDREDS_PER_SERIAL).clamp(2, 99);
            (1..=reach).map(move |serial| Row {
                district,
                serial: serial as u16,
                weight: ((reach + 1 - serial) * 256 / reach) as u16,
            })
        })
        .collect()
}

/// A city's district holds about twice the people of a regency's.
fn parts_of(district: u32) -> u32 {
    if district / 100 % 100 >= 71 { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_district_has_serials_and_every_province_a_weight() {
        let mut with_rows: Vec<u32> = ROWS.iter().map(|row| row.district).collect();
        with_rows.dedup();
        assert!(with_rows.into_iter().eq(places::district_codes()));
        assert!(
            POPULATION
                .iter()
                .map(|(code, _)| *code as u8)
                .eq(places::PROVINCES)
        );
    }
}
