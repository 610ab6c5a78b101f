//! The rules that a text must keep to be a NIK.

/// Which rule a text broke; of several, the first in this order. Nothing of the text is kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum NikError {
    /// Full-width digits (U+FF10 to U+FF19), which look like digits and are not ASCII.
    #[error("the NIK uses full-width digits")]
    FullWidth,
    /// Something other than digits, spaces, dots and dashes.
    #[error("a NIK holds digits only")]
    Characters,
    /// Not exactly sixteen digits once separators are taken out.
    #[error("a NIK has exactly 16 digits")]
    Length,
    /// One digit sixteen times, or a run that counts up or down: typed to fill a field.
    #[error("the number is a placeholder")]
    Placeholder,
    /// Digits 1-2 are none of the 38 province codes.
    #[error("the NIK names no province")]
    Province,
    /// Digits 7-12 are no day of any century.
    #[error("the NIK names no possible birth date")]
    Date,
    /// Digits 13-16 are 0000.
    #[error("the serial of a NIK starts at 0001")]
    Serial,
}

impl NikError {
    /// Every variant once.
    pub const ALL: [Self; 7] = [
        Self::FullWidth,
        Self::Characters,
        Self::Length,
        Self::Placeholder,
        Self::Province,
        Self::Date,
        Self::Serial,
    ];

    /// The stable code, also the key of its text in [`crate::texts::nik`].
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "nik_length",
            Self::Characters => "nik_characters",
            Self::FullWidth => "nik_full_width",
            Self::Placeholder => "nik_placeholder",
            Self::Province => "nik_province",
            Self::Date => "nik_date",
            Self::Serial => "nik_serial",
        }
    }
}
