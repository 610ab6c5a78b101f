//! Why a registry does not run.

use std::io;
use std::net::SocketAddr;

use crate::app::advice;
use crate::custodian::CustodianError;
use crate::keys::{HardeningError, KeyError};
use crate::net::SetupError;
use crate::registry::OpenError;
use crate::store::StoreError;
use crate::texts::Lang;

/// Why a registry does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The process cannot be hardened, so it must not hold keys.
    #[error(transparent)]
    Hardening(#[from] HardeningError),
    /// The registry's own keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// An address cannot be listened on.
    #[error("{address} cannot be listened on: {kind}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// The store does not open.
    #[error("the store does not open: {0}")]
    Store(StoreError),
    /// The embedded custodian's ledger does not open.
    #[error("the custodian's ledger does not open: {0}")]
    Ledger(StoreError),
    /// The embedded custodian's ledger is gone although the database is not new: quotas and the
    /// records it signed would be forgotten.
    #[error("the custodian's ledger is missing although the database is not new")]
    LedgerMissing,
    /// The embedded custodian does not start.
    #[error(transparent)]
    Custodian(#[from] CustodianError),
    /// The registry does not start.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// TLS or a listener cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The system gives no threads for arithmetic.
    #[error("no threads can be started: {0}")]
    Threads(io::Error),
    /// A task of the start or the end panicked.
    #[error("a part of the registry panicked")]
    Panicked,
    /// The program was built without a durable store.
    #[error("this program was built without the durable store (cargo feature `rocks`)")]
    NoStore,
}

impl RunError {
    /// What to do about it, where there is something to say beyond the error itself.
    #[must_use]
    pub fn advice(&self, lang: Lang) -> Option<&'static str> {
        match self {
            Self::Store(error) | Self::Ledger(error) => advice::on_store(*error, lang),
            Self::Open(error) => advice::on_open(error, lang),
            Self::LedgerMissing => Some(lang.pick(
                "Kembalikan berkas buku besar kustodian ke folders.ledger; tanpa itu kuota dan \
                 catatan epok yang sudah ditandatangani terlupakan.",
                "Put the custodian's ledger back into folders.ledger: without it quotas and signed \
                 epoch records are forgotten.",
            )),
            Self::Keys(KeyError::Missing(_)) => Some(lang.pick(
                "Jalankan `saring init`, atau kembalikan kunci dengan `saring keys import`.",
                "Run `saring init`, or bring the keys back with `saring keys import`.",
            )),
            _ => None,
        }
    }
}
