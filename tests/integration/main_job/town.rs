//! A registry, those around it, and what they say.

use std::path::PathBuf;

use saring::nik::Nik;
use serde_json::{Value, json};

use crate::command::Cli;
use crate::installation::{Installation, Server};

/// The list everybody works with.
pub(super) const LIST: &str = "peminjam-macet";

/// A registry and the command lines of those around it.
pub(super) struct Town {
    pub(super) installation: Installation,
    pub(super) server: Option<Server>,
    pub(super) operator: Cli,
}

impl Town {
    pub(super) fn new() -> Self {
        let installation = Installation::new_by(|folder, address, admin| {
            let registry = folder.join("registry");
            let setup = Cli::new(folder.join("nobody")).one(
                &format!(
                    "init {} --listen {address} --admin-listen {admin}",
                    registry.display()
                ),
                "",
                0,
            );
            assert_eq!(setup["trust"], "1 of 1: trusts the operator");
            assert_eq!(
                keys(&setup),
                [
                    "config_file",
                    "custodian",
                    "operator",
                    "operator_home",
                    "registry",
                    "trust"
                ]
            );
            setup["custodian"].as_str().unwrap().parse().unwrap()
        });
        let server = installation.serve();
        let operator = Cli::new(installation.registry().join("operator"));
        let list = operator.one(&format!("list create {LIST}"), "", 0);
        assert_eq!((&list["list"], &list["epoch"]), (&json!(LIST), &json!(1)));
        Self {
            server: Some(server),
            installation,
            operator,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.installation.folder().join(name)
    }

    /// An organisation that joins by invitation and may do things.
    pub(super) fn organisation(&self, name: &str, roles: &[&str], quota: u64) -> Cli {
        let invited = self
            .operator
            .one(&format!("org invite {name} --name Koperasi"), "", 0);
        let invitation = invited["invitation"].as_str().unwrap();
        let cli = Cli::new(self.path(name));
        let joined = cli.one("join", &format!("{invitation}\n"), 0);
        assert_eq!(joined["organisation"], name);
        assert!(joined["public_key"].is_string() && joined["registry"].is_string());
        let roles: Vec<_> = roles.iter().map(|role| format!("--role {role}")).collect();
        let grant = format!(
            "grant {name} --list {LIST} --daily-quota {quota} {}",
            roles.join(" ")
        );
        self.operator.one(&grant, "", 0);
        let key = joined["public_key"].as_str().unwrap();
        let admit =
            format!("custodian admit {name} --list {LIST} --daily-quota {quota} --key {key}");
        self.operator.one(&admit, "", 0);
        cli
    }

    pub(super) fn file(&self, name: &str, lines: &[String]) -> PathBuf {
        let header = "nik;kolektibilitas;kode_alasan;plafond_band;tgl_macet;no_ref_internal";
        let text = format!("{header}\r\n{}\r\n", lines.join("\r\n"));
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

pub(super) fn digits(nik: &Nik) -> &str {
    std::str::from_utf8(nik.expose()).unwrap()
}

pub(super) fn debt(nik: &str, reference: &str) -> String {
    format!("{nik};5;MACET_POKOK;5-25;2026-01-15;{reference}")
}

pub(super) fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

/// What a member that may check is told of one person.
#[track_caller]
pub(super) fn answer(officer: &Cli, nik: &str) -> Value {
    officer.one("check", &format!("{nik}\n"), 0)
}

#[track_caller]
pub(super) fn answers(officer: &Cli, nik: &str, expected: &str) {
    assert_eq!(answer(officer, nik)["answer"], expected);
}
