//! The first set-up: folders, keys, the operator's home and the configuration.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::config::{Config, ConfigFault, Keys};
use super::own_keys::OwnKeys;
use super::places::{CONFIG_FILE, OPERATOR_HOME};
use crate::agent::{Home, HomeError, Profile, key_folder};
use crate::keys::{KeyError, KeyFiles, Passphrase, Sealing};
use crate::protocol::trust::TrustRoot;
use crate::protocol::{Digest32, Fingerprint, OrgId, PublicKey};

/// The configuration with every key's default and meaning; the operator's key is filled in.
const TEMPLATE: &str = include_str!("../../deploy/saring.toml");

/// What the first set-up is told.
#[derive(Clone)]
pub struct InitOptions {
    /// The operator's organisation id.
    pub organisation: OrgId,
    /// Where members connect; none: the default.
    pub address: Option<SocketAddr>,
    /// Where the operator reads metrics and health; none: the default.
    pub admin_address: Option<SocketAddr>,
    /// The address that members are told; none: made from `address`, without TLS.
    pub url: Option<String>,
    /// A file of mode 0600 that holds the passphrase of the registry's key files; none: they are
    /// protected by their mode alone.
    pub passphrase_file: Option<PathBuf>,
    /// The passphrase of the operator's own key files; none: they are protected by their mode alone.
    pub operator_passphrase: Option<Passphrase>,
}

impl InitOptions {
    /// An operator with everything else at its default.
    #[must_use]
    pub const fn new(organisation: OrgId) -> Self {
        Self {
            organisation,
            address: None,
            admin_address: None,
            url: None,
            passphrase_file: None,
            operator_passphrase: None,
        }
    }
}

/// What the first set-up made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initialised {
    /// The configuration file.
    pub config_file: PathBuf,
    /// The home from which the operator signs administrative orders.
    pub operator_home: PathBuf,
    /// The operator's public key: the first administrator.
    pub operator: PublicKey,
    /// The registry's key's fingerprint: the audience of orders.
    pub registry: Fingerprint,
    /// The embedded custodian's key's fingerprint: the audience of admissions to its roll.
    pub custodian: Fingerprint,
    /// The digest of the trust root, which invitations carry.
    pub trust_root: Digest32,
}

/// Why nothing was set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Something is there already; nothing was touched.
    #[error("{path} is there already; nothing was changed", path = .0.display())]
    Exists(PathBuf),
    /// A key cannot be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The operator's home cannot be made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The options make no valid configuration.
    #[error("the configuration would not be valid:{0}")]
    Config(ConfigFault),
    /// A folder or file cannot be written.
    #[error("{path} cannot be written: {kind}", path = .path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
}

/// Sets up a registry in `folder`: the folders (mode 0700), the signing keys of registry and
/// embedded custodian, the padding key, the operator's home with its key, and last `saring.toml`.
///
/// # Errors
/// [`InitError::Exists`] if anything it would make is there, with nothing changed; otherwise what
/// could not be made. What was made before a failure stays and is to be removed by hand.
pub fn init(folder: &Path, options: &InitOptions) -> Result<Initialised, InitError> {
    let defaults = Config::new(options.organisation.clone(), PublicKey([0; 32])).folders;
    let inside = [
        defaults.database,
        defaults.mark,
        defaults.journal,
        defaults.ledger,
        defaults.snapshots,
        defaults.keys,
    ];
    let config_file = folder.join(CONFIG_FILE);
    let operator_home = folder.join(OPERATOR_HOME);
    let made = inside.iter().map(|name| folder.join(name));
    for path in made.chain([config_file.clone(), operator_home.clone()]) {
        if path.symlink_metadata().is_ok() {
            return Err(InitError::Exists(path));
        }
    }
    // Checked with a key of zeros before anything is made.
    let url = checked(options)?;
    private_folder(folder)?;
    let [.., keys] = &inside;
    for name in &inside {
        private_folder(&folder.join(name))?;
    }
    let passphrase = Keys {
        passphrase_file: options.passphrase_file.clone(),
        passphrase_credential: None,
    };
    let own = OwnKeys::make(&folder.join(keys), &passphrase)?;
    let trust = TrustRoot {
        registry: own.registry().public_key(),
        custodians: vec![own.custodian().public_key()],
    };
    let operator = make_home(&operator_home, url, options, trust.clone())?;
    write_new(&config_file, &text(options, operator))?;
    Ok(Initialised {
        config_file,
        operator_home,
        operator,
        registry: own.registry().public_key().fingerprint(),
        custodian: own.custodian().public_key().fingerprint(),
        trust_root: trust.digest(),
    })
}

/// Checks the configuration that would be written; the address that members are told.
fn checked(options: &InitOptions) -> Result<String, InitError> {
    let config = Config::parse(&text(options, PublicKey([0; 32]))).map_err(InitError::Config)?;
    let address = config.listen.address;
    Ok(options
        .url
        .clone()
        .unwrap_or_else(|| format!("http://{address}")))
}

