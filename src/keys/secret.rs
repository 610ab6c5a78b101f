//! Thirty-two secret bytes.

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A 32-byte secret: a scalar, a seed or a symmetric key. Boxed, so that moving it leaves no copy
/// behind; zeroized when dropped; without `Debug`, `Clone` and `Serialize`.
pub struct Secret32(Box<Zeroizing<[u8; 32]>>);

impl Secret32 {
    /// How many bytes it has.
    pub const BYTES: usize = 32;

    /// A fresh random secret.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Self::zeros();
        rng.fill_bytes(secret.0.as_mut_slice());
        secret
    }

    /// A copy of `bytes`; wiping the original is the caller's.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut secret = Self::zeros();
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// The bytes, for the one who computes with them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same, in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }

    /// All zeros, to be filled in place.
    pub(super) fn zeros() -> Self {
        Self(Box::new(Zeroizing::new([0; 32])))
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_secrets_differ_and_copies_are_the_same() {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let one = Secret32::generate(&mut rng);
        assert!(!one.same_as(&Secret32::generate(&mut rng)));
        assert!(!one.same_as(&Secret32::zeros()));
        assert!(one.same_as(&Secret32::from_bytes(one.expose())));
    }
}
