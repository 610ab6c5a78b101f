use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::hash::HashKey;
use crate::protocol::codes::Reason;
use crate::protocol::snapshot::SnapshotWriter;
use crate::protocol::{
    AnswerClass, Delta, Digest32, HeadSubject, KeyMove, ListId, Placement, Section, SigningKey,
};

const DEBTORS: Section = Section {
    class: AnswerClass::Listed,
    category: None,
};
const PAID: Section = Section {
    class: AnswerClass::Previously,
    category: None,
};

fn folder(at: &Path) -> CopyFolder {
    let list = ListId::parse("peminjam-macet").expect("an id");
    CopyFolder::new(at, &HashKey::new([3; 32]), &list, Epoch(1))
}

fn kept(sequence: u64, index: SnapshotIndex) -> Kept {
    let head = Head {
        list: ListId::parse("peminjam-macet").expect("an id"),
        epoch: Epoch(1),
        revision: 1,
        record: Digest32([1; 32]),
        sequence,
        as_of: Timestamp(1),
        what: HeadSubject::Delta {
            from: sequence,
            to: sequence,
        },
        body: Digest32([2; 32]),
    };
    Kept {
        head: head.sign(&SigningKey::from_bytes([1; 32])),
        index,
    }
}

/// Makes a copy of these sections as a fetch would.
fn make(folder: &CopyFolder, sequence: u64, sections: &[(Section, Vec<u64>)]) {
    let mut writer = SnapshotWriter::new(folder.begin().expect("a file"));
    for (section, keys) in sections {
        writer.add(*section, keys).expect("in order");
    }
    let (index, _) = writer.finish().expect("writes");
    folder.switch(&kept(sequence, index)).expect("switches");
}

fn open(folder: &CopyFolder) -> LocalCopy {
    folder.open().expect("opens").expect("a copy").1
}

fn read(copy: &LocalCopy, place: usize) -> Vec<u64> {
    copy.keys(place).collect::<Result<_, _>>().expect("reads")
}

#[test]
fn sections_that_share_a_chunk_read_apart() {
    let at = tempfile::tempdir().expect("a folder");
    let folder = folder(at.path());
    let _lock = folder.lock().expect("locks");
    let many: Vec<u64> = (0..CHUNK_KEYS as u64 + 10).map(|key| key * 3).collect();
    make(
        &folder,
        7,
        &[(DEBTORS, many.clone()), (PAID, vec![1, 1, 9])],
    );
    let copy = open(&folder);
    assert_eq!((copy.sequence(), copy.sections().len()), (7, 2));
    assert_eq!(read(&copy, 0), many);
    assert_eq!(read(&copy, 1), [1, 1, 9]);
    assert!(read(&copy, 2).is_empty());
    let mut mixed = copy.keys(0);
    assert_eq!(mixed.next().expect("a key").expect("reads"), 0);
    let block = mixed.block().expect("reads").expect("keys").to_vec();
    assert_eq!(block, many[1..CHUNK_KEYS]);
    assert_eq!(
        mixed.next().expect("a key").expect("reads"),
        many[CHUNK_KEYS]
    );
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("is there")
            .permissions()
            .mode()
    };
    let path = at.path().join("peminjam-macet/1");
    assert_eq!(mode(&path) & 0o777, 0o700);
    for file in std::fs::read_dir(&path).expect("a folder") {
        let file = file.expect("an entry").path();
        assert_eq!(mode(&file) & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn whoever_reads_goes_on_while_a_newer_copy_takes_the_place() {
    let at = tempfile::tempdir().expect("a folder");
    let folder = folder(at.path());
    let _lock = folder.lock().expect("locks");
    assert!(folder.open().expect("opens").is_none());
    make(&folder, 7, &[(DEBTORS, (0..300_000).collect())]);
    let old = open(&folder);
    let mut keys = old.keys(0);
    assert_eq!(keys.next().expect("a key").expect("reads"), 0);
    make(&folder, 8, &[(DEBTORS, vec![5])]);
    assert_eq!(keys.count(), 299_999);
    assert_eq!(read(&open(&folder), 0), [5]);
    let left = std::fs::read_dir(at.path().join("peminjam-macet/1")).expect("a folder");
    let named = left.filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().starts_with("keys.")
    });
    assert_eq!(named.count(), 1);
}

