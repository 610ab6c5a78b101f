//! Screenings that are killed, whose registry is killed, and whose connections are cut, at random
//! moments: each goes on, ends with the same bytes as one that nobody disturbed, and is charged once.
//!
//! 8 disturbances; `SARING_DISTURBANCES` sets how many, `SARING_SEED` repeats a run.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand_core::Rng;
use saring::agent::{Home, hash_key_digest, key_folder};
use saring::app::clock::SystemClock;
use saring::hash::SeededStream;
use saring::keys::{KeyFiles, Sealing, Secret32};
use saring::nik::Nik;
use saring::protocol::codes::Role;
use saring::protocol::organisation::{CreateList, Grant};
use saring::protocol::policy::ListPolicy;
use saring::protocol::{Epoch, ListId, ListKind};
use serde_json::Value;

use crate::command::Cli;
use crate::installation::{Installation, Server};
use crate::member::{Member, row};
use crate::proxy::{Fault, Proxy};
use crate::unlinkable::joined;
use crate::world::{COOPERATIVE, World, officer, operator, people};

/// Applicants: three whole chunks and a bit of a fourth.
const APPLICANTS: usize = 3 * 16_384 + 500;
/// Of them on the list: every 50th.
const EVERY: usize = 50;
const ABSENT: &str = "NOT_LISTED";

struct Stage {
    server: Option<Server>,
    installation: Installation,
    proxy: Proxy,
    cli: Cli,
    list: ListId,
    file: PathBuf,
    niks: Vec<Nik>,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        let niks = people(71, APPLICANTS);
        let contributor = world.member("ksp-lain", &list, COOPERATIVE, 100_000).await;
        let listed: Vec<Nik> = niks.iter().step_by(EVERY).cloned().collect();
        enlist(&world, &contributor, &list, &listed).await;
        let proxy = Proxy::before(world.installation.address).await;
        let agent = joined(&world, &proxy, &list, &[Role::Screen], 9_000_000).await;
        let cli = Cli::new(agent.home().folder());
        drop(agent);
        let file = world.installation.folder().join("pelamar.csv");
        let lines: String = niks
            .iter()
            .map(|nik| digits(nik).to_owned() + "\n")
            .collect();
        std::fs::write(&file, format!("nik\n{lines}")).unwrap();
        let World {
            server,
            installation,
            ..
        } = world;
        Self {
            server: Some(server),
            installation,
            proxy,
            cli,
            list,
            file,
            niks,
        }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.installation.folder().join(name)
    }

    /// Starts a screening into a folder.
    fn start(&self, out: &str) -> Child {
        self.screen(&self.file, &self.list, out)
    }

    fn screen(&self, file: &Path, list: &ListId, out: &str) -> Child {
        let (file, out) = (file.display(), self.folder(out));
        let screen = format!("--json screen {file} --list {list} --out {}", out.display());
        self.cli.start(&screen, Stdio::null())
    }

    /// What of the quota is used.
    fn used(&self) -> u64 {
        let quota = self.cli.one("quota", "", 0);
        quota["quota"]["used"].as_u64().unwrap()
    }

    fn results(&self, out: &str) -> Vec<u8> {
        std::fs::read(self.folder(out).join("results.csv")).unwrap()
    }

    fn manifest(&self, out: &str) -> Value {
        let json = std::fs::read(self.folder(out).join("manifest.json")).unwrap();
        serde_json::from_slice(&json).unwrap()
    }

    /// `kill -9` of the server, and a new one on the same address.
    fn replace_server(&mut self) {
        drop(self.server.take().unwrap().kill());
        self.server = Some(self.installation.serve());
    }

    /// Runs a screening to its end, disturbed by what `disturb` draws while there is something
    /// left of it: how often it was.
    fn run(
        &mut self,
        out: &str,
        left: usize,
        longest: Duration,
        random: &mut SeededStream,
    ) -> usize {
        let mut disturbed = 0;
        let mut client = self.start(out);
        while disturbed < left {
            let moment = longest.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
            if ends_before(&mut client, moment) {
                if succeeded(&mut client) {
                    return disturbed;
                }
                client = self.start(out);
                continue;
            }
            disturbed += 1;
            match random.next_u32() % 3 {
                0 => {
                    client.kill().unwrap();
                    client.wait().unwrap();
                    client = self.start(out);
                }
                1 => self.replace_server(),
                _ => {
                    self.proxy.set(Fault::CutReply);
                    std::thread::sleep(Duration::from_millis(150));
                    self.proxy.set(Fault::None);
                }
            }
        }
        while !succeeded(&mut client) {
            client = self.start(out);
        }
        disturbed
    }
}

async fn enlist(world: &World, by: &Member, list: &ListId, niks: &[Nik]) {
    let door = world.door();
    let view = by.view(&door, list).await.unwrap();
    let elements = by.evaluate(&door, &view, niks).await.unwrap().0;
    let rows = elements.into_iter().zip(0..);
    let rows = rows.map(|(element, at)| row(element, at)).collect();
    by.submit(&door, &view, rows).await.unwrap();
}

fn digits(nik: &Nik) -> &str {
    std::str::from_utf8(nik.expose()).unwrap()
}

