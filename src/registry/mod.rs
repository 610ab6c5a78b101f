//! The registry's decisions: who may do what, what becomes of listings, what is answered. It knows
//! neither HTTP nor a database: calls take parsed values and answer values or a [`Refusal`].
//!
//! | file | story |
//! |---|---|
//! | `open` | a registry from its parts: operator, keys, removals to replay |
//! | `members` | whose order or read it is, and whether it may |
//! | `enrol` | invite, join, standing, grants |
//! | `lists`, `records` | lists and their epoch records |
//! | `evaluate` | blinded elements in, a proved chain out, charged once |
//! | `submit`, `batch`, `stage` | listings, row by row |
//! | `versions` | whole versions of a list: begun, closed, switched in, dropped |
//! | `remove`, `removal` | settled, withdrawn, disputed; replayed from the journal |
//! | `person` | what all of a person's listings together say |
//! | `look_up`, `own` | buckets, records, quotas; one's own entries |
//! | `snapshots` | all of a list's filter keys, and what changed since |
//! | `expiry`, `health` | the clock's rule, the background pass, readiness |

mod batch;
mod counters;
mod enrol;
mod evaluate;
mod expiry;
mod health;
mod lists;
mod look_up;
mod members;
mod nonces;
mod open;
mod own;
mod person;
mod records;
mod refusal;
mod removal;
mod remove;
mod reply;
mod snapshots;
mod stage;
mod submit;
mod versions;

pub use counters::{Counters, CountersNow};
pub use expiry::{ClockState, Expired};
pub use health::{Health, StoreState};
pub use look_up::ServedBucket;
pub use members::Member;
pub use open::{OpenError, Registry, RegistryOptions, RegistryParts};
pub use refusal::{Refusal, RefusalDetail};
pub use snapshots::{KeyRange, ServedBody};
