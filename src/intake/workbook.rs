//! XLSX: the first worksheet into rows.
//!
//! The rows are held in memory (the format needs it all anyhow); [`limits`] bound them.

use std::io::{Read, Seek};

use calamine::{DataRef, Reader, SheetType, Xlsx};
use jiff::civil::Date;

use super::cell::{Cell, RawRow};
use super::{FileProblem, ProblemCode, inflate, limits};

/// The filled rows of the first worksheet, in order, the header included.
pub(super) fn read_rows(mut workbook: impl Read + Seek) -> Result<Vec<RawRow>, FileProblem> {
    inflate::check_size(&mut workbook)?;
    workbook.rewind()?;
    let mut workbook = Xlsx::new(workbook).map_err(|_| FileProblem::Damaged)?;
    let sheet = workbook
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .ok_or(FileProblem::Damaged)?;
    let mut cells = workbook
        .worksheet_cells_reader(&sheet)
        .map_err(|_| FileProblem::Damaged)?;
    let mut rows: Vec<RawRow> = Vec::new();
    let mut bytes = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| FileProblem::Damaged)? {
        let (row, column) = cell.get_position();
        let Some(value) = value(cell.get_value()) else {
            continue;
        };
        let number = u64::from(row) + 1;
        match rows.last() {
            Some(last) if last.number > number => return Err(FileProblem::Damaged),
            Some(last) if last.number == number => {}
            _ => {
                bytes = 0;
                rows.push(RawRow {
                    number,
                    cells: Vec::new(),
                    fault: None,
                });
            }
        }
        if let Some(last) = rows.last_mut() {
            bytes += value.shown().len();
            place(last, column as usize, value, bytes);
        }
    }
    Ok(rows)
}

/// Puts a cell into its row, which is only as wide as its last filled cell.
fn place(row: &mut RawRow, column: usize, cell: Cell, bytes: usize) {
    if column >= limits::MAX_COLUMNS {
        row.fault = Some(ProblemCode::TooManyCells);
    } else if bytes > limits::MAX_ROW_BYTES {
        row.fault = Some(ProblemCode::RowTooLong);
    } else {
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::Text(String::new()));
        }
        row.cells[column] = cell;
    }
}

fn value(data: &DataRef<'_>) -> Option<Cell> {
    Some(match data {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::DateTimeIso(text) => match text.get(..10).unwrap_or(text).parse::<Date>() {
            Ok(date) => Cell::Date(date),
            Err(_) => Cell::Text(text.clone()),
        },
        DataRef::Bool(value) => Cell::Text(value.to_string().to_uppercase()),
        DataRef::Int(value) => Cell::Number {
            text: value.to_string(),
            exact: value.unsigned_abs() < EXACT,
        },
        DataRef::Float(value) => number(*value),
        DataRef::DateTime(value) => match civil(value.to_ymd_hms_milli()) {
            Some(date) if value.is_datetime() => Cell::Date(date),
            _ => number(value.as_f64()),
        },
        DataRef::Error(_) => Cell::Error,
    })
}

/// A spreadsheet shows fifteen digits of a number.
const EXACT: u64 = 1_000_000_000_000_000;

/// The file format stores every number as a float; a whole one becomes decimal text at once.
fn number(value: f64) -> Cell {
    let exact = value.fract() == 0.0 && value.abs() < EXACT as f64;
    Cell::Number {
        text: format!("{value}"),
        exact,
    }
}

fn civil((year, month, day, ..): (u16, u8, u8, u8, u8, u8, u16)) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}
