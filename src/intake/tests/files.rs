//! Files that are refused, and encodings that are read.

use super::*;
use crate::protocol::codes::AmountBand;
use crate::texts::Lang;

#[test]
fn files_are_refused_with_their_reason() {
    let refused = |bytes: &[u8]| open(bytes).map(drop).expect_err("refused").code();
    assert_eq!(refused(b""), "file_empty");
    assert_eq!(refused(b"\n;;\n \n"), "file_empty");
    assert_eq!(refused(b"\xff\xfen\0i\0k\0"), "file_utf16");
    assert_eq!(
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "file_old_or_locked"
    );
    assert_eq!(refused(b"PK\x03\x04not a workbook"), "file_damaged");
    assert_eq!(refused(b"nik;nama;saldo"), "columns_unknown");
    assert_eq!(refused(b"nik"), "columns_missing");
    assert_eq!(refused(b"3515144508680002;5"), "file_no_header");
    assert_eq!(
        refused(format!("{HEADER};nik").as_bytes()),
        "column_repeated"
    );
    let problem = open("nik;nama;saldo").map(drop).expect_err("refused");
    let text = problem.text(Lang::Id);
    assert!(
        text.contains("nama, saldo") && text.contains("no_ref_internal"),
        "{text}"
    );
}

#[test]
fn windows_1252_and_byte_order_marks_are_read() {
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend_from_slice(HEADER.as_bytes());
    bytes.extend_from_slice(b"\r\n3515144508680002;5;KABUR;5\x9625;2024-01-01;caf\xe9\r\n");
    let row = read(bytes).remove(0).verdict.accepted().expect("accepted");
    assert_eq!(row.reference, "caf\u{e9}");
    assert_eq!(
        row.amount_band,
        Some(AmountBand::From5To25),
        "0x96 is a dash in Windows-1252"
    );
}
