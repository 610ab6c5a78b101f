//! A programme's list as whole versions, by the executable: staged, compared, switched in, with the
//! agent and the registry killed at any moment. Whatever was killed, one version answers.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use saring::nik::Nik;
use serde_json::{Value, json};

use crate::command::Cli;
use crate::count;
use crate::installation::{Installation, Server};
use crate::world::people;

const LIST: &str = "asn";
/// Rows of a version: three chunks, the last not full.
const ROWS: usize = 20_500;
/// People of one version that are not on the next.
const STEP: usize = 500;

/// A registry with one programme's list, its owner and somebody who checks.
struct Programme {
    installation: Installation,
    server: Option<Server>,
    owner: Cli,
    checker: Cli,
    people: Vec<Nik>,
    random: u64,
}

impl Programme {
    fn new() -> Self {
        let installation = Installation::new();
        let server = installation.serve();
        let operator = Cli::new(installation.registry().join("operator"));
        let key = installation.folder().join("asn.key");
        operator.one(
            &format!(
                "list create {LIST} --kind hash/blake3 --hash-key-file {} --owner bkn --reason ASN",
                key.display()
            ),
            "",
            0,
        );
        let member = |name: &str, role: &str| {
            let invited = operator.one(&format!("org invite {name} --name {name}"), "", 0);
            let invitation = invited["invitation"].as_str().unwrap();
            let cli = Cli::new(installation.folder().join(name));
            cli.one("join", &format!("{invitation}\n"), 0);
            operator.one(&format!("grant {name} --list {LIST} --role {role}"), "", 0);
            cli.json(&format!("keys add-hash {}", key.display()), "", 0);
            cli
        };
        let owner = member("bkn", "contribute");
        let checker = member("program", "check");
        Self {
            server: Some(server),
            owner,
            checker,
            people: people(77, ROWS + 64 * STEP),
            random: 1,
            installation,
        }
    }

    /// The file of a version: who is on it moves on by [`STEP`] people from one to the next.
    fn file(&self, version: usize) -> PathBuf {
        let path = self
            .installation
            .folder()
            .join(format!("asn-{version}.csv"));
        let rows = self.people[version * STEP..][..ROWS].iter();
        // Every other person has a reference of the agency's own.
        let rows = rows.zip(version * STEP..).map(|(nik, at)| match at % 2 {
            0 => format!("{},NIP-{at}", digits(nik)),
            _ => format!("{},", digits(nik)),
        });
        let rows: Vec<String> = rows.collect();
        let text = format!("nik,no_ref_internal\n{}\n", rows.join("\n"));
        std::fs::write(&path, text).unwrap();
        path
    }

    fn stage(&self, version: usize) -> String {
        let file = self.file(version);
        format!(
            "version stage {} --category ASN --patience 2",
            file.display()
        )
    }

    /// One version answers, the one of that number, and no other.
    fn answers(&self, version: usize) {
        let asked = [
            (version * STEP, true),
            (version * STEP + ROWS - 1, true),
            (version * STEP + ROWS, false),
        ];
        let before = (version * STEP).checked_sub(1).map(|at| (at, false));
        for (at, listed) in asked.into_iter().chain(before) {
            let line = format!("{}\n", digits(&self.people[at]));
            let answer = self.checker.one("check", &line, 0);
            let expected = if listed { "LISTED" } else { "NOT_LISTED" };
            assert_eq!(answer["answer"], expected, "person {at}, version {version}");
        }
    }

    fn versions(&self) -> Vec<Value> {
        self.owner.json("version show", "", 0)
    }

    /// A number below `limit`, the same in every run.
    fn chance(&mut self, limit: u64) -> u64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.random >> 33) % limit
    }

    /// Kills the registry while a call is under way, and serves it again.
    fn killed_under(&mut self, arguments: &str, after: Duration) {
        let mut call = self.owner.start(arguments, Stdio::null());
        std::thread::sleep(after);
        self.server.take().unwrap().kill();
        let _told = call.wait().unwrap();
        self.server = Some(self.installation.serve());
    }

    fn switch(version: u64) -> String {
        format!(
            "--officer kepala-1 version switch --number {version} --handover-number BA-1 \
            --handover-date 2026-01-02 --handed-over-by bkn --received-by program --clause seleksi"
        )
    }
}

fn digits(nik: &Nik) -> &str {
    std::str::from_utf8(nik.expose()).unwrap()
}

