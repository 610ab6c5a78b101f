//! What is said about a file, a row or a cell that was handed in, keyed by the stable codes of
//! `intake`. Codes that begin with `nik_` and belong to the number itself are in [`super::nik`].

use super::{Lang, nik};

/// The sentence for `code`; for a code of neither table, a general one.
#[must_use]
pub fn text(code: &str, lang: Lang) -> &'static str {
    find(code, lang).unwrap_or_else(|| {
        lang.pick(
            "Baris ini tidak dapat diterima.",
            "This row cannot be taken.",
        )
    })
}

/// The sentence for `code`, or `None` for a code of neither table.
#[must_use]
pub fn find(code: &str, lang: Lang) -> Option<&'static str> {
    ROWS.iter()
        .chain(FILES)
        .find(|(known, _, _)| *known == code)
        .map(|(_, id, en)| lang.pick(*id, *en))
        .or_else(|| nik::text(code, lang))
}

/// About rows and cells: (code, Bahasa Indonesia, English).
const ROWS: &[(&str, &str, &str)] = &[
    (
        "nik_numeric_cell",
        "Sel NIK berformat angka; Excel mengganti angka ke-16 dengan 0. Ubah format kolom menjadi Teks lalu ketik ulang NIK.",
        "The NIK cell is a number, so Excel replaced the 16th digit by 0. Format the column as Text and type the NIK again.",
    ),
    (
        "nik_scientific",
        "NIK tersimpan sebagai bilangan ilmiah (E+15); angka belakangnya hilang. Ubah format kolom menjadi Teks lalu ketik ulang NIK.",
        "The NIK was saved in scientific form (E+15) and lost its last digits. Format the column as Text and type the NIK again.",
    ),
    (
        "cell_required",
        "Sel ini wajib diisi.",
        "This cell must be filled.",
    ),
    (
        "kolektibilitas_unknown",
        "Kolektibilitas harus angka 1 sampai 5.",
        "The collectibility is a number from 1 to 5.",
    ),
    (
        "kode_alasan_unknown",
        "Kode alasan tidak dikenal. Lihat lembar Kode pada templat.",
        "The reason code is unknown. See the sheet Kode of the template.",
    ),
    (
        "plafond_band_unknown",
        "Plafond harus berupa rentang: <5, 5-25, 25-100, atau >100 (juta rupiah). Jangan mengisi jumlah pasti.",
        "The plafond is a band: <5, 5-25, 25-100 or >100 (million rupiah). Exact amounts are not taken.",
    ),
    (
        "plafond_band_date",
        "Excel mengubah rentang plafond menjadi tanggal. Ubah format kolom menjadi Teks lalu ketik ulang, misalnya 5-25.",
        "Excel turned the plafond band into a date. Format the column as Text and type it again, such as 5-25.",
    ),
    (
        "date_format",
        "Tanggal harus berbentuk TTTT-BB-HH, HH/BB/TTTT, atau HH-BB-TTTT.",
        "A date is written YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY.",
    ),
    (
        "date_impossible",
        "Tanggal ini tidak ada di kalender.",
        "No calendar has this date.",
    ),
    (
        "date_future",
        "Tanggal ini setelah hari ini.",
        "This date is after today.",
    ),
    (
        "date_too_old",
        "Tanggal ini sebelum tahun 1970.",
        "This date is before 1970.",
    ),
    (
        "ends_before_it_begins",
        "berlaku_sampai lebih awal daripada berlaku_dari.",
        "berlaku_sampai is before berlaku_dari.",
    ),
    (
        "reference_too_long",
        "Nomor referensi paling panjang 64 karakter.",
        "A reference has at most 64 characters.",
    ),
    (
        "reference_holds_nik",
        "Nomor referensi memuat NIK. Pakai nomor internal yang bukan data pribadi.",
        "The reference holds a NIK. Use an internal number that is not personal data.",
    ),
    (
        "number_inexact",
        "Angka ini terlalu panjang atau pecahan. Ubah format kolom menjadi Teks lalu ketik ulang.",
        "This number is too long or a fraction. Format the column as Text and type it again.",
    ),
    (
        "cell_error",
        "Sel ini berisi rumus yang gagal (misalnya #REF!).",
        "This cell holds a formula that failed (such as #REF!).",
    ),
    (
        "too_many_cells",
        "Baris ini berisi sel di luar kolom yang bernama.",
        "This row has filled cells beyond the named columns.",
    ),
    (
        "row_too_long",
        "Baris ini terlalu panjang.",
        "This row is too long.",
    ),
    (
        "quote_unclosed",
        "Tanda kutip pada baris ini tidak ditutup.",
        "A quotation mark in this row never closes.",
    ),
    (
        "duplicate_conflict",
        "NIK dan nomor referensi ini sudah ada di baris sebelumnya dengan isi berbeda.",
        "This NIK and reference stand in an earlier row with other content.",
    ),
    (
        "birth_date_unreadable",
        "Kolom tanggal_lahir tidak terbaca, jadi tidak dibandingkan dengan NIK.",
        "The column tanggal_lahir is unreadable, so it was not compared with the NIK.",
    ),
    (
        "sex_unreadable",
        "Kolom jenis_kelamin bukan L atau P, jadi tidak dibandingkan dengan NIK.",
        "The column jenis_kelamin is neither L nor P, so it was not compared with the NIK.",
    ),
    (
        "same_person_other_reference",
        "NIK ini juga ada di baris sebelumnya dengan nomor referensi lain.",
        "This NIK also stands in an earlier row under another reference.",
    ),
    (
        "ignored_for_programme",
        "Sel ini tidak berlaku untuk alasan program dan diabaikan.",
        "This cell does not apply to a programme's reason and was ignored.",
    ),
    (
        "for_programmes_only",
        "Masa berlaku hanya untuk alasan program; sel ini diabaikan.",
        "Days of validity are for a programme's reasons; this cell was ignored.",
    ),
];

