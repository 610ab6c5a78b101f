//! The server's configuration: one TOML file, every key with its unit in its name and a default,
//! unknown keys refused. Secrets are never in it: it names the files that hold them.

mod fault;
mod place;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::protocol::limits::MAX_CONFIG_BYTES;
use crate::protocol::{OrgId, PublicKey};

pub use fault::{ConfigFault, ConfigRule};

/// The whole configuration. Paths that are not absolute are taken from the file's own folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who runs this registry.
    pub operator: Operator,
    /// Where it listens.
    #[serde(default)]
    pub listen: Listen,
    /// Where it keeps things.
    #[serde(default)]
    pub folders: Folders,
    /// How keys at rest are encrypted.
    #[serde(default)]
    pub keys: Keys,
    /// The embedded custodian's own ceiling.
    #[serde(default)]
    pub custodian: Custodian,
    /// How much it takes at once.
    #[serde(default)]
    pub limits: Limits,
    /// How long it waits.
    #[serde(default)]
    pub deadlines: Deadlines,
    /// Expiry in the background.
    #[serde(default)]
    pub expiry: Expiry,
    /// What it writes to its log.
    #[serde(default)]
    pub log: Log,
}

/// The first administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The operator's organisation id.
    pub organisation: OrgId,
    /// The operator's public key, 64 hexadecimal digits; `saring init` wrote it.
    pub public_key: PublicKey,
}

/// Listeners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Where members connect. Port 0: any free one, printed at start.
    pub address: SocketAddr,
    /// Where `/metrics` and health are served to the operator; loopback.
    pub admin_address: SocketAddr,
    /// The TLS certificate chain, PEM. Without it only loopback is served.
    pub tls_certificate_file: Option<PathBuf>,
    /// The certificate's private key, PEM.
    pub tls_key_file: Option<PathBuf>,
    /// Serve without TLS beyond loopback: something in front adds it.
    pub allow_plain_beyond_loopback: bool,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8443)),
            admin_address: SocketAddr::from(([127, 0, 0, 1], 9443)),
            tls_certificate_file: None,
            tls_key_file: None,
            allow_plain_beyond_loopback: false,
        }
    }
}

/// Folders. The mark and the journal guard the database, so they belong on another disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Folders {
    /// The database.
    pub database: PathBuf,
    /// The signed high-water mark.
    pub mark: PathBuf,
    /// The signed journal of removals.
    pub journal: PathBuf,
    /// The embedded custodian's ledger.
    pub ledger: PathBuf,
    /// The keys.
    pub keys: PathBuf,
    /// Snapshots of lists for whoever screens: 8 bytes a person, three times while one is built.
    /// They can be made again and need no backup.
    pub snapshots: PathBuf,
}

impl Default for Folders {
    fn default() -> Self {
        Self {
            database: "database".into(),
            mark: "mark".into(),
            journal: "journal".into(),
            ledger: "ledger".into(),
            keys: "keys".into(),
            snapshots: "snapshots".into(),
        }
    }
}

/// How keys at rest are encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// A file that holds the passphrase; mode 0600. None: key files are protected by their mode
    /// alone.
    pub passphrase_file: Option<PathBuf>,
    /// The name of a systemd credential that holds the passphrase.
    pub passphrase_credential: Option<String>,
}

/// The embedded custodian's own ceiling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Custodian {
    /// Elements evaluated a UTC day on any one list, whatever its creation asked for.
    pub most_daily_elements: u64,
}

impl Default for Custodian {
    fn default() -> Self {
        Self {
            most_daily_elements: 100_000_000,
        }
    }
}

/// How much is taken at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open connections.
    pub connections: usize,
    /// Small requests at work at once, and four times as many buckets; the next is told to come back.
    /// More would not be answered sooner: what waits for a core waits as long as all before it take.
    pub interactive_requests: usize,
    /// Large evaluations and submissions at work at once.
    pub bulk_requests: usize,
    /// Large evaluations of one organisation at work or waiting for their turn at once.
    pub bulk_requests_each: usize,
    /// Removals at work at once: their places are kept free for them.
    pub removal_requests: usize,
    /// Threads for arithmetic; 0: one a core.
    pub jobs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 12_000,
            interactive_requests: 64,
            bulk_requests: 16,
            bulk_requests_each: 8,
            removal_requests: 16,
            jobs: 0,
        }
    }
}

/// A number with its field, its least and its greatest value.
type Bounded = (&'static str, u64, u64, u64);

impl Limits {
    fn bounded(&self) -> [Bounded; 6] {
        let interactive = self.interactive_requests as u64;
        [
            ("limits.connections", self.connections as u64, 1, 1_000_000),
            ("limits.interactive_requests", interactive, 1, 100_000),
            ("limits.bulk_requests", self.bulk_requests as u64, 1, 10_000),
            (
                "limits.bulk_requests_each",
                self.bulk_requests_each as u64,
                1,
                10_000,
            ),
            (
                "limits.removal_requests",
                self.removal_requests as u64,
                1,
                10_000,
            ),
            ("limits.jobs", self.jobs as u64, 0, 1_024),
        ]
    }
}

/// How long is waited for others. Nothing bounds the time of long work itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deadlines {
    /// For a TLS handshake.
    pub handshake_seconds: u64,
    /// For a request's headers.
    pub headers_seconds: u64,
    /// For the next bytes of a body.
    pub body_idle_seconds: u64,
    /// For the next request on an open connection.
    pub keep_alive_seconds: u64,
    /// For requests at work when the server is told to stop.
    pub drain_seconds: u64,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            handshake_seconds: 5,
            headers_seconds: 8,
            body_idle_seconds: 8,
            keep_alive_seconds: 60,
            drain_seconds: 30,
        }
    }
}

