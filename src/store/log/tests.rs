use std::fs;

use super::*;

fn key(seed: u8) -> Arc<SigningKey> {
    Arc::new(SigningKey::from_bytes([seed; 32]))
}

fn all(log: &AppendLog, from: u64) -> Vec<(u64, Vec<u8>)> {
    let entries = log.entries(from).expect("reads");
    entries.collect::<Result<_, _>>().expect("undamaged")
}

/// Three frames of 1, 2 and 1 entries.
fn sample(path: &Path) -> Vec<u64> {
    let mut log = AppendLog::create(path, "test", key(1)).expect("makes the log");
    let mut ends = vec![log.end];
    for group in [vec!["a"], vec!["bb", ""], vec!["dddd"]] {
        log.append(&group).expect("appends");
        ends.push(log.end);
    }
    ends
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a fresh folder")
}

#[test]
fn entries_come_back_in_order_from_any_position() {
    let folder = folder();
    let path = folder.path().join("log");
    sample(&path);
    let log = AppendLog::open(&path, "test", key(1)).expect("opens");
    let expected: Vec<(u64, Vec<u8>)> = ["a", "bb", "", "dddd"]
        .iter()
        .enumerate()
        .map(|(at, entry)| (at as u64, entry.as_bytes().to_vec()))
        .collect();
    assert_eq!(all(&log, 0), expected);
    assert_eq!(all(&log, 2), expected[2..]);
    assert_eq!(all(&log, 9), []);
    assert_eq!(log.point().entries, 4);
    assert_eq!(log.point_at(4), Ok(Some(log.point())));
    assert_eq!(log.point_at(5), Ok(None));
    assert_ne!(log.point_at(2), log.point_at(3));
    assert_eq!(log.torn_bytes(), 0);
}

#[test]
fn a_cut_last_frame_is_stepped_over_and_overwritten() {
    let folder = folder();
    let path = folder.path().join("log");
    let ends = sample(&path);
    let whole = fs::read(&path).expect("reads");
    for cut in ends[2]..ends[3] {
        fs::write(&path, &whole[..cut as usize]).expect("writes");
        let mut log = AppendLog::open(&path, "test", key(1)).expect("opens");
        assert_eq!(log.point().entries, 3, "cut at {cut}");
        assert_eq!(log.torn_bytes(), cut - ends[2]);
        assert_eq!(
            fs::read(&path).expect("reads").len() as u64,
            cut,
            "opening changes nothing"
        );
        assert_eq!(log.append(&["e"]), Ok(3));
        assert_eq!(log.torn_bytes(), 0);
        drop(log);
        let log = AppendLog::open(&path, "test", key(1)).expect("opens");
        assert_eq!(all(&log, 3), [(3, b"e".to_vec())]);
    }
}

#[test]
fn zeros_after_the_last_frame_are_a_torn_tail() {
    let folder = folder();
    let path = folder.path().join("log");
    sample(&path);
    let mut bytes = fs::read(&path).expect("reads");
    bytes.extend_from_slice(&[0; 70_000]);
    fs::write(&path, &bytes).expect("writes");
    let log = AppendLog::open(&path, "test", key(1)).expect("opens");
    assert_eq!((log.point().entries, log.torn_bytes()), (4, 70_000));
}

#[test]
fn no_flipped_bit_passes_for_the_whole_log() {
    let folder = folder();
    let path = folder.path().join("log");
    let ends = sample(&path);
    let whole = fs::read(&path).expect("reads");
    for bit in (0..whole.len() * 8).step_by(3) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).expect("writes");
        let opened = AppendLog::open(&path, "test", key(1));
        let in_last = (bit / 8) as u64 >= ends[2];
        match opened.map(|log| log.point().entries) {
            Err(StoreError::Corrupt | StoreError::Mark) => {}
            Ok(3) if in_last => {}
            other => panic!("bit {bit}: {other:?}"),
        }
    }
    fs::write(&path, &whole).expect("writes");
    assert!(
        AppendLog::open(&path, "test", key(1)).is_ok(),
        "the control opens"
    );
}

#[test]
fn another_key_another_name_and_a_missing_file_are_refused() {
    let folder = folder();
    let path = folder.path().join("log");
    sample(&path);
    let open = |name, seed| AppendLog::open(&path, name, key(seed)).err();
    assert_eq!(open("test", 2), Some(StoreError::Mark));
    assert_eq!(open("other", 1), Some(StoreError::Mark));
    assert_eq!(open("test", 1), None);
    let missing = AppendLog::open(&folder.path().join("no"), "test", key(1));
    assert_eq!(missing.err(), Some(StoreError::Missing));
    let again = AppendLog::create(&path, "test", key(1));
    assert_eq!(again.err(), Some(StoreError::Exists));
}

#[test]
fn one_process_at_a_time_and_no_giant_entries() {
    let folder = folder();
    let path = folder.path().join("log");
    let mut log = AppendLog::create(&path, "test", key(1)).expect("makes the log");
    let second = AppendLog::open(&path, "test", key(1));
    assert_eq!(second.err(), Some(StoreError::Locked));
    let giant = vec![0; MAX_LOG_ENTRY_BYTES + 1];
    assert_eq!(log.append(&[giant]), Err(StoreError::TooLarge));
    assert_eq!(log.append::<&[u8]>(&[]), Ok(0));
    let many = vec![vec![7; MAX_LOG_ENTRY_BYTES]; 5];
    assert_eq!(log.append(&many), Ok(0));
    assert_eq!(log.point().entries, 5);
    assert_eq!(all(&log, 4), [(4, many[0].clone())]);
}
