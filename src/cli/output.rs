//! What a command says: JSON objects, one a line, or sentences for a person.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::protocol::Timestamp;
use crate::texts::{Lang, Text};

use super::failure::Failure;

/// The form of everything that is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) json: bool,
    pub(super) lang: Lang,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    error: &'a str,
    message: &'a str,
    exit_code: u8,
}

impl Output {
    /// One JSON object on a line of standard output.
    pub(super) fn object(self, value: &impl Serialize) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(value).map_err(io::Error::other)?;
        line.push(b'\n');
        self.bytes(&line)
    }

    /// One line for a person, on standard output.
    pub(super) fn line(self, text: impl std::fmt::Display) -> Result<(), Failure> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// A sentence with its values.
    pub(super) fn said(
        self,
        text: Text,
        values: &[(&str, &dyn std::fmt::Display)],
    ) -> Result<(), Failure> {
        self.line(text.fill(self.lang, values))
    }

    /// A JSON object where `--json` was asked for, else a sentence.
    pub(super) fn either(
        self,
        value: &impl Serialize,
        text: Text,
        values: &[(&str, &dyn std::fmt::Display)],
    ) -> Result<(), Failure> {
        if self.json {
            self.object(value)
        } else {
            self.said(text, values)
        }
    }

    /// A remark beside the result, on standard error; nothing with `--json`.
    pub(super) fn remark(self, text: impl std::fmt::Display) {
        if !self.json {
            // Nobody is left to tell if standard error is closed.
            let _closed = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// An event of work under way, a JSON object on a line of standard error.
    pub(super) fn event(self, event: &impl Serialize) {
        if let Ok(line) = serde_json::to_string(event) {
            // Nobody is left to tell if standard error is closed.
            let _closed = writeln!(io::stderr().lock(), "{line}");
        }
    }

    /// A failure, on standard error.
    pub(super) fn failure(self, failure: &Failure) {
        let message = failure.message(self.lang);
        let line = if self.json {
            let error = ErrorLine {
                error: failure.code,
                message: &message.replace("\n  ", " "),
                exit_code: failure.exit.code(),
            };
            serde_json::to_string(&error).unwrap_or_default()
        } else {
            format!("saring: {message}")
        };
        let _closed = writeln!(io::stderr().lock(), "{line}");
    }

    /// Whether standard error is a person's terminal that may be drawn on.
    pub(super) fn draws(self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush())?;
        Ok(())
    }
}

/// A time as people on this machine read it, with its zone.
pub(super) fn local_time(time: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(time.0);
    instant.map_or_else(
        |_| String::from("?"),
        |instant| {
            let zoned = instant.to_zoned(jiff::tz::TimeZone::system());
            zoned.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
        },
    )
}
