//! Back up, lose the database, restore: nobody who was removed since comes back, and without the
//! removal journal nothing is served unless the operator accepts the loss.
//!
//! 2 drills; `SARING_FULL=1` takes 20.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use saring::protocol::codes::RemovalCause;
use saring::protocol::submission::RowOutcome;
use saring::protocol::{AnswerClass, EntryId, ListId};
use serde_json::Value;

use crate::command::Cli;
use crate::installation::{Installation, Server};
use crate::member::{ListView, Member, door, row};
use crate::world::{COOPERATIVE, World, people};

const PEOPLE: usize = 60;

/// A registry with people on a list, and the operator's command line.
struct Site {
    installation: Installation,
    server: Option<Server>,
    member: Member,
    list: ListId,
    elements: Vec<[u8; 32]>,
    entries: Vec<EntryId>,
    cli: Cli,
}

impl Site {
    async fn new() -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        let member = world.member("ksp-maju", &list, COOPERATIVE, 10_000).await;
        let (door, niks) = (world.door(), people(11, PEOPLE + 10));
        let view = member.view(&door, &list).await.unwrap();
        let (elements, _) = member.evaluate(&door, &view, &niks).await.unwrap();
        let World {
            server,
            operator,
            installation,
        } = world;
        drop(operator);
        let cli = Cli::new(installation.registry().join("operator"));
        let mut site = Self {
            cli: cli.with("SARING_CONFIG", installation.config().display().to_string()),
            server: Some(server),
            entries: Vec::new(),
            installation,
            member,
            list,
            elements,
        };
        site.entries = site.submit(0..PEOPLE).await;
        site
    }

    async fn view(&self) -> ListView {
        let door = door(&self.installation.url());
        self.member.view(&door, &self.list).await.unwrap()
    }

    async fn submit(&self, people: std::ops::Range<usize>) -> Vec<EntryId> {
        let (door, view) = (door(&self.installation.url()), self.view().await);
        let rows = people.map(|person| row(self.elements[person], person as u64));
        let reply = self.member.submit(&door, &view, rows.collect()).await;
        let entry = |outcome: &RowOutcome| match outcome {
            RowOutcome::Accepted { entry, .. } => *entry,
            outcome => panic!("{outcome:?}"),
        };
        reply.unwrap().rows.iter().map(entry).collect()
    }

    async fn remove(&self, cause: RemovalCause, people: std::ops::Range<usize>) -> u64 {
        let door = door(&self.installation.url());
        let entries = &self.entries[people];
        let reply = self.member.remove(&door, &self.list, cause, entries).await;
        reply.unwrap().receipt.receipt.sequence
    }

    async fn shown(&self, people: std::ops::Range<usize>) -> Vec<AnswerClass> {
        let (door, view) = (door(&self.installation.url()), self.view().await);
        let elements = &self.elements[people];
        self.member.look_up(&door, &view, elements).await.unwrap()
    }

    fn stop(&mut self) {
        self.server.take().unwrap().stop();
    }

    fn start(&mut self) {
        self.server = Some(self.installation.serve());
    }

    fn backup(&self, name: &str) -> PathBuf {
        let folder = self.installation.folder().join(name);
        let done = self.cli.one(&format!("backup {}", folder.display()), "", 0);
        assert!(done["people"].as_u64().unwrap() > 0, "{done}");
        folder
    }

    /// The database is gone, as with its disk.
    fn lose_database(&self) {
        std::fs::remove_dir_all(self.installation.registry().join("database")).unwrap();
    }

    fn doctor(&self) -> Vec<Value> {
        let findings = self.cli.call("--json --lang en doctor", "").out;
        let parsed = |line| serde_json::from_str(line).unwrap();
        findings.lines().map(parsed).collect()
    }
}

