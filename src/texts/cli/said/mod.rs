//! The sentences of commands that succeeded, and their prompts.

mod bulk;
mod check;
mod member;
mod registry;
mod upload;

pub use bulk::*;
pub use check::*;
pub use member::*;
pub use registry::*;
pub use upload::*;
