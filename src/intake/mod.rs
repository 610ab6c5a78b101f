//! CSV and XLSX: columns, rows, errors by cell.
