use std::path::Path;

use proptest::prelude::*;

use super::crossing::over_switch;
use super::shelf::Making;
use super::*;
use crate::protocol::codes::Reason;
use crate::protocol::limits::SWITCH_DELTAS_KEPT;
use crate::protocol::snapshot::CHUNK_KEYS;
use crate::protocol::{
    AnswerClass, Delta, Digest32, Head, KeyMove, Placement, Section, SectionCount, SigningKey,
    Timestamp,
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
    let made = shelf.making(&list(), Epoch(1));
    let mut ranges = SectionFiles::begin(&made.sections, 3).expect("a folder");
    let mut rest = keys;
    for (number, range) in ranges.iter_mut().enumerate() {
        let (keys, after) = rest.split_at(rest.len() / (3 - number));
        keys.chunks(1000)
            .for_each(|some| range.take(some).expect("takes"));
        rest = after;
    }
    let keys = private_file(&made.keys).expect("a file");
    let index = SectionFiles::join(ranges, keys).expect("joins");
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
    let built = Built::new(head.clone(), index, &made.keys).expect("opens");
    shelf
        .put(&head.sign(&key()), Arc::new(built), &made)
        .expect("puts")
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
fn nobody_takes_away_what_another_is_putting() {
    let at = tempfile::tempdir().expect("a folder");
    let shelf = open(at.path());
    let debt = placed(AnswerClass::Listed, &[Reason::Kabur]);
    let others = at.path().join("asn.1.5.keys");
    std::fs::write(&others, b"renamed, and not yet named").expect("writes");
    for sequence in 7..10 {
        put(&shelf, sequence, &[(1, debt)]);
    }
    shelf.forget_damaged(&list(), Epoch(1), 9);
    shelf.forget_old(&list(), Epoch(1), Timestamp(i64::MAX));
    assert!(others.exists());
    assert_eq!(files(at.path()), 3, "that, and the keys and index of one");
    drop(shelf);
    open(at.path());
    assert!(!others.exists(), "at a start nobody is putting anything");
}

/// One in the making, half written.
fn half_made(shelf: &Shelf) -> Making {
    let made = shelf.making(&list(), Epoch(1));
    let mut left = SectionFiles::begin(&made.sections, 1).expect("a folder");
    let debt = placed(AnswerClass::Listed, &[Reason::Kabur]);
    left[0].take(&[(1, debt), (2, debt)]).expect("takes");
    std::fs::write(&made.keys, b"half a snapshot").expect("writes");
    made
}

#[test]
fn what_came_to_nothing_leaves_nothing() {
    let at = tempfile::tempdir().expect("a folder");
    let shelf = open(at.path());
    let given_up = half_made(&shelf);
    assert_eq!(files(at.path()), 2);
    let debt = placed(AnswerClass::Listed, &[Reason::Kabur]);
    let built = put(&shelf, 7, &[(9, debt)]);
    drop(given_up);
    assert_eq!(
        files(at.path()),
        2,
        "keys and index of the one that was put"
    );
    let read = built.read(0, 8).expect("reads");
    assert_eq!(read, Some(9u64.to_le_bytes().to_vec()));
    // A crash drops nothing.
    std::mem::forget(half_made(&shelf));
    assert_eq!(files(at.path()), 4);
    drop(shelf);
    let shelf = open(at.path());
    assert_eq!(files(at.path()), 2);
    assert!(shelf.of(&list(), Epoch(1), 7).is_some());
}

/// Few keys, next to each other and far apart.
fn any_key() -> impl Strategy<Value = u64> {
    prop_oneof![0..5u64, (0..5u64).prop_map(|key| key << 61), Just(u64::MAX)]
}

fn any_placement() -> impl Strategy<Value = Placement> {
    let reasons = proptest::sample::subsequence(Reason::ALL.to_vec(), 0..3);
    let class = proptest::sample::select(AnswerClass::ALL.to_vec());
    (class, reasons)
        .prop_map(|(class, reasons)| Placement::of(class, reasons.into_iter().collect()))
}

/// Where people of a few keys stand: in the snapshot before, at the switch, in the one after.
fn stands(at: usize, people: &[(u64, [Placement; 3])]) -> Vec<(u64, Placement)> {
    let mut keys: Vec<_> = people
        .iter()
        .map(|(key, at_each)| (*key, at_each[at]))
        .collect();
    keys.sort_unstable();
    keys
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_switch_is_crossed_by_what_differs_between_two_states(
        people in proptest::collection::vec(
            (any_key(), any_placement(), any_placement(), any_placement()),
            0..40,
        ),
        moved in 0..20usize,
    ) {
        let at = tempfile::tempdir().expect("a folder");
        let shelf = open(at.path());
        let people: Vec<_> = people
            .into_iter()
            .enumerate()
            .map(|(number, (key, old, between, new))| match number < moved {
                true => (key, [old, between, new]),
                false => (key, [old, old, old]),
            })
            .collect();
        let older = put(&shelf, 7, &stands(0, &people));
        let newer = put(&shelf, 9, &stands(2, &people));
        let moves = |from: usize, to: usize| {
            let moves = people.iter().map(|(key, at_each)| KeyMove {
                key: *key,
                before: at_each[from],
                after: at_each[to],
            });
            moves.collect::<Vec<_>>()
        };
        let expected = Delta::net(moves(1, 2));
        let crossed = over_switch(&older, &newer, moves(0, 1)).expect("reads");
        match expected.keys() * 2 <= newer.index.keys() {
            true => prop_assert_eq!(crossed, Some(expected)),
            false => prop_assert_eq!(crossed, None),
        }
    }
}

#[test]
fn two_states_of_several_chunks_are_compared() {
    let at = tempfile::tempdir().expect("a folder");
    let shelf = open(at.path());
    let debt = placed(AnswerClass::Listed, &[Reason::Kabur]);
    let paid = placed(AnswerClass::Previously, &[Reason::Kabur]);
    let many = CHUNK_KEYS as u64 + 1000;
    let stands = |gone: u64, now: Placement| -> Vec<_> {
        let keys = (0..2 * many).filter(|key| *key != gone);
        keys.map(|key| {
            (
                key,
                if key == many + 5 {
                    now
                } else if key % 2 == 0 {
                    debt
                } else {
                    paid
                },
            )
        })
        .collect()
    };
    let older = put(&shelf, 7, &stands(many + 8, debt));
    let newer = put(&shelf, 9, &stands(many - 3, paid));
    let one = |key, before, after| KeyMove { key, before, after };
    let expected = Delta::net(vec![
        one(
            many + 8,
            Placement::NOWHERE,
            stands(0, debt)[many as usize + 7].1,
        ),
        one(
            many - 3,
            stands(0, debt)[many as usize - 4].1,
            Placement::NOWHERE,
        ),
        one(many + 5, debt, paid),
    ]);
    assert_eq!(
        over_switch(&older, &newer, vec![]).expect("reads"),
        Some(expected)
    );
    let path = at.path().join("peminjam-macet.1.7.keys");
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes[9] ^= 1;
    std::fs::write(path, bytes).expect("writes");
    assert!(over_switch(&older, &newer, vec![]).is_err(), "changed");
}

#[test]
fn deltas_over_switches_are_found_again_and_age() {
    let at = tempfile::tempdir().expect("a folder");
    let shelf = open(at.path());
    let body = Delta::net(vec![KeyMove {
        key: 1,
        before: Placement::NOWHERE,
        after: placed(AnswerClass::Listed, &[Reason::Kabur]),
    }])
    .to_bytes();
    let head = |switch: u64, as_of| Head {
        list: list(),
        epoch: Epoch(1),
        revision: 1,
        record: Digest32([1; 32]),
        sequence: switch + 2,
        as_of: Timestamp(as_of),
        what: HeadSubject::Delta {
            from: switch - 1,
            to: switch + 2,
        },
        body: Head::digest_of(&body),
    };
    let put = |shelf: &Shelf, switch, as_of| {
        let signed = head(switch, as_of).sign(&key());
        shelf.put_crossing(&signed, &body).expect("puts");
    };
    put(&shelf, 10, 5);
    put(&shelf, 20, 6);
    let kept = |shelf: &Shelf| [10, 20].map(|at| shelf.over(&list(), Epoch(1), at).is_some());
    assert_eq!(kept(&shelf), [true, true]);
    assert!(shelf.over(&list(), Epoch(1), 9).is_none());
    assert!(shelf.over(&list(), Epoch(2), 10).is_none());
    drop(shelf);
    let shelf = open(at.path());
    assert_eq!(kept(&shelf), [true, true]);
    let crossing = shelf.over(&list(), Epoch(1), 10).expect("kept");
    assert_eq!(crossing.to, 12);
    let delta = crossing.read().expect("reads").expect("ours");
    assert_eq!(delta.to_bytes(), body);
    let file = at.path().join("peminjam-macet.1.9-12.delta");
    let mut bytes = std::fs::read(&file).expect("reads");
    *bytes.last_mut().expect("bytes") ^= 1;
    std::fs::write(&file, bytes).expect("writes");
    assert!(crossing.read().expect("reads").is_none(), "changed");
    drop(shelf);
    let shelf = open(at.path());
    assert_eq!(kept(&shelf), [false, true]);
    let old = Timestamp(6 + MOVES_KEPT_FOR);
    shelf.forget_old(&list(), Epoch(1), old);
    assert_eq!(kept(&shelf), [false, true], "as old as is kept");
    shelf.forget_old(&list(), Epoch(1), Timestamp(old.0 + 1));
    assert_eq!((kept(&shelf), files(at.path())), ([false, false], 0));
    for switch in 1..20 {
        put(&shelf, switch, 5);
    }
    assert_eq!(files(at.path()), SWITCH_DELTAS_KEPT);
}
