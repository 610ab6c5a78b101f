//! Running a registry: set it up, examine its configuration and installation, serve.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::app::clock::SystemClock;
use crate::app::config::Config;
use crate::app::doctor::{Finding, Grade, doctor as examine};
use crate::app::{
    Addresses, InitError, InitOptions, Listeners, backup as write_backup, init as set_up,
    restore as read_backup, run, telemetry, terminated,
};
use crate::protocol::record::trust_words;
use crate::protocol::{Clock, OrgId};
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::output::local_time;
use super::work::Work;

/// A registry's first set-up.
#[derive(Args)]
pub(super) struct Init {
    /// The folder to set it up in; made if it is missing
    #[arg(default_value = "saring")]
    folder: PathBuf,
    /// The operator's organisation id
    #[arg(long, default_value = "operator", value_name = "ID")]
    organisation: OrgId,
    /// Where members connect (default: 127.0.0.1:8443)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where metrics and health are served to the operator (default: 127.0.0.1:9443)
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<SocketAddr>,
    /// A file of mode 0600 with the passphrase of the registry's keys
    #[arg(long, value_name = "FILE")]
    keys_passphrase_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct SetUp<'a> {
    config_file: &'a Path,
    operator_home: &'a Path,
    operator: String,
    registry: String,
    custodian: String,
    trust: &'a str,
}

/// `init`.
pub(super) fn init(work: &Work, given: Init) -> Result<Exit, Failure> {
    let options = InitOptions {
        address: given.listen,
        admin_address: given.admin_listen,
        url: work.globals.url.clone(),
        passphrase_file: given.keys_passphrase_file,
        operator_passphrase: work.passphrase()?,
        ..InitOptions::new(given.organisation)
    };
    let made = set_up(&given.folder, &options)?;
    let trust = trust_words(1, 1);
    let told = SetUp {
        config_file: &made.config_file,
        operator_home: &made.operator_home,
        operator: made.operator.to_string(),
        registry: made.registry.to_string(),
        custodian: made.custodian.to_string(),
        trust: &trust,
    };
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("config", &made.config_file.display()),
        ("home", &made.operator_home.display()),
        ("registry", &told.registry),
        ("trust", &trust),
    ];
    work.output.either(&told, said::SET_UP, &values)?;
    Ok(Exit::Ok)
}

impl From<InitError> for Failure {
    fn from(error: InitError) -> Self {
        match error {
            InitError::Exists(path) => {
                Self::new(Exit::InvalidInput, "file_exists").with(path.display())
            }
            InitError::Key(fault) => fault.into(),
            InitError::Home(fault) => fault.into(),
            InitError::Config(fault) => Self::new(Exit::InvalidInput, "config").with(fault),
            InitError::Io { .. } => Self::new(Exit::General, "file_unusable").with(error),
        }
    }
}

/// The configuration file.
#[derive(Args)]
pub(super) struct ConfigArgs {
    /// The configuration file
    #[arg(
        long,
        env = "SARING_CONFIG",
        default_value = "saring/saring.toml",
        value_name = "FILE"
    )]
    pub(super) config: PathBuf,
}

/// Configurations.
#[derive(Args)]
pub(super) struct ConfigGroup {
    #[command(subcommand)]
    act: ConfigAct,
}

#[derive(Subcommand)]
enum ConfigAct {
    /// Say what is wrong with a configuration: file, line, field and what was perhaps meant
    Check(ConfigArgs),
}

/// Reads and checks a configuration.
pub(super) fn load(file: &Path) -> Result<Config, Failure> {
    Config::load(file).map_err(|fault| Failure::new(Exit::InvalidInput, "config").with(fault))
}

/// `config check`.
pub(super) fn config(work: &Work, group: &ConfigGroup) -> Result<Exit, Failure> {
    let ConfigAct::Check(given) = &group.act;
    load(&given.config)?;
    let file = given.config.display().to_string();
    let object = serde_json::json!({ "config": file, "valid": true });
    work.output
        .either(&object, said::CONFIG_VALID, &[("file", &file)])?;
    Ok(Exit::Ok)
}

/// An installation's examination.
#[derive(Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Serialize)]
struct Found<'a> {
    grade: Grade,
    code: &'a str,
    text: &'a str,
}

/// `doctor`.
pub(super) fn doctor(work: &Work, given: &Doctor) -> Result<Exit, Failure> {
    let findings = work.run(async { Ok(examine(&given.config.config, &SystemClock).await) })?;
    for finding in &findings {
        tell(work, finding)?;
    }
    let worst = findings.iter().map(|finding| finding.grade).max();
    Ok(if worst == Some(Grade::Fault) {
        Exit::NotHeld
    } else {
        Exit::Ok
    })
}