#[test]
fn a_changed_byte_and_a_cut_file_are_noticed() {
    let at = tempfile::tempdir().expect("a folder");
    let folder = folder(at.path());
    let _lock = folder.lock().expect("locks");
    make(&folder, 7, &[(DEBTORS, (0..200_000).collect())]);
    let path = at.path().join("peminjam-macet/1/keys.7");
    let good = std::fs::read(&path).expect("reads");
    open(&folder).verify().expect("the control");
    let mut bad = good.clone();
    bad[1_200_000] ^= 1;
    std::fs::write(&path, &bad).expect("writes");
    let copy = open(&folder);
    assert!(matches!(copy.verify(), Err(AgentError::CopyDamaged)));
    assert!(
        copy.keys(0)
            .any(|key| matches!(key, Err(AgentError::CopyDamaged)))
    );
    std::fs::write(&path, &good[..good.len() - 8]).expect("writes");
    assert!(matches!(folder.open(), Err(AgentError::CopyDamaged)));
    std::fs::remove_file(&path).expect("removes");
    assert!(matches!(folder.open(), Err(AgentError::CopyDamaged)));
    std::fs::write(at.path().join("peminjam-macet/1/copy.sealed"), b"x").expect("writes");
    assert!(matches!(folder.open(), Err(AgentError::Home(_))));
}

#[test]
fn one_process_renews_a_copy() {
    let at = tempfile::tempdir().expect("a folder");
    let folder = folder(at.path());
    let lock = folder.lock().expect("locks");
    let second = folder.lock();
    assert!(matches!(second, Err(crate::agent::HomeError::Busy)));
    drop(lock);
    folder.lock().expect("locks");
}

#[test]
fn a_delta_that_takes_what_is_not_there_does_not_fit() {
    let at = tempfile::tempdir().expect("a folder");
    let folder = folder(at.path());
    let _lock = folder.lock().expect("locks");
    make(&folder, 7, &[(DEBTORS, vec![1, 5, 5])]);
    let copy = open(&folder);
    let listed = Placement::of(AnswerClass::Listed, [Reason::Kabur].into_iter().collect());
    let leaves = |key| KeyMove {
        key,
        before: listed,
        after: Placement::NOWHERE,
    };
    let fits = |moves: &[KeyMove]| {
        let delta = Delta::net(moves.to_vec());
        apply(&copy, &delta, folder.begin().expect("a file"))
    };
    assert_eq!(fits(&[leaves(5), leaves(5)]).expect("fits").keys(), 1);
    assert_eq!(
        fits(&[leaves(1), leaves(5), leaves(5)])
            .expect("fits")
            .keys(),
        0
    );
    for bad in [
        [leaves(0), leaves(1)],
        [leaves(1), leaves(1)],
        [leaves(6), leaves(5)],
    ] {
        assert!(matches!(fits(&bad), Err(AgentError::DeltaUnfit)));
    }
}

fn sections_of(people: &[(u64, Placement)]) -> Vec<(Section, Vec<u64>)> {
    let mut all = std::collections::BTreeMap::<Section, Vec<u64>>::new();
    for (key, placement) in people {
        for section in placement.sections() {
            all.entry(section).or_default().push(*key);
        }
    }
    all.values_mut().for_each(|keys| keys.sort_unstable());
    all.into_iter().collect()
}

fn any_placement() -> impl Strategy<Value = Placement> {
    let reasons = proptest::sample::subsequence(Reason::ALL.to_vec(), 0..3);
    let class = proptest::sample::select(AnswerClass::ALL.to_vec());
    (class, reasons)
        .prop_map(|(class, reasons)| Placement::of(class, reasons.into_iter().collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_copy_and_a_delta_make_the_copy_that_a_snapshot_would(
        people in proptest::collection::vec((0..9u64, any_placement(), any_placement()), 0..40),
    ) {
        let at = tempfile::tempdir().expect("a folder");
        let folder = folder(at.path());
        let _lock = folder.lock().expect("locks");
        let before: Vec<_> = people.iter().map(|(key, before, _)| (*key, *before)).collect();
        let after: Vec<_> = people.iter().map(|(key, _, after)| (*key, *after)).collect();
        make(&folder, 1, &sections_of(&before));
        let moves = people.iter().map(|(key, before, after)| KeyMove {
            key: *key,
            before: *before,
            after: *after,
        });
        let delta = Delta::net(moves.collect());
        let index = apply(&open(&folder), &delta, folder.begin().expect("a file"));
        folder.switch(&kept(2, index.expect("fits"))).expect("switches");
        let led = open(&folder);
        make(&folder, 3, &sections_of(&after));
        let made = open(&folder);
        prop_assert_eq!(led.sections(), made.sections());
        prop_assert_eq!(&led.index, &made.index);
    }
}
