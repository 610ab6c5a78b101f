//! Whom a home speaks to and for whom.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{HomeError, files};
use crate::protocol::trust::TrustRoot;
use crate::protocol::{Fingerprint, OrgId};

const FILE: &str = "profile.json";

/// Address, organisation and trust root: fixed when the organisation joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The registry's address.
    pub url: String,
    /// The organisation.
    pub organisation: OrgId,
    /// The keys that the invitation's digest vouched for.
    pub trust: TrustRoot,
}

impl Profile {
    /// The audience of orders: the fingerprint of the registry's key.
    #[must_use]
    pub fn registry(&self) -> Fingerprint {
        self.trust.registry.fingerprint()
    }

    /// The profile in a home's folder, none if it is no home.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`].
    pub fn read(folder: &Path) -> Result<Option<Self>, HomeError> {
        match files::read(&folder.join(FILE))? {
            Some(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|_| HomeError::Damaged),
            None => Ok(None),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), HomeError> {
        let json = serde_json::to_vec_pretty(self).map_err(|_| HomeError::TooLarge)?;
        Ok(files::replace(&folder.join(FILE), &json)?)
    }
}
