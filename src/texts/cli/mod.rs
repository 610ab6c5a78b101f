//! What the executable says: help, exit codes, faults and the sentences of its commands.

pub mod exits;
pub mod faults;
pub mod help;
pub mod said;
