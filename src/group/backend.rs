//! Which code runs on which instruction set.

#[cfg(target_arch = "x86_64")]
use super::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use super::ifma::Ifma;
use crate::machine::InstructionSet;

/// One implementation of every operation of this room. All give the same bytes.
#[derive(Clone, Copy)]
pub(super) enum Backend {
    /// curve25519-dalek, one element after another: the judge of all others.
    Portable,
    /// Four elements at a time with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// Eight elements at a time with AVX-512 IFMA.
    #[cfg(target_arch = "x86_64")]
    Ifma(Ifma),
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
            InstructionSet::Avx2 | InstructionSet::Avx512 => {
                Self::Avx2(Avx2::detect().expect("the machine has the level"))
            }
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512Ifma => {
                Self::Ifma(Ifma::detect().expect("the machine has the level"))
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => Self::Portable,
        }
    }
}
