//! The answer sheet: who stands where, by a person's number, and the results that follow.

use saring::nik::Nik;
use saring::screening::{Counts, ListCounts};

use crate::house::digits;

/// Where a person stands on the list of debtors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Debt {
    Never,
    Owes,
    Paid,
    WrongNik,
    Disputed,
}

/// Person `n`: at the ends of a chunk, and every so often.
pub(super) fn debt(n: usize) -> Debt {
    match n {
        0 | 16_383 => Debt::Owes,
        1 | 16_384 => Debt::Paid,
        3 => Debt::WrongNik,
        4 => Debt::Disputed,
        _ if n % 97 == 7 => Debt::Owes,
        _ if n % 401 == 9 => Debt::Paid,
        _ => Debt::Never,
    }
}

/// Where a person stands on the programme's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Programme {
    None,
    Asn,
    Direksi,
}

/// Person `n`.
pub(super) fn programme(n: usize) -> Programme {
    match n {
        0 | 16_384 => Programme::Direksi,
        _ if n % 89 == 4 => Programme::Asn,
        _ if n % 503 == 11 => Programme::Direksi,
        _ => Programme::None,
    }
}

/// One filled row of a file.
#[derive(Clone, Copy)]
pub(super) enum Row {
    /// Person so and so.
    Valid(usize),
    Invalid,
}

/// What must come out.
pub(super) struct Sheet {
    pub(super) results: String,
    pub(super) counts: Counts,
    pub(super) debts: ListCounts,
    pub(super) programme: ListCounts,
}

/// The sheet for `rows`, each with its number in the file and its other cells.
pub(super) fn sheet(people: &[Nik], rows: &[(u64, Row, &str)], others: &str) -> Sheet {
    let mut sheet = Sheet {
        results: format!(
            "row,nik,peminjam-macet,peminjam-macet/category,penerima-gaji,penerima-gaji/category{others}\n"
        ),
        counts: Counts::default(),
        debts: ListCounts::default(),
        programme: ListCounts::default(),
    };
    let mut seen = std::collections::BTreeSet::new();
    for (number, row, others) in rows {
        sheet.counts.rows += 1;
        let Row::Valid(n) = row else {
            sheet.counts.invalid += 1;
            continue;
        };
        sheet.counts.valid += 1;
        let nik = digits(&people[*n]);
        let (of_debts, of_programme) = (answer_debt(*n), answer_programme(*n));
        sheet.results += &format!(
            "{number},{}******{},{of_debts},{of_programme}{others}\n",
            &nik[..6],
            &nik[12..]
        );
        if !seen.insert(*n) {
            sheet.counts.duplicate += 1;
            continue;
        }
        sheet.counts.unique += 1;
        match of_debts {
            "LISTED," => sheet.debts.listed += 1,
            "PREVIOUSLY," => sheet.debts.previously += 1,
            _ => sheet.debts.not_listed += 1,
        }
        match programme(*n) {
            Programme::None => sheet.programme.not_listed += 1,
            Programme::Asn | Programme::Direksi => sheet.programme.listed += 1,
        }
    }
    sheet
}

fn answer_debt(n: usize) -> &'static str {
    match debt(n) {
        Debt::Owes => "LISTED,",
        Debt::Paid => "PREVIOUSLY,",
        Debt::Never | Debt::WrongNik | Debt::Disputed => "NOT_LISTED,",
    }
}

fn answer_programme(n: usize) -> &'static str {
    match programme(n) {
        Programme::Asn => "LISTED,ASN",
        Programme::Direksi => "LISTED,DIREKSI_BUMN",
        Programme::None => "NOT_LISTED,",
    }
}
