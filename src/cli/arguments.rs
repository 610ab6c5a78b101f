//! The command line. The doc comments are the English help; `texts` holds the Indonesian one.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::protocol::OfficerId;
use crate::texts::Lang;

use super::{
    administration, checking, custody, lists, machine, membership, rehearsing, removal, screening,
    server, submission, syncing, versions, watching,
};

/// Filter before you share: a shared borrower blacklist whose service never sees an identity.
#[derive(Parser)]
#[command(name = "saring", version, propagate_version = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Args)]
pub(super) struct Globals {
    /// Answer in JSON, one object a line
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Language of everything that is said: id or en
    #[arg(
        long,
        global = true,
        env = "SARING_LANG",
        default_value = "id",
        value_name = "id|en"
    )]
    pub(super) lang: Lang,
    /// The folder with this organisation's keys and memory (default: ~/.saring)
    #[arg(long, global = true, env = "SARING_HOME", value_name = "FOLDER")]
    pub(super) home: Option<PathBuf>,
    /// The registry's address, instead of the one told when joining
    #[arg(long, global = true, env = "SARING_URL", value_name = "URL")]
    pub(super) url: Option<String>,
    /// Who acts: a staff number or a service's name, never a NIK
    #[arg(long, global = true, env = "SARING_OFFICER", value_name = "ID")]
    pub(super) officer: Option<OfficerId>,
    /// A file of mode 0600 with the passphrase of the home's keys
    #[arg(
        long,
        global = true,
        env = "SARING_PASSPHRASE_FILE",
        value_name = "FILE"
    )]
    pub(super) passphrase_file: Option<PathBuf>,
    /// Believe only the certificate authorities in this PEM file
    #[arg(long, global = true, env = "SARING_CA_FILE", value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Allow http:// beyond this machine: something in between adds TLS
    #[arg(long, global = true)]
    pub(super) allow_plain: bool,
    /// Threads for arithmetic; 0: one a core
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    pub(super) jobs: usize,
}

/// One command.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Set up a registry: folders, keys, configuration and the operator's home
    Init(server::Init),
    /// Run a registry with its embedded custodian until it is told to stop
    Serve(server::Serve),
    /// Examine a configuration
    Config(server::ConfigGroup),
    /// Examine an installation: what is right, doubtful or wrong, and what to do
    Doctor(server::Doctor),
    /// Write a backup of a stopped registry's database into a new folder, and read it back
    Backup(server::Backup),
    /// Restore a database from a backup
    Restore(server::Restore),
    /// Lists: create and show
    List(lists::ListGroup),
    /// Organisations: invite, suspend, reinstate, show
    Org(administration::OrgGroup),
    /// Say what an organisation may do on a list, and how much a day
    Grant(administration::GrantArgs),
    /// The embedded custodian's own roll
    Custodian(administration::CustodianGroup),
    /// The server's clock
    Clock(administration::ClockGroup),
    /// Join a registry with an invitation, which is asked for and never an argument
    Join(membership::Join),
    /// Show where today's quotas stand
    Quota,
    /// One's own entries
    Own(membership::OwnGroup),
    /// Upload a file of defaulters (CSV or XLSX)
    Submit(submission::Submit),
    /// A programme's list as whole versions: stage, show, diff, switch, drop
    Version(versions::VersionGroup),
    /// Mark debts as paid (LUNAS), by one's own references
    Settle(removal::References),
    /// Remove listings for a cause that leaves nothing, by one's own references
    Withdraw(removal::Withdraw),
    /// Suspend disputed listings, by one's own references
    Suspend(removal::References),
    /// End a suspension: the dispute was decided against the person
    Reinstate(removal::References),
    /// Check applicants: their NIKs are asked for or read line by line, never arguments
    Check(checking::Check),
    /// Screen a file of applicants against lists, on this machine
    Screen(screening::Screen),
    /// Keep copies of lists on this machine, for screening
    Sync(syncing::Sync),
    /// Watch one's own borrowers: who became listed, previously listed or cleared since last time
    Watch(watching::Watch),
    /// Keys: encrypted escrow file, keys of keyed-hash lists
    Keys(custody::KeysGroup),
    /// NIKs of nobody, for tests
    Nik(machine::NikGroup),
    /// Show the whole job on made-up people: a real server, three cooperatives, a crash
    Demo(machine::Demo),
    /// Rehearse with made-up people, to size a deployment
    Rehearse(rehearsing::RehearseGroup),
    /// Check known answers on every backend of this machine
    Selftest(machine::Selftest),
    /// Measure this machine's rates on one core
    Speed,
    /// Write a shell's completions
    Completions(machine::Completions),
}
