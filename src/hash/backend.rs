//! Which code runs on which instruction set.

#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};
use crate::machine::InstructionSet;

/// One implementation of every operation of this room. All give the same bytes.
#[derive(Clone, Copy)]
pub(super) enum Backend {
    /// The `blake3`, `hmac` and `sha2` crates, one message after another: the judge of all others.
    Portable,
    /// Eight messages at a time, four with SHA-512; HMAC-SHA256 in hardware where there is some.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// Thirty-two messages at a time with BLAKE3, sixteen with SHA-256 and eight with SHA-512.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Backend {
    /// The best that this room has for `set`.
    ///
    /// # Panics
    /// When this machine does not have `set`.
    pub(super) fn on(set: InstructionSet) -> Self {
        set.assert_available();
        match set {
            InstructionSet::Portable => Self::Portable,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => Self::Avx2(Avx2::found()),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 | InstructionSet::Avx512Ifma => Self::Avx512(Avx512::found()),
            #[cfg(not(target_arch = "x86_64"))]
            _ => Self::Portable,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        }
    }
}

/// Runs an operation on a backend, or on the judge where the condition, a constant, is false.
macro_rules! on_backend {
    ($backend:expr, if $fits:expr, $operation:ident($($argument:expr),*)) => {
        match $backend {
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2(proof) if const { $fits } => avx2::$operation(proof, $($argument),*),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512(proof) if const { $fits } => avx512::$operation(proof, $($argument),*),
            _ => portable::$operation($($argument),*),
        }
    };
}
pub(super) use on_backend;
