//! What is said about a NIK that was refused or looks odd, keyed by the codes of
//! `NikError::code` and `NikWarning::code`.

use super::Lang;

/// The sentence for `code`, or `None` for a code this table does not know.
#[must_use]
pub fn text(code: &str, lang: Lang) -> Option<&'static str> {
    TABLE
        .iter()
        .find(|(known, _, _)| *known == code)
        .map(|(_, id, en)| lang.pick(*id, *en))
}

/// (code, Bahasa Indonesia, English).
const TABLE: &[(&str, &str, &str)] = &[
    (
        "nik_length",
        "NIK harus tepat 16 angka.",
        "A NIK has exactly 16 digits.",
    ),
    (
        "nik_characters",
        "NIK hanya boleh berisi angka; spasi, titik, dan tanda hubung diabaikan.",
        "A NIK holds digits only; spaces, dots and dashes are ignored.",
    ),
    (
        "nik_full_width",
        "NIK memakai angka lebar penuh (full-width). Ketik ulang dengan angka biasa 0-9.",
        "The NIK uses full-width digits. Type it again with plain digits 0-9.",
    ),
    (
        "nik_placeholder",
        "NIK ini nomor pengisi (misalnya angka kembar atau berurutan), bukan NIK seseorang.",
        "This is a placeholder (such as one repeated digit or a counting run), nobody's NIK.",
    ),
    (
        "nik_province",
        "Dua angka pertama NIK bukan kode provinsi.",
        "The first two digits of the NIK are no province code.",
    ),
    (
        "nik_date",
        "Angka ke-7 sampai ke-12 NIK bukan tanggal lahir yang mungkin.",
        "Digits 7 to 12 of the NIK are no possible birth date.",
    ),
    (
        "nik_serial",
        "Empat angka terakhir NIK tidak boleh 0000.",
        "The last four digits of the NIK cannot be 0000.",
    ),
    (
        "nik_unknown_regency",
        "Kode kabupaten/kota pada NIK tidak ada di daftar kami. Periksa kembali NIK ini.",
        "The regency code in the NIK is not in our table. Check this NIK again.",
    ),
    (
        "nik_unknown_district",
        "Kode kecamatan pada NIK tidak ada di daftar kami. Periksa kembali NIK ini.",
        "The district code in the NIK is not in our table. Check this NIK again.",
    ),
    (
        "nik_birth_date_differs",
        "Tanggal lahir pada NIK berbeda dengan kolom tanggal_lahir. Periksa kembali NIK ini.",
        "The birth date in the NIK differs from the column tanggal_lahir. Check this NIK again.",
    ),
    (
        "nik_sex_differs",
        "Jenis kelamin pada NIK berbeda dengan kolom jenis_kelamin. Periksa kembali NIK ini.",
        "The sex in the NIK differs from the column jenis_kelamin. Check this NIK again.",
    ),
];
