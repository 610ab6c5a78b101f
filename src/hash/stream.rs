//! Reproducible bytes from a seed.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// An endless stream of bytes that depends on its seed alone: the extended output of BLAKE3 over
/// the seed. For tests, benchmarks and rehearsals, where a run must be repeatable; as secret as
/// its seed, so real keys come from the operating system instead.
pub struct SeededStream(Box<blake3::OutputReader>);

impl SeededStream {
    /// The stream of a seed of any length.
    #[must_use]
    pub fn new(seed: &[u8]) -> Self {
        Self(Box::new(
            blake3::Hasher::new_derive_key("saring 2026 v1 seeded stream")
                .update(seed)
                .finalize_xof(),
        ))
    }
}

impl TryRng for SeededStream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SeededStream {}
