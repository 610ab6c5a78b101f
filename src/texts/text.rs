//! One sentence in both languages, with places for values.

use super::Lang;

/// A sentence; `{name}` stands for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    id: &'static str,
    en: &'static str,
}

impl Text {
    /// The sentence in Bahasa Indonesia and in English.
    #[must_use]
    pub const fn new(id: &'static str, en: &'static str) -> Self {
        Self { id, en }
    }

    /// The sentence as it stands.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        lang.pick(self.id, self.en)
    }

    /// The sentence with its values filled in. A value that looks like a place is left alone.
    #[must_use]
    pub fn fill(self, lang: Lang, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        let mut filled = String::new();
        let mut rest = self.say(lang);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                filled.push_str(&value.to_string());
            }
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }
}

/// Sentences under names of their own: Bahasa Indonesia, then English.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $en:literal;)+) => {
        $($(#[$doc])* pub const $name: $crate::texts::Text = $crate::texts::Text::new($id, $en);)+
    };
}
pub(super) use texts;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once() {
        let text = Text::new("{a} dari {b}", "{a} of {b}");
        let filled = text.fill(Lang::En, &[("a", &"{b}"), ("b", &2)]);
        assert_eq!(filled, "{b} of 2");
        assert_eq!(text.say(Lang::Id), "{a} dari {b}");
    }
}
