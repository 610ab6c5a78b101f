//! What rehearsals say.

use super::Text;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $en:literal;)+) => {
        $($(#[$doc])* pub const $name: Text = Text::new($id, $en);)+
    };
}

texts! {
    /// What listing took.
    LISTED = "{listed} orang didaftarkan dalam {seconds} detik: {rate} per detik.",
        "{listed} people listed in {seconds} s: {rate} a second.";
    /// What screening took and found.
    SCREENED = "{applicants} pemohon disaring dalam {seconds} detik: {rate} per detik.\n  TERDAFTAR {listed}, seharusnya {expected_listed}\n  PERNAH    {previously}, seharusnya {expected_previously}\n  Memori puncak: penyaring {client} MiB, registri {server} MiB",
        "{applicants} applicants screened in {seconds} s: {rate} a second.\n  LISTED     {listed}, must be {expected_listed}\n  PREVIOUSLY {previously}, must be {expected_previously}\n  Peak memory: screener {client} MiB, registry {server} MiB";
    /// Everything is as it must be.
    HELD = "✓ Semua sesuai.", "✓ Everything is as it must be.";
    /// Something is not.
    NOT_HELD = "✗ Ada yang tidak sesuai.", "✗ Something is not as it must be.";
    /// Where the registry is for the next time.
    STAYS = "Folder tetap ada: {folder}", "The folder stays: {folder}";
}