fn tell(work: &Work, finding: &Finding) -> Result<(), Failure> {
    let text = finding.text(work.output.lang);
    if work.output.json {
        let (grade, code) = (finding.grade, finding.code);
        return work.output.object(&Found { grade, code, text });
    }
    let sign = match finding.grade {
        Grade::Ok => "✓",
        Grade::Warning => "!",
        Grade::Fault => "✗",
    };
    work.output.line(format_args!("{sign} {text}"))
}

/// A running registry.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    config: ConfigArgs,
    /// Where members connect, instead of the configured address; port 0: any free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where metrics and health are served, instead of the configured address
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<SocketAddr>,
}

#[derive(Serialize)]
struct Serving<'a> {
    serving: bool,
    url: &'a str,
    admin_url: &'a str,
    trust: &'a str,
}

/// `serve`. The ready line is said once requests are taken.
pub(super) fn serve(work: &Work, given: &Serve) -> Result<Exit, Failure> {
    let mut config = load(&given.config.config)?;
    config.listen.address = given.listen.unwrap_or(config.listen.address);
    config.listen.admin_address = given.admin_listen.unwrap_or(config.listen.admin_address);
    if work.globals.jobs > 0 {
        config.limits.jobs = work.globals.jobs;
    }
    config
        .recheck()
        .map_err(|fault| Failure::new(Exit::InvalidInput, "config").with(fault))?;
    telemetry::start(&config.log)
        .map_err(|error| Failure::new(Exit::InvalidInput, "config").with(error))?;
    let scheme = match config.listen.tls_certificate_file {
        Some(_) => "https",
        None => "http",
    };
    let trust = trust_words(1, 1);
    let ready = |at: &Addresses| {
        let url = format!("{scheme}://{}", at.listening);
        let admin_url = format!("http://{}", at.admin);
        let told = Serving {
            serving: true,
            url: &url,
            admin_url: &admin_url,
            trust: &trust,
        };
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("url", &url), ("admin", &admin_url), ("trust", &trust)];
        // A server whose standard output is closed serves all the same.
        let _unheard = work.output.either(&told, said::SERVING, &values);
    };
    let runtime = Work::runtime()?;
    let served = runtime.block_on(async {
        let listeners = Listeners::bind(&config).await?;
        run(&config, listeners, ready, terminated()).await
    });
    served.map_err(|error| Failure::of_server(&error, work.output.lang))?;
    Ok(Exit::Ok)
}

/// A store's backup.
#[derive(Args)]
pub(super) struct Backup {
    #[command(flatten)]
    config: ConfigArgs,
    /// The new folder for the backup
    folder: PathBuf,
}

/// `backup`.
pub(super) fn backup(work: &Work, given: &Backup) -> Result<Exit, Failure> {
    let config = load(&given.config.config)?;
    let done = work.run(async {
        let done = write_backup(&config, &given.folder).await;
        done.map_err(|error| Failure::of_server(&error, work.output.lang))
    })?;
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("folder", &given.folder.display()),
        ("people", &done.people),
        ("files", &done.files),
        ("time", &local_time(done.time)),
    ];
    work.output.either(&done, said::BACKED_UP, &values)?;
    Ok(Exit::Ok)
}

/// A store's restore.
#[derive(Args)]
pub(super) struct Restore {
    #[command(flatten)]
    config: ConfigArgs,
    /// The backup's folder
    folder: PathBuf,
    /// Removal journal or mark are lost: accept that removed people may be listed again; recorded
    #[arg(long)]
    accept_loss: bool,
}

/// `restore`.
pub(super) fn restore(work: &Work, given: &Restore) -> Result<Exit, Failure> {
    let config = load(&given.config.config)?;
    let now = SystemClock.now();
    let done = read_backup(&config, &given.folder, given.accept_loss, now)
        .map_err(|error| Failure::of_server(&error, work.output.lang))?;
    let values: [(&str, &dyn std::fmt::Display); 2] = [
        ("time", &local_time(done.backup_time)),
        ("replay", &done.removals_to_replay),
    ];
    work.output.either(&done, said::RESTORED, &values)?;
    if done.loss_accepted {
        work.output
            .remark(said::LOSS_ACCEPTED.say(work.output.lang));
    }
    Ok(Exit::Ok)
}
