//! Encryption at rest: XChaCha20-Poly1305 under a key of each file's own, derived from the home's
//! one at-rest key, with a fresh nonce for every record.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::HomeError;
use crate::hash::{HashKey, derive_key};

const CONTEXT: &str = "saring 2026 v1 agent at rest";
const NONCE_BYTES: usize = 24;

/// The cipher of one file of the home, or of a file whose key follows from a secret of the home.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// The cipher of the file called `name`.
    #[must_use]
    pub fn new(at_rest: &HashKey, name: &str) -> Self {
        let key = derive_key(CONTEXT, &[at_rest.expose(), name.as_bytes()]);
        Self(XChaCha20Poly1305::new(key.expose().into()))
    }

    /// Nonce, ciphertext and authenticator: 40 bytes longer than `plain`. `place` says where the
    /// bytes belong, so that they open nowhere else.
    ///
    /// # Errors
    /// [`HomeError::Randomness`], [`HomeError::TooLarge`].
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, HomeError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| HomeError::Randomness)?;
        let payload = Payload {
            msg: plain,
            aad: place,
        };
        let body = self.0.encrypt(&XNonce::from(nonce), payload);
        let body = body.map_err(|_| HomeError::TooLarge)?;
        Ok([&nonce[..], &body].concat())
    }

    /// Opens what [`Sealer::seal`] made for the same place.
    ///
    /// # Errors
    /// [`HomeError::Damaged`] for anything else.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, HomeError> {
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(HomeError::Damaged)?;
        let payload = Payload {
            msg: body,
            aad: place,
        };
        let plain = self.0.decrypt(&XNonce::from(*nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| HomeError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_file_and_place_opens() {
        let key = HashKey::new([1; 32]);
        let sealer = Sealer::new(&key, "a");
        let sealed = sealer.seal(b"1", b"3515144508680002").expect("seals");
        assert_eq!(
            *sealer.open(b"1", &sealed).expect("opens"),
            b"3515144508680002"
        );
        assert!(!sealed.windows(4).any(|w| w == b"3515"));
        assert!(sealer.open(b"2", &sealed).is_err());
        assert!(Sealer::new(&key, "b").open(b"1", &sealed).is_err());
        assert!(
            Sealer::new(&HashKey::new([2; 32]), "a")
                .open(b"1", &sealed)
                .is_err()
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open(b"1", &changed).is_err(), "byte {at}");
        }
    }
}
