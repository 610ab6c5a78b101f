//! This executable as a person or a script calls it.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::error::RehearsalError;
use super::tether::tie;
use crate::texts::Lang;

/// The executable, from one home.
#[derive(Clone)]
pub(super) struct Program {
    pub(super) executable: PathBuf,
    pub(super) home: PathBuf,
    pub(super) url: Option<String>,
    pub(super) lang: Lang,
}

impl Program {
    /// A command that knows nothing of the caller's environment variables of ours, and ends with the
    /// rehearsal.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SARING_") {
                command.env_remove(name);
            }
        }
        tie(&mut command);
        command.arg("--lang").arg(self.lang.as_str());
        command.arg("--home").arg(&self.home);
        if let Some(url) = &self.url {
            command.arg("--url").arg(url);
        }
        command
    }

    /// Calls with `--json`, expects an exit code, and reads the objects of its standard output.
    pub(super) fn call(
        &self,
        arguments: &[&str],
        input: &str,
        expected: i32,
    ) -> Result<Vec<Value>, RehearsalError> {
        let mut command = self.command();
        command.arg("--json").args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            // A command that reads nothing closes its end early.
            let _closed = pipe.write_all(input.as_bytes());
        }
        let ended = child.wait_with_output()?;
        if ended.status.code() != Some(expected) {
            return Err(RehearsalError::Command {
                command: arguments.first().copied().unwrap_or_default().to_owned(),
                code: ended.status.code(),
                expected,
                said: String::from_utf8_lossy(&ended.stderr).trim().to_owned(),
            });
        }
        let lines = ended.stdout.split(|byte| *byte == b'\n');
        lines
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).map_err(|_| RehearsalError::Answer))
            .collect()
    }

    /// Calls for one object.
    pub(super) fn one(
        &self,
        arguments: &[&str],
        input: &str,
        expected: i32,
    ) -> Result<Value, RehearsalError> {
        let mut objects = self.call(arguments, input, expected)?;
        match objects.len() {
            1 => Ok(objects.remove(0)),
            _ => Err(RehearsalError::Answer),
        }
    }

    /// Calls with its progress shown where ours is.
    pub(super) fn show(&self, arguments: &[OsString]) -> Result<(), RehearsalError> {
        let mut command = self.command();
        let status = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()?;
        if status.success() {
            return Ok(());
        }
        let command = arguments.first().cloned().unwrap_or_default();
        Err(RehearsalError::Command {
            command: command.to_string_lossy().into_owned(),
            code: status.code(),
            expected: 0,
            said: String::new(),
        })
    }
}

/// A number in an answer.
pub(super) fn number(value: &Value, name: &str) -> Result<u64, RehearsalError> {
    value[name].as_u64().ok_or(RehearsalError::Answer)
}

/// A text in an answer.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, RehearsalError> {
    value[name].as_str().ok_or(RehearsalError::Answer)
}

/// A path as an argument.
pub(super) fn argument(path: &Path) -> Result<&str, RehearsalError> {
    path.to_str().ok_or(RehearsalError::Answer)
}
