//! Jobs that stop and go on: nothing is charged twice, nothing is believed that was changed.

use std::path::PathBuf;

use saring::protocol::organisation::QuotaOf;
use saring::protocol::record::{EpochRecord, SignedRecord};
use saring::protocol::{Epoch, ErrorCode, SigningKey};
use saring::screening::{Manifest, ScreenError, Status};

use super::{Town, screened};
use crate::cheating::{Tricks, Way};
use crate::house::{CUSTODIAN_KEY, REGISTRY_KEY, digits};

/// Three chunks: two whole ones and some.
const PEOPLE: usize = 2 * 16_384 + 100;
/// Two: a whole one and some.
const FEWER: usize = 16_384 + 100;

fn applicants(town: &Town, count: usize) -> PathBuf {
    let text: String = crate::house::niks(40, count)
        .iter()
        .map(|nik| digits(nik) + "\n")
        .collect();
    let path = town.path("pelamar.csv");
    std::fs::write(&path, format!("nik\n{text}")).expect("writes");
    path
}

fn used(quotas: &[QuotaOf], town: &Town) -> u64 {
    let of = quotas.iter().find(|of| of.list == town.lists[0]);
    of.expect("its quota").quota.used
}

fn results(town: &Town, out: &str) -> Vec<u8> {
    std::fs::read(town.path(out).join("results.csv")).expect("reads")
}

/// Answers chunks below `answered` and refuses the others, or loses their replies.
fn stop_after(town: &Town, answered: u32, lost: bool) {
    town.house.door.play(Tricks {
        evaluation: Some(Box::new(move |chunk| match (chunk < answered, lost) {
            (true, _) => Way::Through,
            (false, false) => Way::Refused(ErrorCode::QuotaExceeded),
            (false, true) => Way::Lost,
        })),
        ..Tricks::default()
    });
}

