//! Nothing acknowledged is lost, undone or made up when the server is killed in the middle of
//! uploads, removals and checks.
//!
//! 25 kills; `SARING_CRASH_CYCLES` takes another number. What is judged is what anybody with a
//! grant sees: buckets under signed heads.

mod judge;
mod ledger;
mod load;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use judge::{Findings, judge};
use ledger::{History, Ledger};
use load::Load;

use crate::installation::{Installation, Server};
use crate::member::{ListView, door};
use crate::world::{COOPERATIVE, World};

/// A restart on this size of list; RELIABILITY asks for 2 s at a million entries on a machine of
/// its own.
const RESTART: Duration = Duration::from_secs(10);

/// People that a judgement of one cycle looks up at most, the youngest among them.
const JUDGED: usize = 4_000;

fn cycles() -> usize {
    let cycles = std::env::var("SARING_CRASH_CYCLES").ok();
    cycles.map_or(25, |text| text.parse().unwrap())
}

/// A registry under load that is killed and started again.
struct Site {
    installation: Installation,
    server: Option<Server>,
    load: Arc<Load>,
    slowest_restart: Duration,
}

impl Site {
    async fn new(seed: u64) -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        let member = world
            .member("ksp-maju", &list, COOPERATIVE, 100_000_000)
            .await;
        let World {
            server,
            installation,
            ..
        } = world;
        let ledger = Ledger::create(installation.folder().join("acknowledged"));
        Self {
            load: Arc::new(Load::new(member, list, ledger, seed)),
            server: Some(server),
            installation,
            slowest_restart: Duration::ZERO,
        }
    }

    async fn view(&self) -> ListView {
        let door = door(&self.installation.url());
        self.load.member.view(&door, &self.load.list).await.unwrap()
    }

    /// Load for a while; the server is killed under it.
    async fn load_and_kill(&mut self) {
        let door = door(&self.installation.url());
        self.load.supply(&door, &self.view().await).await;
        let running = self.load.start(&door, &self.view().await);
        let moment = 20 + self.load.below(400) as u64;
        tokio::time::sleep(Duration::from_millis(moment)).await;
        self.load.announce_death();
        self.server.take().unwrap().kill();
        running.wait().await;
    }

    /// Load for a while, all of it acknowledged; then a graceful end.
    async fn load_and_stop(&mut self) {
        let door = door(&self.installation.url());
        self.load.supply(&door, &self.view().await).await;
        let running = self.load.start(&door, &self.view().await);
        tokio::time::sleep(Duration::from_millis(700)).await;
        self.load.announce_death();
        running.wait().await;
        self.server.take().unwrap().stop();
    }

    fn restart(&mut self) {
        let began = Instant::now();
        self.server = Some(self.installation.serve());
        self.slowest_restart = self.slowest_restart.max(began.elapsed());
    }

    async fn judge(&self, history: &History, people: &[usize]) -> Findings {
        let door = door(&self.installation.url());
        let (member, crowd) = (&self.load.member, &self.load.crowd);
        judge(member, &door, &self.view().await, crowd, history, people).await
    }

    /// The youngest people and some of all others.
    fn sample(&self) -> Vec<usize> {
        let all = self.load.crowd.len();
        let young = all.saturating_sub(JUDGED / 2);
        let old = (0..JUDGED / 2).map(|_| self.load.below(young));
        let mut sample: Vec<_> = (young..all).chain(old.filter(|&p| p < young)).collect();
        sample.sort_unstable();
        sample.dedup();
        sample
    }

    fn everybody(&self) -> Vec<usize> {
        (0..self.load.crowd.len()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn durability_no_kill_loses_what_was_acknowledged() {
    let seed = u64::from_le_bytes(crate::member::random_id()[..8].try_into().unwrap());
    println!("seed {seed}");
    let mut site = Site::new(seed).await;
    let mut open = 0;
    for cycle in 0..cycles() {
        site.load_and_kill().await;
        site.restart();
        let history = site.load.ledger.read();
        let findings = site.judge(&history, &site.sample()).await;
        assert!(findings.is_empty(), "cycle {cycle}: {findings:?}");
        // What was left open is finished by the same orders again.
        let door = door(&site.installation.url());
        open += site.load.settle_open(&door).await;
    }
    let history = site.load.ledger.read();
    let findings = site.judge(&history, &site.everybody()).await;
    assert!(findings.is_empty(), "at the end: {findings:?}");
    own_pages_agree(&site, &history).await;
    let acknowledged = site
        .load
        .acknowledged
        .load(std::sync::atomic::Ordering::SeqCst);
    println!(
        "{} kills, {acknowledged} orders acknowledged, {open} left open by a kill, {} people, \
         slowest restart {} ms",
        cycles(),
        history.people.len(),
        site.slowest_restart.as_millis()
    );
    assert!(site.slowest_restart < RESTART, "{:?}", site.slowest_restart);
    assert!(acknowledged > cycles(), "the load did next to nothing");
    assert!(open > 0, "no kill ever hit an order: the moments are wrong");
}

/// The organisation's own pages name every listing that stands and no other.
async fn own_pages_agree(site: &Site, history: &History) {
    let door = door(&site.installation.url());
    let own = site.load.member.own(&door, &site.load.list).await.unwrap();
    let named: std::collections::BTreeSet<_> = own.iter().map(|entry| entry.entry).collect();
    let standing = history.people.iter().filter(|(_, standing)| {
        matches!(standing, ledger::Standing::Settled(act) if *act != ledger::Act::Withdrawn)
    });
    let expected = standing
        .map(|(person, _)| history.entries[person])
        .collect();
    assert_eq!(named, expected);
}

/// The positive control: a registry put back whole to an older state, guards and all, is what the
/// judge must catch; the database alone put back is what the registry itself must refuse.
#[tokio::test(flavor = "multi_thread")]
async fn durability_control_an_older_registry_is_caught() {
    let mut site = Site::new(7).await;
    site.load_and_stop().await;
    let (registry, older) = (
        site.installation.registry(),
        site.installation.folder().join("older"),
    );
    copy(&registry, &older);
    site.restart();
    site.load_and_stop().await;

    let newest = site.installation.folder().join("newest");
    std::fs::rename(registry.join("database"), &newest).unwrap();
    copy(&older.join("database"), &registry.join("database"));
    let (code, said) = site.installation.start().wait_refused();
    assert_ne!(code, Some(0), "{said}");
    std::fs::remove_dir_all(registry.join("database")).unwrap();
    std::fs::rename(&newest, registry.join("database")).unwrap();
    site.restart();
    let history = site.load.ledger.read();
    let right = site.judge(&history, &site.everybody()).await;
    assert!(right.is_empty(), "{right:?}");
    site.server.take().unwrap().stop();

    std::fs::remove_dir_all(&registry).unwrap();
    copy(&older, &registry);
    site.restart();
    let wrong = site.judge(&history, &site.everybody()).await;
    assert!(!wrong.lost.is_empty(), "the judge misses what is lost");
    assert!(
        !wrong.resurrected.is_empty(),
        "the judge misses who came back"
    );
}

/// Copies a folder with its modes and times.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.unwrap().success());
}
