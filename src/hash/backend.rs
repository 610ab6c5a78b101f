//! Which implementation of the batch operations runs.

/// One implementation of every operation of this room. All give the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The `blake3` and `hmac` crates, one message after another: the judge of all others.
    Portable,
}

impl Backend {
    /// Every backend that runs on this machine, the judge first.
    #[must_use]
    pub fn available() -> &'static [Self] {
        &[Self::Portable]
    }

    /// The backend that the doors of this room use.
    #[must_use]
    pub fn chosen() -> Self {
        Self::Portable
    }

    /// Its name in reports, lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
        }
    }
}
