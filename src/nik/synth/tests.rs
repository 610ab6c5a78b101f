use std::collections::HashSet;

use jiff::civil::date;

use super::*;

/// A cheap whole-number share: how many of `niks` satisfy `test`, in thousandths.
fn per_mille(niks: &[Nik], test: impl Fn(&Nik) -> bool) -> usize {
    niks.iter().filter(|nik| test(nik)).count() * 1000 / niks.len()
}

#[test]
fn a_seed_fixes_the_sequence() {
    let first: Vec<String> = SyntheticNiks::new(1)
        .take(4)
        .map(|nik| String::from_utf8_lossy(nik.expose()).into_owned())
        .collect();
    assert_eq!(
        first,
        [
            "3303066811870005",
            "1206135306060002",
            "3603181901710005",
            "1213095303930003"
        ]
    );
    let other = SyntheticNiks::new(2).next().expect("not exhausted");
    assert_ne!(other.expose().as_slice(), first[0].as_bytes());
}

#[test]
fn numbers_are_valid_known_and_distinct() {
    let niks: Vec<Nik> = SyntheticNiks::new(3).take(200_000).collect();
    let distinct: HashSet<[u8; 16]> = niks.iter().map(|nik| *nik.expose()).collect();
    assert_eq!(distinct.len(), niks.len());
    for nik in &niks {
        let read = Nik::parse_bytes(nik.expose()).expect("passes every rule");
        assert_eq!(read.place_warning(), None);
        let born = birth_date(nik).expect("a day of the calendar");
        assert!(
            born > date(1945, 1, 1) && born <= date(2009, 1, 1),
            "{born}"
        );
        assert!(nik.check_against(Some(born), Some(nik.sex())).is_empty());
    }
}

#[test]
fn the_population_is_plausible() {
    let niks: Vec<Nik> = SyntheticNiks::new(4).take(100_000).collect();
    let women = per_mille(&niks, |nik| nik.sex() == Sex::Female);
    assert!((490..=510).contains(&women), "{women}");
    let java = per_mille(&niks, |nik| (31..=36).contains(&nik.province()));
    assert!((520..=620).contains(&java), "{java}");
    let small = per_mille(&niks, |nik| nik.serial() < 20);
    assert!(small > 900, "{small}");
    let young = per_mille(&niks, |nik| {
        birth_date(nik).is_some_and(|born| born.year() >= 1986)
    });
    assert!((450..=600).contains(&young), "{young}");
    let provinces: HashSet<u8> = niks.iter().map(Nik::province).collect();
    assert_eq!(provinces.len(), 38);
}

#[test]
fn two_seeds_are_independent_samples() {
    let one: HashSet<[u8; 16]> = SyntheticNiks::new(10)
        .take(50_000)
        .map(|n| *n.expose())
        .collect();
    let shared = SyntheticNiks::new(11)
        .take(50_000)
        .filter(|nik| one.contains(nik.expose()))
        .count();
    assert!(shared < 50, "{shared}");
}

#[test]
fn the_supply_is_as_large_as_promised() {
    let serials: u64 = ROWS.iter().map(|row| u64::from(row.weight)).sum();
    let days: u64 = DAYS.iter().map(|day| u64::from(day.weight)).sum();
    let expected = serials * days * 2 / 65_536;
    assert!(
        (900_000_000..1_000_000_000).contains(&expected),
        "{expected}"
    );
}
