//! Keys of the oblivious function, from wherever secrets are held.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{KeyError, KeyName, KeyProvider, Secret32};
use crate::oprf::PrivateKey;

/// The private key called `name`; made and kept first if there is none and `make` says so.
///
/// # Errors
/// [`KeyError::Missing`] if there is none and none is made; [`KeyError::Scalar`] if the secret is
/// no private key; those of [`KeyProvider`].
pub fn private_key(
    keys: &(dyn KeyProvider + Send + Sync),
    name: &KeyName,
    make: bool,
    rng: &mut impl CryptoRng,
) -> Result<PrivateKey, KeyError> {
    match keys.get(name) {
        Ok(secret) => {
            PrivateKey::from_bytes(secret.expose()).map_err(|_| KeyError::Scalar(name.clone()))
        }
        Err(KeyError::Missing(_)) if make => {
            let key = PrivateKey::generate(rng);
            let bytes: Zeroizing<[u8; 32]> = key.expose();
            keys.put(name, &Secret32::from_bytes(&bytes))?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::keys::{KeyFiles, KeyKind, Sealing};
    use crate::protocol::ListId;

    #[test]
    fn made_once_and_only_where_asked() {
        let folder = tempfile::tempdir().unwrap();
        let files = KeyFiles::open(&folder.path().join("keys"), Sealing::Plain).unwrap();
        let list = ListId::parse("peminjam-macet").unwrap();
        let name = |epoch| KeyName::of_list(KeyKind::Share, list.clone(), epoch).unwrap();
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let missing = private_key(&files, &name(1), false, rng);
        assert!(matches!(missing, Err(KeyError::Missing(_))));
        let made = private_key(&files, &name(1), true, rng).unwrap();
        for make in [false, true] {
            let read = private_key(&files, &name(1), make, rng).unwrap();
            assert!(*read.expose() == *made.expose());
        }
        files
            .put(&name(2), &Secret32::from_bytes(&[0; 32]))
            .unwrap();
        let zero = private_key(&files, &name(2), true, rng);
        assert!(matches!(zero, Err(KeyError::Scalar(_))));
    }
}
