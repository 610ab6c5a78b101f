//! `keys`: the encrypted escrow file, and the members' keys of keyed-hash lists.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write, stdin};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::app::config::Config;
use crate::keys::{
    EscrowForm, KeyFiles, KeyKind, KeyName, Passphrase, Sealing, Secret32, export, import,
    parse_line,
};
use crate::protocol::Epoch;
use crate::texts::cli::said;

use super::exit::Exit;
use super::failure::Failure;
use super::server::load;
use super::work::{Work, next_line};

/// Keys.
#[derive(Args)]
pub(super) struct KeysGroup {
    #[command(subcommand)]
    act: KeysAct,
}

#[derive(Subcommand)]
enum KeysAct {
    /// Write every key into one encrypted escrow file
    Export(EscrowArgs),
    /// Put back the keys of an escrow file; none that is there is ever replaced
    Import(EscrowArgs),
    /// Take the members' key of a keyed-hash list into the home
    AddHash(HashArgs),
}

#[derive(Args)]
struct EscrowArgs {
    /// The escrow file
    file: PathBuf,
    /// The registry's keys by its configuration, instead of the home's
    #[arg(long, env = "SARING_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// A file of mode 0600 with the escrow's own passphrase, instead of asking
    #[arg(long, value_name = "FILE")]
    escrow_passphrase_file: Option<PathBuf>,
}

#[derive(Args)]
struct HashArgs {
    /// The key's file, as `saring list create --hash-key-file` made it
    file: PathBuf,
}

/// `keys export`, `keys import` and `keys add-hash`.
pub(super) fn keys(work: &Work, group: &KeysGroup) -> Result<Exit, Failure> {
    match &group.act {
        KeysAct::Export(given) => {
            let passphrase = passphrase(work, given, true)?;
            let files = given.files(work)?;
            let done = export(&files, &given.file, &passphrase, EscrowForm::Armored)?;
            let digest = HEXLOWER.encode(&done.file_digest);
            let object = serde_json::json!({ "keys": done.names.len(), "blake3": digest });
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("keys", &done.names.len()),
                ("file", &given.file.display()),
                ("digest", &digest),
            ];
            work.output.either(&object, said::EXPORTED, &values)?;
        }
        KeysAct::Import(given) => {
            let passphrase = passphrase(work, given, false)?;
            let done = import(&given.files(work)?, &given.file, &passphrase)?;
            let (restored, unchanged) = (done.restored.len(), done.unchanged.len());
            let object = serde_json::json!({ "restored": restored, "unchanged": unchanged });
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("restored", &restored), ("unchanged", &unchanged)];
            work.output.either(&object, said::IMPORTED, &values)?;
        }
        KeysAct::AddHash(given) => {
            let (name, key) = read_hash_key(&given.file)?;
            let list = name
                .list()
                .ok_or_else(|| Failure::input(given.file.display()))?;
            let agent = work.agent()?;
            agent
                .home()
                .keep_hash_key(list, Epoch(name.epoch()), &key)?;
            let object = serde_json::json!({ "list": list, "epoch": name.epoch() });
            work.output
                .either(&object, said::HASH_KEPT, &[("list", list)])?;
            work.output.remark(said::REVERSIBLE.say(work.output.lang));
        }
    }
    Ok(Exit::Ok)
}

impl EscrowArgs {
    /// The key files that are meant: the registry's or the home's.
    fn files(&self, work: &Work) -> Result<KeyFiles, Failure> {
        let Some(file) = &self.config else {
            return work.home_keys();
        };
        let config = load(file)?;
        Ok(KeyFiles::open(
            &config.folders.keys,
            registry_sealing(&config)?,
        )?)
    }
}

fn registry_sealing(config: &Config) -> Result<Sealing, Failure> {
    let keys = &config.keys;
    let passphrase = match (&keys.passphrase_file, &keys.passphrase_credential) {
        (Some(file), _) => Passphrase::from_file(file)?,
        (None, Some(name)) => Passphrase::from_credential(name)?,
        (None, None) => return Ok(Sealing::Plain),
    };
    Ok(Sealing::Age(passphrase))
}

/// The escrow's passphrase: from its file, typed without an echo (twice for a new one), or a line
/// of standard input.
fn passphrase(work: &Work, given: &EscrowArgs, new: bool) -> Result<Passphrase, Failure> {
    if let Some(file) = &given.escrow_passphrase_file {
        return Ok(Passphrase::from_file(file)?);
    }
    if !stdin().is_terminal() {
        let line = next_line(&mut stdin().lock())?.unwrap_or_default();
        return Ok(Passphrase::typed(&line)?);
    }
    let lang = work.output.lang;
    let ask = |text: crate::texts::Text| rpassword::prompt_password(text.say(lang));
    let first = Zeroizing::new(ask(said::PASSPHRASE_PROMPT)?);
    if new && *first != *Zeroizing::new(ask(said::PASSPHRASE_AGAIN)?) {
        return Err(Failure::input(said::PASSPHRASES_DIFFER.say(lang)));
    }
    Ok(Passphrase::typed(&first)?)
}

/// Reads the members' key of a keyed-hash list from a file of one key line.
pub(super) fn read_hash_key(file: &Path) -> Result<(KeyName, Secret32), Failure> {
    let opened = std::fs::File::open(file).map_err(|error| Failure::file(file, &error))?;
    let line = next_line(&mut std::io::BufReader::new(opened))?.unwrap_or_default();
    let whole = Zeroizing::new(format!("{}\n", line.as_str()));
    let parsed = parse_line(whole.as_bytes()).ok();
    parsed
        .filter(|(name, _)| name.kind() == KeyKind::Hash)
        .ok_or_else(|| Failure::input(file.display()))
}

/// Writes a new file that only its owner can read.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_with_mode(path, bytes, 0o600)
}

/// Writes a new file.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_with_mode(path, bytes, 0o644)
}

fn write_with_mode(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(mode).open(path);
    let written = opened.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| Failure::file(path, &error))
}
