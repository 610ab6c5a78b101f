//! Who plays: synthetic people, who lists them, and who applies.

use std::fmt::Write as _;
use std::ops::Range;

use crate::agent::{CHUNK, CHUNKS_UNDER_WAY};
use crate::nik::Nik;
use crate::nik::synth::SyntheticNiks;

/// The cooperatives.
pub(super) const COOPERATIVES: [&str; 3] = ["ksp-maju", "ksp-jaya", "ksp-rukun"];
/// The officer's organisation.
pub(super) const OFFICER: &str = "koperasi-tanya";

/// Good rows of a cooperative's file.
pub(super) const GOOD: usize = 9_990;
/// People that two neighbouring cooperatives both list.
pub(super) const SHARED: usize = 2_000;
/// Rows of the upload in which the registry is killed: a chunk more than are ever under way at a
/// time, so that at the first acknowledgement the last one was not sent yet.
pub(super) const CRASH_ROWS: usize = (CHUNKS_UNDER_WAY + 1) * CHUNK;
/// Rows of the applicants' file.
pub(super) const APPLICANTS: usize = 100_000;
/// Applicants that repeat an earlier one.
pub(super) const REPEATED: usize = 200;
/// Applicants whose NIK is no NIK.
pub(super) const INVALID: usize = 50;
/// Applicants that a cooperative has listed.
pub(super) const LISTED_APPLICANTS: usize = 5_000;
/// The person whose debt is paid: listed by the first cooperative only.
pub(super) const PAID: usize = 25;

/// People that the three cooperatives list together.
const LISTED: usize = 3 * GOOD - 2 * SHARED;

/// The first line of a file of defaulters.
const HEADER: &str = "nik;kolektibilitas;kode_alasan;plafond_band;tgl_macet;no_ref_internal\r\n";

/// All the people, in one order that never changes.
pub(super) struct Cast {
    niks: Vec<Nik>,
}

impl Cast {
    pub(super) fn new() -> Self {
        let count = LISTED + CRASH_ROWS + APPLICANTS;
        Self {
            niks: SyntheticNiks::new(2026).take(count).collect(),
        }
    }

    /// Everybody.
    pub(super) fn everybody(&self) -> &[Nik] {
        &self.niks
    }

    /// Whom a cooperative lists: neighbours share [`SHARED`] people.
    pub(super) fn listed_by(cooperative: usize) -> Range<usize> {
        let start = cooperative * (GOOD - SHARED);
        start..start + GOOD
    }

    /// Whom the upload lists in which the registry is killed.
    pub(super) fn listed_in_crash() -> Range<usize> {
        LISTED..LISTED + CRASH_ROWS
    }

    /// Somebody whom nobody ever lists.
    pub(super) const fn never_listed() -> usize {
        LISTED + CRASH_ROWS
    }

    /// Somebody whom two cooperatives list.
    pub(super) const fn listed_twice() -> usize {
        GOOD - 1
    }

    /// The sixteen digits of a person. These people are nobody.
    pub(super) fn digits(&self, person: usize) -> &str {
        std::str::from_utf8(self.niks[person].expose()).unwrap_or_default()
    }

    /// The reference under which `cooperative` lists a person.
    pub(super) fn reference(cooperative: usize, person: usize) -> String {
        format!("PJ-{}-{person:06}", cooperative + 1)
    }

    /// A cooperative's file: 9,990 good rows, and ten that each break another rule.
    pub(super) fn defaulters(&self, cooperative: usize) -> String {
        let mut file = self.rows(cooperative, Self::listed_by(cooperative));
        for (number, broken) in BROKEN.iter().enumerate() {
            let _infallible = write!(file, "{broken};X-{number}\r\n");
        }
        // The last of the broken rows has no reference at all.
        let good = self.digits(Self::never_listed());
        let _infallible = write!(file, "{good};5;MACET_POKOK;5-25;2026-01-15;\r\n");
        file
    }

