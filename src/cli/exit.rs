//! The documented exit codes; docs/CLI.md holds the same table, and a test compares them.

use std::process::ExitCode;

use crate::texts::Text;
use crate::texts::cli::exits;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for was done.
    Ok = 0,
    /// A fault of no other kind.
    General = 1,
    /// The command line does not parse.
    Usage = 2,
    /// No answer was to be had, or some answer is `UNAVAILABLE`.
    Unavailable = 3,
    /// Rows were refused, or the work stopped and can be resumed.
    Incomplete = 4,
    /// The registry refused.
    Refused = 5,
    /// A file, the configuration or an input is not valid.
    InvalidInput = 6,
    /// The registry cannot be believed.
    Untrusted = 7,
    /// A verification was made and does not hold.
    NotHeld = 8,
    /// The home or a key cannot be used.
    Home = 9,
    /// Stopped from the keyboard: 128 and SIGINT.
    Interrupted = 130,
}

impl Exit {
    /// Every code, ascending.
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::General,
        Self::Usage,
        Self::Unavailable,
        Self::Incomplete,
        Self::Refused,
        Self::InvalidInput,
        Self::Untrusted,
        Self::NotHeld,
        Self::Home,
        Self::Interrupted,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> Text {
        match self {
            Self::Ok => exits::OK,
            Self::General => exits::GENERAL,
            Self::Usage => exits::USAGE,
            Self::Unavailable => exits::UNAVAILABLE,
            Self::Incomplete => exits::INCOMPLETE,
            Self::Refused => exits::REFUSED,
            Self::InvalidInput => exits::INVALID_INPUT,
            Self::Untrusted => exits::UNTRUSTED,
            Self::NotHeld => exits::NOT_HELD,
            Self::Home => exits::HOME,
            Self::Interrupted => exits::INTERRUPTED,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Lang;

    #[test]
    fn the_documented_table_is_this_one() {
        let page = include_str!("../../docs/CLI.md");
        let documented: Vec<(u8, &str)> = page
            .lines()
            .skip_while(|line| *line != "## Exit codes")
            .skip(1)
            .take_while(|line| !line.starts_with("## "))
            .filter_map(|line| {
                let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
                Some((cells.next()?.parse().ok()?, cells.next()?))
            })
            .collect();
        let own: Vec<_> = Exit::ALL
            .map(|exit| (exit.code(), exit.meaning().say(Lang::En)))
            .into();
        assert_eq!(documented, own);
    }
}
