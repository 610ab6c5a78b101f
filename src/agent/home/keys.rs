//! The home's two keys: the organisation signs with one, the other seals what is kept.

use std::path::Path;

use super::HomeError;
use crate::hash::HashKey;
use crate::keys::{KeyError, KeyKind, KeyName, KeyProvider, Secret32};
use crate::protocol::{Epoch, ListId, SigningKey};

/// What holds a home's keys: key files, or whatever wraps them.
pub type Provider = Box<dyn KeyProvider + Send + Sync>;

/// The folder of a home in which its key files lie.
#[must_use]
pub fn key_folder(home: &Path) -> std::path::PathBuf {
    home.join("keys")
}

/// The keys in use. They have no `Debug` and are wiped when dropped.
pub(super) struct HomeKeys {
    provider: Provider,
    signing: SigningKey,
    at_rest: HashKey,
}

impl HomeKeys {
    pub(super) fn read(provider: Provider) -> Result<Self, HomeError> {
        let at_rest = provider.get(&once(KeyKind::Store))?;
        let signing = provider.get(&once(KeyKind::OrganisationSigning))?;
        Ok(Self {
            signing: SigningKey::from_bytes(*signing.expose()),
            at_rest: HashKey::new(*at_rest.expose()),
            provider,
        })
    }

    pub(super) const fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(super) const fn at_rest(&self) -> &HashKey {
        &self.at_rest
    }

    /// The members' key of a keyed list's epoch, if it was given to this home.
    pub(super) fn hash_key(
        &self,
        list: &ListId,
        epoch: Epoch,
    ) -> Result<Option<Secret32>, HomeError> {
        match self.provider.get(&hash_name(list, epoch)) {
            Ok(secret) => Ok(Some(secret)),
            Err(KeyError::Missing(_)) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    pub(super) fn keep_hash_key(
        &self,
        list: &ListId,
        epoch: Epoch,
        key: &Secret32,
    ) -> Result<(), HomeError> {
        Ok(self.provider.put(&hash_name(list, epoch), key)?)
    }
}

/// The organisation's signing key: the one that is kept, or a new one that is kept from now on.
pub(in crate::agent) fn signing_key(provider: &Provider) -> Result<SigningKey, HomeError> {
    let secret = kept_or_new(provider, KeyKind::OrganisationSigning)?;
    Ok(SigningKey::from_bytes(*secret.expose()))
}

/// Makes the keys that are missing.
pub(super) fn complete(provider: &Provider) -> Result<(), HomeError> {
    kept_or_new(provider, KeyKind::OrganisationSigning)?;
    kept_or_new(provider, KeyKind::Store)?;
    Ok(())
}

fn kept_or_new(provider: &Provider, kind: KeyKind) -> Result<Secret32, HomeError> {
    match provider.get(&once(kind)) {
        Err(KeyError::Missing(_)) => {
            let mut bytes = zeroize::Zeroizing::new([0; 32]);
            getrandom::fill(bytes.as_mut()).map_err(|_| HomeError::Randomness)?;
            let secret = Secret32::from_bytes(&bytes);
            provider.put(&once(kind), &secret)?;
            Ok(secret)
        }
        other => Ok(other?),
    }
}

fn once(kind: KeyKind) -> KeyName {
    KeyName::once(kind).expect("a kind that exists once")
}

fn hash_name(list: &ListId, epoch: Epoch) -> KeyName {
    KeyName::of_list(KeyKind::Hash, list.clone(), epoch.0).expect("a kind of each list")
}
