//! Why an override of the instruction set is refused.

use thiserror::Error;

/// The environment asks for what cannot be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InstructionSetError {
    /// The value names no level.
    #[error(
        "SARING_INSTRUCTION_SET is \"{value}\"; it may be portable, avx2, avx512 or avx512ifma"
    )]
    Unknown {
        /// What it says.
        value: String,
    },
    /// The processor lacks that level.
    #[error("SARING_INSTRUCTION_SET is {named}, but this machine goes no further than {detected}")]
    Missing {
        /// The level it names.
        named: &'static str,
        /// The highest level that is there.
        detected: &'static str,
    },
}