#[test]
fn versions_come_whole_or_not_at_all_whatever_is_killed() {
    let mut programme = Programme::new();
    let first = programme.owner.json(&programme.stage(0), "", 0);
    assert_eq!(first[0]["new"], json!(ROWS));
    assert_eq!(first[1]["version"], json!(2));
    programme.owner.one(&Programme::switch(2), "", 0);
    programme.answers(0);
    let mut number = 2;
    for round in 1..=count(4, 40) {
        let stage = programme.stage(round);
        for _ in 0..programme.chance(3) {
            let after = Duration::from_millis(programme.chance(1_500));
            if programme.chance(2) == 0 {
                programme.killed_under(&stage, after);
            } else {
                let mut call = programme.owner.start(&stage, Stdio::null());
                std::thread::sleep(after);
                call.kill().unwrap();
                call.wait().unwrap();
            }
            programme.answers(round - 1);
        }
        let staged = programme.owner.json(&stage, "", 0);
        number += 1;
        assert_eq!(staged.last().unwrap()["version"], json!(number));
        if let [report, _] = &staged[..] {
            let kept = report["new"].as_u64().unwrap() + report["unchanged"].as_u64().unwrap();
            assert_eq!(kept, ROWS as u64, "{report}");
        }
        let versions = programme.versions();
        assert_eq!(versions[1]["listings"], json!(ROWS), "each row once");
        assert_eq!(versions[1]["people"], json!(ROWS));
        let diff = programme.owner.one("version diff", "", 0);
        let counts = ["added", "removed", "unchanged", "changed"].map(|name| &diff[name]);
        assert_eq!(
            counts,
            [&json!(STEP), &json!(STEP), &json!(ROWS - STEP), &json!(0)]
        );
        programme.answers(round - 1);
        switched(&mut programme, round, number);
    }
    withdrawn(&programme, count(4, 40), number);
    dropped(&programme);
}

/// The owner takes somebody off by its own reference; what it knew of versions before is gone.
fn withdrawn(programme: &Programme, round: usize, number: u64) {
    let withdraw = |at: usize, code: i32| {
        let arguments = format!("withdraw --cause NIK_SALAH NIP-{at}");
        let told = programme.owner.one(&arguments, "", code);
        told["outcome"].as_str().unwrap().to_owned()
    };
    let at = round * STEP + 1_000;
    assert_eq!(withdraw(at, 0), "done");
    let line = format!("{}\n", digits(&programme.people[at]));
    let answer = programme.checker.one("check", &line, 0);
    assert_eq!(answer["answer"], "NOT_LISTED");
    assert_eq!(withdraw((round - 1) * STEP, 4), "unknown_reference");
    assert_eq!(withdraw(at + 1, 4), "unknown_reference", "it has none");
    let kept = std::fs::read_dir(programme.owner.home().join("references").join(LIST));
    let names = kept.unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, [number.to_string(), "own".to_owned()]);
}

/// A switch that the registry is killed under has happened or has not.
fn switched(programme: &mut Programme, round: usize, number: u64) {
    let switch = Programme::switch(number);
    let after = Duration::from_millis(programme.chance(120));
    programme.killed_under(&switch, after);
    let versions = programme.versions();
    if versions[0]["version"] == json!(number) {
        assert_eq!(versions.len(), 1);
    } else {
        assert_eq!(versions[0]["version"], json!(number - 1));
        programme.answers(round - 1);
        programme.owner.one(&switch, "", 0);
    }
    programme.answers(round);
}

fn dropped(programme: &Programme) {
    let before = programme.versions();
    let small = programme.installation.folder().join("kecil.csv");
    std::fs::write(&small, format!("nik\n{}\n", digits(&programme.people[0]))).unwrap();
    let stage = format!("version stage {} --category ASN", small.display());
    let same = programme.owner.json(&stage, "", 0).pop().unwrap();
    let again = programme.owner.json(&stage, "", 0);
    assert_eq!(again, [same], "whole already: nothing is uploaded");
    let for_other_days = format!("--json {stage} --berlaku-sampai 2099-12-31");
    let refused = programme.owner.call(&for_other_days, "");
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.err.contains("already_exists"), "{refused:?}");
    let refused = programme.owner.call(&Programme::switch(999), "");
    assert_eq!(refused.code, Some(5), "{refused:?}");
    programme.owner.one("version drop", "", 0);
    assert_eq!(programme.versions(), before);
}
