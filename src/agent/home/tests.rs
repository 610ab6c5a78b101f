use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::keys::{KeyFiles, Sealing};
use crate::protocol::trust::TrustRoot;
use crate::protocol::{Date, EntryId, OrgId};

fn profile() -> Profile {
    Profile {
        url: "http://127.0.0.1:1".to_owned(),
        organisation: OrgId::parse("ksp-maju").expect("an id"),
        trust: TrustRoot {
            registry: SigningKey::from_bytes([1; 32]).public_key(),
            custodians: vec![],
        },
    }
}

fn list() -> ListId {
    ListId::parse("peminjam-macet").expect("an id")
}

fn keys(folder: &Path) -> Provider {
    Box::new(KeyFiles::open(&key_folder(folder), Sealing::Plain).expect("a folder"))
}

pub(super) fn fresh(folder: &Path) -> Home {
    Home::create(folder, profile(), keys(folder)).expect("creates")
}

pub(super) fn opened(folder: &Path) -> Home {
    Home::open(folder, keys(folder)).expect("opens")
}

fn of_list() -> Of {
    Of {
        list: list(),
        version: None,
    }
}

#[test]
fn a_home_survives_a_restart_and_is_open_to_several() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("agent");
    let home = fresh(&at);
    let (key, digest) = (home.public_key(), home.reference_digest("PK-1"));
    let beside = opened(&at);
    let learnt = |entry| Learnt {
        reference: digest,
        known: Known::new(EntryId([entry; 16]), Date(20_000), Epoch(1), [5; 16]),
    };
    let learn = |home: &Home, entry| {
        let references = home.references(&of_list()).expect("opens");
        references.learn(&[learnt(entry)]).expect("learns");
    };
    learn(&home, 1);
    learn(&beside, 2);
    learn(&home, 3);
    for home in [&home, &beside] {
        let references = home.references(&of_list()).expect("opens");
        assert_eq!(references.find(&[digest]).expect("finds")[0].len(), 3);
    }
    // One upload is one process's.
    let job = home.job_log("a").expect("begins");
    assert!(matches!(beside.job_log("a"), Err(HomeError::Busy)));
    drop(beside.job_log("b").expect("another job"));
    drop(job);
    drop(beside.job_log("a").expect("opens once it is free"));
    drop(beside);
    drop(home);
    let home = opened(&at);
    assert_eq!(
        (home.public_key(), home.reference_digest("PK-1")),
        (key, digest)
    );
    assert_eq!(home.profile(), &profile());
    drop(home);
    let again = Home::create(&at, profile(), keys(&at));
    assert!(matches!(again, Err(HomeError::Exists)));
}

#[test]
fn a_folder_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("agent");
    drop(fresh(&at));
    std::fs::set_permissions(&at, std::fs::Permissions::from_mode(0o755)).expect("sets");
    assert!(matches!(
        Home::open(&at, keys(&at)),
        Err(HomeError::TooOpen)
    ));
    assert!(matches!(
        Home::open(folder.path(), keys(&at)),
        Err(HomeError::NotAHome)
    ));
}

#[test]
fn references_are_found_again_and_show_nothing_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("agent");
    let home = fresh(&at);
    let reference = home.reference_digest("PK-2024-000017");
    let learnt = |entry, day| Learnt {
        reference,
        known: Known::new(EntryId([entry; 16]), Date(day), Epoch(1), [5; 16]),
    };
    let references = home.references(&of_list()).expect("opens");
    let first = [learnt(1, 20_000), learnt(2, 20_000), learnt(3, 20_000)];
    references.learn(&first).expect("learns");
    references.learn(&[learnt(1, 20_000)]).expect("learns");
    references.learn(&[learnt(3, 20_001)]).expect("learns");
    drop(references);
    drop(home);
    let home = opened(&at);
    let references = home.references(&of_list()).expect("opens");
    let known = references.find(&[reference]).expect("finds").remove(0);
    let entries: Vec<u8> = known.iter().map(|known| known.entry.0[0]).collect();
    assert_eq!(entries, [1, 2, 3]);
    assert_eq!(known[2].defaulted_on(), Date(20_001));
    assert_eq!(references.count().expect("counts"), 3);
    let log = at
        .join("references")
        .join(list().as_str())
        .join("own/log.0");
    let bytes = std::fs::read(log).expect("reads");
    assert!(
        !bytes
            .windows(16)
            .any(|w| w == [1; 16] || w == &reference.0[..16])
    );
}
