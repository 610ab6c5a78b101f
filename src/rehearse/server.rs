//! `saring serve` as a process of its own.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::error::RehearsalError;
use super::program::{Program, text};
use super::tether::untie;

/// How long its metrics are waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A running registry. Dropping it kills the process.
pub(super) struct Server {
    child: Option<Child>,
    pub(super) process: u32,
    pub(super) url: String,
    /// Where its metrics are.
    pub(super) admin_url: String,
}

impl Server {
    /// Starts the registry of `config` and waits until it serves. Its log is appended to `log`. It
    /// ends with the rehearsal unless it `stays`.
    pub(super) fn start(
        program: &Program,
        config: &Path,
        listen: &str,
        log: &Path,
        stays: bool,
    ) -> Result<Self, RehearsalError> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = program.command();
        if stays {
            untie(&mut command);
        }
        let mut child = command
            .args([
                "--json",
                "serve",
                "--listen",
                listen,
                "--admin-listen",
                "127.0.0.1:0",
            ])
            .arg("--config")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            // A process group of its own: Ctrl-C ends the rehearsal first, and that ends the server.
            .process_group(0)
            .spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or(RehearsalError::NotReady)?;
        let mut server = Self {
            process: child.id(),
            child: Some(child),
            url: String::new(),
            admin_url: String::new(),
        };
        // Ends also when the process does.
        BufReader::new(out).read_line(&mut line)?;
        let ready = serde_json::from_str(&line).map_err(|_| RehearsalError::NotReady)?;
        text(&ready, "url")?.clone_into(&mut server.url);
        text(&ready, "admin_url")?.clone_into(&mut server.admin_url);
        Ok(server)
    }

    /// One of its counters, from its metrics.
    pub(super) fn counter(&self, name: &str) -> Option<u64> {
        let address = self.admin_url.strip_prefix("http://")?;
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let path = crate::protocol::paths::METRICS;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )
        .ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let mut lines = text.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        value.trim().parse().ok()
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(super) fn kill(mut self) -> std::io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// SIGTERM, and waits for its graceful end.
    pub(super) fn stop(mut self) -> Result<(), RehearsalError> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let process = i32::try_from(self.process).ok();
        let process = process.and_then(rustix::process::Pid::from_raw);
        if let Some(process) = process {
            rustix::process::kill_process(process, rustix::process::Signal::TERM)
                .map_err(std::io::Error::from)?;
        }
        if child.wait()?.success() {
            Ok(())
        } else {
            Err(RehearsalError::NotHeld("the registry stops gracefully"))
        }
    }

    /// Leaves the process running.
    pub(super) fn leave(mut self) {
        self.child = None;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Nothing can be done about a process that does not die.
            let _already = child.kill();
            let _waited = child.wait();
        }
    }
}