fn all(class: AnswerClass, count: usize) -> Vec<AnswerClass> {
    vec![class; count]
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_restored_with_its_journal_brings_nobody_back() {
    for _ in 0..crate::count(2, 20) {
        let mut site = Site::new().await;
        site.remove(RemovalCause::DicabutPelapor, 0..5).await;
        site.stop();
        let backup = site.backup("backup");
        site.start();
        site.remove(RemovalCause::DicabutPelapor, 5..15).await;
        let last = site.remove(RemovalCause::Lunas, 15..25).await;
        site.submit(PEOPLE..PEOPLE + 10).await;
        // Not even a graceful end.
        site.server.take().unwrap().kill();
        site.lose_database();
        let restored = site
            .cli
            .one(&format!("restore {}", backup.display()), "", 0);
        assert_eq!(restored["removals_to_replay"], 2, "{restored}");
        assert_eq!(restored["loss_accepted"], false);
        site.start();
        assert_eq!(site.shown(0..15).await, all(AnswerClass::NotListed, 15));
        assert_eq!(site.shown(15..25).await, all(AnswerClass::Previously, 10));
        assert_eq!(
            site.shown(25..PEOPLE).await,
            all(AnswerClass::Listed, PEOPLE - 25)
        );
        // What was listed after the backup is lost with the disk, and is uploaded again.
        assert_eq!(
            site.shown(PEOPLE..PEOPLE + 10).await,
            all(AnswerClass::NotListed, 10)
        );
        site.submit(PEOPLE..PEOPLE + 10).await;
        assert_eq!(
            site.shown(PEOPLE..PEOPLE + 10).await,
            all(AnswerClass::Listed, 10)
        );
        let next = site.remove(RemovalCause::DicabutPelapor, 25..26).await;
        assert!(
            next > last,
            "sequence {next} after {last}: clients would see it go back"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_without_its_journal_is_not_served_unless_the_loss_is_accepted() {
    let mut site = Site::new().await;
    site.stop();
    let backup = site.backup("backup");
    site.start();
    site.remove(RemovalCause::DicabutPelapor, 0..10).await;
    site.stop();
    site.lose_database();
    let journal = site.installation.registry().join("journal");
    let away = site.installation.folder().join("journal-away");
    std::fs::rename(&journal, &away).unwrap();
    std::fs::create_dir(&journal).unwrap();
    std::fs::set_permissions(&journal, std::fs::Permissions::from_mode(0o700)).unwrap();

    let restore = format!("restore {}", backup.display());
    let refused = site.cli.call(&restore, "");
    assert_ne!(refused.code, Some(0), "{refused:?}");
    let (code, said) = site.installation.start().wait_refused();
    assert_ne!(code, Some(0), "{said}");

    let accepted = site.cli.one(&format!("{restore} --accept-loss"), "", 0);
    assert_eq!(accepted["loss_accepted"], true);
    let findings = site.doctor();
    let told = findings.iter().find(|finding| finding["code"] == "restore");
    let told = told.unwrap_or_else(|| panic!("{findings:?}"));
    assert!(
        told["text"].as_str().unwrap().contains("--accept-loss"),
        "{told}"
    );
    assert_ne!(told["grade"], "ok");
    site.start();
    // The control: without the journal they are back. It is what keeps them away.
    assert_eq!(site.shown(0..10).await, all(AnswerClass::Listed, 10));
    let _ = site.remove(RemovalCause::DicabutPelapor, 0..10).await;
    assert_eq!(site.shown(0..10).await, all(AnswerClass::NotListed, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_keys_come_from_their_escrow_file_alone() {
    let mut site = Site::new().await;
    site.stop();
    let backup = site.backup("backup");
    let passphrase = site.installation.folder().join("passphrase");
    std::fs::write(&passphrase, "benar kuda baterai pokok\n").unwrap();
    std::fs::set_permissions(&passphrase, std::fs::Permissions::from_mode(0o600)).unwrap();
    let escrow = site.installation.folder().join("escrow");
    let with = format!(
        "{} --escrow-passphrase-file {}",
        escrow.display(),
        passphrase.display()
    );
    let exported = site.cli.one(&format!("keys export {with}"), "", 0);
    assert!(exported["keys"].as_u64().unwrap() >= 5, "{exported}");

    let keys = site.installation.registry().join("keys");
    let secrets: Vec<_> = std::fs::read_dir(&keys)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let escrowed = std::fs::read_to_string(&escrow).unwrap();
    for secret in secrets
        .iter()
        .filter_map(|line| line.trim_end().rsplit(':').next())
    {
        assert!(
            secret.is_empty() || !escrowed.contains(secret),
            "a key in clear"
        );
    }
    std::fs::remove_dir_all(&keys).unwrap();
    site.lose_database();
    let (code, said) = site.installation.start().wait_refused();
    assert_ne!(code, Some(0), "without keys: {said}");
    let imported = site.cli.one(&format!("keys import {with}"), "", 0);
    assert_eq!(imported["restored"], exported["keys"]);
    site.cli
        .one(&format!("restore {}", backup.display()), "", 0);
    site.start();
    assert_eq!(
        site.shown(0..PEOPLE).await,
        all(AnswerClass::Listed, PEOPLE)
    );
    let door = door(&site.installation.url());
    let niks = people(11, 3);
    let evaluated = site.member.evaluate(&door, &site.view().await, &niks).await;
    assert_eq!(
        evaluated.unwrap().0,
        site.elements[..3],
        "the keys are others"
    );
}
