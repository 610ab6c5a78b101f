//! What is said when a command fails, and what to do, keyed by stable codes.

mod local;
mod refusals;
mod registry;

use refusals::REFUSALS;

use crate::texts::{Lang, Text};

/// What went wrong, or `None` for a code of another table.
#[must_use]
pub fn what(code: &str, lang: Lang) -> Option<&'static str> {
    find(code).map(|(what, _)| what.say(lang))
}

/// What to do about it, or `None` where nothing better than the message can be said.
#[must_use]
pub fn advice(code: &str, lang: Lang) -> Option<&'static str> {
    let own = find(code).map(|(_, advice)| advice);
    own.or_else(|| refusal(code)).map(|text| text.say(lang))
}

/// (code, what is wrong, what to do).
fn faults() -> impl Iterator<Item = &'static (&'static str, Text, Text)> {
    registry::FAULTS.iter().chain(local::FAULTS)
}

fn find(code: &str) -> Option<(Text, Text)> {
    faults()
        .find(|(known, _, _)| *known == code)
        .map(|(_, what, advice)| (*what, *advice))
}

/// What to do about a refusal of the registry's.
fn refusal(code: &str) -> Option<Text> {
    REFUSALS
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, advice)| *advice)
}

const REPORT: Text = Text::new(
    "Jangan lanjutkan. Hubungi operator lewat jalur lain dan simpan bukti ini.",
    "Do not go on. Reach the operator by another way and keep this evidence.",
);
const AGAIN: Text = Text::new(
    "Ulangi perintah yang sama; yang sudah tercatat tidak diulang.",
    "Run the same command again; what is recorded is not repeated.",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once() {
        let mut codes: Vec<_> = faults().map(|(code, ..)| *code).collect();
        codes.extend(REFUSALS.iter().map(|(code, _)| *code));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
