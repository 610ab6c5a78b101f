//! The stage of a rehearsal: a folder with a registry that runs as a process of its own, and a
//! folder, the same or another, with the homes and files of those who joined it.

use std::path::{Path, PathBuf};

use super::error::{RehearsalError, hold};
use super::program::{Program, argument, text};
use super::server::Server;
use crate::texts::Lang;

/// A folder, a registry in it, and who joined.
pub(super) struct House {
    executable: PathBuf,
    folder: PathBuf,
    members: PathBuf,
    lang: Lang,
    server: Option<Server>,
    url: Option<String>,
    /// Whether the registry may outlive the rehearsal.
    stays: bool,
}

impl House {
    pub(super) fn new(executable: &Path, folder: &Path, lang: Lang) -> Self {
        Self {
            executable: executable.to_owned(),
            folder: folder.to_owned(),
            members: folder.to_owned(),
            lang,
            server: None,
            url: None,
            stays: false,
        }
    }

    /// A house whose registry may outlive the rehearsal.
    pub(super) fn staying(self, stays: bool) -> Self {
        Self { stays, ..self }
    }

    /// The same, where members have their homes and files elsewhere: on a disk of their own, as on
    /// machines of their own, they do not wait for the registry's writes, nor it for theirs.
    pub(super) fn with_members_at(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.members);
        self
    }

    /// A file or folder of the rehearsal.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder of files that stand for people's: the only places where NIKs stand in clear.
    pub(super) fn files(&self) -> Result<PathBuf, RehearsalError> {
        let folder = self.members.join("files");
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The folder that jobs write their results to.
    pub(super) fn results(&self) -> PathBuf {
        self.members.join("results")
    }

    /// The executable from an organisation's home.
    pub(super) fn program(&self, organisation: &str) -> Program {
        let home = match organisation {
            "operator" => self.path("registry/operator"),
            member => self.members.join("homes").join(member),
        };
        Program {
            executable: self.executable.clone(),
            home,
            url: self.url.clone(),
            lang: self.lang,
        }
    }

    /// Where the registry is reached; nowhere before it was started.
    pub(super) fn url(&self) -> &str {
        self.url.as_deref().unwrap_or_default()
    }

    /// The running registry.
    pub(super) fn server(&self) -> Result<&Server, RehearsalError> {
        self.server.as_ref().ok_or(RehearsalError::NotReady)
    }

    /// Takes the running registry away, to be killed or stopped.
    pub(super) fn take_server(&mut self) -> Result<Server, RehearsalError> {
        self.server.take().ok_or(RehearsalError::NotReady)
    }

    /// Sets a registry up and starts it.
    pub(super) fn set_up(&mut self) -> Result<(), RehearsalError> {
        let registry = self.path("registry");
        let init = ["init", argument(&registry)?];
        let listen = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        self.program("nobody")
            .one(&[&init[..], &listen].concat(), "", 0)?;
        self.start()
    }

    /// Starts the registry: on any free port the first time, on the same one ever after.
    pub(super) fn start(&mut self) -> Result<(), RehearsalError> {
        let address = self.url.as_deref().unwrap_or("http://127.0.0.1:0");
        let address = address.trim_start_matches("http://").to_owned();
        let server = Server::start(
            &self.program("nobody"),
            &self.path("registry/saring.toml"),
            &address,
            &self.path("registry/server.log"),
            self.stays,
        )?;
        self.url = Some(server.url.clone());
        self.server = Some(server);
        Ok(())
    }

    /// Creates a list of kind `oprf/nik` with the default rules.
    pub(super) fn create(&self, list: &str, daily_cap: u64) -> Result<(), RehearsalError> {
        let cap = daily_cap.to_string();
        let arguments = ["list", "create", list, "--daily-cap", &cap];
        let made = self.program("operator").one(&arguments, "", 0)?;
        hold(text(&made, "list")? == list, "the list is created")
    }

    /// Invites an organisation, lets it join with a home of its own, and admits it to a list.
    pub(super) fn joins(
        &self,
        member: &str,
        list: &str,
        roles: &[&str],
        daily_quota: u64,
    ) -> Result<(), RehearsalError> {
        let operator = self.program("operator");
        let invited = operator.one(&["org", "invite", member, "--name", member], "", 0)?;
        let joined = self
            .program(member)
            .one(&["join"], text(&invited, "invitation")?, 0)?;
        hold(
            text(&joined, "organisation")? == member,
            "the invited organisation joins",
        )?;
        // The key as the member shows it, not as the registry does.
        self.admits(
            member,
            list,
            roles,
            daily_quota,
            text(&joined, "public_key")?,
        )
    }

    /// Grants roles on a list, and enters the organisation in the custodian's roll.
    pub(super) fn admits(
        &self,
        member: &str,
        list: &str,
        roles: &[&str],
        daily_quota: u64,
        key: &str,
    ) -> Result<(), RehearsalError> {
        let operator = self.program("operator");
        let quota = daily_quota.to_string();
        let common = ["--list", list, "--daily-quota", &quota];
        let mut grant = vec!["grant", member];
        grant.extend(common);
        for role in roles {
            grant.extend(["--role", role]);
        }
        operator.one(&grant, "", 0)?;
        let mut admit = vec!["custodian", "admit", member, "--key", key];
        admit.extend(common);
        operator.one(&admit, "", 0)?;
        Ok(())
    }
}
