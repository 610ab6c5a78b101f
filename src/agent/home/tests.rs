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

fn fresh(folder: &Path) -> Home {
    Home::create(folder, profile(), keys(folder)).expect("creates")
}

#[test]
fn a_home_survives_a_restart_and_one_process_submits() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("agent");
    let home = fresh(&at);
    let (key, digest) = (home.public_key(), home.reference_digest("PK-1"));
    drop(home.references().expect("opens"));
    let beside = Home::open(&at, keys(&at)).expect("opens beside");
    assert!(matches!(beside.references(), Err(HomeError::Busy)));
    assert!(matches!(beside.job_log("a"), Err(HomeError::Busy)));
    drop(home);
    drop(beside.references().expect("opens once it is free"));
    drop(beside);
    let home = Home::open(&at, keys(&at)).expect("opens");
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
    let learnt = |entry| Learnt {
        list: list(),
        reference,
        known: Known::new(EntryId([entry; 16]), Date(20_000), Epoch(1), [5; 16]),
    };
    home.references()
        .expect("opens")
        .learn(vec![learnt(1), learnt(2)])
        .expect("learns");
    home.references()
        .expect("opens")
        .learn(vec![learnt(1)])
        .expect("learns nothing new");
    for _ in 0..2 * 256 {
        home.references()
            .expect("opens")
            .learn(vec![learnt(3)])
            .expect("learns");
        home.references()
            .expect("opens")
            .learn(vec![Learnt {
                known: Known::new(EntryId([3; 16]), Date(20_001), Epoch(1), [5; 16]),
                ..learnt(3)
            }])
            .expect("learns");
    }
    drop(home);
    let before = std::fs::metadata(at.join("references.log"))
        .expect("there")
        .len();
    let home = Home::open(&at, keys(&at)).expect("opens");
    drop(home.references().expect("opens and compacts"));
    let after = std::fs::metadata(at.join("references.log"))
        .expect("there")
        .len();
    assert!(after < before / 100, "{after} of {before}");
    let known = home
        .references()
        .expect("opens")
        .entries(&list(), &reference)
        .to_vec();
    assert_eq!(
        known
            .iter()
            .map(|known| known.entry.0[0])
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(known[2].defaulted_on(), Date(20_001));
    assert_eq!(home.references().expect("opens").count(&list()), 3);
    let bytes = std::fs::read(at.join("references.log")).expect("reads");
    assert!(
        !bytes
            .windows(16)
            .any(|w| w == [1; 16] || w == &reference.0[..16])
    );
}
