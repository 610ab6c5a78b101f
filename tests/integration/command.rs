//! The executable as a person or a script calls it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::installation::SARING;

/// One organisation's command line: a home and a language.
#[derive(Clone)]
pub(crate) struct Cli {
    home: PathBuf,
    variables: Vec<(String, String)>,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Cli {
    pub(crate) fn new(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            variables: Vec::new(),
        }
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// With an environment variable set.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The executable with arguments that a shell would split at spaces.
    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(SARING);
        command
            .args(arguments.split_whitespace())
            .env("SARING_HOME", &self.home)
            .env("SARING_OFFICER", "petugas-7")
            .env_remove("SARING_URL")
            .envs(self.variables.iter().cloned());
        command
    }

    /// Starts a call that nobody talks to; what it says goes to `out`.
    pub(crate) fn start(&self, arguments: &str, out: impl Into<Stdio>) -> Child {
        self.command(arguments)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Calls with something on standard input.
    pub(crate) fn call(&self, arguments: &str, input: &str) -> Ended {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that does not read its input is not wrong.
        let _closed = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Calls with `--json` and expects an exit code: the objects on standard output, a line each.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &str, input: &str, code: i32) -> Vec<Value> {
        let ended = self.call(&format!("--json {arguments}"), input);
        assert_eq!(ended.code, Some(code), "{arguments}: {ended:?}");
        let parsed = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        ended.out.lines().map(parsed).collect()
    }

    /// One object.
    #[track_caller]
    pub(crate) fn one(&self, arguments: &str, input: &str, code: i32) -> Value {
        let mut objects = self.json(arguments, input, code);
        assert_eq!(objects.len(), 1, "{arguments}: {objects:?}");
        objects.remove(0)
    }
}
