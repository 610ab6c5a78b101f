use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::merging::Merging;
use super::row::{Row, row};
use super::*;
use crate::agent::home::SealedLog;
use crate::hash::HashKey;

/// What a shelf must say.
type Model = BTreeMap<Digest32, BTreeMap<EntryId, Known>>;

/// Merges only when told.
const BY_HAND: Sizes = Sizes {
    fresh_rows: 6,
    fan_in: usize::MAX,
};

fn sealer() -> Sealer {
    Sealer::new(&HashKey::new([7; 32]), "references/a/own")
}

fn open(folder: &Path, sizes: Sizes) -> Shelf {
    Shelf::open(folder.to_owned(), sealer(), sizes).expect("opens")
}

fn merge(shelf: &Shelf, fan_in: usize) -> Result<(), HomeError> {
    let place = shelf.merging().place;
    Merging { place, fan_in }.run()
}

/// References of few digests, some of which begin with the same 8 bytes.
fn digest(number: u8) -> Digest32 {
    let mut digest = [number / 3; 32];
    digest[31] = number % 3;
    Digest32(digest)
}

fn listing(entry: u8, day: i32) -> Known {
    Known::new(EntryId([entry; 16]), Date(day), Epoch(1), [entry; 16])
}

fn rows(batch: &[(u8, u8, i32)]) -> Vec<Row> {
    let batch = batch.iter();
    batch
        .map(|(reference, entry, day)| row(&digest(*reference), &listing(*entry, *day)))
        .collect()
}

fn note(model: &mut Model, batch: &[(u8, u8, i32)]) {
    for (reference, entry, day) in batch {
        let new = listing(*entry, *day);
        let of = model.entry(digest(*reference)).or_default();
        of.insert(new.entry, new);
    }
}

#[track_caller]
fn agree(shelf: &mut Shelf, model: &Model, what: &str) {
    let all: Vec<Digest32> = (0..=99).rev().map(digest).collect();
    let found = shelf.find(&all).expect("finds");
    for (digest, found) in all.iter().zip(found) {
        let must: Vec<Known> = model
            .get(digest)
            .map(|of| of.values().copied().collect())
            .unwrap_or_default();
        assert_eq!(found, must, "{what}");
    }
    let must: usize = model.values().map(BTreeMap::len).sum();
    assert_eq!(shelf.count().expect("counts"), must as u64, "{what}");
}

#[derive(Clone, Debug)]
enum Act {
    Learn { by: bool, batch: Vec<(u8, u8, i32)> },
    Look { by: bool },
    Reopen { by: bool },
    Merge { by: bool },
}

