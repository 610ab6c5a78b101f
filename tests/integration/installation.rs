//! A registry in a folder of its own, and the real `saring serve` over it as a process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use saring::app::{InitOptions, init};
use saring::protocol::{Fingerprint, OrgId, paths};
use tempfile::TempDir;

use crate::wire;

/// The executable under test.
pub(crate) const SARING: &str = env!("CARGO_BIN_EXE_saring");

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A registry's folder, set up and configured, not necessarily served.
pub(crate) struct Installation {
    folder: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) custodian: Fingerprint,
}

impl Installation {
    /// A fresh registry of the operator `operator`, on two loopback ports of its own.
    pub(crate) fn new() -> Self {
        Self::new_by(|folder, address, admin| {
            let options = InitOptions {
                address: Some(address),
                admin_address: Some(admin),
                ..InitOptions::new(OrgId::parse("operator").unwrap())
            };
            init(&folder.join("registry"), &options).unwrap().custodian
        })
    }

    /// The same, set up otherwise: told the folder and the two addresses, `set_up` makes `registry`
    /// in the folder and answers the custodian's fingerprint.
    pub(crate) fn new_by(
        set_up: impl FnOnce(&Path, SocketAddr, SocketAddr) -> Fingerprint,
    ) -> Self {
        let folder = TempDir::with_prefix("saring-integration-").unwrap();
        let (address, admin) = (free_port(), free_port());
        Self {
            custodian: set_up(folder.path(), address, admin),
            folder,
            address,
            admin,
        }
    }

    /// The folder for everything of this test.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The registry's own folder.
    pub(crate) fn registry(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.registry().join("saring.toml")
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets one key of the configuration.
    pub(crate) fn configure(&self, section: &str, key: &str, value: impl Into<toml::Value>) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        let mut config: toml::Table = text.parse().unwrap();
        let section = config
            .entry(section)
            .or_insert_with(|| toml::Table::new().into());
        section
            .as_table_mut()
            .unwrap()
            .insert(key.to_owned(), value.into());
        std::fs::write(self.config(), config.to_string()).unwrap();
    }

    /// The running server's metrics, as Prometheus reads them.
    pub(crate) async fn metrics(&self) -> Vec<u8> {
        let line = format!("GET {}", paths::METRICS);
        let answer = wire::request(self.admin, &line, &[], b"").await.unwrap();
        assert_eq!(answer.status, 200);
        answer.body
    }

    /// One number of them.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let text = String::from_utf8(self.metrics().await).unwrap();
        let mut values = text.lines().filter_map(|line| line.strip_prefix(name));
        let value = values.find(|rest| rest.starts_with(' '));
        value.expect(name).trim().parse().unwrap()
    }

    /// Starts the server and waits until it is ready.
    pub(crate) fn serve(&self) -> Server {
        let mut server = self.start();
        server.wait_ready(self.address);
        server
    }

    /// Starts the server without waiting.
    pub(crate) fn start(&self) -> Server {
        self.start_with(&[])
    }

    /// Starts the server with further arguments.
    pub(crate) fn start_with(&self, arguments: &[&str]) -> Server {
        let temporary = self.folder.path().join("tmp");
        std::fs::create_dir_all(&temporary).unwrap();
        let mut child = Command::new(SARING)
            .arg("serve")
            .arg("--config")
            .arg(self.config())
            .args(arguments)
            .env("TMPDIR", temporary)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        collect(child.stdout.take().unwrap(), Arc::clone(&log));
        collect(child.stderr.take().unwrap(), Arc::clone(&log));
        Server { child, log }
    }
}

/// A running server. Dropping it kills the process.
pub(crate) struct Server {
    child: Child,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    fn wait_ready(&mut self, address: SocketAddr) {
        let began = Instant::now();
        while !is_ready(address) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                began.elapsed() < START && ended.is_none(),
                "the server is not ready ({ended:?}); it said:\n{}",
                String::from_utf8_lossy(&self.log())
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the line that tells where it serves, as `--json` says it.
    pub(crate) fn wait_told(&mut self) -> serde_json::Value {
        let began = Instant::now();
        loop {
            let log = String::from_utf8_lossy(&self.log()).into_owned();
            let lines = log.lines().map(serde_json::from_str::<serde_json::Value>);
            if let Some(told) = lines.flatten().find(|line| line["serving"] == true) {
                return told;
            }
            assert!(began.elapsed() < START, "nothing is told:\n{log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it wrote to standard output and standard error.
    pub(crate) fn log(&self) -> Vec<u8> {
        self.log.lock().unwrap().clone()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Vec<u8> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log()
    }

    /// Asks it to stop and waits for its graceful end; what it had written.
    pub(crate) fn stop(mut self) -> Vec<u8> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        let log = self.log();
        assert!(
            status.success(),
            "{status}:\n{}",
            String::from_utf8_lossy(&log)
        );
        log
    }

    /// Waits for a server that refuses to run: whether it failed, and what it said.
    pub(crate) fn wait_refused(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // The collecting threads may still be reading.
                std::thread::sleep(Duration::from_millis(100));
                let said = String::from_utf8_lossy(&self.log()).into_owned();
                return (status.code(), said);
            }
            assert!(began.elapsed() < START, "the server runs; it should refuse");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Resident memory now and at its highest, KiB.
    pub(crate) fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        (field("VmRSS:"), field("VmHWM:"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_waited = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static, into: Arc<Mutex<Vec<u8>>>) {
    std::thread::spawn(move || {
        let mut piece = [0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut piece) {
            into.lock().unwrap().extend_from_slice(&piece[..count]);
        }
    });
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let path = paths::READY;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// A loopback port nobody listens on, below those that the system hands out by itself: a server
/// that is killed finds it free again.
fn free_port() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 10_000) as u16;
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + (start + step) % 12_000;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
