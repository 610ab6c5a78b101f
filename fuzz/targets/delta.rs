//! A delta that is read is the one that its bytes were made from, and what leaves a section is what
//! its groups say.
#![no_main]

use saring::protocol::Delta;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(delta) = Delta::from_bytes(data) else {
        return;
    };
    assert_eq!(delta.to_bytes(), data);
    for group in delta.groups() {
        let (left, came) = group
            .before
            .or(group.after)
            .map(|section| delta.of_section(section))
            .expect("a group has a side");
        assert!(left.is_sorted() && came.is_sorted());
        assert!(left.len() + came.len() >= group.keys.len());
    }
});
