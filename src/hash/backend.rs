//! Which code runs on which instruction set.

use crate::machine::InstructionSet;

/// One implementation of every operation of this room. All give the same bytes.
#[derive(Clone, Copy)]
pub(super) enum Backend {
    /// The `blake3`, `hmac` and `sha2` crates, one message after another: the judge of all others.
    Portable,
}

impl Backend {
    /// The best that this room has for `set`.
    ///
    /// # Panics
    /// When this machine does not have `set`.
    pub(super) fn on(set: InstructionSet) -> Self {
        set.assert_available();
        match set {
            InstructionSet::Portable
            | InstructionSet::Avx2
            | InstructionSet::Avx512
            | InstructionSet::Avx512Ifma => Self::Portable,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
        }
    }
}
