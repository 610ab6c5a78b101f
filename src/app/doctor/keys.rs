//! Key files: there, closed, readable, and the operator's the one that is configured.

use std::path::Path;

use super::Finding;
use crate::agent::{Profile, key_folder};
use crate::app::config::Config;
use crate::app::own_keys::OwnKeys;
use crate::app::places;
use crate::keys::{KeyError, KeyFiles, KeyKind, KeyName, KeyProvider, Sealing};
use crate::protocol::SigningKey;

/// Adds what was found of keys; the registry's own, if they can be read.
pub(super) fn examine(
    config_file: &Path,
    config: &Config,
    findings: &mut Vec<Finding>,
) -> Option<OwnKeys> {
    findings.push(at_rest(config));
    findings.extend(operator(config_file, config));
    if !config.folders.keys.is_dir() {
        findings.push(wrong(&"the folder of keys is missing; run: saring init"));
        return None;
    }
    match OwnKeys::read(&config.folders.keys, &config.keys) {
        Ok(own) => {
            findings.push(Finding::ok(
                "keys",
                "Kunci registri, kustodian dan pengisi ada, tertutup dan terbaca.",
                "The keys of registry, custodian and padding are there, closed and readable.",
            ));
            Some(own)
        }
        Err(error) => {
            findings.push(wrong(&error));
            None
        }
    }
}

fn wrong(error: &dyn std::fmt::Display) -> Finding {
    Finding::fault(
        "keys",
        format!("Kunci tidak dapat dipakai: {error}"),
        format!("The keys cannot be used: {error}"),
    )
}

fn at_rest(config: &Config) -> Finding {
    let keys = &config.keys;
    if keys.passphrase_file.is_some() || keys.passphrase_credential.is_some() {
        return Finding::ok(
            "keys_at_rest",
            "Kunci baru disimpan terenkripsi.",
            "New keys are kept encrypted.",
        );
    }
    Finding::warning(
        "keys_at_rest",
        "Berkas kunci hanya dilindungi oleh hak aksesnya; pasang keys.passphrase_file atau \
         keys.passphrase_credential.",
        "The key files are protected by their mode alone; set keys.passphrase_file or \
         keys.passphrase_credential.",
    )
}

/// Whether the home beside the configuration holds the operator's configured key. An operator may
/// keep it elsewhere, which is better.
fn operator(config_file: &Path, config: &Config) -> Option<Finding> {
    let folder = places::operator_home(config_file);
    let profile = Profile::read(&folder).ok()??;
    let name = KeyName::once(KeyKind::OrganisationSigning)?;
    let files = KeyFiles::open(&key_folder(&folder), Sealing::Plain);
    let same = match files.and_then(|files| files.get(&name)) {
        Ok(secret) => {
            let key = SigningKey::from_bytes(*secret.expose()).public_key();
            key == config.operator.public_key
                && profile.organisation == config.operator.organisation
        }
        Err(KeyError::PassphraseNeeded { .. }) => return None,
        Err(error) => {
            return Some(Finding::fault(
                "operator_key",
                format!("Kunci operator tidak dapat dipakai: {error}"),
                format!("The operator's key cannot be used: {error}"),
            ));
        }
    };
    Some(if same {
        Finding::ok(
            "operator_key",
            "Kunci operator sesuai dengan konfigurasi.",
            "The operator's key is the one configured.",
        )
    } else {
        Finding::fault(
            "operator_key",
            "Kunci di folder operator bukan kunci di operator.public_key.",
            "The key in the operator's folder is not the one in operator.public_key.",
        )
    })
}
