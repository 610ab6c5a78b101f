//! Copies of lists by the executable: broken off and gone on with, led on by deltas, beside other
//! work in the same home. The list has two chunks of keys, so that there is something between them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use saring::agent::RegistryDoor;
use saring::protocol::codes::{RemovalCause, Role};
use saring::protocol::order::{Order, OrderKind};
use saring::protocol::organisation::CreateList;
use saring::protocol::policy::ListPolicy;
use saring::protocol::submission::Submission;
use saring::protocol::{Digest32, EntryId, ListId, ListKind, paths};
use serde_json::Value;

use crate::command::Cli;
use crate::member::{Member, row};
use crate::proxy::{Fault, Plant, Proxy};
use crate::unlinkable::joined;
use crate::world::{COOPERATIVE, World, officer};

/// Keys of one chunk.
const CHUNK: u64 = 131_072;
/// People of the list: two chunks.
const PEOPLE: u64 = CHUNK + 5_000;
const PATIENCE: Duration = Duration::from_secs(60);

struct Stage {
    world: World,
    proxy: Proxy,
    contributor: Member,
    list: ListId,
    cli: Cli,
}

impl Stage {
    /// A keyed-hash list, whose people cost no evaluation.
    async fn new(people: u64) -> Self {
        let world = World::new();
        let list = ListId::parse("daftar-lama").unwrap();
        let wanted = CreateList {
            list: list.clone(),
            kind: ListKind::HashBlake3,
            hash_key: Some(Digest32([5; 32])),
            policy: ListPolicy::default(),
            epoch_days: 60,
            daily_cap: 1_000_000,
        };
        world
            .operator
            .create_list(&wanted, &officer())
            .await
            .unwrap();
        let contributor = world.member("ksp-lain", &list, COOPERATIVE, 1_000).await;
        let proxy = Proxy::before(world.installation.address).await;
        let agent = joined(&world, &proxy, &list, &[Role::Screen, Role::Check], 1_000).await;
        let cli = Cli::new(agent.home().folder());
        drop(agent);
        let stage = Self {
            world,
            proxy,
            contributor,
            list,
            cli,
        };
        stage.submit(0..people).await;
        stage
    }

    /// The digest of the record in force, which changes as the list grows.
    async fn record(&self) -> Digest32 {
        let path = paths::fill(paths::RECORDS, &[self.list.as_str()]);
        let read = self.contributor.read(path);
        let records = self.world.door().records(&read, &self.list).await;
        records.unwrap().last().unwrap().record.digest()
    }

    /// Lists the people of these numbers; their entries.
    async fn submit(&self, numbers: std::ops::Range<u64>) -> Vec<EntryId> {
        let mut entries = Vec::new();
        let door = self.world.door();
        for start in numbers.clone().step_by(8_000) {
            let some = start..numbers.end.min(start + 8_000);
            let rows = some.map(|number| {
                row(
                    Digest32::of("saring/test/person", &number.to_le_bytes()).0,
                    number,
                )
            });
            let rows: Vec<_> = rows.collect();
            let count = rows.len();
            let content = serde_json::to_vec(&Submission {
                version: None,
                rows,
            })
            .unwrap();
            let order =
                self.contributor
                    .order(OrderKind::Submit, Some(&self.list), &content, count);
            let order = Order {
                record: self.record().await,
                ..order
            };
            let order = order.sign(&self.contributor.key);
            let reply = door.submit(&order, &content).await.unwrap();
            entries.extend(reply.rows.into_iter().map(|outcome| match outcome {
                saring::protocol::submission::RowOutcome::Accepted { entry, .. } => entry,
                other => panic!("{other:?}"),
            }));
        }
        entries
    }

    async fn remove(&self, cause: RemovalCause, entries: &[EntryId]) {
        let (order, content) = self.contributor.removal(&self.list, cause, entries);
        let order = order.sign(&self.contributor.key);
        self.world.door().remove(&order, &content).await.unwrap();
    }

    fn sync(&self) -> Value {
        self.cli.one(&format!("sync --list {}", self.list), "", 0)
    }

    fn folder(&self) -> PathBuf {
        let copies = self.cli.home().join("copies");
        copies.join(self.list.as_str()).join("1")
    }

    /// Starts a sync as a process of its own.
    fn start(&self, arguments: &str) -> Child {
        let sync = format!("--json sync --list {} {arguments}", self.list);
        self.cli.start(&sync, Stdio::null())
    }

