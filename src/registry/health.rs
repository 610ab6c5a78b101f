//! Whether the registry can do its work.

use super::Registry;
use super::expiry::ClockState;
use crate::store::{Store, StoreError};

/// What readiness is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether the store takes writes.
    pub store: StoreState,
    /// Whether the custodian's ledger takes writes: without it nothing is evaluated.
    pub ledger_takes_writes: bool,
    /// The clock against the last committed time; absent if the store does not say.
    pub clock: Option<ClockState>,
}

/// Whether the store takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// It does.
    TakesWrites,
    /// The disk is full.
    Full,
    /// It does not answer.
    Unavailable,
}

impl Health {
    /// Whether all is well.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.store == StoreState::TakesWrites
            && self.ledger_takes_writes
            && self.clock == Some(ClockState::Sane)
    }
}

impl<S: Store> Registry<S> {
    /// Looks at the store, the custodian and the clock.
    pub async fn health(&self) -> Health {
        let store = match self.store.writable().await {
            Ok(()) => StoreState::TakesWrites,
            Err(StoreError::Full) => StoreState::Full,
            Err(_) => StoreState::Unavailable,
        };
        let clock = self.clock_state().await.ok();
        Health {
            store,
            ledger_takes_writes: self.evaluator.can_charge().await,
            clock: clock.map(|(_, state)| state),
        }
    }
}
