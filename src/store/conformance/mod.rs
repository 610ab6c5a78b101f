//! What every backend must do: one suite, run on each of them.

mod members;
pub(in crate::store) mod moves;
mod people;
pub(in crate::store) mod samples;
mod versions;
mod writes;

use super::{JournaledRemoval, Store};

/// Opens one store again and again; what it holds stays.
pub trait Harness: Sync {
    /// The backend.
    type Backend: Store;

    /// Opens the store. The one opened before was dropped.
    fn open(&self) -> Self::Backend;

    /// Appends a removal to the journal alone, as a crash between journal and change leaves it.
    /// The store is closed.
    fn journal_only(&self, removal: JournaledRemoval);
}

/// Runs the whole suite, each case on a new and empty store.
///
/// # Panics
/// Where the backend does not do what the trait says.
pub async fn run<H: Harness>(empty: impl Fn() -> H) {
    members::invitations(&empty()).await;
    members::organisations_in_order(&empty()).await;
    members::grants(&empty()).await;
    members::lists_and_records(&empty()).await;
    members::clock(&empty()).await;
    writes::orders_take_effect_once(&empty()).await;
    writes::charges(&empty()).await;
    writes::one_order_many_callers(&empty()).await;
    writes::quota_holds_for_many_callers(&empty()).await;
    people::kept_and_indexed(&empty()).await;
    people::changed_and_gone(&empty()).await;
    people::bad_decisions(&empty()).await;
    people::journal(&empty()).await;
    versions::staged_aside(&empty()).await;
    versions::switched_at_once(&empty()).await;
    versions::given_up(&empty()).await;
    versions::changed_beside(&empty()).await;
    moves::logged_with_their_change(&empty()).await;
    moves::forgotten_from_the_oldest(&empty()).await;
    moves::forgotten_by_age(&empty()).await;
    moves::a_visitor_may_refuse(&empty()).await;
    moves::shown_in_ranges(&empty()).await;
}
