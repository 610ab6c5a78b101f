//! The file a cooperative downloads, mends and learns from: one line for each problem.

use std::io::Write;

use super::{MaskedRow, RowProblem};
use crate::texts::Lang;

/// Writes the error file as CSV with `;`, a byte order mark and CRLF, which an Indonesian Excel
/// opens without asking. Columns: row, column, code, text, then the original row with its NIK
/// masked.
pub struct ErrorFile<W: Write> {
    writer: csv::Writer<W>,
    lang: Lang,
}

impl<W: Write> ErrorFile<W> {
    /// Starts the file; `header` is the original file's.
    ///
    /// # Errors
    /// Whatever writing gives.
    pub fn new(mut writer: W, header: &MaskedRow, lang: Lang) -> std::io::Result<Self> {
        writer.write_all(b"\xef\xbb\xbf")?;
        let writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(writer);
        let mut this = Self { writer, lang };
        let own = lang.pick(
            ["baris", "kolom", "kode", "keterangan"],
            ["row", "column", "code", "explanation"],
        );
        this.line(own, header)?;
        Ok(this)
    }

    /// Writes one problem of a row.
    ///
    /// # Errors
    /// Whatever writing gives.
    pub fn write(&mut self, problem: &RowProblem, echo: &MaskedRow) -> std::io::Result<()> {
        let (code, text) = (problem.code.as_str(), problem.text(self.lang));
        self.write_refusal(problem.row, problem.column, code, text, echo)
    }

    /// Writes a reason that came from elsewhere, such as the registry's answer to a good row.
    ///
    /// # Errors
    /// Whatever writing gives.
    pub fn write_refusal(
        &mut self,
        row: u64,
        column: &str,
        code: &str,
        text: &str,
        echo: &MaskedRow,
    ) -> std::io::Result<()> {
        self.line([&row.to_string(), column, code, text], echo)
    }

    /// Writes out what is buffered and gives the writer back.
    ///
    /// # Errors
    /// Whatever writing gives.
    pub fn finish(self) -> std::io::Result<W> {
        self.writer.into_inner().map_err(|error| error.into_error())
    }

    fn line(&mut self, own: [&str; 4], echo: &MaskedRow) -> std::io::Result<()> {
        for cell in own
            .into_iter()
            .chain(echo.cells().iter().map(String::as_str))
        {
            self.writer.write_field(harmless(cell))?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }
}

/// A cell that a spreadsheet will not run as a formula: `=`, `+`, `-` and `@` (also after blanks)
/// get an apostrophe before them.
fn harmless(cell: &str) -> String {
    let risky =
        cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r']);
    if risky {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::cell::{Cell, RawRow};
    use super::super::{ProblemCode, RowProblem};
    use super::*;

    fn masked(cells: &[&str]) -> MaskedRow {
        let cells = cells
            .iter()
            .map(|&cell| Cell::Text(cell.to_owned()))
            .collect();
        MaskedRow::of(
            &RawRow {
                number: 7,
                cells,
                fault: None,
            },
            Some(0),
        )
    }

    #[test]
    fn one_line_a_problem_masked_and_harmless() {
        let mut file =
            ErrorFile::new(Vec::new(), &masked(&["nik", "x"]), Lang::Id).expect("in memory");
        let problem = RowProblem {
            row: 7,
            column: "nik",
            code: ProblemCode::NikNumericCell,
        };
        let echo = masked(&["3515144508680002", "=cmd|' /C calc'!A0", "-1", " @x", "a;b"]);
        file.write(&problem, &echo).expect("in memory");
        let bytes = file.finish().expect("in memory");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "\u{feff}baris;kolom;kode;keterangan;nik;x");
        assert!(
            lines[1].starts_with("7;nik;nik_numeric_cell;"),
            "{}",
            lines[1]
        );
        assert!(
            lines[1].ends_with(";351514******0002;'=cmd|' /C calc'!A0;'-1;'@x;\"a;b\""),
            "{}",
            lines[1]
        );
        assert_eq!(lines.len(), 3, "two lines and the end");
    }
}
