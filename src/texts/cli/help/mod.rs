//! Help in Bahasa Indonesia, keyed by a command's path and an argument's name. (English help stands
//! beside the arguments themselves.)

mod arguments;
mod commands;

use arguments::ARGUMENT;
use commands::ABOUT;

/// How help is laid out.
pub const TEMPLATE: &str = "{about-with-newline}\nPemakaian: {usage}\n\n{all-args}{after-help}";

/// The heading over a command's options.
pub const OPTIONS: &str = "Pilihan";
/// The heading over a command's arguments.
pub const ARGUMENTS: &str = "Isian";
/// The heading over a command's subcommands.
pub const COMMANDS: &str = "Perintah";

/// What the command at `path` does; the path of the executable itself is empty.
#[must_use]
pub fn about(path: &str) -> Option<&'static str> {
    find(ABOUT, path)
}

/// What an argument of the command at `path` is for. Global ones stand under the empty path.
#[must_use]
pub fn argument(path: &str, id: &str) -> Option<&'static str> {
    let key = format!("{path} --{id}");
    find(ARGUMENT, key.trim_start())
}

/// Every key, for a test that looks for stale ones.
pub fn keys() -> impl Iterator<Item = &'static str> {
    ABOUT.iter().chain(ARGUMENT).map(|(key, _)| *key)
}

fn find(table: &'static [(&str, &str)], key: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, text)| *text)
}