fn ends_before(client: &mut Child, moment: Duration) -> bool {
    let began = Instant::now();
    while began.elapsed() < moment {
        if client.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    false
}

/// Whether a client that ends is done; one that could not finish may be asked again.
#[track_caller]
fn succeeded(client: &mut Child) -> bool {
    let code = client.wait().unwrap().code();
    assert!(matches!(code, Some(0 | 3 | 4)), "{code:?}");
    code == Some(0)
}

/// The answer that each line of the results gives, against who was put on the list.
fn exact(results: &[u8], niks: &[Nik]) -> bool {
    let text = std::str::from_utf8(results).unwrap();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    let expected = niks.iter().enumerate().map(|(n, nik)| {
        let (nik, row) = (digits(nik), n + 2);
        let answer = if n % EVERY == 0 { "LISTED" } else { ABSENT };
        format!("{row},{}******{},{answer},", &nik[..6], &nik[12..])
    });
    lines.len() == niks.len()
        && lines
            .into_iter()
            .zip(expected)
            .all(|(line, sheet)| line == sheet)
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_and_cuts_at_random_moments_change_nothing() {
    let mut stage = Stage::new().await;
    let began = Instant::now();
    assert!(succeeded(&mut stage.start("utuh")));
    let whole = began.elapsed();
    let undisturbed = stage.results("utuh");
    assert!(exact(&undisturbed, &stage.niks));
    assert_eq!(stage.used(), APPLICANTS as u64);

    let wanted = crate::number("SARING_DISTURBANCES", 8) as usize;
    let seed = crate::number("SARING_SEED", u64::from(std::process::id()));
    let mut random = SeededStream::new(&seed.to_le_bytes());
    let mut disturbed = 0;
    let mut jobs = 0;
    while disturbed < wanted {
        jobs += 1;
        let out = format!("diganggu-{jobs}");
        let before = stage.used();
        disturbed += stage.run(&out, wanted - disturbed, whole, &mut random);
        assert_eq!(stage.manifest(&out)["status"], "complete", "seed {seed}");
        assert!(
            stage.results(&out) == undisturbed,
            "seed {seed}, job {jobs}"
        );
        assert_eq!(
            stage.used() - before,
            APPLICANTS as u64,
            "seed {seed}, job {jobs}"
        );
        assert!(!stage.folder(&out).join("job").exists());
        stage.proxy.take_said();
    }
    // The control: the sheet sees a line that is changed, and one that is lost.
    let mut changed = undisturbed.clone();
    let at = changed.windows(8).position(|w| w == b",LISTED,").unwrap();
    changed[at + 1..at + 7].copy_from_slice(b"DELIST");
    assert!(!exact(&changed, &stage.niks));
    let lost = undisturbed.split_inclusive(|&b| b == b'\n');
    let lost: Vec<u8> = lost.take(APPLICANTS).flatten().copied().collect();
    assert!(!exact(&lost, &stage.niks));
}

/// The most memory that a screening of `file` takes, KiB.
fn peak(stage: &Stage, file: &Path, list: &ListId, out: &str) -> u64 {
    let mut client = stage.screen(file, list, out);
    let mut highest = 0;
    while client.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", client.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        highest = highest.max(kib.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(client.wait().unwrap().code(), Some(0));
    highest
}

/// A further list, of keyed hashes, that the stage's member may screen against: nothing is
/// evaluated for it, so that many applicants take little time.
async fn keyed_list(stage: &Stage) -> ListId {
    let list = ListId::parse("daftar-lama").unwrap();
    let admin = operator(&stage.installation, Arc::new(SystemClock));
    let officer = officer();
    let wanted = CreateList {
        list: list.clone(),
        kind: ListKind::HashBlake3,
        hash_key: Some(hash_key_digest(&[5; 32])),
        policy: ListPolicy::default(),
        epoch_days: 60,
        daily_cap: 1,
    };
    admin.create_list(&wanted, &officer).await.unwrap();
    let keys = KeyFiles::open(&key_folder(stage.cli.home()), Sealing::Plain).unwrap();
    let home = Home::open(stage.cli.home(), Box::new(keys)).unwrap();
    home.keep_hash_key(&list, Epoch(1), &Secret32::from_bytes(&[5; 32]))
        .unwrap();
    let grant = Grant {
        organisation: home.profile().organisation.clone(),
        list: list.clone(),
        roles: vec![Role::Screen],
        daily_quota: 1,
    };
    drop(home);
    admin.grant(&grant, &officer).await.unwrap();
    list
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_times_the_applicants_take_no_more_memory() {
    let stage = Stage::new().await;
    let list = keyed_list(&stage).await;
    let count = crate::count(60_000, 2_000_000);
    let niks = people(72, count);
    let text: String = niks
        .iter()
        .map(|nik| digits(nik).to_owned() + "\n")
        .collect();
    let (few, many) = (stage.folder("sedikit.csv"), stage.folder("banyak.csv"));
    std::fs::write(&few, format!("nik\n{text}")).unwrap();
    // Others, and the same ones again: eight times as many rows, four times as many people.
    let others: String = people(73, 3 * count)
        .iter()
        .map(|nik| digits(nik).to_owned() + "\n")
        .collect();
    std::fs::write(&many, format!("nik\n{text}{others}{text}{others}")).unwrap();
    let of_few = peak(&stage, &few, &list, "sedikit");
    let of_many = peak(&stage, &many, &list, "banyak");
    assert!(stage.manifest("banyak")["counts"]["rows"] == 8 * count);
    let evaluated = peak(&stage, &stage.file, &stage.list, "dinilai");
    let mib = |kib: u64| kib >> 10;
    println!(
        "peak memory: {} MiB, eight times as many {} MiB, evaluated {} MiB",
        mib(of_few),
        mib(of_many),
        mib(evaluated)
    );
    assert!(of_few > 1024, "memory was measured");
    assert!(
        mib(of_many) < mib(of_few) + 40,
        "{of_few} KiB, {of_many} KiB"
    );
    assert!(mib(evaluated) < 256, "{evaluated} KiB");
}
