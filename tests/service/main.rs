//! The registry with its embedded custodian, whole lives long: real keys in files, a real ledger,
//! the store that judges the others, and a clock that the test moves.

mod acts;
mod clock;
mod crossings;
mod growth;
mod life;
mod meantime;
mod once;
mod programme;
mod quota;
mod refusals;
mod renewal;
mod restart;
mod roles;
mod versions;
mod world;
