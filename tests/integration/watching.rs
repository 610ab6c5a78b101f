//! `watch`: a member is told who of its own borrowers became listed, previously or cleared, with one
//! evaluation for each borrower and epoch, and the registry learns nothing more.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand_core::Rng;
use saring::agent::{Agent, Home, key_folder};
use saring::app::clock::SystemClock;
use saring::hash::SeededStream;
use saring::keys::{KeyFiles, Sealing};
use saring::nik::Nik;
use saring::portfolio::{Became, Looked, Watching, watch};
use saring::protocol::codes::{RemovalCause, Role};
use saring::protocol::time::{HOUR, MINUTE};
use saring::protocol::{Clock, Digest32, EntryId, ListId, Timestamp};
use serde_json::Value;

use crate::command::Cli;
use crate::member::{Member, door, row};
use crate::needles::Needles;
use crate::proxy::{Fault, Proxy, requests};
use crate::unlinkable::joined;
use crate::world::{COOPERATIVE, World, officer, people};

const BORROWERS: usize = 40;
/// How often a `watch` is killed; `SARING_DISTURBANCES` sets another number.
const KILLS: u64 = 12;

struct Stage {
    world: World,
    proxy: Proxy,
    cli: Cli,
    list: ListId,
    contributor: Member,
    borrowers: Vec<Nik>,
    file: PathBuf,
}

impl Stage {
    async fn new(quota: u64) -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        let contributor = world.member("ksp-lain", &list, COOPERATIVE, 100_000).await;
        let proxy = Proxy::before(world.installation.address).await;
        let agent = joined(&world, &proxy, &list, &[Role::Watch], quota).await;
        let cli = Cli::new(agent.home().folder());
        drop(agent);
        let file = world.installation.folder().join("nasabah.csv");
        let stage = Self {
            borrowers: people(51, BORROWERS),
            world,
            proxy,
            cli,
            list,
            contributor,
            file,
        };
        stage.write(&stage.borrowers);
        stage
    }

    fn write(&self, niks: &[Nik]) {
        let mut text = "nik;no_ref_internal\n".to_owned();
        for (number, nik) in niks.iter().enumerate() {
            let digits = std::str::from_utf8(nik.expose()).unwrap();
            writeln!(text, "{digits};PK-{number}").unwrap();
        }
        std::fs::write(&self.file, text).unwrap();
    }

    /// Somebody else lists borrowers, by their number.
    async fn lists(&self, numbers: &[usize]) {
        let door = self.world.door();
        let view = self.contributor.view(&door, &self.list).await.unwrap();
        let niks: Vec<Nik> = numbers
            .iter()
            .map(|at| self.borrowers[*at].clone())
            .collect();
        let (elements, _) = self
            .contributor
            .evaluate(&door, &view, &niks)
            .await
            .unwrap();
        let rows = elements.iter().zip(numbers);
        let rows = rows
            .map(|(element, number)| row(*element, *number as u64))
            .collect();
        self.contributor.submit(&door, &view, rows).await.unwrap();
    }

    async fn removes(&self, number: usize, cause: RemovalCause) {
        let door = self.world.door();
        let of = Digest32::of("saring/test/reference", &(number as u64).to_le_bytes());
        let own = self.contributor.own(&door, &self.list).await.unwrap();
        let entries: Vec<EntryId> = own
            .iter()
            .filter(|own| own.reference == of)
            .map(|own| own.entry)
            .collect();
        assert_eq!(entries.len(), 1);
        let removed = self.contributor.remove(&door, &self.list, cause, &entries);
        removed.await.unwrap();
    }

    /// Looks once: (event, reference) of each change, and the summary.
    fn look(&self, arguments: &str, code: i32) -> (Vec<(String, String)>, Value) {
        let command = format!("watch --list {} {arguments}", self.list);
        let mut said = self.cli.json(&command, "", code);
        let summary = said.pop().unwrap();
        assert_eq!(summary["event"], "watched", "{summary}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let changes = said
            .iter()
            .map(|change| (text(&change["event"]), text(&change["reference"])));
        (changes.collect(), summary)
    }

    fn with_file(&self) -> String {
        format!("--file {}", self.file.display())
    }

    /// Starts a look whose output goes to a file, and kills it after a while: what it told, and
    /// whether it had not ended before.
    fn killed(&self, arguments: &str, after: Duration) -> (BTreeSet<(String, String)>, bool) {
        let path = self.world.installation.folder().join("told");
        let mut child = self.start(arguments, File::create(&path).unwrap());
        let began = Instant::now();
        while began.elapsed() < after && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let was_under_way = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        let said = std::fs::read_to_string(&path).unwrap();
        // A line that was cut was told to nobody.
        let whole = said
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        let changes = whole.filter_map(|line| {
            let change: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| change[name].as_str().map(str::to_owned);
            Some((text("event")?, text("reference")?))
        });
        (changes.collect(), was_under_way)
    }

    fn start(&self, arguments: &str, out: File) -> Child {
        let watch = format!("--json watch --list {} {arguments}", self.list);
        self.cli.start(&watch, out)
    }

    /// Looks by a clock that is ahead; the changes and the summary.
    async fn look_later(&self, ahead: i64) -> (Vec<(Became, String)>, Looked) {
        let home = self.cli.home();
        let keys = KeyFiles::open(&key_folder(home), Sealing::Plain).unwrap();
        let home = Home::open(home, Box::new(keys)).unwrap();
        let agent = Agent::new(home, door(&self.proxy.url()), Arc::new(Ahead(ahead)));
        let (officer, mut told) = (officer(), Vec::new());
        let watching = Watching {
            list: &self.list,
            file: None,
            nik_column: None,
            officer: &officer,
        };
        let mut tell = |changed: &saring::portfolio::Changed| {
            told.push((changed.event, changed.reference.clone().unwrap()));
            Ok(())
        };
        let looked = watch(&agent, &watching, &mut tell).await.unwrap();
        (told, looked)
    }

    fn evaluations(&self) -> usize {
        let requests = requests(&self.proxy.take_said());
        let of = |part: &str| {
            requests
                .iter()
                .filter(|said| said.head.contains(part))
                .count()
        };
        assert_eq!(of("/buckets/"), 0, "no bucket is ever asked for");
        of("/evaluations ")
    }
}