    /// Waits until a file has this many bytes.
    fn wait_for(&self, file: &Path, bytes: u64) {
        let until = Instant::now() + PATIENCE;
        let length = || std::fs::metadata(file).map_or(0, |found| found.len());
        while length() < bytes {
            assert!(
                Instant::now() < until,
                "{} has {}",
                file.display(),
                length()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_goes_on_after_a_kill_a_cut_and_a_restart() {
    let mut stage = Stage::new(PEOPLE).await;
    let part = stage.folder().join("fetch.part");
    // The first chunk arrives, then the client is killed.
    stage
        .proxy
        .plant(Some(Plant::Delay(Duration::from_millis(300))));
    let mut first = stage.start("");
    stage.wait_for(&part, 8 * CHUNK);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(
        std::fs::metadata(&part).unwrap().len() < 8 * PEOPLE,
        "killed between chunks"
    );
    assert!(!stage.folder().join("copy.sealed").exists());
    // The server is killed too, and every connection is cut for a while.
    let server = std::mem::replace(&mut stage.world.server, stage.world.installation.start());
    server.kill();
    drop(std::mem::replace(
        &mut stage.world.server,
        stage.world.installation.serve(),
    ));
    stage.proxy.plant(None);
    stage.proxy.set(Fault::CutReply);
    let cut = stage.cli.call(&format!("sync --list {}", stage.list), "");
    assert_eq!(cut.code, Some(3), "{cut:?}");
    stage.proxy.set(Fault::None);
    let synced = stage.sync();
    assert_eq!(
        (&synced["by"], &synced["keys"]),
        (&"snapshot".into(), &PEOPLE.into())
    );
    let rest = 8 * (PEOPLE - CHUNK);
    let fetched = synced["fetched"].as_u64().unwrap();
    assert!(
        (rest..rest + 1_000).contains(&fetched),
        "{fetched} bytes: only what was missing"
    );
    // The control: whoever begins anew fetches everything.
    std::fs::remove_dir_all(stage.folder()).unwrap();
    let anew = stage.sync();
    assert!(anew["fetched"].as_u64().unwrap() >= 8 * PEOPLE);
    assert_eq!(anew["sequence"], synced["sequence"]);
    damaged_and_led_on(&stage).await;
}

/// A byte that changes on the client's disk, and removals that reach it by the next delta.
async fn damaged_and_led_on(stage: &Stage) {
    let entries = stage.submit(PEOPLE..PEOPLE + 3).await;
    let led = stage.sync();
    assert_eq!((&led["by"], &led["changed"]), (&"delta".into(), &3.into()));
    stage.remove(RemovalCause::NikSalah, &entries[..1]).await;
    stage.remove(RemovalCause::Lunas, &entries[1..2]).await;
    let led = stage.sync();
    assert_eq!(
        (&led["changed"], &led["keys"]),
        (&2.into(), &(PEOPLE + 2).into())
    );
    let fetched = led["fetched"].as_u64().unwrap();
    assert!(fetched < 200, "{fetched} bytes for two changes");
    let keys = stage.folder().join(format!("keys.{}", led["sequence"]));
    let mut bytes = std::fs::read(&keys).unwrap();
    bytes[1_000_000] ^= 1;
    std::fs::write(&keys, bytes).unwrap();
    stage.remove(RemovalCause::NikSalah, &entries[2..]).await;
    let anew = stage.sync();
    assert_eq!(
        (&anew["by"], &anew["keys"]),
        (&"snapshot".into(), &(PEOPLE + 1).into())
    );
}

/// A daemon in the home beside other commands; it ends when it is told to, and what it left serves.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_keeps_a_copy_beside_other_commands() {
    let stage = Stage::new(5).await;
    let missing = format!("sync --status --list {}", stage.list);
    let none = stage.cli.call(&missing, "");
    assert_eq!(none.code, Some(3), "{none:?}");
    let mut daemon = stage.start("--every 5s");
    let status = || stage.cli.json("sync --status", "", 0).pop().unwrap();
    stage.wait_for(&stage.folder().join("copy.sealed"), 1);
    let before = status();
    assert_eq!(
        (&before["keys"], &before["reason"]),
        (&5.into(), &Value::Null)
    );
    stage.submit(5..7).await;
    let until = Instant::now() + PATIENCE;
    while status()["keys"] != 7 {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(200));
    }
    // Somebody else syncs and asks in the same home meanwhile.
    assert_eq!(stage.sync()["keys"], 7);
    assert_eq!(stage.cli.call("quota", "").code, Some(0));
    let told = Command::new("kill").arg(daemon.id().to_string()).status();
    assert!(told.unwrap().success());
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
    // The registry is gone: the last good copy still says what it says.
    stage.world.server.kill();
    let away = stage.cli.call(&format!("sync --list {}", stage.list), "");
    assert_eq!(away.code, Some(3), "{away:?}");
    let kept = stage.cli.json("sync --status", "", 0).pop().unwrap();
    assert_eq!((&kept["keys"], &kept["reason"]), (&7.into(), &Value::Null));
}
