//! Where things are inside the configured folders.

use std::path::{Path, PathBuf};

use super::config::Folders;

/// The configuration's file name.
pub(super) const CONFIG_FILE: &str = "saring.toml";
/// The operator's home beside the configuration.
pub(super) const OPERATOR_HOME: &str = "operator";

/// The file of the signed high-water mark.
pub(super) fn mark(folders: &Folders) -> PathBuf {
    folders.mark.join("mark")
}

/// The file of the signed removal journal.
pub(super) fn journal(folders: &Folders) -> PathBuf {
    folders.journal.join("removals")
}

/// The file of the embedded custodian's ledger.
pub(super) fn ledger(folders: &Folders) -> PathBuf {
    folders.ledger.join("ledger")
}

/// The home from which the operator signs administrative orders.
pub(super) fn operator_home(config_file: &Path) -> PathBuf {
    config_file
        .parent()
        .unwrap_or(Path::new("."))
        .join(OPERATOR_HOME)
}
