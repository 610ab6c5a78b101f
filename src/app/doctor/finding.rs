//! One thing that was examined.

use serde::Serialize;

use crate::texts::Lang;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it should be.
    Ok,
    /// Works, with less protection or for a limited time.
    Warning,
    /// Does not work, or protects nothing.
    Fault,
}

/// One thing that was examined, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How serious it is.
    pub grade: Grade,
    /// Stable `snake_case` name of what was examined.
    pub code: &'static str,
    /// What was found and what to do, in Bahasa Indonesia.
    pub text_id: String,
    /// What was found and what to do, in English.
    pub text_en: String,
}

impl Finding {
    pub(super) fn ok(code: &'static str, id: impl Into<String>, en: impl Into<String>) -> Self {
        Self::of(Grade::Ok, code, id, en)
    }

    pub(super) fn warning(
        code: &'static str,
        id: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::of(Grade::Warning, code, id, en)
    }

    pub(super) fn fault(code: &'static str, id: impl Into<String>, en: impl Into<String>) -> Self {
        Self::of(Grade::Fault, code, id, en)
    }

    fn of(grade: Grade, code: &'static str, id: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            grade,
            code,
            text_id: id.into(),
            text_en: en.into(),
        }
    }

    /// The text in a language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.text_id, &self.text_en)
    }
}
