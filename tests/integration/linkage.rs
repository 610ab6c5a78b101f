//! How much a bucket's number tells: the figures of docs/PRIVACY.md, computed here and compared.
//!
//! `SARING_BLESS=1` writes the table into the document.

use std::fmt::Write as _;
use std::path::Path;

use saring::protocol::{BucketShape, Derivation, Epoch, ListId};

use crate::statistics::unevenness;

/// Residents of Indonesia, rounded.
const RESIDENTS: f64 = 284e6;
/// Adults of one district (kecamatan), rounded: what a cooperative's neighbourhood is.
const DISTRICT: f64 = 27_000.0;
/// Questions about different people on the list in a day.
const QUESTIONS: f64 = 10_000.0;
/// How often a person asked about is asked about by another member on the same day.
const REPEATED: f64 = 0.01;

const BEGIN: &str = "<!-- linkage: begin, computed by tests/integration/linkage.rs -->\n";
const END: &str = "<!-- linkage: end -->\n";

/// The document's table, a row a size of list.
fn table() -> String {
    let mut table = String::from(
        "| people on the list | bits p | buckets | residents a bucket | adults of one district a bucket | \
         other questions in the same bucket that day | of two questions in one bucket, about one person |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for entries in [100, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000] {
        let shape = BucketShape::for_entries(entries);
        let buckets = f64::from(shape.buckets());
        let strangers = QUESTIONS / buckets;
        let same = REPEATED / (REPEATED + strangers);
        let cells = [
            grouped(entries as f64),
            shape.bits().to_string(),
            grouped(buckets),
            grouped(RESIDENTS / buckets),
            grouped(DISTRICT / buckets),
            grouped(strangers),
            format!("{} %", grouped(100.0 * same)),
        ];
        writeln!(table, "| {} |", cells.join(" | ")).unwrap();
    }
    table
}

/// Two significant digits below 100, whole numbers with separators above.
fn grouped(value: f64) -> String {
    if value < 100.0 && value.fract() != 0.0 {
        let digits = (1.0 - value.log10().floor()).clamp(0.0, 6.0) as usize;
        return format!("{value:.digits$}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn linkage_figures_are_the_documents() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/PRIVACY.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table's beginning");
    let (shown, after) = rest.split_once(END).expect("the table's end");
    if std::env::var_os("SARING_BLESS").is_some() {
        let text = format!("{before}{BEGIN}{}{END}{after}", table());
        return std::fs::write(path, text).unwrap();
    }
    assert_eq!(shown, table(), "SARING_BLESS=1 writes the table");
}

/// The figures take buckets for even and people for independent; locators are so.
#[test]
fn linkage_locators_fall_evenly_and_apart() {
    const PEOPLE: u64 = 100_000;
    let list = ListId::parse("peminjam-macet").unwrap();
    let elements: Vec<[u8; 32]> = (0..PEOPLE)
        .map(|person| *blake3::hash(&person.to_le_bytes()).as_bytes())
        .collect();
    let shape = BucketShape::for_entries(100_000);
    let numbers = |epoch| {
        let locators = Derivation::new(&list, Epoch(epoch)).locators(&elements);
        let of = |locator: &saring::protocol::Locator| locator.bucket(shape.bits()) as usize;
        locators.iter().map(of).collect::<Vec<_>>()
    };
    let (this, next) = (numbers(1), numbers(2));
    let mut counts = vec![0; shape.buckets() as usize];
    this.iter().for_each(|number| counts[*number] += 1);
    assert!(unevenness(&counts) < 6.0);
    // A new epoch keeps a person's bucket no more often than chance does.
    let kept = this.iter().zip(&next).filter(|(a, b)| a == b).count() as f64;
    let expected = PEOPLE as f64 / f64::from(shape.buckets());
    assert!(
        (kept - expected).abs() < 6.0 * expected.sqrt(),
        "{kept} of {expected}"
    );
    // The control: a locator that people choose by their number is uneven.
    let mut counts = vec![0; shape.buckets() as usize];
    (0..PEOPLE).for_each(|person| counts[(person % 200) as usize] += 1);
    assert!(unevenness(&counts) > 6.0);
}