    /// The file in whose upload the registry is killed.
    pub(super) fn defaulters_of_crash(&self, cooperative: usize) -> String {
        self.rows(cooperative, Self::listed_in_crash())
    }

    fn rows(&self, cooperative: usize, people: Range<usize>) -> String {
        const REASONS: [&str; 4] = ["MACET_POKOK", "MACET_BUNGA", "KABUR", "PINJAMAN_GANDA"];
        const BANDS: [&str; 4] = ["<5", "5-25", "25-100", ">100"];
        let mut file = String::with_capacity(people.len() * 64);
        file.push_str(HEADER);
        for person in people {
            let (grade, day) = (3 + person % 3, 1 + person % 28);
            let (reason, band) = (REASONS[person % 4], BANDS[person / 4 % 4]);
            let (nik, reference) = (self.digits(person), Self::reference(cooperative, person));
            let _infallible = write!(
                file,
                "{nik};{grade};{reason};{band};2025-06-{day:02};{reference}\r\n"
            );
        }
        file
    }

    /// The applicants' file. Every fifth of the first 25,000 listed people applies, the paid one
    /// among them; nobody else was ever listed.
    pub(super) fn applicants(&self) -> String {
        let listed = (0..LISTED_APPLICANTS).map(|place| place * 5);
        let others = APPLICANTS - REPEATED - INVALID - LISTED_APPLICANTS;
        let others = Self::never_listed()..Self::never_listed() + others;
        let repeated = (0..REPEATED).map(|place| place * 5);
        let mut file = String::with_capacity(APPLICANTS * 24);
        file.push_str("nama;nik\r\n");
        for (number, person) in listed.chain(others).chain(repeated).enumerate() {
            let _infallible = write!(file, "Pemohon {number};{}\r\n", self.digits(person));
        }
        for number in 0..INVALID {
            let _infallible = write!(file, "Pemohon salah {number};35151445086800{number:03}\r\n");
        }
        file
    }
}

/// Rows that break a rule each, without their references.
const BROKEN: [&str; 9] = [
    "351514450868002;5;MACET_POKOK;5-25;2026-01-15",
    "35151445O8680002;5;MACET_POKOK;5-25;2026-01-15",
    "3,51514E+15;5;MACET_POKOK;5-25;2026-01-15",
    "9915144508680002;5;MACET_POKOK;5-25;2026-01-15",
    "3515149908680002;5;MACET_POKOK;5-25;2026-01-15",
    "3515144508680000;5;MACET_POKOK;5-25;2026-01-15",
    "3515144508680002;9;MACET_POKOK;5-25;2026-01-15",
    "3515144508680002;5;SALAH_KODE;5-25;2026-01-15",
    "3515144508680002;5;MACET_POKOK;7500000;2026-01-15",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{SubmissionReader, Verdict};
    use crate::protocol::Date;

    #[test]
    fn each_file_has_ten_thousand_rows_and_ten_broken_ones() {
        let cast = Cast::new();
        for cooperative in 0..3 {
            let file = cast.defaulters(cooperative);
            let reader = SubmissionReader::open(std::io::Cursor::new(file), Date(21_000));
            let (mut good, mut bad) = (0, 0);
            for row in reader.expect("a header") {
                match row.expect("reads").verdict {
                    Verdict::Accepted(_) => good += 1,
                    Verdict::Refused(_) => bad += 1,
                    Verdict::Repeated { .. } => unreachable!("nobody comes twice"),
                }
            }
            assert_eq!((good, bad), (GOOD, 10));
        }
    }

    #[test]
    fn the_paid_person_applies_and_is_listed_once() {
        const { assert!(PAID.is_multiple_of(5) && PAID / 5 < LISTED_APPLICANTS) };
        assert!(Cast::listed_by(0).contains(&PAID) && !Cast::listed_by(1).contains(&PAID));
        let twice = Cast::listed_twice();
        assert!(Cast::listed_by(0).contains(&twice) && Cast::listed_by(1).contains(&twice));
        assert_eq!(Cast::listed_by(2).end, LISTED);
    }
}
