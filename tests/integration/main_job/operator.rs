//! What surrounds the job: another registry's keys, faults of the configuration, free ports.

use serde_json::Value;

use super::town::{Town, answers, digits, keys};
use crate::command::Cli;
use crate::world::people;

#[test]
fn main_job_another_registry_in_the_place_of_the_invited_one_is_refused_loudly() {
    let (town, other) = (Town::new(), Town::new());
    let invited = town.operator.one("org invite ksp-maju", "", 0);
    let invitation = invited["invitation"].as_str().unwrap();
    let cli = Cli::new(town.path("ksp-maju"));
    let elsewhere = format!("join --url {}", other.installation.url());
    let ended = cli.call(&elsewhere, invitation);
    assert_eq!(ended.code, Some(7), "{ended:?}");
    let loud = ended.err.to_uppercase();
    assert!(
        loud.contains("KUNCI") || loud.contains("WRONG KEY"),
        "{ended:?}"
    );
    // The code went to nobody: it still serves.
    cli.one("join", invitation, 0);
    let again = Cli::new(town.path("ksp-kedua")).call("join", invitation);
    assert_eq!(again.code, Some(5), "a code serves once: {again:?}");
    let typo = invitation.replace(":ksp-maju:", ":ksp-majo:");
    let mistyped = Cli::new(town.path("ksp-ketiga")).call("join", &typo);
    assert_eq!(mistyped.code, Some(6), "{mistyped:?}");
}

#[test]
fn main_job_configuration_and_installation_are_examined() {
    let town = Town::new();
    let config = town.installation.config();
    let nobody = Cli::new(town.path("nobody"));
    let check = format!("config check --config {}", config.display());
    assert_eq!(nobody.one(&check, "", 0)["valid"], true);
    let doctor = format!("doctor --config {}", config.display());
    let findings = nobody.call(&format!("--lang en {doctor}"), "");
    assert!(
        findings.out.contains("1 of 1: trusts the operator"),
        "{findings:?}"
    );
    for line in nobody.call(&format!("--json {doctor}"), "").out.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        assert_eq!(keys(&finding), ["code", "grade", "text"]);
    }
    let good = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{good}\n[limits]\nconnektions = 5\n")).unwrap();
    let ended = nobody.call(&check, "");
    assert_eq!(ended.code, Some(6), "{ended:?}");
    std::fs::write(
        &config,
        good.replace("[operator]", "[operator]\norganisasi = \"x\""),
    )
    .unwrap();
    let ended = nobody.call(&check, "");
    assert_eq!(ended.code, Some(6), "{ended:?}");
    for part in [config.to_str().unwrap(), "organisasi", "organisation"] {
        assert!(ended.err.contains(part), "{part}: {ended:?}");
    }
}

/// Without ports of its own choosing a server takes free ones and tells them.
#[test]
fn main_job_is_served_on_any_free_port() {
    let town = Town::new();
    let maju = town.organisation("ksp-maju", &["check"], 100);
    let Town {
        server,
        installation,
        ..
    } = town;
    server.unwrap().stop();
    let free = "--listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --json";
    let arguments: Vec<_> = free.split(' ').collect();
    let mut server = installation.start_with(&arguments);
    let told = server.wait_told();
    let url = told["url"].as_str().unwrap();
    assert_ne!(url, installation.url());
    assert_eq!(told["trust"], "1 of 1: trusts the operator");
    let moved = maju.with("SARING_URL", url);
    answers(&moved, digits(&people(23, 1)[0]), "NOT_LISTED");
    server.stop();
}

#[test]
fn main_job_an_instruction_set_that_cannot_be_is_refused_before_anything_else() {
    let cli = Cli::new("/nonexistent").with("SARING_LANG", "en");
    let forced = |name: &str| cli.clone().with("SARING_INSTRUCTION_SET", name);
    let ended = forced("sse9").call("--json nik synth --count 1", "");
    assert_eq!((ended.code, ended.out.as_str()), (Some(6), ""), "{ended:?}");
    assert!(
        ended.err.contains("\"unknown_instruction_set\""),
        "{ended:?}"
    );
    assert!(
        ended.err.contains("avx512ifma"),
        "it names what may be: {ended:?}"
    );
    // The control: what every machine has is taken.
    let ended = forced("portable").call("nik synth --count 1", "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
