//! What every command works with: how it speaks, the home, the registry's door, the runtime.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::agent::{Acting, Agent, AgentError, Home, HomeError, Profile, Provider, key_folder};
use crate::app::clock::SystemClock;
use crate::keys::{KeyFiles, Passphrase, Sealing, harden_process};
use crate::net::{Client, ClientOptions, Trust};
use crate::protocol::codes::Purpose;
use crate::protocol::{ListId, OfficerId};
use crate::remote::HttpRegistry;

use super::arguments::Globals;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;

/// The agent of the command line: over HTTP.
pub(super) type HttpAgent = Agent<HttpRegistry>;

/// A command's surroundings.
pub(super) struct Work {
    pub(super) output: Output,
    pub(super) globals: Globals,
}

impl Work {
    /// Hardens the process and sets its threads, before any key or NIK is read.
    pub(super) fn prepare(output: Output, globals: Globals) -> Result<Self, Failure> {
        harden_process().map_err(|error| Failure::new(Exit::General, "hardening").with(error))?;
        // Only where it was asked for: a server has its own configuration for this.
        if globals.jobs > 0 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(globals.jobs);
            pool.build_global()
                .map_err(|error| Failure::new(Exit::General, "internal").with(error))?;
        }
        Ok(Self { output, globals })
    }

    /// Runs to its end, or to Ctrl-C: what was acknowledged stays, the rest can be resumed.
    pub(super) fn run<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        Self::runtime()?.block_on(async {
            tokio::select! {
                done = work => done,
                _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Interrupted, "interrupted")),
            }
        })
    }

    pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let built = builder.enable_all().build();
        built.map_err(|error| Failure::new(Exit::General, "internal").with(error))
    }

    /// The home's folder.
    pub(super) fn home_folder(&self) -> Result<PathBuf, Failure> {
        let default = || {
            let user = std::env::var_os("HOME").filter(|home| !home.is_empty());
            user.map(|home| PathBuf::from(home).join(".saring"))
        };
        let folder = self.globals.home.clone().or_else(default);
        folder.ok_or_else(|| Failure::new(Exit::Home, "home_unusable").with("--home"))
    }

    /// The passphrase of the home's keys, if one was given.
    pub(super) fn passphrase(&self) -> Result<Option<Passphrase>, Failure> {
        let file = self.globals.passphrase_file.as_deref();
        Ok(file.map(Passphrase::from_file).transpose()?)
    }

    /// The home's key files.
    pub(super) fn home_keys(&self) -> Result<KeyFiles, Failure> {
        let sealing = self.passphrase()?.map_or(Sealing::Plain, Sealing::Age);
        Ok(KeyFiles::open(&key_folder(&self.home_folder()?), sealing)?)
    }

    /// The home's key files, as a home takes them.
    pub(super) fn provider(&self) -> Result<Provider, Failure> {
        Ok(Box::new(self.home_keys()?))
    }

    /// The registry at `url`.
    pub(super) fn registry(&self, url: &str) -> Result<HttpRegistry, Failure> {
        let options = ClientOptions {
            trust: match &self.globals.ca_file {
                Some(file) => Trust::CaFile(file.clone()),
                None => Trust::System,
            },
            allow_plain_beyond_loopback: self.globals.allow_plain,
            ..ClientOptions::default()
        };
        Ok(HttpRegistry::new(Client::new(options)?, url))
    }

    /// The agent of the home.
    pub(super) fn agent(&self) -> Result<HttpAgent, Failure> {
        let folder = self.home_folder()?;
        // Before its keys: opening them would make the folder.
        let profile = Profile::read(&folder)?
            .ok_or_else(|| Failure::from(HomeError::NotAHome).with(folder.display()))?;
        let home = Home::open(&folder, self.provider()?)?;
        let url = self.globals.url.clone().unwrap_or(profile.url);
        Ok(Agent::new(
            home,
            self.registry(&url)?,
            Arc::new(SystemClock),
        ))
    }

    /// Who acts.
    pub(super) fn officer(&self) -> Result<OfficerId, Failure> {
        if let Some(officer) = &self.globals.officer {
            return Ok(officer.clone());
        }
        let user = std::env::var("USER").ok();
        let user = user.and_then(|user| OfficerId::parse(&user).ok());
        user.or_else(|| OfficerId::parse("petugas").ok())
            .ok_or_else(|| Failure::input("--officer"))
    }

    /// Who acts, for which purpose.
    pub(super) fn acting(&self, purpose: Purpose) -> Result<Acting, Failure> {
        Ok(Acting {
            officer: self.officer()?,
            purpose,
        })
    }

    /// The list named, or the only one there is.
    pub(super) async fn list(
        &self,
        agent: &HttpAgent,
        named: Option<&ListId>,
    ) -> Result<ListId, Failure> {
        if let Some(list) = named {
            return Ok(list.clone());
        }
        let mut lists: Vec<ListId> = match agent.lists().await {
            Ok(lists) => lists.into_iter().map(|info| info.list).collect(),
            // Which list is meant needs no registry where one is pinned already.
            Err(AgentError::Door(fault)) if fault.is_passing() => match pinned(agent.home()) {
                lists if lists.len() == 1 => lists,
                _ => return Err(AgentError::Door(fault).into()),
            },
            Err(fault) => return Err(fault.into()),
        };
        match lists.len() {
            1 => Ok(lists.remove(0)),
            _ => {
                let names: Vec<&str> = lists.iter().map(ListId::as_str).collect();
                Err(Failure::new(Exit::Usage, "which_list").with(names.join(", ")))
            }
        }
    }
}

/// The lists whose records a home has pinned.
fn pinned(home: &Home) -> Vec<ListId> {
    let files = std::fs::read_dir(home.folder().join("records"));
    let names = files.into_iter().flatten().flatten();
    names
        .filter_map(|file| {
            let name = file.file_name();
            ListId::parse(name.to_str()?.strip_suffix(".json")?).ok()
        })
        .collect()
}

/// The longest line that is read from a person or a pipe, bytes.
const MAX_LINE: u64 = 4096;

/// The next line of `input` without its end, wiped after use; none at the end. A line that is too
/// long is cut, and what is cut is not read as another line.
pub(super) fn next_line(
    input: &mut dyn std::io::BufRead,
) -> Result<Option<Zeroizing<String>>, Failure> {
    use std::io::{BufRead, Read};
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    let mut limited = input.take(MAX_LINE);
    if limited.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.last() != Some(&b'\n') && limited.limit() == 0 {
        input.skip_until(b'\n')?;
    }
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    Ok(Some(Zeroizing::new(
        String::from_utf8_lossy(&bytes).into_owned(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_they_end_and_long_ones_are_cut() {
        let long = "9".repeat(10_000);
        let text = format!("a\r\n\n{long}\nb");
        let mut input = text.as_bytes();
        let mut lengths = Vec::new();
        while let Some(line) = next_line(&mut input).expect("in memory") {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [1, 0, 4096, 1]);
    }
}
