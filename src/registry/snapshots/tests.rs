use std::path::Path;

use super::*;
use crate::protocol::codes::Reason;
use crate::protocol::snapshot::CHUNK_KEYS;
use crate::protocol::{
    AnswerClass, Digest32, Head, Placement, Section, SectionCount, SigningKey, Timestamp,
};

fn list() -> ListId {
    ListId::parse("peminjam-macet").expect("an id")
}

fn key() -> SigningKey {
    SigningKey::from_bytes([4; 32])
}

fn placed(class: AnswerClass, reasons: &[Reason]) -> Placement {
    Placement::of(class, reasons.iter().copied().collect())
}

fn section(class: AnswerClass, category: Option<Reason>) -> Section {
    Section { class, category }
}

/// Builds a snapshot of these keys, which ascend, and puts it on the shelf.
fn put(shelf: &Shelf, sequence: u64, keys: &[(u64, Placement)]) -> Arc<Built> {
    let (folder, part) = shelf.making(&list(), Epoch(1));
    let mut ranges = SectionFiles::begin(&folder, 3).expect("a folder");
    let mut rest = keys;
    for (number, range) in ranges.iter_mut().enumerate() {
        let (keys, after) = rest.split_at(rest.len() / (3 - number));
        keys.chunks(1000)
            .for_each(|some| range.take(some).expect("takes"));
        rest = after;
    }
    let index = SectionFiles::join(ranges, &part).expect("joins");
    let head = Head {
        list: list(),
        epoch: Epoch(1),
        revision: 1,
        record: Digest32([1; 32]),
        sequence,
        as_of: Timestamp(5),
        what: HeadSubject::Snapshot,
        body: Head::digest_of(&index.to_bytes()),
    };
    shelf.put(&head.sign(&key()), index).expect("puts")
}

fn open(at: &Path) -> Shelf {
    Shelf::open(at.to_owned(), &key().public_key()).expect("opens")
}

fn files(at: &Path) -> usize {
    std::fs::read_dir(at).expect("a folder").count()
}

#[test]
fn keys_are_sorted_into_their_sections() {
    let at = tempfile::tempdir().expect("a folder");
    let shelf = open(at.path());
    let (listed, previously) = (AnswerClass::Listed, AnswerClass::Previously);
    let two = placed(listed, &[Reason::Kabur, Reason::Asn]);
    let keys = [
        (1, placed(previously, &[Reason::MacetPokok])),
        (2, two),
        (2, two),
        (5, Placement::NOWHERE),
        (9, placed(listed, &[Reason::MacetBunga])),
    ];
    let built = put(&shelf, 7, &keys);
    let count = |section, keys| SectionCount { section, keys };
    let expected = [
        count(section(listed, None), 3),
        count(section(listed, Some(Reason::Asn)), 2),
        count(section(previously, None), 1),
    ];
    assert_eq!(built.index.sections(), expected);
    let bytes = built.read(0, 1 << 20).expect("reads").expect("whole");
    let (read, _) = bytes.as_chunks::<8>();
    let read: Vec<u64> = read.iter().copied().map(u64::from_le_bytes).collect();
    assert_eq!(read, [2, 2, 9, 2, 2, 1]);
    assert_eq!(files(at.path()), 2, "nothing of the making is left");
    let none = put(&shelf, 8, &[]);
    assert_eq!(
        (none.index.keys(), none.read(0, 9).expect("reads")),
        (0, Some(vec![]))
    );
}

#[test]
fn any_range_reads_and_a_changed_byte_is_noticed() {
    let at = tempfile::tempdir().expect("a folder");
    let shelf = open(at.path());
    let debt = placed(AnswerClass::Listed, &[Reason::Kabur]);
    let keys: Vec<_> = (0..2 * CHUNK_KEYS as u64 + 3)
        .map(|key| (key * 7, debt))
        .collect();
    let built = put(&shelf, 7, &keys);
    let whole: Vec<u8> = keys.iter().flat_map(|(key, _)| key.to_le_bytes()).collect();
    let chunk = 1usize << 20;
    for (start, length) in [
        (0, 1),
        (0, chunk),
        (chunk - 1, 2),
        (chunk + 5, chunk),
        (0, whole.len()),
        (whole.len() - 3, 3),
        (whole.len() - 3, 99),
    ] {
        let read = built.read(start as u64, length).expect("reads");
        let end = whole.len().min(start + length);
        assert_eq!(
            read.as_deref(),
            Some(&whole[start..end]),
            "{start} {length}"
        );
    }
    let path = at.path().join("peminjam-macet.1.7.keys");
    let mut bad = whole.clone();
    bad[chunk + 9] ^= 1;
    std::fs::write(&path, &bad).expect("writes");
    assert_eq!(built.read(chunk as u64, 8).expect("reads"), None);
    assert!(
        built.read(0, chunk).expect("reads").is_some(),
        "another chunk"
    );
    std::fs::write(&path, &whole[..chunk]).expect("writes");
    assert!(built.read(chunk as u64, 8).is_err(), "cut short");
}

#[test]
fn the_newest_two_are_kept_and_found_again_if_they_are_ours() {
    let at = tempfile::tempdir().expect("a folder");
    let debt = placed(AnswerClass::Listed, &[Reason::Kabur]);
    let shelf = open(at.path());
    let first = put(&shelf, 7, &[(1, debt)]);
    put(&shelf, 8, &[(1, debt), (2, debt)]);
    put(&shelf, 9, &[(3, debt)]);
    let kept = |shelf: &Shelf| [7, 8, 9].map(|at| shelf.of(&list(), Epoch(1), at).is_some());
    assert_eq!(kept(&shelf), [false, true, true]);
    let read = first.read(0, 8).expect("whoever reads goes on");
    assert_eq!(read, Some(1u64.to_le_bytes().to_vec()));
    drop(shelf);
    let shelf = open(at.path());
    assert_eq!(kept(&shelf), [false, true, true]);
    let newest = shelf.newest(&list(), Epoch(1)).expect("one");
    assert_eq!(newest.head.sequence, 9);
    assert!(shelf.newest(&list(), Epoch(2)).is_none());
    drop(shelf);
    let index = at.path().join("peminjam-macet.1.9.index");
    let mut bytes = std::fs::read(&index).expect("reads");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&index, bytes).expect("writes");
    let shelf = open(at.path());
    assert_eq!(kept(&shelf), [false, true, false], "not what was signed");
    assert_eq!(files(at.path()), 2);
    drop(shelf);
    let stranger = SigningKey::from_bytes([9; 32]).public_key();
    let foreign = Shelf::open(at.path().to_owned(), &stranger).expect("opens");
    assert_eq!(kept(&foreign), [false; 3]);
}

#[test]
fn what_a_crash_left_is_overwritten() {
    let at = tempfile::tempdir().expect("a folder");
    let shelf = open(at.path());
    let debt = placed(AnswerClass::Listed, &[Reason::Kabur]);
    let (folder, part) = shelf.making(&list(), Epoch(1));
    let mut left = SectionFiles::begin(&folder, 1).expect("a folder");
    left[0].take(&[(1, debt), (2, debt)]).expect("takes");
    drop(left);
    std::fs::write(part, b"half a snapshot").expect("writes");
    let shelf = open(at.path());
    let built = put(&shelf, 7, &[(9, debt)]);
    assert_eq!(built.index.keys(), 1);
    assert_eq!(
        built.read(0, 8).expect("reads"),
        Some(9u64.to_le_bytes().to_vec())
    );
}
