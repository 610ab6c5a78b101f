//! Ed25519 keys and signatures (RFC 8032) of organisations, registries and custodians.

use std::fmt;

use ed25519_dalek::Signer;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::ids::{Digest32, Fingerprint, IdError, byte_id};

/// The context of a key's fingerprint.
const FINGERPRINT: &str = "saring/v1/fingerprint";

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The public key's 32 bytes are no point of the curve.
    #[error("the public key is not a valid Ed25519 key")]
    Key,
    /// The signature is not this key's for this message, or key or signature are of small order.
    #[error("the signature is not valid for this key and message")]
    Mismatch,
}

/// A secret Ed25519 key. It has no `Debug`, no `Clone` and no `Serialize`, and is wiped when
/// dropped.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// A new key from 32 bytes of `rng`.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut());
        Self(ed25519_dalek::SigningKey::from_bytes(&secret))
    }

    /// The key of 32 secret bytes (RFC 8032, 5.1.5). The caller wipes its own copy.
    #[must_use]
    pub fn from_bytes(mut secret: [u8; 32]) -> Self {
        let key = Self(ed25519_dalek::SigningKey::from_bytes(&secret));
        secret.zeroize();
        key
    }

    /// The 32 secret bytes, for a key file.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message`, which starts with its own context string.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

byte_id! {
    /// A public Ed25519 key: 32 bytes, checked when it verifies.
    PublicKey, 32
}
byte_id! {
    /// An Ed25519 signature: 64 bytes.
    Signature, 64
}

impl PublicKey {
    /// Checks `signature` over `message` by the strict rule: canonical encodings, and neither the
    /// key nor the signature's point of small order.
    ///
    /// # Errors
    /// [`SignatureError::Key`] if this is no key, [`SignatureError::Mismatch`] if the signature is
    /// not this key's for this message.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.0);
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        key.map_err(|_| SignatureError::Key)?
            .verify_strict(message, &signature)
            .map_err(|_| SignatureError::Mismatch)
    }

    /// The BLAKE3 digest of `"saring/v1/fingerprint" || 0x00 || key`.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Digest32::of(FINGERPRINT, &self.0).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, TEST 2.
    const SECRET: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    const PUBLIC: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    const SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    fn key() -> SigningKey {
        SigningKey::from_bytes(Digest32::parse(SECRET).expect("64 digits").0)
    }

    #[test]
    fn the_rfcs_example_signs_and_verifies() {
        let (public, signature) = (key().public_key(), key().sign(&[0x72]));
        assert_eq!(public.to_string(), PUBLIC);
        assert_eq!(signature, Signature::parse(SIGNATURE).expect("128 digits"));
        assert_eq!(public.verify(&[0x72], &signature), Ok(()));
        assert_eq!(key().expose()[..4], [0x4c, 0xcd, 0x08, 0x9b]);
    }

    #[test]
    fn every_changed_bit_is_refused() {
        let (public, signature) = (key().public_key(), key().sign(b"a"));
        assert_eq!(
            public.verify(b"b", &signature),
            Err(SignatureError::Mismatch)
        );
        for bit in 0..512 {
            let mut changed = signature;
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                public.verify(b"a", &changed),
                Err(SignatureError::Mismatch),
                "bit {bit}"
            );
        }
        for bit in 0..256 {
            let mut changed = public;
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert!(changed.verify(b"a", &signature).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        let mut identity = PublicKey([0; 32]);
        identity.0[0] = 1;
        let mut signature = Signature([0; 64]);
        signature.0[0] = 1;
        // s = 0, R = A = the identity: the plain rule of RFC 8032 accepts it for every message.
        assert_eq!(
            identity.verify(b"any", &signature),
            Err(SignatureError::Mismatch)
        );
    }

    #[test]
    fn fingerprints_and_text_forms_are_stable() {
        let public = key().public_key();
        let mut message = b"saring/v1/fingerprint\0".to_vec();
        message.extend_from_slice(&public.0);
        assert_eq!(public.fingerprint().0, *blake3::hash(&message).as_bytes());
        let json = serde_json::to_string(&public).expect("serialises");
        assert_eq!(json, format!("\"{PUBLIC}\""));
        assert_eq!(
            postcard::to_stdvec(&key().sign(b"a"))
                .expect("serialises")
                .len(),
            64
        );
    }
}
