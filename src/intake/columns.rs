//! The header: which column of the file is which.

use super::cell::{Cell, RawRow};
use super::echo::mask_runs;
use super::{FileProblem, limits};
use crate::nik::Nik;
use crate::protocol::codes::Reason;

/// A column of a submission file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SubmissionColumn {
    /// The person's NIK.
    Nik,
    /// The grade 1-5.
    Collectibility,
    /// Why the person is listed.
    Reason,
    /// The credit limit as a band.
    AmountBand,
    /// The day of default.
    DefaultedOn,
    /// The cooperative's own reference; it stays with the cooperative.
    Reference,
    /// The first day on which a programme's reason holds.
    ValidFrom,
    /// The last day on which a programme's reason holds.
    ValidUntil,
    /// The birth date, to cross-check the NIK; never sent.
    BirthDate,
    /// The sex, to cross-check the NIK; never sent.
    Sex,
}

impl SubmissionColumn {
    /// Every column, in the template's order.
    pub const ALL: [Self; 10] = [
        Self::Nik,
        Self::Collectibility,
        Self::Reason,
        Self::AmountBand,
        Self::DefaultedOn,
        Self::Reference,
        Self::ValidFrom,
        Self::ValidUntil,
        Self::BirthDate,
        Self::Sex,
    ];

    /// The column's own name, as in the template and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Whether a file must have the column (its cells may still be blank where a reason needs
    /// none).
    #[must_use]
    pub const fn is_required(self) -> bool {
        !matches!(
            self,
            Self::ValidFrom | Self::ValidUntil | Self::BirthDate | Self::Sex
        )
    }

    /// The column's own name and the others that are understood, folded.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Nik => &[
                "nik",
                "no_nik",
                "nomor_nik",
                "nik_ktp",
                "no_ktp",
                "nomor_ktp",
                "nomor_induk_kependudukan",
            ],
            Self::Collectibility => &[
                "kolektibilitas",
                "kolektabilitas",
                "kol",
                "kolek",
                "collectibility",
            ],
            Self::Reason => &["kode_alasan", "alasan", "reason", "reason_code"],
            Self::AmountBand => &[
                "plafond_band",
                "plafon_band",
                "band_plafond",
                "plafond",
                "plafon",
                "amount_band",
            ],
            Self::DefaultedOn => &["tgl_macet", "tanggal_macet", "defaulted_on"],
            Self::Reference => &[
                "no_ref_internal",
                "no_ref",
                "ref_internal",
                "nomor_referensi",
                "no_referensi",
                "referensi",
                "reference",
            ],
            Self::ValidFrom => &["berlaku_dari", "berlaku_mulai", "valid_from"],
            Self::ValidUntil => &["berlaku_sampai", "berlaku_hingga", "valid_until"],
            Self::BirthDate => &["tanggal_lahir", "tgl_lahir", "birth_date"],
            Self::Sex => &["jenis_kelamin", "kelamin", "jk", "sex", "gender"],
        }
    }

    /// The column that a header cell names, in any case, with blanks, dots or dashes for
    /// underscores.
    #[must_use]
    pub fn named(header: &str) -> Option<Self> {
        let folded = fold(header);
        Self::ALL
            .into_iter()
            .find(|column| column.names().contains(&folded.as_str()))
    }
}

/// What kind of list a file is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// Borrowers: every row has a reason and a reference of its own.
    Borrowers,
    /// A programme's list from an agency. The category stands in for a missing `kode_alasan`, and
    /// the row's category for a missing reference.
    Programme(Option<Reason>),
}

impl Form {
    fn requires(self, column: SubmissionColumn) -> bool {
        match (self, column) {
            (Self::Borrowers, column) => column.is_required(),
            (Self::Programme(_), SubmissionColumn::Nik) => true,
            (Self::Programme(category), SubmissionColumn::Reason) => category.is_none(),
            (Self::Programme(_), _) => false,
        }
    }
}

/// Where each column of a submission file stands.
pub(super) struct Layout {
    places: [Option<usize>; SubmissionColumn::ALL.len()],
}

