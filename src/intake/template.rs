//! The XLSX template a cooperative fills in.

use rust_xlsxwriter::{DataValidation, Format, Workbook, Worksheet, XlsxError};

use super::{ProblemCode, SubmissionColumn};
use crate::protocol::codes::{AmountBand, Collectibility, Reason};
use crate::texts::{Lang, codes, intake as texts};

/// Rows below the header that offer lists of codes to choose from.
const OFFERED_ROWS: u32 = 10_000;

/// The template could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the template cannot be written")]
pub struct TemplateError(#[from] XlsxError);

/// An XLSX file with an empty sheet `Data` (every column formatted as text, so that no NIK loses a
/// digit and no band turns into a date) and a sheet `Kode` that explains codes and answers.
///
/// # Errors
/// [`TemplateError`] if the workbook cannot be written.
pub fn template(lang: Lang) -> Result<Vec<u8>, TemplateError> {
    let mut workbook = Workbook::new();
    data_sheet(workbook.add_worksheet())?;
    code_sheet(workbook.add_worksheet(), lang)?;
    Ok(workbook.save_to_buffer()?)
}

fn data_sheet(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("Data")?;
    let text = Format::new().set_num_format("@");
    let title = Format::new().set_num_format("@").set_bold();
    for (place, column) in (0_u16..).zip(columns()) {
        sheet.set_column_format(place, &text)?;
        sheet.set_column_width(place, 22)?;
        sheet.write_string_with_format(0, place, column.name(), &title)?;
        if let Some(choices) = choices(column) {
            let list = DataValidation::new().allow_list_strings(&choices)?;
            sheet.add_data_validation(1, place, OFFERED_ROWS, place, &list)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// The columns that a cooperative fills in: days of validity are for programmes.
fn columns() -> impl Iterator<Item = SubmissionColumn> {
    let all = SubmissionColumn::ALL.into_iter();
    all.filter(|column| {
        let validity = [SubmissionColumn::ValidFrom, SubmissionColumn::ValidUntil];
        !validity.contains(column)
    })
}

/// The values that a column offers to choose from.
fn choices(column: SubmissionColumn) -> Option<Vec<&'static str>> {
    match column {
        SubmissionColumn::Collectibility => Some(
            Collectibility::ALL
                .iter()
                .map(|grade| grade.as_str())
                .collect(),
        ),
        SubmissionColumn::Reason => Some(Reason::ALL.iter().map(|code| code.as_str()).collect()),
        SubmissionColumn::AmountBand => {
            Some(AmountBand::ALL.iter().map(|band| band.as_str()).collect())
        }
        SubmissionColumn::Sex => Some(vec!["L", "P"]),
        _ => None,
    }
}

fn code_sheet(sheet: &mut Worksheet, lang: Lang) -> Result<(), XlsxError> {
    sheet.set_name("Kode")?;
    let text = Format::new().set_num_format("@");
    let title = Format::new().set_bold();
    sheet.set_column_width(0, 24)?;
    sheet.set_column_width(1, 28)?;
    sheet.set_column_width(2, 100)?;
    let titles = lang.pick(["kolom", "kode", "arti"], ["column", "code", "meaning"]);
    for (place, name) in (0_u16..).zip(titles) {
        sheet.write_string_with_format(0, place, name, &title)?;
    }
    for (row, cells) in (1_u32..).zip(explanations(lang)) {
        for (place, cell) in (0_u16..).zip(cells) {
            sheet.write_string_with_format(row, place, cell, &text)?;
        }
    }
    Ok(())
}

/// (column, code, meaning) of every code a cell may hold and of every answer a row may get.
fn explanations(lang: Lang) -> Vec<[&'static str; 3]> {
    let mut lines = Vec::new();
    let mut explain = |column: &'static str, code: &'static str, text: Option<&'static str>| {
        lines.push([column, code, text.unwrap_or_default()]);
    };
    for code in Reason::ALL {
        explain(
            SubmissionColumn::Reason.name(),
            code.as_str(),
            codes::reason(code.as_str(), lang),
        );
    }
    for grade in Collectibility::ALL {
        let meaning = codes::collectibility(grade.as_str(), lang);
        explain(
            SubmissionColumn::Collectibility.name(),
            grade.as_str(),
            meaning,
        );
    }
    for band in AmountBand::ALL {
        let meaning = codes::amount_band(band.as_str(), lang);
        explain(SubmissionColumn::AmountBand.name(), band.as_str(), meaning);
    }
    for answer in ProblemCode::all() {
        explain(
            lang.pick("(jawaban)", "(answer)"),
            answer.as_str(),
            texts::find(answer.as_str(), lang),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::{SubmissionReader, limits};
    use super::*;
    use crate::protocol::Date;

    #[test]
    fn the_template_is_a_file_we_read_and_it_is_empty() {
        for lang in Lang::ALL {
            let bytes = template(lang).expect("written");
            assert!((bytes.len() as u64) < limits::MAX_XLSX_BYTES);
            let reader = SubmissionReader::open(Cursor::new(bytes), Date(20_000));
            let mut reader = reader.expect("its header is understood");
            assert!(reader.next().is_none());
        }
    }

    #[test]
    fn every_code_is_explained_in_both_languages() {
        for lang in Lang::ALL {
            for [column, code, meaning] in explanations(lang) {
                assert!(!meaning.is_empty(), "{column} {code} {lang}");
            }
        }
    }
}