/// The machine's clock, ahead.
struct Ahead(i64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.0)
    }
}

fn changes(expected: &[(&str, usize)]) -> Vec<(String, String)> {
    let text = expected
        .iter()
        .map(|(event, number)| ((*event).to_owned(), format!("PK-{number}")));
    text.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_tells_each_change_once_and_evaluates_each_borrower_once() {
    // Not one element to spare.
    let stage = Stage::new(BORROWERS as u64 + 1).await;
    stage.lists(&[3, 4]).await;
    let needed = stage.cli.call(&format!("watch --list {}", stage.list), "");
    assert_eq!(needed.code, Some(6), "{needed:?}");
    stage.evaluations();
    let (told, summary) = stage.look(&stage.with_file(), 0);
    assert_eq!(told, changes(&[("listed", 3), ("listed", 4)]));
    assert_eq!(
        (&summary["evaluated"], &summary["clear"]),
        (&40.into(), &38.into())
    );
    assert_eq!(stage.evaluations(), 1);

    let (told, _) = stage.look("", 0);
    assert_eq!(told, changes(&[]));
    stage.lists(&[7]).await;
    stage.removes(3, RemovalCause::Lunas).await;
    stage.removes(4, RemovalCause::NikSalah).await;
    let (told, summary) = stage.look("", 0);
    let expected = [("listed", 7), ("previously", 3), ("cleared", 4)];
    assert_eq!(told, changes(&expected));
    let counts = ["people", "listed", "previously", "clear"].map(|name| summary[name].as_u64());
    assert_eq!(counts, [40, 1, 1, 38].map(Some));
    // A dispute clears while it lasts.
    stage.removes(7, RemovalCause::Sanggahan).await;
    assert_eq!(stage.look("", 0).0, changes(&[("cleared", 7)]));
    stage.removes(7, RemovalCause::SanggahanDitolak).await;
    assert_eq!(stage.look("", 0).0, changes(&[("listed", 7)]));
    // The same file again, then one borrower more and one less.
    assert_eq!(stage.look(&stage.with_file(), 0).1["evaluated"], 0);
    assert_eq!(stage.evaluations(), 0, "nothing more was evaluated");
    let newcomer = people(52, 1).remove(0);
    let mut file: Vec<Nik> = stage.borrowers[..BORROWERS - 1].to_vec();
    file.push(newcomer);
    stage.write(&file);
    let (_, summary) = stage.look(&stage.with_file(), 0);
    assert_eq!(
        (&summary["evaluated"], &summary["forgotten"]),
        (&1.into(), &1.into())
    );
    assert_eq!(stage.evaluations(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_goes_on_after_a_lost_reply_without_a_second_charge() {
    let stage = Stage::new(BORROWERS as u64).await;
    stage.lists(&[1]).await;
    // The list's copy is there before replies get lost.
    stage.write(&[]);
    stage.look(&stage.with_file(), 0);
    stage.write(&stage.borrowers);
    stage.proxy.set(Fault::CutReply);
    let command = format!("watch --list {} {}", stage.list, stage.with_file());
    let lost = stage.cli.call(&command, "");
    assert_ne!(lost.code, Some(0), "{lost:?}");
    stage.proxy.set(Fault::None);
    // Only if what was charged is free the second time does the quota suffice.
    let (told, _) = stage.look(&stage.with_file(), 0);
    assert_eq!(told, changes(&[("listed", 1)]));
    // A registry that is away: the last good copy is looked at.
    stage.proxy.set(Fault::LoseRequest);
    let (told, summary) = stage.look("", 0);
    assert_eq!((told, &summary["listed"]), (changes(&[]), &1.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_keeps_no_nik_and_forgets_when_told() {
    let stage = Stage::new(1_000).await;
    stage.lists(&[0]).await;
    stage.look(&stage.with_file(), 0);
    let mut needles = Needles::default();
    for nik in &stage.borrowers {
        needles.add_nik(nik.expose(), "a borrower");
    }
    let mut found = Vec::new();
    needles.find_in(stage.cli.home(), &["keys"], &mut found);
    assert_eq!(found, Vec::<String>::new());
    // The control: the member's own file has them.
    needles.find_in(&stage.file, &[], &mut found);
    assert!(found.len() >= BORROWERS);
    let kept = stage.cli.home().join("portfolio").join(stage.list.as_str());
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 1);
    let forgotten = stage
        .cli
        .one(&format!("watch --list {} --forget", stage.list), "", 0);
    assert_eq!(forgotten["kept"], true);
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 0);
    let needed = stage.cli.call(&format!("watch --list {}", stage.list), "");
    assert_eq!(needed.code, Some(6), "{needed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_killed_at_random_loses_no_change_and_evaluates_nobody_twice() {
    let kills = crate::number("SARING_DISTURBANCES", KILLS) as usize;
    let seed = crate::number("SARING_SEED", 7);
    let mut random = SeededStream::new(format!("watching {seed}").as_bytes());
    // Not one element to spare: whoever is evaluated twice is refused.
    let stage = Stage::new(BORROWERS as u64).await;
    stage.lists(&[0]).await;
    let mut moment =
        |longest: Duration| longest.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
    let mut hit = 0;
    let mut told = BTreeSet::new();
    for _ in 0..3 {
        let (some, under_way) =
            stage.killed(&stage.with_file(), moment(Duration::from_millis(400)));
        told.extend(some);
        hit += usize::from(under_way);
    }
    let began = Instant::now();
    told.extend(stage.look(&stage.with_file(), 0).0);
    let whole = began.elapsed();
    assert_eq!(told, changes(&[("listed", 0)]).into_iter().collect());
    let mut twice = 0;
    for kill in 0..kills {
        let borrower = 1 + kill % (BORROWERS - 1);
        stage.lists(&[borrower]).await;
        let expected: BTreeSet<_> = changes(&[("listed", borrower)]).into_iter().collect();
        let (before, under_way) = stage.killed("", moment(whole));
        let after: BTreeSet<_> = stage.look("", 0).0.into_iter().collect();
        assert_eq!(&before | &after, expected, "seed {seed}, kill {kill}");
        hit += usize::from(under_way);
        twice += usize::from(!before.is_empty() && !after.is_empty());
        assert_eq!(stage.look("", 0).0, changes(&[]), "told for good");
    }
    // The control: looks were under way when they were killed.
    assert!(hit * 3 > kills, "{hit} of {kills} hit, {twice} told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_clears_nobody_by_a_copy_older_than_a_day() {
    let stage = Stage::new(BORROWERS as u64).await;
    stage.lists(&[3, 4]).await;
    stage.look(&stage.with_file(), 0);
    stage.lists(&[5]).await;
    stage.removes(3, RemovalCause::NikSalah).await;
    // The copy knows it, nobody was told yet, and the registry is away.
    stage.cli.one(&format!("sync --list {}", stage.list), "", 0);
    stage.proxy.set(Fault::LoseRequest);
    let (told, looked) = stage.look_later(24 * HOUR + MINUTE).await;
    assert_eq!(
        told,
        [(Became::Listed, "PK-5".to_owned())],
        "nobody is cleared"
    );
    assert_eq!((looked.listed, looked.clear), (2, None));
    assert!(looked.reason.is_some());
    let (told, looked) = stage.look_later(24 * HOUR + MINUTE).await;
    assert_eq!((told.len(), looked.clear), (0, None), "still nobody");
    // The control: a younger copy clears.
    let (told, looked) = stage.look_later(23 * HOUR).await;
    assert_eq!(told, [(Became::Cleared, "PK-3".to_owned())]);
    assert_eq!(
        (looked.listed, looked.clear, looked.reason),
        (2, Some(38), None)
    );
}
