//! `watch`: a member is told who of its own borrowers became listed, previously or cleared, with one
//! evaluation for each borrower and epoch, and the registry learns nothing more.

use std::fmt::Write as _;
use std::path::PathBuf;

use saring::nik::Nik;
use saring::protocol::codes::{RemovalCause, Role};
use saring::protocol::{Digest32, EntryId, ListId};
use serde_json::Value;

use crate::command::Cli;
use crate::member::{Member, row};
use crate::needles::Needles;
use crate::proxy::{Fault, Proxy, requests};
use crate::unlinkable::joined;
use crate::world::{COOPERATIVE, World, people};

const BORROWERS: usize = 40;

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
