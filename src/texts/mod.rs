//! What people read, in Bahasa Indonesia and English.
//!
//! A text is looked up by a stable code and a [`Lang`]; the rooms above own the codes, this room
//! owns the words. Nothing here holds a value from a person's record.

pub mod cli;
pub mod codes;
pub mod demo;
pub mod intake;
mod lang;
pub mod nik;
pub mod rehearsal;
mod text;

pub use lang::{Lang, UnknownLang};
pub use text::Text;
