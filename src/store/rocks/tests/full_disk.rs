//! A full disk: nothing is acknowledged, reads go on, and it heals without a restart.

use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use super::folder;
use crate::protocol::limits::ROW_BYTES;
use crate::store::conformance::samples::{always, create_list, evidence, locator, person, view};
use crate::store::rocks::{RocksOptions, RocksStore};
use crate::store::{Store, StoreError};

/// A small file system in memory; unmounted when dropped. By system calls: a child process would
/// for a moment hold the locks of every other test's store.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, megabytes: u32) -> Option<Self> {
        fs::create_dir_all(&at).expect("makes it");
        let size = CString::new(format!("size={megabytes}m")).expect("no zero byte");
        let mounted = mount(
            "saring-test",
            &at,
            "tmpfs",
            MountFlags::empty(),
            size.as_c_str(),
        );
        mounted.is_ok().then_some(Self(at))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone_already = unmount(&self.0, UnmountFlags::DETACH);
    }
}

/// One person with a reply of `bytes` that do not compress.
async fn add(store: &RocksStore, number: u16, bytes: usize) -> Result<u64, StoreError> {
    let mut filter = u64::from(number) + 1;
    let at = locator(number as u8, filter);
    let noise = (0..bytes).map(|_| {
        filter ^= filter << 13;
        filter ^= filter >> 7;
        filter ^= filter << 17;
        filter as u8
    });
    let noise: Vec<u8> = noise.collect();
    let mut evidence = evidence("kop-satu", 0, 1, 1);
    evidence.order.0[..2].copy_from_slice(&number.to_le_bytes());
    let decide = always(vec![person(at, vec![], Some(1), None)], &noise);
    let view = view("peminjam");
    let amended = store.amend(&view, vec![at], evidence, decide).await;
    amended.map(|amended| amended.sequence)
}

async fn held(store: &RocksStore, numbers: &[u16]) -> usize {
    let at: Vec<_> = numbers
        .iter()
        .map(|number| locator(*number as u8, u64::from(*number) + 1))
        .collect();
    let people = store.people(&view("peminjam"), &at).await.expect("reads");
    people.iter().flatten().count()
}

/// Writes until the disk is full; answers the numbers that were acknowledged.
async fn fill(store: &RocksStore, from: u16) -> Vec<u16> {
    let mut acknowledged = Vec::new();
    for number in from..from + 2_000 {
        match add(store, number, 64 << 10).await {
            Ok(_) => acknowledged.push(number),
            Err(StoreError::Full) => return acknowledged,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the disk never fills");
}

async fn survives(disk: &Path, options: RocksOptions) {
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![1; 96 << 20]).expect("writes");
    let store = RocksStore::open(options.clone()).expect("opens");
    let list = store.administer(create_list("peminjam"), evidence("operator", 250, 1, 1));
    list.await.expect("creates");
    let mut acknowledged = fill(&store, 0).await;
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    for number in 3_000..3_005 {
        // RocksDB may have freed a file meanwhile; whatever is taken must be held.
        match add(&store, number, 1 << 20).await {
            Ok(_) => acknowledged.push(number),
            Err(error) => assert_eq!(error, StoreError::Full),
        }
    }
    assert_eq!(
        held(&store, &acknowledged).await,
        acknowledged.len(),
        "look-ups go on"
    );
    let rows = store
        .bucket(&view("peminjam"), 0, 0)
        .await
        .expect("look-ups go on")
        .1;
    assert!(rows.contains(&[1; ROW_BYTES]));
    fs::remove_file(&ballast).expect("makes room");
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = add(&store, 9_000, 100).await {
        // RocksDB still frees the files that the full disk left half written.
        assert!(
            error == StoreError::Full && Instant::now() < deadline,
            "it heals: {error}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    acknowledged.push(9_000);
    drop(store);
    let store = RocksStore::open(options).expect("opens");
    assert_eq!(held(&store, &acknowledged).await, acknowledged.len());
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_heals() {
    for reserve_bytes in [0, 8 << 20] {
        let folder = folder();
        let Some(disk) = Disk::mount(folder.path("disk"), 176) else {
            eprintln!("SKIPPED: a full disk needs root to mount a small file system");
            return;
        };
        let options = RocksOptions {
            database: disk.0.join("db"),
            reserve_bytes,
            ..folder.options()
        };
        survives(&disk.0, options).await;
    }
}
