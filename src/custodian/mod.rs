//! A custodian: holds a share of each list's key, and nothing of any list.
//!
//! It authorises and counts by itself. Its roll says which organisation may have how many elements
//! evaluated a day on which list; each entry is admitted by an order of the custodian's own
//! administrator, and nothing the registry says extends it. A hard cap for each list and day stands
//! above all quotas. Roll, charges and countersigned records are one append-only ledger, on disk
//! before anything is answered; when the ledger takes nothing, nothing is evaluated.
//!
//! [`EmbeddedCustodian`] is the one inside the registry's process: whoever controls that process
//! has both the share and the factor, which the record says (`1 of 1: trusts the operator`).

mod admit;
mod embedded;
mod entry;
mod error;
mod evaluate;
mod keys;
mod ledger;
mod state;
#[cfg(test)]
mod tests;

pub use embedded::{CustodianOptions, EmbeddedCustodian};
pub use error::CustodianError;
pub use ledger::{LEDGER_NAME, LedgerLog};