impl Deadlines {
    const fn bounded(&self) -> [Bounded; 5] {
        [
            (
                "deadlines.handshake_seconds",
                self.handshake_seconds,
                1,
                600,
            ),
            ("deadlines.headers_seconds", self.headers_seconds, 1, 600),
            (
                "deadlines.body_idle_seconds",
                self.body_idle_seconds,
                1,
                600,
            ),
            (
                "deadlines.keep_alive_seconds",
                self.keep_alive_seconds,
                1,
                3_600,
            ),
            ("deadlines.drain_seconds", self.drain_seconds, 1, 3_600),
        ]
    }
}

/// Expiry in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expiry {
    /// Time between two passes.
    pub interval_seconds: u64,
}

impl Default for Expiry {
    fn default() -> Self {
        Self {
            interval_seconds: 60,
        }
    }
}

/// The log, on standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// What to write, as `tracing` filters say it: `info`, `saring=debug`.
    pub filter: String,
    /// JSON lines, or text for a person.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".into(),
            format: LogFormat::Json,
        }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    Text,
}

impl Config {
    /// Reads and checks a configuration file; relative paths become paths from its folder.
    ///
    /// # Errors
    /// [`ConfigFault`] with the file, the line and the field.
    pub fn load(file: &Path) -> Result<Self, ConfigFault> {
        let unreadable = |kind| ConfigFault::of_file(file, ConfigRule::Unreadable(kind));
        let size = std::fs::metadata(file)
            .map_err(|e| unreadable(e.kind()))?
            .len();
        if size > MAX_CONFIG_BYTES {
            return Err(ConfigFault::of_file(file, ConfigRule::TooLarge));
        }
        let text = std::fs::read_to_string(file).map_err(|e| unreadable(e.kind()))?;
        let mut config = Self::parse(&text).map_err(|fault| fault.in_file(file))?;
        config.resolve(file.parent().unwrap_or(Path::new(".")));
        Ok(config)
    }

    /// Parses and checks a configuration's text.
    ///
    /// # Errors
    /// [`ConfigFault`] with the line and the field.
    pub fn parse(text: &str) -> Result<Self, ConfigFault> {
        let config: Self =
            toml::from_str(text).map_err(|error| ConfigFault::of_toml(text, &error))?;
        config
            .check()
            .map_err(|(field, rule)| ConfigFault::of_field(text, field, rule))?;
        Ok(config)
    }

    /// The configuration that `saring init` writes, with everything else at its default.
    #[must_use]
    pub fn new(organisation: OrgId, public_key: PublicKey) -> Self {
        Self {
            operator: Operator {
                organisation,
                public_key,
            },
            listen: Listen::default(),
            folders: Folders::default(),
            keys: Keys::default(),
            custodian: Custodian::default(),
            limits: Limits::default(),
            deadlines: Deadlines::default(),
            expiry: Expiry::default(),
            log: Log::default(),
        }
    }

    /// Checks a configuration again after something in it was changed.
    ///
    /// # Errors
    /// [`ConfigFault`] with the field.
    pub fn recheck(&self) -> Result<(), ConfigFault> {
        self.check()
            .map_err(|(field, rule)| ConfigFault::of_field("", field, rule))
    }

    fn check(&self) -> Result<(), (&'static str, ConfigRule)> {
        let listen = &self.listen;
        if listen.tls_certificate_file.is_some() != listen.tls_key_file.is_some() {
            return Err(("listen.tls_key_file", ConfigRule::TlsPair));
        }
        let plain = listen.tls_certificate_file.is_none() && !listen.allow_plain_beyond_loopback;
        if plain && !listen.address.ip().is_loopback() {
            return Err(("listen.address", ConfigRule::PlainBeyondLoopback));
        }
        if !listen.admin_address.ip().is_loopback() {
            return Err(("listen.admin_address", ConfigRule::AdminBeyondLoopback));
        }
        if self.keys.passphrase_file.is_some() && self.keys.passphrase_credential.is_some() {
            return Err(("keys.passphrase_credential", ConfigRule::TwoPassphrases));
        }
        self.check_numbers()?;
        self.check_folders()
    }

    fn check_numbers(&self) -> Result<(), (&'static str, ConfigRule)> {
        let bounded = self
            .limits
            .bounded()
            .into_iter()
            .chain(self.deadlines.bounded());
        let expiry = (
            "expiry.interval_seconds",
            self.expiry.interval_seconds,
            1,
            86_400,
        );
        for (field, value, least, most) in bounded.chain([expiry]) {
            if !(least..=most).contains(&value) {
                return Err((field, ConfigRule::OutOfRange { least, most }));
            }
        }
        Ok(())
    }

    fn check_folders(&self) -> Result<(), (&'static str, ConfigRule)> {
        let folders = &self.folders;
        let outside = [
            ("folders.mark", &folders.mark),
            ("folders.journal", &folders.journal),
            ("folders.ledger", &folders.ledger),
            ("folders.keys", &folders.keys),
            ("folders.snapshots", &folders.snapshots),
        ];
        for (field, folder) in outside {
            if folder.starts_with(&folders.database) {
                return Err((field, ConfigRule::InsideDatabase));
            }
        }
        Ok(())
    }

    fn resolve(&mut self, base: &Path) {
        let folders = &mut self.folders;
        let paths = [
            &mut folders.database,
            &mut folders.mark,
            &mut folders.journal,
            &mut folders.ledger,
            &mut folders.keys,
            &mut folders.snapshots,
        ];
        let files = [
            &mut self.listen.tls_certificate_file,
            &mut self.listen.tls_key_file,
            &mut self.keys.passphrase_file,
        ];
        for path in paths.into_iter().chain(files.into_iter().flatten()) {
            *path = base.join(&*path);
        }
    }
}
