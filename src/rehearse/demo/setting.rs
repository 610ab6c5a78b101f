//! The stage: folders, the registry, those who joined, and what is told.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cast::{COOPERATIVES, Cast, OFFICER};
use super::{Audience, DemoOptions, Told};
use crate::agent::{Agent, Home, key_folder};
use crate::keys::{KeyFiles, Sealing};
use crate::net::{Client, ClientOptions};
use crate::protocol::record::trust_words;
use crate::protocol::{Clock, Timestamp};
use crate::rehearse::RehearsalError;
use crate::rehearse::house::House;
use crate::rehearse::program::Program;
use crate::rehearse::server::Server;
use crate::remote::HttpRegistry;
use crate::texts::{Text, demo as texts};

/// The list of the demo.
pub(super) const LIST: &str = "peminjam-macet";
/// Elements that everybody may have evaluated a day.
const QUOTA: u64 = 500_000;
/// Elements that the custodian evaluates a day.
const DAILY_CAP: u64 = 1_000_000;
/// Steps that are told.
const STEPS: usize = 8;

/// The stage.
pub(super) struct Setting<'a, 'b> {
    options: &'a DemoOptions,
    house: House,
    audience: Audience<'b>,
    steps: usize,
}

impl<'a, 'b> Setting<'a, 'b> {
    pub(super) fn new(options: &'a DemoOptions, folder: &Path, audience: Audience<'b>) -> Self {
        let house = House::new(&options.executable, folder, options.lang);
        Self {
            options,
            house: house.staying(options.keep),
            audience,
            steps: 0,
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
        self.house.path(name)
    }

    /// A person's file; the only places where NIKs stand in clear.
    pub(super) fn file(&self, name: &str, content: &str) -> Result<PathBuf, RehearsalError> {
        let path = self.house.files()?.join(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }

    /// The executable from an organisation's home.
    pub(super) fn program(&self, organisation: &str) -> Program {
        self.house.program(organisation)
    }

    /// The library's agent on an organisation's home.
    pub(super) fn agent(&self, organisation: &str) -> Result<Agent<HttpRegistry>, RehearsalError> {
        let home = self.program(organisation).home;
        let keys = KeyFiles::open(&key_folder(&home), Sealing::Plain);
        let keys = keys.map_err(|fault| crate::agent::AgentError::Home(fault.into()))?;
        let home = Home::open(&home, Box::new(keys)).map_err(crate::agent::AgentError::Home)?;
        let client = Client::new(ClientOptions::default())?;
        let url = self.house.url();
        Ok(Agent::new(
            home,
            HttpRegistry::new(client, url),
            Arc::new(WallClock),
        ))
    }

    /// Starts the registry: on any free port the first time, on the same one ever after.
    pub(super) fn start(&mut self) -> Result<(), RehearsalError> {
        self.house.start()
    }

    /// Takes the running registry away, to be killed or stopped.
    pub(super) fn take_server(&mut self) -> Result<Server, RehearsalError> {
        self.house.take_server()
    }

    pub(super) fn set_up(&mut self) -> Result<(), RehearsalError> {
        self.step(texts::SET_UP);
        self.house.set_up()?;
        let trust = trust_words(1, 1);
        let server = self.house.server()?;
        let (url, process) = (server.url.clone(), server.process);
        self.held(
            texts::SERVING,
            &[("url", &url), ("process", &process), ("trust", &trust)],
        );
        self.house.create(LIST, DAILY_CAP)
    }

    pub(super) fn everybody_joins(&mut self) -> Result<(), RehearsalError> {
        self.step(texts::JOIN);
        for member in COOPERATIVES {
            self.joins(member, &["contribute", "check"])?;
        }
        self.joins(OFFICER, &["check", "screen"])
    }

    fn joins(&mut self, member: &str, roles: &[&str]) -> Result<(), RehearsalError> {
        self.house.joins(member, LIST, roles, QUOTA)?;
        self.held(texts::JOINED, &[("name", &member)]);
        Ok(())
    }

    /// Leaves the registry running, and says what to try.
    pub(super) fn keep(&mut self, cast: &Cast) -> Result<(), RehearsalError> {
        let server = self.take_server()?;
        let process = server.process;
        self.held(texts::KEPT, &[("process", &process)]);
        let executable = self.options.executable.display().to_string();
        let homes = self.path("homes");
        let (officer, maju) = (homes.join(OFFICER), homes.join(COOPERATIVES[0]));
        let reference = Cast::reference(0, 1);
        let url = self.house.url().to_owned();
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
