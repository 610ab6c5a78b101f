//! A member's own standing: joining, quota, own entries, removals.

use crate::texts::Text;
use crate::texts::text::texts;

texts! {
    /// `join`, typed without an echo.
    INVITATION_PROMPT = "Tempel undangan (tidak ditampilkan): ", "Paste the invitation (not shown): ";
    /// `join`.
    JOINED = "✓ {organisation} bergabung. Kunci dibuat di {home} dan tidak pernah keluar.\n  Sidik jari kunci Anda  {fingerprint}\n  Sidik jari registri    {registry}",
        "✓ {organisation} joined. Its key was made in {home} and never leaves.\n  Your key's fingerprint    {fingerprint}\n  The registry's            {registry}";
    /// One quota.
    QUOTA_LINE = "{list}: terpakai {used} dari {allowed}; mulai lagi {reset}", "{list}: {used} used of {allowed}; starts again {reset}";
    /// `own verify`.
    OWN_VERIFIED = "{entries} entri sendiri; diperiksa {sampled}, tersaji {served}, bermasalah {faults}; tidak disebut registri {unnamed}.",
        "{entries} own entries; {sampled} verified, {served} served, {faults} at fault; {unnamed} not named by the registry.";
    /// One reference of a removal.
    REMOVAL_LINE = "{reference}: {outcome} ({cause})", "{reference}: {outcome} ({cause})";
}

/// What became of the listings under one reference, by its code.
#[must_use]
pub fn removal(outcome: &str) -> Text {
    match outcome {
        "done" => Text::new("tercatat", "done"),
        "unchanged" => Text::new("sudah demikian", "already so"),
        "not_found" => Text::new("tidak ada lagi di registri", "no longer at the registry"),
        "not_possible" => Text::new("tidak mungkin pada statusnya", "not possible in its state"),
        _ => Text::new(
            "nomor referensi tidak dikenal di sini",
            "a reference unknown here",
        ),
    }
}