/// About whole files; `{names}` and `{allowed}` stand for columns.
const FILES: &[(&str, &str, &str)] = &[
    (
        "niks_end_in_zero",
        "Hampir semua NIK berakhir 0. Kemungkinan Excel memotong angka ke-16; periksa berkas asal sebelum mengirim.",
        "Nearly all NIKs end in 0. Excel has probably cut off the 16th digit; check the original before you send.",
    ),
    (
        "file_unreadable",
        "Berkas tidak dapat dibaca.",
        "The file cannot be read.",
    ),
    ("file_empty", "Berkas kosong.", "The file is empty."),
    (
        "file_too_large",
        "Berkas terlalu besar. Bagi menjadi beberapa berkas.",
        "The file is too large. Split it into several files.",
    ),
    (
        "file_utf16",
        "Berkas ini teks UTF-16. Simpan ulang sebagai \"CSV UTF-8\".",
        "The file is UTF-16 text. Save it again as \"CSV UTF-8\".",
    ),
    (
        "file_old_or_locked",
        "Berkas ini Excel lama (.xls) atau terkunci kata sandi. Simpan ulang sebagai .xlsx tanpa kata sandi.",
        "The file is an old Excel workbook (.xls) or locked by a password. Save it as .xlsx without a password.",
    ),
    (
        "file_damaged",
        "Berkas Excel ini rusak atau bukan buku kerja. Buka di Excel dan simpan ulang.",
        "The Excel file is damaged or no workbook. Open it in Excel and save it again.",
    ),
    (
        "file_no_header",
        "Baris pertama berisi data, bukan nama kolom. Tambahkan baris judul seperti pada templat.",
        "The first row holds data instead of column names. Add a header row as in the template.",
    ),
    (
        "columns_unknown",
        "Kolom berikut tidak boleh dikirim: {names}. Kolom yang diterima: {allowed}.",
        "These columns may not be sent: {names}. The columns taken are: {allowed}.",
    ),
    (
        "columns_missing",
        "Kolom berikut tidak ada: {names}.",
        "These columns are missing: {names}.",
    ),
    (
        "column_repeated",
        "Kolom ini muncul dua kali: {names}.",
        "This column appears twice: {names}.",
    ),
    (
        "columns_too_many",
        "Berkas memuat terlalu banyak kolom.",
        "The file has too many columns.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_exists_in_both_languages_and_no_code_twice() {
        let mut codes: Vec<&str> = ROWS.iter().chain(FILES).map(|(code, _, _)| *code).collect();
        for (code, id, en) in ROWS.iter().chain(FILES) {
            assert!(!id.is_empty() && !en.is_empty() && id != en, "{code}");
        }
        codes.sort_unstable();
        assert!(codes.windows(2).all(|two| two[0] != two[1]));
    }

    #[test]
    fn numbers_of_the_number_are_found_too() {
        assert!(find("nik_length", Lang::En).is_some());
        assert!(find("nonsense", Lang::Id).is_none());
        assert!(!text("nonsense", Lang::Id).is_empty());
    }
}