fn make_home(
    folder: &Path,
    url: String,
    options: &InitOptions,
    trust: TrustRoot,
) -> Result<PublicKey, InitError> {
    let sealing = options
        .operator_passphrase
        .clone()
        .map_or(Sealing::Plain, Sealing::Age);
    private_folder(folder)?;
    let keys = KeyFiles::open(&key_folder(folder), sealing)?;
    let profile = Profile {
        url,
        organisation: options.organisation.clone(),
        trust,
    };
    let home = Home::create(folder, profile, Box::new(keys))?;
    Ok(home.public_key())
}

/// The template with the options and the operator's key in their lines.
fn text(options: &InitOptions, operator: PublicKey) -> String {
    let quoted = |text: &dyn std::fmt::Display| Some(format!("\"{text}\""));
    let path = options.passphrase_file.as_ref().map(|file| {
        let text = file.display().to_string();
        text.replace('\\', "\\\\").replace('"', "\\\"")
    });
    let values = [
        ("organisation", quoted(&options.organisation)),
        ("public_key", quoted(&operator)),
        ("address", options.address.and_then(|at| quoted(&at))),
        (
            "admin_address",
            options.admin_address.and_then(|at| quoted(&at)),
        ),
        ("passphrase_file", path.and_then(|path| quoted(&path))),
    ];
    let mut text = String::with_capacity(TEMPLATE.len() + 256);
    for line in TEMPLATE.lines() {
        let key = line
            .strip_prefix('#')
            .unwrap_or(line)
            .split(" = ")
            .next()
            .unwrap_or_default();
        match values.iter().find(|(name, _)| *name == key) {
            Some((name, Some(value))) => text.push_str(&format!("{name} = {value}")),
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

fn private_folder(path: &Path) -> Result<(), InitError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| io_fault(path, &error))
}

fn write_new(path: &Path, text: &str) -> Result<(), InitError> {
    let fault = |error: io::Error| io_fault(path, &error);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(fault)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(fault)?;
    let folder = fs::canonicalize(path).ok();
    let folder = folder.as_deref().and_then(Path::parent);
    folder.map_or(Ok(()), |folder| {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(fault)
    })
}

fn io_fault(path: &Path, error: &io::Error) -> InitError {
    InitError::Io {
        path: path.to_owned(),
        kind: error.kind(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::app::own_keys::OWN_KINDS;
    use crate::keys::KeyProvider;

    fn operator() -> InitOptions {
        InitOptions::new(OrgId::parse("operator").expect("an id"))
    }

    #[test]
    fn a_registry_is_set_up_once() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("registry");
        let made = init(&folder, &operator()).expect("sets up");
        let config = Config::load(&made.config_file).expect("loads");
        assert_eq!(config.operator.public_key, made.operator);
        assert_eq!(config.folders.keys, folder.join("keys"));
        for path in [
            "", "database", "mark", "journal", "ledger", "keys", "operator",
        ] {
            let mode = fs::metadata(folder.join(path))
                .expect("there")
                .permissions();
            assert_eq!(mode.mode() & 0o777, 0o700, "{path}");
        }
        let keys = KeyFiles::open(&config.folders.keys, Sealing::Plain).expect("opens");
        assert_eq!(keys.names().expect("lists").len(), OWN_KINDS.len());
        let own = OwnKeys::read(&config.folders.keys, &config.keys).expect("reads");
        assert_eq!(own.registry().public_key().fingerprint(), made.registry);
        let home = KeyFiles::open(&key_folder(&made.operator_home), Sealing::Plain);
        let home = Home::open(&made.operator_home, Box::new(home.expect("opens")));
        let home = home.expect("a home");
        assert_eq!(home.public_key(), made.operator);
        assert_eq!(home.profile().url, "http://127.0.0.1:8443");
        assert_eq!(home.profile().trust.digest(), made.trust_root);

        let before = fs::read(&made.config_file).expect("reads");
        assert!(matches!(
            init(&folder, &operator()),
            Err(InitError::Exists(_))
        ));
        assert_eq!(fs::read(&made.config_file).expect("reads"), before);
    }

    #[test]
    fn options_reach_the_configuration_and_bad_ones_leave_nothing() {
        let parent = tempfile::tempdir().expect("a folder");
        let passphrase = parent.path().join("pass phrase");
        write_new(&passphrase, "benar sekali ini\n").expect("writes");
        let options = InitOptions {
            address: Some(([127, 0, 0, 1], 0).into()),
            admin_address: Some(([127, 0, 0, 1], 0).into()),
            url: Some("https://registry.example".into()),
            passphrase_file: Some(passphrase.clone()),
            ..operator()
        };
        let folder = parent.path().join("sealed");
        let made = init(&folder, &options).expect("sets up");
        let config = Config::load(&made.config_file).expect("loads");
        assert_eq!(config.listen.address.port(), 0);
        assert_eq!(config.keys.passphrase_file, Some(passphrase));
        assert!(folder.join("keys/registry-signing.key.age").exists());
        assert!(OwnKeys::read(&config.folders.keys, &Keys::default()).is_err());
        assert!(OwnKeys::read(&config.folders.keys, &config.keys).is_ok());

        let open = InitOptions {
            address: Some(([0, 0, 0, 0], 80).into()),
            ..operator()
        };
        let folder = parent.path().join("open");
        assert!(matches!(init(&folder, &open), Err(InitError::Config(_))));
        assert!(!folder.exists());
    }
}