fn act() -> impl Strategy<Value = Act> {
    let batch = prop::collection::vec((0..100u8, 0..5u8, 0..3i32), 0..40);
    prop_oneof![
        4 => (any::<bool>(), batch).prop_map(|(by, batch)| Act::Learn { by, batch }),
        2 => any::<bool>().prop_map(|by| Act::Look { by }),
        1 => any::<bool>().prop_map(|by| Act::Reopen { by }),
        1 => any::<bool>().prop_map(|by| Act::Merge { by }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Two processes work in one shelf, that merges beside them: both know what a map knows.
    #[test]
    fn a_shelf_says_what_a_map_says(acts in prop::collection::vec(act(), 1..40)) {
        let sizes = Sizes { fresh_rows: 16, fan_in: 3 };
        let folder = tempfile::tempdir().expect("a folder");
        let mut two = [(); 2].map(|()| open(folder.path(), sizes));
        let mut model = Model::new();
        for act in acts {
            match act {
                Act::Learn { by, batch } => {
                    two[usize::from(by)].learn(&rows(&batch)).expect("learns");
                    note(&mut model, &batch);
                }
                Act::Look { by } => agree(&mut two[usize::from(by)], &model, "looked"),
                Act::Reopen { by } => two[usize::from(by)] = open(folder.path(), sizes),
                Act::Merge { by } => merge(&two[usize::from(by)], 2).expect("merges"),
            }
        }
        two.iter_mut().for_each(|shelf| agree(shelf, &model, "in the end"));
        drop(two);
        agree(&mut open(folder.path(), sizes), &model, "opened again");
    }
}

/// What a process does that learns eight batches and merges now and then.
const BATCHES: u8 = 8;

fn batch(number: u8) -> Vec<(u8, u8, i32)> {
    // Each row of one batch comes again in the next, with another day.
    (0..5)
        .map(|at| (number * 3 + at, number % 2, i32::from(number)))
        .collect()
}

fn work(shelf: &mut Shelf, number: u8) -> Result<(), HomeError> {
    shelf.learn(&rows(&batch(number)))?;
    match number % 3 {
        2 => merge(shelf, 2),
        _ => Ok(()),
    }
}

#[test]
fn a_shelf_survives_a_kill_between_any_two_changes_of_its_files() {
    let mut kills = 0;
    for steps in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        let mut model = Model::new();
        files::killed::after(steps);
        let mut killed = None;
        let opened = Shelf::open(folder.path().to_owned(), sealer(), BY_HAND);
        if let Ok(mut shelf) = opened {
            killed = (0..BATCHES).find(|number| match work(&mut shelf, *number) {
                Ok(()) => {
                    note(&mut model, &batch(*number));
                    false
                }
                Err(HomeError::Io(_)) => true,
                Err(fault) => panic!("{steps}: {fault}"),
            });
            if killed.is_none() {
                files::killed::never();
                agree(&mut shelf, &model, "not killed");
                break;
            }
        }
        files::killed::never();
        kills += 1;
        let mut shelf = open(folder.path(), BY_HAND);
        // What was acknowledged is there; the batch under way is there as a whole or not at all.
        let under_way = killed.map(batch).unwrap_or_default();
        let known = shelf.count().expect("counts");
        let mut with = model.clone();
        note(&mut with, &under_way);
        let days = |shelf: &mut Shelf| {
            let sought: Vec<Digest32> = under_way.iter().map(|one| digest(one.0)).collect();
            shelf.find(&sought).expect("finds").concat()
        };
        let is_there = days(&mut shelf).iter().any(|known| {
            killed.is_some_and(|number| known.defaulted_on() == Date(i32::from(number)))
        });
        agree(
            &mut shelf,
            if is_there { &with } else { &model },
            &format!("killed after {steps}, {known} known"),
        );
        // And it goes on.
        for number in killed.unwrap_or(0)..BATCHES {
            work(&mut shelf, number).expect("works on");
            note(&mut model, &batch(number));
        }
        agree(&mut shelf, &model, "went on");
        let left = fs::read_dir(folder.path()).expect("reads").count();
        drop(shelf);
        assert!(left < 12, "{left} files");
    }
    assert!(kills > 60, "{kills} places where a process may end");
}

/// A shelf of two runs and a log of two records, and what it holds.
fn filled(folder: &Path) -> Model {
    let mut model = Model::new();
    let mut shelf = open(folder, BY_HAND);
    for number in 0..6 {
        shelf.learn(&rows(&batch(number))).expect("learns");
        note(&mut model, &batch(number));
        if number == 3 {
            merge(&shelf, 2).expect("merges");
        }
    }
    model
}

fn says(folder: &Path) -> Result<u64, HomeError> {
    let mut shelf = Shelf::open(folder.to_owned(), sealer(), BY_HAND)?;
    shelf.find(&[digest(0), digest(4)])?;
    shelf.count()
}

#[test]
fn damage_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path());
    let whole = says(folder.path()).expect("opens");
    let mut seen = 0;
    for entry in fs::read_dir(folder.path()).expect("reads") {
        let path = entry.expect("reads").path();
        let name = path
            .file_name()
            .expect("named")
            .to_string_lossy()
            .into_owned();
        if name.ends_with("lock") || name.ends_with(".part") {
            continue;
        }
        let bytes = fs::read(&path).expect("reads");
        let is_log = name.starts_with("log.");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).expect("writes");
            // The end of a log may be torn; nothing else may differ and not be told.
            match says(folder.path()) {
                Err(HomeError::Damaged) => seen += 1,
                Ok(count) if is_log => assert!(count <= whole),
                other => panic!("{name}, byte {at}: {other:?}"),
            }
            fs::write(&path, &bytes).expect("writes");
        }
        fs::remove_file(&path).expect("removes");
        let gone = says(folder.path());
        assert!(matches!(gone, Err(HomeError::Damaged)), "{name}: {gone:?}");
        fs::write(&path, &bytes).expect("writes");
    }
    assert!(seen > 1_000);
    assert_eq!(says(folder.path()).expect("opens"), whole);
}

