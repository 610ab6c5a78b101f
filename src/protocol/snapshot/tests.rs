use proptest::prelude::*;

use super::*;
use crate::protocol::AnswerClass::{Listed, Previously};
use crate::protocol::codes::Reason;

const ASN: Option<Reason> = Some(Reason::Asn);
const HEADER: usize = CONTEXT.len() + 1 + 1 + 4 + 2;

fn counted(
    class: crate::protocol::AnswerClass,
    category: Option<Reason>,
    keys: u64,
) -> SectionCount {
    SectionCount {
        section: Section { class, category },
        keys,
    }
}

fn index(sections: &[SectionCount]) -> SnapshotIndex {
    let keys: u64 = sections.iter().map(|section| section.keys).sum();
    let chunks = (0..keys.div_ceil(CHUNK_KEYS as u64)).map(|at| Digest32([at as u8; 32]));
    SnapshotIndex::new(sections.to_vec(), chunks.collect()).expect("an index")
}

#[test]
fn the_byte_table_is_as_documented() {
    let chunk = [1u64, 2, 2, 9].map(u64::to_le_bytes).concat();
    let index = SnapshotIndex::new(
        vec![counted(Listed, None, 3), counted(Previously, ASN, 1)],
        vec![SnapshotIndex::digest_of(&chunk)],
    )
    .expect("an index");
    let mut expected = b"saring/v1/snapshot\0\x02\0\0\x02\0\x02\0".to_vec();
    expected.extend(b"\x01\x00\x03\0\0\0\0\0\0\0\x02\x10\x01\0\0\0\0\0\0\0");
    let digested = [&b"saring/v1/chunk\0"[..], &chunk].concat();
    expected.extend(blake3::hash(&digested).as_bytes());
    assert_eq!(index.to_bytes(), expected);
    assert!(index.vouches_for(0, &chunk));
    assert!(!index.vouches_for(1, &chunk) && !index.vouches_for(0, &chunk[8..]));
    assert_eq!((index.keys(), index.bytes()), (4, 32));
}

#[test]
fn the_last_chunk_has_what_is_left() {
    let whole = CHUNK_KEYS as u64;
    for (keys, chunks, last) in [
        (0, 0, 0),
        (1, 1, 8),
        (whole, 1, CHUNK_BYTES),
        (whole + 1, 2, 8),
    ] {
        let sections: Vec<_> = (keys > 0)
            .then(|| counted(Listed, None, keys))
            .into_iter()
            .collect();
        let index = index(&sections);
        assert_eq!(index.chunks().len(), chunks);
        assert_eq!(index.chunk_bytes(chunks.saturating_sub(1)), last);
        assert_eq!(index.chunk_bytes(chunks), 0);
        assert_eq!(index.chunk_bytes(usize::MAX), 0);
    }
}

#[test]
fn every_wrong_form_is_refused() {
    let good = index(&[counted(Listed, None, 2), counted(Listed, ASN, 1)]).to_bytes();
    let refused = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        SnapshotIndex::from_bytes(&bytes).expect_err("a wrong form")
    };
    assert_eq!(refused(0, 0), DecodeError::WrongContext);
    assert_eq!(refused(HEADER - 7, 1), DecodeError::WrongContext);
    assert_eq!(refused(HEADER - 6, 1), DecodeError::Field("chunk size"));
    assert_eq!(refused(HEADER - 1, 1), DecodeError::TooLong("sections"));
    assert_eq!(refused(HEADER, 3), DecodeError::Field("class"));
    assert_eq!(refused(HEADER, 2), DecodeError::Field("sections"));
    assert_eq!(refused(HEADER + 11, 0), DecodeError::Field("sections"));
    for reason in [Reason::MacetBunga.number(), Reason::Korban.number(), 9] {
        assert_eq!(refused(HEADER + 11, reason), DecodeError::Field("category"));
    }
    assert_eq!(refused(HEADER + 2, 0), DecodeError::Field("count"));
    assert_eq!(refused(HEADER + 5, 1), DecodeError::Field("chunks"));
    assert_eq!(refused(HEADER + 9, 0xff), DecodeError::TooLong("keys"));
    let short = SnapshotIndex::from_bytes(&good[..good.len() - 1]);
    assert_eq!(short, Err(DecodeError::Truncated));
    let longer = [&good[..], &[0; 32]].concat();
    assert_eq!(
        SnapshotIndex::from_bytes(&longer),
        Err(DecodeError::Field("chunks"))
    );
}

proptest! {
    #[test]
    fn any_bytes_read_or_are_refused(
        keys in 0..300_000u64,
        at: prop::sample::Index,
        byte: u8,
        noise in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let sections: Vec<_> = (keys > 0).then(|| counted(Listed, None, keys)).into_iter().collect();
        let good = index(&sections);
        let mut bytes = good.to_bytes();
        prop_assert_eq!(SnapshotIndex::from_bytes(&bytes), Ok(good));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for bytes in [bytes.clone(), [&bytes[..HEADER], &noise].concat(), noise] {
            if let Ok(read) = SnapshotIndex::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }
    }
}
