//! A list for benches of what comes after an evaluation: of keyed hashes, which nobody evaluates.

use saring::protocol::policy::ListPolicy;
use saring::protocol::record::{EpochRecord, SignedRecord};
use saring::protocol::{Digest32, Epoch, ListId, ListKind, SigningKey, Timestamp};
use saring::store::{Change, StoredList};

/// The list is created, with a first record that the key signs.
pub(crate) fn create(list: ListId, key: &SigningKey) -> Change {
    let record = EpochRecord {
        list,
        kind: ListKind::HashBlake3,
        epoch: Epoch(1),
        revision: 1,
        previous: Digest32([0; 32]),
        keys: None,
        hash_key: Some(Digest32([8; 32])),
        bucket_bits: 8,
        rows_per_bucket: 512,
        not_before: Timestamp(0),
        not_after: Timestamp(i64::MAX),
    };
    let stored = StoredList::new(&record, ListPolicy::default(), 60);
    let signed = SignedRecord::by_registry(record, key);
    Change::CreateList(Box::new(stored), Box::new(signed))
}
