//! What this machine's processor can do, and which of it is used: one detection and one override
//! for every room that has faster code for some processors; and where long arithmetic pauses.
//!
//! A room maps an [`InstructionSet`] to the best code that it has for it, so each level may use
//! whatever the levels below it have. Level [`InstructionSet::Portable`] is the judge of all
//! others and consists of other people's crates alone, which detect instructions for themselves.

mod error;
mod pauses;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::sync::OnceLock;

pub use error::InstructionSetError;
pub use pauses::{between_pieces, pause_between_pieces};

/// The environment variable that caps [`InstructionSet::chosen`]: one of the names that
/// [`InstructionSet::name`] gives.
pub const VARIABLE: &str = "SARING_INSTRUCTION_SET";

/// What code may rely on, lowest first. Each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstructionSet {
    /// Whatever the compiler's target has: runs everywhere, and judges the others.
    Portable,
    /// AVX2: vectors of 256 bits.
    Avx2,
    /// AVX-512 F, BW, VL and DQ: vectors of 512 bits.
    Avx512,
    /// AVX-512 IFMA besides: products of 52-bit integers.
    Avx512Ifma,
}

impl InstructionSet {
    /// All levels, lowest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Avx512Ifma];

    /// The highest level that this processor and its operating system have.
    #[must_use]
    pub fn detected() -> Self {
        static DETECTED: OnceLock<InstructionSet> = OnceLock::new();
        *DETECTED.get_or_init(detect)
    }

    /// Every level that runs here, the judge first: up to [`InstructionSet::detected`], whatever
    /// the environment says.
    #[must_use]
    pub fn available() -> &'static [Self] {
        let highest = Self::detected();
        let count = Self::ALL.iter().filter(|set| **set <= highest).count();
        &Self::ALL[..count]
    }

    /// The level that everything uses: the detected one, or what the environment variable
    /// [`VARIABLE`] says instead. Read once; it stays the same as long as the process lives.
    ///
    /// # Panics
    /// When the variable names no level or one that is not available, with the message of
    /// [`InstructionSetError`]. Programs ask [`InstructionSet::from_environment`] at their start
    /// and refuse to run.
    #[must_use]
    pub fn chosen() -> Self {
        static CHOSEN: OnceLock<InstructionSet> = OnceLock::new();
        *CHOSEN.get_or_init(|| Self::from_environment().unwrap_or_else(|error| panic!("{error}")))
    }

    /// What [`VARIABLE`] says now, or the detected level where it is not set.
    ///
    /// # Errors
    /// [`InstructionSetError::Unknown`] and [`InstructionSetError::Missing`].
    pub fn from_environment() -> Result<Self, InstructionSetError> {
        capped(std::env::var_os(VARIABLE).as_deref(), Self::detected())
    }

    /// Its name in the environment and in reports, lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Ifma => "avx512ifma",
        }
    }

    /// Stops whoever is about to run instructions that are not there: every door that takes a
    /// level calls this before it leaves safe code.
    ///
    /// # Panics
    /// When this level is not available.
    pub fn assert_available(self) {
        assert!(
            self <= Self::detected(),
            "this machine does not have {}",
            self.name()
        );
    }
}

/// Whether the processor has SHA-NI (SHA-1 and SHA-256 in hardware), which is no level of its own.
#[must_use]
pub fn has_sha_ni() -> bool {
    #[cfg(target_arch = "x86_64")]
    let found = std::arch::is_x86_feature_detected!("sha")
        && std::arch::is_x86_feature_detected!("sse4.1")
        && std::arch::is_x86_feature_detected!("ssse3");
    #[cfg(not(target_arch = "x86_64"))]
    let found = false;
    found
}

#[cfg(target_arch = "x86_64")]
fn detect() -> InstructionSet {
    use std::arch::is_x86_feature_detected as has;
    if !has!("avx2") {
        return InstructionSet::Portable;
    }
    let wide = has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512dq");
    match (wide, wide && has!("avx512ifma")) {
        (false, _) => InstructionSet::Avx2,
        (true, false) => InstructionSet::Avx512,
        (true, true) => InstructionSet::Avx512Ifma,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> InstructionSet {
    InstructionSet::Portable
}

/// What a value of [`VARIABLE`] makes of the detected level. Names are exact, and an empty value
/// is no name: a cap that silently does nothing would make a test of it worthless.
fn capped(
    value: Option<&OsStr>,
    detected: InstructionSet,
) -> Result<InstructionSet, InstructionSetError> {
    let Some(value) = value else {
        return Ok(detected);
    };
    let named = InstructionSet::ALL
        .into_iter()
        .find(|set| value == set.name())
        .ok_or_else(|| InstructionSetError::Unknown {
            value: value.to_string_lossy().into_owned(),
        })?;
    if named > detected {
        return Err(InstructionSetError::Missing {
            named: named.name(),
            detected: detected.name(),
        });
    }
    Ok(named)
}
