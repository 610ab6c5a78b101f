//! The registry's own keys: made once by the first set-up, read by every start.

use std::path::Path;
use std::sync::Arc;

use super::config;
use crate::keys::{
    KeyError, KeyFiles, KeyKind, KeyName, KeyProvider, Passphrase, Sealing, Secret32,
};
use crate::protocol::{PaddingKey, SigningKey};

/// The keys that exist once in a registry with its embedded custodian.
pub(super) const OWN_KINDS: [KeyKind; 3] = [
    KeyKind::RegistrySigning,
    KeyKind::CustodianSigning,
    KeyKind::Padding,
];

/// How key files are encrypted, as the configuration says.
pub(super) fn sealing(keys: &config::Keys) -> Result<Sealing, KeyError> {
    match (&keys.passphrase_file, &keys.passphrase_credential) {
        (Some(file), _) => Passphrase::from_file(file).map(Sealing::Age),
        (None, Some(name)) => Passphrase::from_credential(name).map(Sealing::Age),
        (None, None) => Ok(Sealing::Plain),
    }
}

/// A registry's key files, opened, with the three keys that every start needs.
pub(super) struct OwnKeys {
    files: Arc<KeyFiles>,
    registry: Secret32,
    custodian: Secret32,
    padding: Secret32,
}

impl OwnKeys {
    /// Reads the keys in `folder`.
    pub(super) fn read(folder: &Path, keys: &config::Keys) -> Result<Self, KeyError> {
        let files = KeyFiles::open(folder, sealing(keys)?)?;
        let [registry, custodian, padding] = OWN_KINDS.map(|kind| files.get(&once(kind)));
        Ok(Self {
            registry: registry?,
            custodian: custodian?,
            padding: padding?,
            files: Arc::new(files),
        })
    }

    /// Makes the keys in `folder` that are not there, then reads all.
    pub(super) fn make(folder: &Path, keys: &config::Keys) -> Result<Self, KeyError> {
        let files = KeyFiles::open(folder, sealing(keys)?)?;
        for kind in OWN_KINDS {
            if let Err(KeyError::Missing(name)) = files.get(&once(kind)) {
                let secret = Secret32::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
                files.put(&name, &secret)?;
            }
        }
        drop(files);
        Self::read(folder, keys)
    }

    /// The files, for the keys of lists.
    pub(super) fn files(&self) -> Arc<KeyFiles> {
        Arc::clone(&self.files)
    }

    /// The registry's signing key.
    pub(super) fn registry(&self) -> SigningKey {
        SigningKey::from_bytes(*self.registry.expose())
    }

    /// The embedded custodian's signing key.
    pub(super) fn custodian(&self) -> SigningKey {
        SigningKey::from_bytes(*self.custodian.expose())
    }

    /// The key of the padding rows.
    pub(super) fn padding(&self) -> PaddingKey {
        PaddingKey::from_bytes(*self.padding.expose())
    }
}

fn once(kind: KeyKind) -> KeyName {
    KeyName::once(kind).expect("a kind that exists once")
}
