//! What to do about a refusal of the registry's; its words stand with its code.

use super::AGAIN;
use crate::texts::Text;

/// (a refusal's code, what to do).
pub(super) const REFUSALS: &[(&str, Text)] = &[
    (
        "stale_order",
        Text::new(
            "Betulkan jam komputer ini; jam server disebut di atas.",
            "Set this machine's clock right; the server's time is named above.",
        ),
    ),
    (
        "organisation_suspended",
        Text::new(
            "Hubungi operator; pelunasan tetap dapat dikirim.",
            "Reach the operator; settling still works.",
        ),
    ),
    (
        "not_granted",
        Text::new(
            "Mintalah hak kepada operator (`saring grant`).",
            "Ask the operator for a grant (`saring grant`).",
        ),
    ),
    (
        "not_on_roll",
        Text::new(
            "Mintalah kustodian menerima organisasi ini (`saring custodian admit`).",
            "Ask the custodian to admit this organisation (`saring custodian admit`).",
        ),
    ),
    (
        "bad_invitation",
        Text::new(
            "Mintalah undangan baru; undangan berlaku sekali dan 72 jam.",
            "Ask for a new invitation; one serves once and for 72 hours.",
        ),
    ),
    (
        "quota_exceeded",
        Text::new(
            "Tunggu sampai kuota terisi lagi, atau minta kuota lebih besar.",
            "Wait until the quota starts again, or ask for a larger one.",
        ),
    ),
    (
        "cap_reached",
        Text::new("Coba lagi besok (UTC).", "Try again tomorrow (UTC)."),
    ),
    (
        "already_exists",
        Text::new(
            "Pilih nama lain; versi yang masih disiapkan dibuang dengan version drop.",
            "Choose another name; a version that is still staged is discarded with version drop.",
        ),
    ),
    ("overloaded", AGAIN),
    ("unavailable", AGAIN),
    (
        "storage_full",
        Text::new(
            "Hubungi operator; ulangi setelah ada ruang.",
            "Reach the operator; try again when there is space.",
        ),
    ),
];
