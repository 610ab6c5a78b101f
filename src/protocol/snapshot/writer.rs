//! Writing a snapshot's keys in one pass, whatever their number: a chunk is held at a time.

use std::io::{self, Write};

use super::{CHUNK_BYTES, SectionCount, SnapshotIndex};
use crate::protocol::ids::Digest32;
use crate::protocol::section::Section;

/// Takes keys in order, writes their bytes out chunk by chunk and makes the index.
pub struct SnapshotWriter<W> {
    out: W,
    chunk: Vec<u8>,
    last: u64,
    sections: Vec<SectionCount>,
    chunks: Vec<Digest32>,
}

impl<W: Write> SnapshotWriter<W> {
    /// Nothing yet; the bytes go to `out`, a whole chunk in one write.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out,
            chunk: Vec::with_capacity(CHUNK_BYTES),
            last: 0,
            sections: Vec::new(),
            chunks: Vec::new(),
        }
    }

    /// Adds keys of a section: the last one or a later one, and no key below the section's last.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for sections or keys out of order, and what `out` answers.
    pub fn add(&mut self, section: Section, keys: &[u64]) -> io::Result<()> {
        let Some(first) = keys.first() else {
            return Ok(());
        };
        let is_next = match self.sections.last() {
            Some(held) if held.section == section => self.last <= *first,
            Some(held) => held.section < section,
            None => true,
        };
        if !is_next || !keys.is_sorted() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.last = keys[keys.len() - 1];
        match self
            .sections
            .last_mut()
            .filter(|held| held.section == section)
        {
            Some(held) => held.keys += keys.len() as u64,
            None => self.sections.push(SectionCount {
                section,
                keys: keys.len() as u64,
            }),
        }
        for key in keys {
            self.chunk.extend_from_slice(&key.to_le_bytes());
            if self.chunk.len() == CHUNK_BYTES {
                self.close_chunk()?;
            }
        }
        Ok(())
    }

    /// Writes what is left; the index and `out`.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for more keys than a snapshot may have, and what `out`
    /// answers.
    pub fn finish(mut self) -> io::Result<(SnapshotIndex, W)> {
        if !self.chunk.is_empty() {
            self.close_chunk()?;
        }
        self.out.flush()?;
        let index = SnapshotIndex::new(self.sections, self.chunks);
        let index = index.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok((index, self.out))
    }

    fn close_chunk(&mut self) -> io::Result<()> {
        self.out.write_all(&self.chunk)?;
        self.chunks.push(SnapshotIndex::digest_of(&self.chunk));
        self.chunk.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::AnswerClass::{Listed, Previously};
    use crate::protocol::snapshot::CHUNK_KEYS;

    const DEBTORS: Section = Section {
        class: Listed,
        category: None,
    };
    const PAID: Section = Section {
        class: Previously,
        category: None,
    };

    #[test]
    fn chunks_run_over_sections() {
        let keys: Vec<u64> = (0..CHUNK_KEYS as u64 + 5).map(|key| key / 2).collect();
        let mut writer = SnapshotWriter::new(Vec::new());
        for part in keys.chunks(1000) {
            writer.add(DEBTORS, part).expect("in order");
        }
        writer.add(PAID, &[]).expect("nothing");
        writer.add(PAID, &[3, 3]).expect("in order");
        let (index, bytes) = writer.finish().expect("writes");
        let expected: Vec<u8> = keys
            .iter()
            .chain(&[3, 3])
            .flat_map(|key| key.to_le_bytes())
            .collect();
        assert_eq!(bytes, expected);
        assert_eq!(index.chunks().len(), 2);
        for (number, chunk) in bytes.chunks(CHUNK_BYTES).enumerate() {
            assert_eq!(index.chunk_bytes(number), chunk.len());
            assert!(index.vouches_for(number, chunk));
        }
        let counts: Vec<_> = index
            .sections()
            .iter()
            .map(|s| (s.section, s.keys))
            .collect();
        assert_eq!(counts, [(DEBTORS, keys.len() as u64), (PAID, 2)]);
    }

    #[test]
    fn keys_and_sections_out_of_order_are_refused() {
        let refused = |adds: &[(Section, &[u64])]| {
            let mut writer = SnapshotWriter::new(Vec::new());
            adds.iter()
                .any(|(section, keys)| writer.add(*section, keys).is_err())
        };
        assert!(!refused(&[
            (DEBTORS, &[1, 1]),
            (DEBTORS, &[1]),
            (PAID, &[0])
        ]));
        assert!(refused(&[(DEBTORS, &[2, 1])]));
        assert!(refused(&[(DEBTORS, &[2]), (DEBTORS, &[1])]));
        assert!(refused(&[(PAID, &[2]), (DEBTORS, &[3])]));
    }
}
