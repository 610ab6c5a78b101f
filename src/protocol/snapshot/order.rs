//! Whether a snapshot's keys are in order: an unsorted section would hide people.

use super::{KEY_BYTES, SnapshotIndex};

/// Looks at every key once, chunk after chunk from the first one.
pub struct KeyOrder {
    /// Keys of the sections not passed yet, the first less what was seen of it.
    left: std::vec::IntoIter<u64>,
    in_section: u64,
    last: u64,
}

impl KeyOrder {
    /// Before the first key of a snapshot.
    #[must_use]
    pub fn of(index: &SnapshotIndex) -> Self {
        let counts: Vec<u64> = index.sections.iter().map(|section| section.keys).collect();
        Self {
            left: counts.into_iter(),
            in_section: 0,
            last: 0,
        }
    }

    /// Whether the next chunk's keys ascend within their sections, and belong to one.
    #[must_use]
    pub fn take(&mut self, chunk: &[u8]) -> bool {
        let (keys, rest) = chunk.as_chunks::<KEY_BYTES>();
        let mut keys = keys;
        while !keys.is_empty() {
            if self.in_section == 0 {
                let Some(next) = self.left.next() else {
                    return false;
                };
                (self.in_section, self.last) = (next, 0);
            }
            let taken = usize::try_from(self.in_section).unwrap_or(usize::MAX);
            let (of_section, after) = keys.split_at(taken.min(keys.len()));
            for key in of_section.iter().copied().map(u64::from_le_bytes) {
                if key < self.last {
                    return false;
                }
                self.last = key;
            }
            self.in_section -= of_section.len() as u64;
            keys = after;
        }
        rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::snapshot::{CHUNK_KEYS, SectionCount};
    use crate::protocol::{AnswerClass, Digest32, Section};

    fn index(counts: [u64; 2]) -> SnapshotIndex {
        let section = |class, keys| SectionCount {
            section: Section {
                class,
                category: None,
            },
            keys,
        };
        let sections = vec![
            section(AnswerClass::Listed, counts[0]),
            section(AnswerClass::Previously, counts[1]),
        ];
        let chunks = (counts[0] + counts[1]).div_ceil(CHUNK_KEYS as u64);
        SnapshotIndex::new(sections, vec![Digest32([0; 32]); chunks as usize]).expect("an index")
    }

    fn in_order(counts: [u64; 2], chunks: &[&[u64]]) -> bool {
        let mut order = KeyOrder::of(&index(counts));
        let bytes = |keys: &[u64]| keys.iter().flat_map(|key| key.to_le_bytes()).collect();
        chunks.iter().all(|keys| {
            let bytes: Vec<u8> = bytes(keys);
            order.take(&bytes)
        })
    }

    #[test]
    fn keys_ascend_within_their_section_over_chunks() {
        assert!(in_order([3, 2], &[&[1, 1, 9, 0, 5]]));
        assert!(in_order([3, 2], &[&[1, 1], &[9, 0], &[5]]));
        assert!(!in_order([3, 2], &[&[1, 0, 9, 0, 5]]));
        assert!(!in_order([3, 2], &[&[1, 2], &[1, 0], &[5]]));
        assert!(!in_order([3, 2], &[&[1, 2, 3, 5, 4]]));
        assert!(!in_order([3, 2], &[&[1, 2, 3, 4, 5, 6]]), "one too many");
        assert!(!KeyOrder::of(&index([3, 2])).take(&[0; 9]));
    }
}