#[test]
fn a_run_in_the_place_of_another_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path());
    let runs = fs::read_dir(folder.path()).expect("reads");
    let mut runs: Vec<_> = runs.map(|entry| entry.expect("reads").path()).collect();
    runs.retain(|path| path.to_string_lossy().contains("/run."));
    assert_eq!(runs.len(), 2);
    fs::copy(&runs[0], &runs[1]).expect("copies");
    assert!(matches!(says(folder.path()), Err(HomeError::Damaged)));
}

#[test]
fn a_torn_log_loses_no_more_than_what_was_torn() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shelf = open(folder.path(), Sizes::DEFAULT);
    shelf.learn(&rows(&batch(0))).expect("learns");
    shelf.learn(&rows(&[(50, 0, 0)])).expect("learns");
    shelf.learn(&rows(&[(60, 0, 0)])).expect("learns");
    drop(shelf);
    let path = folder.path().join("log.0");
    let bytes = fs::read(&path).expect("reads");
    let record = 4 + 40 + row::ROW_BYTES;
    for cut in 0..=2 * record {
        fs::write(&path, &bytes[..bytes.len() - cut]).expect("writes");
        let mut shelf = open(folder.path(), Sizes::DEFAULT);
        let mut model = Model::new();
        note(&mut model, &batch(0));
        if cut <= record {
            note(&mut model, &[(50, 0, 0)]);
        }
        if cut < 1 {
            note(&mut model, &[(60, 0, 0)]);
        }
        agree(&mut shelf, &model, "torn");
        shelf.learn(&rows(&[(70, 1, 1)])).expect("learns");
        note(&mut model, &[(70, 1, 1)]);
        drop(shelf);
        agree(&mut open(folder.path(), Sizes::DEFAULT), &model, "after");
    }
}

/// Half a byte a row in memory, besides a log of bounded length; little more than the rows on the
/// disk.
#[test]
fn memory_stays_small_at_a_million() {
    const ROWS: u64 = 1_000_000;
    let folder = tempfile::tempdir().expect("a folder");
    let mut shelf = open(folder.path(), Sizes::DEFAULT);
    let row = |number: u64| {
        let digest = Digest32(*blake3::hash(&number.to_le_bytes()).as_bytes());
        (digest, row(&digest, &listing(1, 1)))
    };
    for first in (0..ROWS).step_by(10_000) {
        let batch: Vec<Row> = (first..first + 10_000)
            .map(|number| row(number).1)
            .collect();
        shelf.learn(&batch).expect("learns");
        assert!(shelf.fresh_rows() < FRESH_ROWS + 10_000);
    }
    shelf.merged().expect("merges");
    assert_eq!(shelf.count().expect("counts"), ROWS);
    let index = shelf.index_bytes() as u64;
    assert!(index <= ROWS * 8 / 16 + 64 * 8, "{index} bytes");
    assert!(shelf.runs() <= 2 * FAN_IN, "{} runs", shelf.runs());
    let found = shelf.find(&[row(0).0, row(ROWS).0, row(ROWS - 1).0]);
    let found: Vec<usize> = found.expect("finds").iter().map(Vec::len).collect();
    assert_eq!(found, [1, 0, 1]);
    let files = fs::read_dir(folder.path()).expect("reads");
    let bytes: u64 = files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes < ROWS * 80, "{bytes} bytes");
}

#[derive(Serialize)]
struct OldLearnt {
    list: ListId,
    reference: Digest32,
    known: Known,
}

fn list(name: &str) -> ListId {
    ListId::parse(name).expect("an id")
}

fn of(name: &str) -> Of {
    Of {
        list: list(name),
        version: None,
    }
}

