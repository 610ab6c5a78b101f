//! One home, several processes: a check is answered while an upload or a screening goes on in the
//! same home; the same upload or screening a second time is refused; either can be given up.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use saring::nik::Nik;
use saring::protocol::codes::Role;
use serde_json::json;

use crate::command::Cli;
use crate::proxy::{Plant, Proxy};
use crate::unlinkable::joined;
use crate::world::{World, people};

/// Enough to be stopped in the middle.
const ROWS: usize = 2_500;
/// How late replies come to a command that is to be stopped.
const LATE: Duration = Duration::from_secs(1);

struct Stage {
    _world: World,
    proxy: Proxy,
    cli: Cli,
    folder: PathBuf,
    niks: Vec<Nik>,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        let proxy = Proxy::before(world.installation.address).await;
        let roles = [Role::Contribute, Role::Check, Role::Screen];
        let agent = joined(&world, &proxy, &list, &roles, 1_000_000).await;
        let cli = Cli::new(agent.home().folder());
        drop(agent);
        Self {
            folder: world.installation.folder().to_owned(),
            _world: world,
            proxy,
            cli,
            niks: people(91, ROWS + 1),
        }
    }

    fn defaulters(&self) -> PathBuf {
        let path = self.folder.join("macet.csv");
        let mut text =
            "nik,kolektibilitas,kode_alasan,plafond_band,tgl_macet,no_ref_internal\n".to_owned();
        for (number, nik) in self.niks[..ROWS].iter().enumerate() {
            let digits = digits(nik);
            writeln!(text, "{digits},5,MACET_POKOK,5-25,2026-03-01,PK-{number}").unwrap();
        }
        std::fs::write(&path, text).unwrap();
        path
    }

    fn applicants(&self) -> PathBuf {
        let path = self.folder.join("pelamar.csv");
        let digits: Vec<&str> = self.niks.iter().map(digits).collect();
        std::fs::write(&path, format!("nik\n{}\n", digits.join("\n"))).unwrap();
        path
    }

    /// Begins a long command; it stands still once `begun` says so. Replies come late meanwhile: on a
    /// quick machine it would have ended first.
    fn still(&self, arguments: &str, begun: impl Fn() -> bool) -> Still {
        self.proxy.plant(Some(Plant::Delay(LATE)));
        let mut still = Still(self.cli.start(arguments, Stdio::null()));
        let give_up = Instant::now() + Duration::from_secs(60);
        while !begun() {
            assert!(Instant::now() < give_up, "{arguments}: does not begin");
            let ended = still.0.try_wait().unwrap();
            assert!(ended.is_none(), "{arguments}: ended before it was stopped");
            std::thread::sleep(Duration::from_millis(1));
        }
        still.signal("STOP");
        self.proxy.plant(None);
        assert!(still.0.try_wait().unwrap().is_none(), "{arguments}: ended");
        still
    }

    /// An officer at the counter asks.
    fn check_answers(&self, answer: &str) {
        let line = format!("{}\n", digits(&self.niks[ROWS]));
        assert_eq!(self.cli.one("check", &line, 0)["answer"], answer);
    }

    #[track_caller]
    fn is_busy(&self, arguments: &str) {
        let ended = self.cli.call(&format!("--json {arguments}"), "");
        assert_eq!(ended.code, Some(9), "{arguments}: {ended:?}");
        assert!(ended.err.contains("home_busy"), "{arguments}: {ended:?}");
    }

    fn unfinished_uploads(&self) -> usize {
        let jobs = std::fs::read_dir(self.cli.home().join("jobs")).unwrap();
        // One that is being made is not begun yet.
        let begun = |path: &PathBuf| path.extension().is_none();
        jobs.map(|job| job.unwrap().path()).filter(begun).count()
    }
}

/// A process that stands still.
struct Still(Child);

impl Still {
    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.0.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Lets it go on to its end.
    fn goes_on(mut self) {
        self.signal("CONT");
        assert!(self.0.wait().unwrap().success());
    }

    fn killed(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _waited = self.0.wait();
    }
}

fn digits(nik: &Nik) -> &str {
    std::str::from_utf8(nik.expose()).unwrap()
}

fn has_spilled(out: &Path) -> bool {
    std::fs::read_dir(out.join("job")).is_ok_and(|entries| entries.count() > 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_answered_while_a_file_is_uploaded() {
    let stage = Stage::new().await;
    let submit = format!(
        "submit {} --list peminjam-macet",
        stage.defaulters().display()
    );
    let begun = || stage.unfinished_uploads() > 0;
    let upload = stage.still(&submit, begun);
    stage.check_answers("NOT_LISTED");
    stage.is_busy(&submit);
    stage.is_busy("submit --discard");
    upload.goes_on();
    // The control: nobody is at it any more.
    assert_eq!(stage.cli.one(&submit, "", 0)["unchanged"], json!(ROWS));
    let settled = stage.cli.one("settle PK-2499", "", 0);
    assert_eq!(settled["outcome"], "done");

    stage.still(&format!("{submit} --update"), begun).killed();
    assert_eq!(stage.unfinished_uploads(), 1);
    let other = stage.applicants();
    let told = stage
        .cli
        .one(&format!("submit {} --discard", other.display()), "", 0);
    assert_eq!(told, json!({"discarded": 0, "busy": 0}), "of another file");
    let file = stage.defaulters();
    let told = stage
        .cli
        .one(&format!("submit {} --discard", file.display()), "", 0);
    assert_eq!(told, json!({"discarded": 1, "busy": 0}));
    assert_eq!(stage.unfinished_uploads(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_answered_while_a_file_is_screened() {
    let stage = Stage::new().await;
    let out = stage.folder.join("hasil");
    let file = stage.applicants();
    let screen = format!(
        "screen {} --list peminjam-macet --out {}",
        file.display(),
        out.display()
    );
    let discard = format!("screen --out {} --discard", out.display());
    let screening = stage.still(&screen, || has_spilled(&out));
    stage.check_answers("NOT_LISTED");
    stage.is_busy(&screen);
    stage.is_busy(&discard);
    screening.killed();
    assert_eq!(stage.cli.one(&discard, "", 0)["discarded"], json!(true));
    assert!(!out.join("job").exists());
    assert_eq!(stage.cli.one(&discard, "", 0)["discarded"], json!(false));
    let manifest = stage.cli.one(&screen, "", 0);
    assert_eq!(manifest["counts"]["unique"], json!(ROWS + 1));
    assert_eq!(manifest["resumed"], json!(false), "the control: begun anew");
}
