//! A snapshot that is read is the one its keys make, and every key in it is found.
#![no_main]

use saring::protocol::snapshot::{SnapshotBuilder, SnapshotView};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(view) = SnapshotView::from_bytes(data) else {
        return;
    };
    let mut again = SnapshotBuilder::default();
    for section in view.sections() {
        for key in section.keys() {
            assert!(section.keys().filter(|other| *other == key).count() == section.count(key));
            assert!(view.look_up(key).is_some());
            again.add(section.class, section.category, key);
        }
    }
    assert_eq!(again.to_bytes(), data);
});
