//! The rehearsals find exactly whom they must, and say so by their exit code.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::Cli;
use crate::installation::SARING;

/// `rehearse` with arguments: its exit code and the object it answers.
fn rehearse(arguments: &str) -> (Option<i32>, Value) {
    let output = Command::new(SARING)
        .args(["--json", "rehearse"])
        .args(arguments.split_whitespace())
        .output()
        .unwrap();
    let said = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), said)
}

#[test]
fn rehearsal_of_a_screening_finds_every_class_and_knows_when_it_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (registry, events) = (folder.path().join("gladi"), folder.path().join("events"));
    let kept = format!("--registry {}", registry.display());
    let recorded = format!("--events {}", events.display());
    let of = |applicants: u64| format!("screening --applicants {applicants} --listed 400 {kept}");
    let (code, found) = rehearse(&format!("{} {recorded}", of(600)));
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(
        (&found["hits"], &found["expected_hits"]),
        (&60.into(), &60.into())
    );
    assert_eq!(found["classes"]["previously"], 20);
    for field in [
        "seconds",
        "per_second",
        "client_peak_rss_bytes",
        "server_peak_rss_bytes",
    ] {
        assert!(found[field].as_f64().unwrap() > 0.0, "{field}: {found}");
    }
    let events = std::fs::read_to_string(events).unwrap();
    let phases: Vec<String> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|event| event["phase"].as_str().unwrap().to_owned())
        .collect();
    for phase in ["listing", "settle", "suspend", "writing", "screening"] {
        assert!(
            phases.iter().any(|of| of.starts_with(phase)),
            "{phase}: {phases:?}"
        );
    }
    // The registry is taken as it is, with another number of applicants.
    let (code, found) = rehearse(&of(50));
    assert_eq!((code, &found["hits"]), (Some(0), &25.into()), "{found}");
    assert_eq!(found["listing_seconds"], Value::Null);
    // The control: one more debt is settled behind the rehearsal's back.
    let config = registry.join("registry/saring.toml");
    settle_one(&registry, &config);
    let (code, found) = rehearse(&of(600));
    assert_eq!((code, &found["held"]), (Some(8), &false.into()), "{found}");
    assert_eq!(
        found["hits"], found["expected_hits"],
        "only the class differs"
    );
    // Another number of listed people is another rehearsal.
    let other = format!("screening --applicants 5 --listed 7 {kept}");
    assert_eq!(rehearse(&other).0, Some(8));
}

/// Serves the rehearsed registry and settles a debt of the last place that applies.
fn settle_one(registry: &std::path::Path, config: &std::path::Path) {
    use std::io::{BufRead, BufReader};

    let mut server = Command::new(SARING)
        .args([
            "--json",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ])
        .arg("--config")
        .arg(config)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = server.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    let url = serde_json::from_str::<Value>(&line).unwrap()["url"].clone();
    let cli = Cli::new(registry.join("homes/ksp-gladi-1"));
    // Forty special places, then every ninth: the first of these.
    let settled = cli.one(
        &format!(
            "settle R40 --list daftar-gladi --url {}",
            url.as_str().unwrap()
        ),
        "",
        0,
    );
    assert_eq!(settled["outcome"], "done");
    server.kill().unwrap();
    server.wait().unwrap();
}

/// What /proc tells of a process: its state and who started it; none once it is gone.
fn state(process: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Nobody may be there to collect a process that was orphaned: it has ended all the same.
fn is_running(process: u32) -> bool {
    state(process).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// The registry that a process started.
fn registry_of(parent: u32) -> Option<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let mut processes =
        processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes.find(|process: &u32| {
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let serves = line.split(|byte| *byte == 0).any(|word| word == b"serve");
        serves && state(*process).is_some_and(|(_, by)| by == parent)
    })
}

#[track_caller]
fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let give_up = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < give_up, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn rehearsal_that_is_ended_leaves_no_registry_behind() {
    for signal in ["TERM", "KILL"] {
        let folder = tempfile::tempdir().unwrap();
        let mut rehearsal = Command::new(SARING)
            .args(["rehearse", "screening", "--listed", "1000000"])
            .args(["--applicants", "1000000", "--registry"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = until("no registry", || registry_of(rehearsal.id()));
        // The control: while the rehearsal goes on, so does the registry.
        let joined = folder.path().join("homes/program-gladi/profile.json");
        until("nobody joins", || joined.exists().then_some(()));
        assert!(is_running(registry));
        assert_eq!(rehearsal.try_wait().unwrap(), None);
        let process = rehearsal.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &process])
            .status();
        assert!(sent.unwrap().success());
        assert!(!rehearsal.wait().unwrap().success());
        until(signal, || (!is_running(registry)).then_some(()));
    }
}

/// Behaviours, not speeds: whatever the machine, answers are right and nobody is sent away without
/// a time.
#[test]
fn rehearsal_of_officers_answers_rightly_and_says_what_it_kept() {
    let output = Command::new(SARING)
        .args(["--json", "rehearse", "officers", "--seconds", "1"])
        .args(["--screenings", "1", "--applicants", "2000"])
        .args(["--slow", "600"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines: Vec<Value> = lines.collect();
    let report = lines.pop().unwrap();
    let phases: Vec<&str> = lines
        .iter()
        .map(|phase| phase["phase"].as_str().unwrap())
        .collect();
    let expected = [
        "capacity",
        "quiet",
        "busy",
        "slow",
        "overload-3x",
        "after-3x",
        "overload-10x",
        "after-10x",
    ];
    assert_eq!(phases, expected);
    for phase in &lines {
        let of = |name: &str| phase[name].as_u64().unwrap();
        assert_eq!((of("wrong"), of("shed_without_time")), (0, 0), "{phase}");
        assert_eq!(
            of("came"),
            of("answered") + of("shed") + of("lost"),
            "{phase}"
        );
    }
    // Each slow connection was cut, and replaced while there was time.
    let of = |name: &str| report[name].as_u64().unwrap();
    assert!(
        of("slow_cut") >= of("slow_at_once") && of("slow_at_once") >= 500,
        "{report}"
    );
    let bars = report["bars"].as_array().unwrap();
    assert_eq!(bars.len(), 13, "{report}");
    let is = |held: Value| bars.iter().any(|bar| bar["held"] == held);
    let held = match (is(false.into()), is(Value::Null)) {
        (true, _) => Value::Bool(false),
        (false, true) => Value::Null,
        (false, false) => Value::Bool(true),
    };
    assert_eq!(report["held"], held, "{report}");
    for always in ["right_answers", "shed_says_when", "slow_not_cut"] {
        let bar = bars.iter().find(|bar| bar["bar"] == always).unwrap();
        assert_eq!(bar["held"], true, "{bar}");
    }
    let code = if held == true { 0 } else { 8 };
    assert_eq!(output.status.code(), Some(code));
}