impl Layout {
    /// Understands a header row; whatever is not on the list is refused by name.
    pub(super) fn of(header: &RawRow, form: Form) -> Result<Self, FileProblem> {
        check_header(header)?;
        let mut layout = Self {
            places: [None; SubmissionColumn::ALL.len()],
        };
        let mut unknown = Vec::new();
        for (place, cell) in header
            .cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_blank())
        {
            match SubmissionColumn::named(&cell.shown()) {
                None => unknown.push(echoed(&cell.shown())),
                Some(column) => {
                    if layout.places[column as usize].replace(place).is_some() {
                        return Err(FileProblem::RepeatedColumn(column.name()));
                    }
                }
            }
        }
        if !unknown.is_empty() {
            return Err(FileProblem::UnknownColumns(unknown));
        }
        let missing: Vec<&str> = SubmissionColumn::ALL
            .into_iter()
            .filter(|column| form.requires(*column) && layout.place(*column).is_none())
            .map(SubmissionColumn::name)
            .collect();
        if missing.is_empty() {
            Ok(layout)
        } else {
            Err(FileProblem::MissingColumns(missing))
        }
    }

    /// The place of a column, from 0.
    pub(super) fn place(&self, column: SubmissionColumn) -> Option<usize> {
        self.places[column as usize]
    }

    /// The cell of a column in a row, absent if blank.
    pub(super) fn cell<'a>(&self, row: &'a RawRow, column: SubmissionColumn) -> Option<&'a Cell> {
        self.place(column).and_then(|place| row.cell(place))
    }

    /// Whether a row has something in a place that no header names.
    pub(super) fn has_stray_cell(&self, row: &RawRow) -> bool {
        row.cells
            .iter()
            .enumerate()
            .any(|(place, cell)| !cell.is_blank() && !self.places.contains(&Some(place)))
    }
}

/// Refuses a header that is too wide or that is data.
pub(super) fn check_header(header: &RawRow) -> Result<(), FileProblem> {
    if header.fault.is_some() || header.cells.len() > limits::MAX_COLUMNS {
        return Err(FileProblem::TooManyColumns);
    }
    if header
        .cells
        .iter()
        .any(|cell| Nik::parse(&cell.shown()).is_ok())
    {
        return Err(FileProblem::NoHeader);
    }
    Ok(())
}

/// A header cell as names are compared: words in lower case, joined by underscores.
pub(super) fn fold(header: &str) -> String {
    let words = header.split(|c: char| c.is_whitespace() || matches!(c, '-' | '.' | '_'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

/// A header cell as it may be shown.
pub(super) fn echoed(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    mask_runs(&name)
        .chars()
        .take(limits::MAX_ECHOED_NAME_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> RawRow {
        let cells = names
            .iter()
            .map(|&name| Cell::Text(name.to_owned()))
            .collect();
        RawRow {
            number: 1,
            cells,
            fault: None,
        }
    }

    const ALL: [&str; 6] = [
        "nik",
        "kolektibilitas",
        "kode_alasan",
        "plafond_band",
        "tgl_macet",
        "no_ref_internal",
    ];

    #[test]
    fn names_are_folded_and_aliases_known() {
        for (name, column) in [
            (" NIK ", SubmissionColumn::Nik),
            ("No. KTP", SubmissionColumn::Nik),
            ("Kode Alasan", SubmissionColumn::Reason),
            ("TANGGAL-LAHIR", SubmissionColumn::BirthDate),
        ] {
            assert_eq!(SubmissionColumn::named(name), Some(column), "{name}");
        }
        for column in SubmissionColumn::ALL {
            assert_eq!(SubmissionColumn::named(column.name()), Some(column));
            assert_eq!(SubmissionColumn::ALL[column as usize], column);
        }
    }

    #[test]
    fn anything_not_on_the_list_is_refused_by_name() {
        let mut names = ALL.to_vec();
        names.extend(["nama", "saldo simpanan", "3515144508680003x"]);
        match Layout::of(&header(&names), Form::Borrowers) {
            Err(FileProblem::UnknownColumns(unknown)) => {
                assert_eq!(unknown, ["nama", "saldo simpanan", "351514******0003x"]);
            }
            _ => panic!("unknown columns must be refused"),
        }
    }

    #[test]
    fn missing_repeated_and_absent_headers_are_told_apart() {
        let missing = Layout::of(&header(&ALL[..4]), Form::Borrowers).map(drop);
        assert!(matches!(missing, Err(FileProblem::MissingColumns(names))
            if names == ["tgl_macet", "no_ref_internal"]));
        let mut names = ALL.to_vec();
        names.push("no ktp");
        let repeated = Layout::of(&header(&names), Form::Borrowers).map(drop);
        assert!(matches!(repeated, Err(FileProblem::RepeatedColumn("nik"))));
        let data = Layout::of(&header(&["3515144508680002", "5"]), Form::Borrowers).map(drop);
        assert!(matches!(data, Err(FileProblem::NoHeader)));
        assert!(Layout::of(&header(&ALL), Form::Borrowers).is_ok());
    }
}
