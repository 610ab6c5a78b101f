//! Files that are handed in, and versions of a list.

use crate::texts::Text;
use crate::texts::text::texts;

texts! {
    /// `submit`.
    SUBMITTED = "✓ {rows} baris: {new} baru ({also} juga dilaporkan pihak lain), {updated} diganti, {unchanged} tetap, {repeated} berulang, {file} ditolak karena isinya, {list} ditolak daftar. Tanda terima: {receipts}.",
        "✓ {rows} rows: {new} new ({also} also listed by others), {updated} updated, {unchanged} unchanged, {repeated} repeated, {file} refused for what they hold, {list} refused by the list. Receipts: {receipts}.";
    /// `submit --dry-run`.
    TRIED = "Uji coba, tidak ada yang dikirim. {rows} baris: {good} baik, {repeated} berulang, {file} ditolak karena isinya, {list} ditolak daftar.",
        "Dry run, nothing was sent. {rows} rows: {good} good, {repeated} repeated, {file} refused for what they hold, {list} refused by the list.";
    /// Where refused rows are.
    ERROR_FILE = "Baris yang ditolak: {file}", "Refused rows: {file}";
    /// `submit --template`.
    TEMPLATE_WRITTEN = "✓ Templat ditulis: {file}", "✓ Template written: {file}";
    /// `submit --discard`.
    UPLOADS_DISCARDED = "{discarded} unggahan yang belum selesai dibatalkan: benih dan keadaannya dimusnahkan; yang sudah terkirim tetap tercatat. {busy} masih dikerjakan proses lain.",
        "{discarded} unfinished uploads given up: their seeds and state are destroyed; what was submitted stands. {busy} are worked on by another process.";
    /// Progress of an upload.
    UPLOADING = "Mengunggah", "Uploading";
    /// `version stage`.
    VERSION_STAGED = "✓ Versi {version} daftar {list} utuh dan belum berlaku (DRAF). Periksa dengan version diff; petugas lain memberlakukannya dengan version switch.",
        "✓ Version {version} of {list} is whole and does not answer yet (draft). Look at version diff; another officer makes it answer with version switch.";
    /// One version.
    VERSION_LINE = "versi {version}  {state}  {people} orang  {listings} baris  berlaku {from} s.d. {until}",
        "version {version}  {state}  {people} people  {listings} rows  holds {from} to {until}";
    /// A version that answers.
    VERSION_ANSWERS = "berlaku", "answers";
    /// A version that takes rows.
    VERSION_IS_STAGING = "sedang disiapkan", "being staged";
    /// A version that waits for the switch.
    VERSION_IS_CLOSED = "DRAF, utuh", "draft, whole";
    /// `version diff`.
    VERSION_DIFF = "Versi {staged} menggantikan {answering}: {added} orang masuk, {removed} keluar, {unchanged} tetap, {changed} berganti golongan.",
        "Version {staged} in the place of {answering}: {added} people added, {removed} removed, {unchanged} unchanged, {changed} of another category.";
    /// `version switch`.
    VERSION_SWITCHED = "✓ Versi {version} daftar {list} berlaku mulai sekarang, menggantikan versi {old}.",
        "✓ Version {version} of {list} answers from now on, in the place of {old}.";
    /// `version drop`.
    VERSION_DROPPED = "✓ Versi {version} daftar {list} dibuang.", "✓ Version {version} of {list} discarded.";
}

/// Why a list refuses a row, by its code.
#[must_use]
pub fn row_refusal(code: &str) -> Text {
    match code {
        "bad_element" => Text::new("Elemen tidak sah.", "The element is not valid."),
        "conflict" => Text::new(
            "Nomor referensi ini sudah terdaftar untuk orang ini dengan isi lain; kirim dengan --update untuk mengganti.",
            "This reference stands for this person with other content; send with --update to replace it.",
        ),
        "repeated" => Text::new(
            "Nomor referensi ini muncul dua kali untuk orang ini.",
            "This reference comes twice for this person.",
        ),
        "too_many_listings" => Text::new(
            "Orang ini sudah mempunyai terlalu banyak laporan.",
            "The person has too many listings.",
        ),
        "reason" => Text::new(
            "Daftar ini tidak menerima kode alasan itu.",
            "The list does not take this reason.",
        ),
        "collectibility" => Text::new(
            "Kode alasan dan kolektibilitas tidak sesuai.",
            "The reason and the collectibility do not fit.",
        ),
        "below_grade" => Text::new(
            "Kolektibilitas di bawah batas daftar ini.",
            "Below the list's least collectibility.",
        ),
        "plafond" => Text::new(
            "Kode alasan dan plafon tidak sesuai.",
            "The reason and the amount band do not fit.",
        ),
        "below_amount" => Text::new(
            "Plafon di bawah batas daftar ini.",
            "Below the list's least amount.",
        ),
        "defaulted_on" => Text::new(
            "Tanggal macet di masa depan atau terlalu lama.",
            "The day of default is in the future or too long ago.",
        ),
        "withdrawn" => Text::new(
            "Orang ini dicabut dari daftar selagi versi ini disiapkan.",
            "The person was taken off the list while this version was staged.",
        ),
        "expires_on" => Text::new(
            "Masa berlaku sudah lewat atau terlalu jauh.",
            "The listing's end is past or too far away.",
        ),
        _ => Text::new("Daftar ini menolak baris itu.", "The list refuses the row."),
    }
}