/// A home of the form before: records of several lists, a listing that comes twice.
fn old_home(at: &Path) -> Home {
    let home = crate::agent::home::tests::fresh(at);
    let path = at.join("references.log");
    let sealer = Sealer::new(home.keys.at_rest(), "references.log");
    let mut log = SealedLog::begin(&path, sealer).expect("begins");
    let learnt = |name: &str, reference, entry, day| OldLearnt {
        list: list(name),
        reference: digest(reference),
        known: listing(entry, day),
    };
    let batches = [
        vec![learnt("aaa", 1, 1, 1), learnt("bbb", 1, 2, 1)],
        vec![learnt("aaa", 1, 3, 1)],
        vec![learnt("aaa", 1, 1, 9), learnt("ccc", 2, 4, 1)],
    ];
    for batch in batches {
        let bytes = postcard::to_stdvec(&batch).expect("writes");
        log.append(&bytes).expect("appends");
    }
    fs::write(at.join("lock"), []).expect("writes");
    home
}

#[track_caller]
fn is_taken_over(home: &Home) {
    let find = |name, reference| {
        let references = home.references(&of(name)).expect("opens");
        references
            .find(&[digest(reference)])
            .expect("finds")
            .remove(0)
    };
    assert_eq!(find("aaa", 1), [listing(1, 9), listing(3, 1)]);
    assert_eq!(find("bbb", 1), [listing(2, 1)]);
    assert_eq!(find("ccc", 2), [listing(4, 1)]);
    assert_eq!(find("ccc", 1), []);
    for gone in ["references.log", "lock"] {
        assert!(!home.folder().join(gone).exists());
    }
}

#[test]
fn an_old_home_is_taken_over_wherever_it_is_killed() {
    let mut kills = 0;
    for steps in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("agent");
        let home = old_home(&at);
        files::killed::after(steps);
        let opened = home.references(&of("aaa"));
        files::killed::never();
        match opened {
            Ok(_) => {
                is_taken_over(&home);
                break;
            }
            Err(HomeError::Io(_)) => kills += 1,
            Err(fault) => panic!("{steps}: {fault}"),
        }
        drop(home);
        is_taken_over(&crate::agent::home::tests::opened(&at));
    }
    assert!(kills > 10, "{kills}");
}

#[test]
fn an_old_log_that_was_changed_is_told_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("agent");
    let home = old_home(&at);
    let path = at.join("references.log");
    let mut bytes = fs::read(&path).expect("reads");
    bytes[60] ^= 1;
    fs::write(&path, &bytes).expect("writes");
    for _ in 0..2 {
        let opened = home.references(&of("aaa"));
        assert!(matches!(opened, Err(HomeError::Damaged)));
    }
    assert!(path.exists());
}

#[test]
fn what_is_kept_of_a_version_is_apart_and_goes_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = crate::agent::home::tests::fresh(&folder.path().join("agent"));
    let version = |number| Of {
        version: Some(Version(number)),
        ..of("aaa")
    };
    assert_eq!(home.versions_kept(&list("aaa")).expect("reads"), []);
    let learn = |of: &Of, entry| {
        let learnt = Learnt {
            reference: digest(1),
            known: listing(entry, 1),
        };
        home.references(of).expect("opens").learn(&[learnt])
    };
    learn(&of("aaa"), 1).expect("learns");
    learn(&version(10), 2).expect("learns");
    learn(&version(9), 3).expect("learns");
    let kept = home.versions_kept(&list("aaa")).expect("reads");
    assert_eq!(kept, [Version(9), Version(10)]);
    home.forget_version(&list("aaa"), Version(9))
        .expect("forgets");
    home.forget_version(&list("aaa"), Version(8))
        .expect("nothing");
    let find = |of: &Of| {
        let references = home.references(of).expect("opens");
        references.find(&[digest(1)]).expect("finds").remove(0)
    };
    assert_eq!(find(&of("aaa")), [listing(1, 1)]);
    assert_eq!(find(&version(10)), [listing(2, 1)]);
    assert_eq!(find(&version(9)), []);
}
