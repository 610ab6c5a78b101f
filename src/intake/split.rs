//! One CSV record into its cells (RFC 4180, with the leniency every reader has).

use super::cell::Cell;

/// The cells of a record and whether its last cell has a quote that never closes.
pub(super) struct Split {
    pub(super) cells: Vec<Cell>,
    pub(super) open: bool,
}

/// Splits `record` at `delimiter`. A quote opens only at the start of a cell; inside, two quotes
/// are one; what follows a closing quote belongs to the cell.
pub(super) fn split(record: &str, delimiter: char) -> Split {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut at_start = true;
    let mut rest = record.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if at_start => {
                quoted = true;
                at_start = false;
                continue;
            }
            '"' if quoted => {
                if rest.next_if_eq(&'"').is_some() {
                    cell.push('"');
                } else {
                    quoted = false;
                }
            }
            c if c == delimiter && !quoted => {
                cells.push(Cell::Text(std::mem::take(&mut cell)));
                at_start = true;
                continue;
            }
            c => cell.push(c),
        }
        at_start = false;
    }
    cells.push(Cell::Text(cell));
    Split {
        cells,
        open: quoted,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(split: &Split) -> Vec<String> {
        split
            .cells
            .iter()
            .map(|cell| match cell {
                Cell::Text(text) => text.clone(),
                _ => String::new(),
            })
            .collect()
    }

    #[test]
    fn quotes_open_only_at_the_start_of_a_cell() {
        assert_eq!(
            texts(&split("a;\"b;\"\"c\"\"\";d", ';')),
            ["a", "b;\"c\"", "d"]
        );
        assert_eq!(texts(&split("5\" pipe,x", ',')), ["5\" pipe", "x"]);
        assert_eq!(texts(&split("", ',')), [""]);
        assert!(split("a,\"b", ',').open);
        assert!(!split("a,\"b\"", ',').open);
    }

    proptest! {
        /// The `csv` crate is the judge: it reads the same cells from any one-line record.
        #[test]
        fn agrees_with_the_csv_crate(record in "[ab,\"]{1,20}") {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(record.as_bytes());
            let judged = reader.records().next().expect("one record").expect("UTF-8");
            let judged: Vec<&str> = judged.iter().collect();
            prop_assert_eq!(texts(&split(&record, ',')), judged);
        }

        /// What the `csv` crate writes is read back, line breaks included.
        #[test]
        fn reads_what_the_csv_crate_writes(cells in proptest::collection::vec("[a;\"\n é]{0,6}", 2..5)) {
            let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
            writer.write_record(&cells).expect("in memory");
            let written = String::from_utf8(writer.into_inner().expect("in memory")).expect("UTF-8");
            let split = split(written.trim_end_matches('\n'), ';');
            prop_assert!(!split.open);
            prop_assert_eq!(texts(&split), cells);
        }
    }
}