async fn undisturbed(town: &Town, file: &std::path::Path) -> (Manifest, u64) {
    let before = used(&town.member.quota().await.expect("quotas"), town);
    let manifest = town.screen(file, "utuh", false).await.expect("screens");
    let after = used(&town.member.quota().await.expect("quotas"), town);
    (manifest, after - before)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_where_it_was_and_is_charged_once() {
    let town = Town::open().await;
    let file = applicants(&town, PEOPLE);
    let (whole, charged) = undisturbed(&town, &file).await;
    assert_eq!(charged, PEOPLE as u64);
    let before = used(&town.member.quota().await.expect("quotas"), &town);
    for (answered, lost) in [(0, false), (1, true), (0, false), (2, true), (2, false)] {
        stop_after(&town, answered, lost);
        let manifest = town.screen(&file, "putus", false).await.expect("ends");
        assert_eq!(manifest.status, Status::Incomplete);
        let of_debts = &manifest.lists[0];
        let reason = if lost { "no_answer" } else { "quota_exceeded" };
        assert_eq!(of_debts.reason.as_deref(), Some(reason));
        assert!(of_debts.counts.unavailable > 0);
        let text = String::from_utf8(results(&town, "putus")).expect("text");
        assert!(
            text.contains(",UNAVAILABLE,,"),
            "what is not known is not made up"
        );
    }
    town.house.door.play(Tricks::default());
    let manifest = town.screen(&file, "putus", false).await.expect("screens");
    assert!(manifest.resumed && manifest.status == Status::Complete);
    assert_eq!(manifest.lists[0].counts, whole.lists[0].counts);
    assert_eq!(manifest.results_blake3, whole.results_blake3);
    assert!(results(&town, "putus") == results(&town, "utuh"));
    let after = used(&town.member.quota().await.expect("quotas"), &town);
    assert_eq!(after - before, PEOPLE as u64, "each chunk once");
    let again = town.screen(&file, "putus", false).await;
    assert!(matches!(again, Err(ScreenError::Exists)));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_same_job_is_resumed() {
    let town = Town::open().await;
    let file = applicants(&town, FEWER);
    stop_after(&town, 1, false);
    let manifest = town.screen(&file, "putus", false).await.expect("ends");
    assert_eq!(manifest.status, Status::Incomplete);
    let other = town.screen(&file, "putus", true).await;
    assert!(matches!(other, Err(ScreenError::OtherJob)), "other columns");

    let text = std::fs::read(&file).expect("reads");
    let mut changed = text.clone();
    let last = changed.len() - 3;
    changed[last] = if changed[last] == b'1' { b'2' } else { b'1' };
    std::fs::write(&file, &changed).expect("writes");
    let other = town.screen(&file, "putus", false).await;
    assert!(matches!(other, Err(ScreenError::InputChanged)));
    std::fs::write(&file, &text).expect("writes");

    // Another home cannot open it.
    let stranger = town.house.member("lain").await;
    let other = screened(&stranger, &town.lists, &file, &town.path("putus"), false).await;
    assert!(matches!(other, Err(ScreenError::Damaged)));

    town.house.door.play(Tricks::default());
    let manifest = town.screen(&file, "putus", false).await.expect("screens");
    assert_eq!(manifest.status, Status::Complete, "the control");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_files_were_changed_is_never_complete() {
    let town = Town::open().await;
    let file = applicants(&town, PEOPLE);
    stop_after(&town, 2, false);
    let manifest = town.screen(&file, "putus", false).await.expect("ends");
    assert_eq!(manifest.status, Status::Incomplete);
    let keys = town.path("putus/job/keys-0");
    let kept = std::fs::read(&keys).expect("reads");
    assert!(kept.len() > 2 * 16_384 * 8, "two chunks are kept");
    let one = kept.len() / 2;
    town.house.door.play(Tricks::default());
    let flipped = |at: usize| {
        let mut bytes = kept.clone();
        bytes[at] ^= 1;
        bytes
    };
    let swapped = [&kept[one..], &kept[..one]].concat();
    for changed in [
        flipped(1_000),
        flipped(one + 1_000),
        swapped,
        kept[..one].to_vec(),
    ] {
        std::fs::write(&keys, &changed).expect("writes");
        let refused = town.screen(&file, "putus", false).await;
        assert!(matches!(refused, Err(ScreenError::Damaged)));
    }
    std::fs::write(&keys, &kept).expect("writes");
    let manifest = town.screen(&file, "putus", false).await.expect("screens");
    assert_eq!(manifest.status, Status::Complete, "the control");
}

/// The record that leads from `last` to the next epoch.
fn next_epoch(last: &EpochRecord) -> SignedRecord {
    let record = EpochRecord {
        epoch: Epoch(last.epoch.0 + 1),
        previous: last.digest(),
        ..last.clone()
    };
    let custodian = SigningKey::from_bytes(CUSTODIAN_KEY).sign(&record.to_bytes());
    let mut signed = SignedRecord::by_registry(record, &SigningKey::from_bytes(REGISTRY_KEY));
    signed.custodians.push(custodian);
    signed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_moved_on_is_begun_anew_and_it_is_said() {
    let town = Town::open().await;
    let file = applicants(&town, FEWER);
    stop_after(&town, 1, false);
    let manifest = town.screen(&file, "putus", false).await.expect("ends");
    let of_debts = &manifest.lists[0];
    assert_eq!((of_debts.epoch, of_debts.chunks), (Epoch(1), 1));
    assert!(of_debts.left_epochs.is_empty(), "the control");
    // The old epoch is served no more; the new one not yet.
    let moved = town.lists[0].clone();
    town.house.door.play(Tricks {
        records: Some(Box::new(move |mut records| {
            let last = records.last().map(|last| last.record.clone());
            let last = last.filter(|last| last.list == moved);
            records.extend(last.as_ref().map(next_epoch));
            records
        })),
        evaluation: Some(Box::new(|_| Way::Refused(ErrorCode::RecordMismatch))),
        ..Tricks::default()
    });
    let manifest = town.screen(&file, "putus", false).await.expect("ends");
    assert_eq!(manifest.status, Status::Incomplete);
    let of_debts = &manifest.lists[0];
    assert_eq!((of_debts.epoch, of_debts.chunks), (Epoch(2), 0));
    assert_eq!(of_debts.left_epochs, [Epoch(1)]);
    assert_eq!(
        of_debts.counts.unavailable, FEWER as u64,
        "nothing is made up"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_job_on_the_disk_shows_a_nik() {
    let town = Town::open().await;
    let file = applicants(&town, FEWER);
    stop_after(&town, 1, false);
    let manifest = town.screen(&file, "putus", false).await.expect("ends");
    assert_eq!(manifest.status, Status::Incomplete);
    let needles: Vec<_> = town.people[..40].iter().map(digits).collect();
    let holds = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        needles.iter().any(|needle| text.contains(needle.as_str()))
    };
    let mut searched = 0;
    let mut folders = vec![town.path("putus")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert!(
                    !holds(&std::fs::read(&path).expect("reads")),
                    "{}",
                    path.display()
                );
                searched += 1;
            }
        }
    }
    assert!(searched > 5, "{searched} files");
    assert!(
        holds(&std::fs::read(file).expect("reads")),
        "the search finds what is there"
    );
}
