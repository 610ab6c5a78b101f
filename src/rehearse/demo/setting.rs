//! The stage: folders, the registry, those who joined, and what is told.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cast::{COOPERATIVES, Cast, OFFICER};
use super::error::hold;
use super::program::{Program, argument, text};
use super::server::Server;
use super::{Audience, DemoError, DemoOptions, Told};
use crate::agent::{Agent, Home, key_folder};
use crate::keys::{KeyFiles, Sealing};
use crate::net::{Client, ClientOptions};
use crate::protocol::record::trust_words;
use crate::protocol::{Clock, Timestamp};
use crate::remote::HttpRegistry;
use crate::texts::{Text, demo as texts};

/// The list of the demo.
pub(super) const LIST: &str = "peminjam-macet";
/// Elements that everybody may have evaluated a day.
const QUOTA: &str = "500000";
/// Steps that are told.
const STEPS: usize = 8;

/// The stage.
pub(super) struct Setting<'a, 'b> {
    options: &'a DemoOptions,
    pub(super) folder: PathBuf,
    audience: Audience<'b>,
    steps: usize,
    pub(super) server: Option<Server>,
    url: Option<String>,
}

impl<'a, 'b> Setting<'a, 'b> {
    pub(super) fn new(options: &'a DemoOptions, folder: &Path, audience: Audience<'b>) -> Self {
        Self {
            options,
            folder: folder.to_owned(),
            audience,
            steps: 0,
            server: None,
            url: None,
        }
    }

    pub(super) fn step(&mut self, title: Text) {
        self.steps += 1;
        (self.audience)(Told::Step {
            number: self.steps,
            of: STEPS,
            title: title.say(self.options.lang),
        });
    }

    pub(super) fn held(&mut self, text: Text, values: &[(&str, &dyn Display)]) {
        (self.audience)(Told::Held(&text.fill(self.options.lang, values)));
    }

    pub(super) fn shown(&mut self, text: &str) {
        (self.audience)(Told::Shown(text));
    }

    pub(super) fn say(&self, text: Text) -> &'static str {
        text.say(self.options.lang)
    }

    /// A file or folder of the demo.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A person's file; the only places where NIKs stand in clear.
    pub(super) fn file(&self, name: &str, content: &str) -> Result<PathBuf, DemoError> {
        let folder = self.path("files");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }

    /// The executable from an organisation's home.
    pub(super) fn program(&self, organisation: &str) -> Program {
        let home = match organisation {
            "operator" => self.path("registry/operator"),
            member => self.path("homes").join(member),
        };
        Program {
            executable: self.options.executable.clone(),
            home,
            url: self.url.clone(),
            lang: self.options.lang,
        }
    }

    /// The library's agent on an organisation's home.
    pub(super) fn agent(&self, organisation: &str) -> Result<Agent<HttpRegistry>, DemoError> {
        let home = self.program(organisation).home;
        let keys = KeyFiles::open(&key_folder(&home), Sealing::Plain);
        let keys = keys.map_err(|fault| crate::agent::AgentError::Home(fault.into()))?;
        let home = Home::open(&home, Box::new(keys)).map_err(crate::agent::AgentError::Home)?;
        let client = Client::new(ClientOptions::default())?;
        let url = self.url.as_deref().unwrap_or_default();
        Ok(Agent::new(
            home,
            HttpRegistry::new(client, url),
            Arc::new(WallClock),
        ))
    }

    /// Starts the registry: on any free port the first time, on the same one ever after.
    pub(super) fn start(&mut self) -> Result<(), DemoError> {
        let address = self.url.as_deref().unwrap_or("http://127.0.0.1:0");
        let address = address.trim_start_matches("http://").to_owned();
        let config = self.path("registry/saring.toml");
        let nobody = self.program("nobody");
        let server = Server::start(
            &nobody,
            &config,
            &address,
            &self.path("registry/server.log"),
        )?;
        self.url = Some(server.url.clone());
        self.server = Some(server);
        Ok(())
    }

    /// Takes the running registry away, to be killed or stopped.
    pub(super) fn take_server(&mut self) -> Result<Server, DemoError> {
        self.server.take().ok_or(DemoError::NotReady)
    }

    pub(super) fn set_up(&mut self) -> Result<(), DemoError> {
        self.step(texts::SET_UP);
        let registry = self.path("registry");
        let init = ["init", argument(&registry)?];
        let listen = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        self.program("nobody")
            .one(&[&init[..], &listen].concat(), "", 0)?;
        self.start()?;
        let trust = trust_words(1, 1);
        let server = self.server.as_ref().ok_or(DemoError::NotReady)?;
        let (url, process) = (server.url.clone(), server.process);
        self.held(
            texts::SERVING,
            &[("url", &url), ("process", &process), ("trust", &trust)],
        );
        let made = self
            .program("operator")
            .one(&["list", "create", LIST], "", 0)?;
        hold(text(&made, "list")? == LIST, "the list is created")
    }

    pub(super) fn everybody_joins(&mut self) -> Result<(), DemoError> {
        self.step(texts::JOIN);
        for member in COOPERATIVES {
            self.joins(member, &["contribute", "check"])?;
        }
        self.joins(OFFICER, &["check", "screen"])
    }

    fn joins(&mut self, member: &str, roles: &[&str]) -> Result<(), DemoError> {
        let operator = self.program("operator");
        let invited = operator.one(&["org", "invite", member, "--name", member], "", 0)?;
        let joined = self
            .program(member)
            .one(&["join"], text(&invited, "invitation")?, 0)?;
        hold(
            text(&joined, "organisation")? == member,
            "the invited organisation joins",
        )?;
        let common = ["--list", LIST, "--daily-quota", QUOTA];
        let mut grant = vec!["grant", member];
        grant.extend(common);
        for role in roles {
            grant.extend(["--role", role]);
        }
        operator.one(&grant, "", 0)?;
        // The key as the member shows it, not as the registry does.
        let mut admit = vec![
            "custodian",
            "admit",
            member,
            "--key",
            text(&joined, "public_key")?,
        ];
        admit.extend(common);
        operator.one(&admit, "", 0)?;
        self.held(texts::JOINED, &[("name", &member)]);
        Ok(())
    }

    /// Leaves the registry running, and says what to try.
    pub(super) fn keep(&mut self, cast: &Cast) -> Result<(), DemoError> {
        let server = self.take_server()?;
        let process = server.process;
        self.held(texts::KEPT, &[("process", &process)]);
        let executable = self.options.executable.display().to_string();
        let homes = self.path("homes");
        let (officer, maju) = (homes.join(OFFICER), homes.join(COOPERATIVES[0]));
        let reference = Cast::reference(0, 1);
        let url = self.url.clone().unwrap_or_default();
        let lines = [
            format!("export SARING_URL={url}"),
            format!(
                "echo {} | {executable} --home {} check",
                cast.digits(1),
                officer.display()
            ),
            format!("{executable} --home {} settle {reference}", maju.display()),
            format!("{executable} --home {} quota", officer.display()),
            format!("{executable} --home {} own verify", maju.display()),
            format!("curl {url}/v1/openapi.json"),
        ];
        for line in lines {
            self.shown(&line);
        }
        server.leave();
        Ok(())
    }
}

/// The machine's clock: what the agent's own commands use too.
struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}
