//! One person checked.

use crate::texts::Text;
use crate::texts::text::texts;

texts! {
    /// `check` at a terminal.
    NIK_PROMPT = "NIK (kosong = selesai): ", "NIK (empty = done): ";
    /// A field of an answer.
    NIK = "NIK", "NIK";
    /// A field of an answer.
    LIST = "Daftar", "List";
    /// A field of an answer.
    EPOCH = "epok", "epoch";
    /// A field of an answer.
    REASON = "Sebab", "Reason";
    /// A field of an answer.
    TIME = "Waktu", "Time";
    /// A field of an answer.
    RESPONSE = "Nomor jawaban", "Response id";
    /// A field of an answer.
    TRUST = "Kepercayaan", "Trust";
    /// A field of an answer.
    COUNT = "Jumlah laporan", "Listings";
    /// A field of an answer.
    REASONS = "Alasan", "Reasons";
    /// A field of an answer.
    GRADE = "Kolektibilitas", "Collectibility";
    /// A field of an answer.
    PLAFOND = "Plafon", "Plafond";
    /// A field of an answer.
    VERIFY = "Perhatian", "Mind";
    /// A victim of identity theft.
    VERIFY_IDENTITY = "Pernah menjadi korban pencurian identitas: pastikan pemohon adalah orangnya.", "A victim of identity theft: make sure that the applicant is that person.";
    /// Beneath every answer.
    NOT_ALONE = "Jawaban ini bukan satu-satunya dasar keputusan (UU PDP 27/2022 ps. 10).", "This answer is not the only ground for a decision (UU PDP 27/2022 art. 10).";
}

/// An answer as officers know it, by its code.
#[must_use]
pub fn answer(code: &str) -> Text {
    match code {
        "LISTED" => Text::new("TERDAFTAR – perlu ditinjau", "LISTED – to be reviewed"),
        "PREVIOUSLY" => Text::new("PERNAH TERDAFTAR", "PREVIOUSLY LISTED"),
        "NOT_LISTED" => Text::new("TIDAK TERDAFTAR", "NOT LISTED"),
        "INVALID_ID" => Text::new("NIK TIDAK VALID", "NIK NOT VALID"),
        _ => Text::new("BELUM DIKETAHUI", "NOT KNOWN"),
    }
}
