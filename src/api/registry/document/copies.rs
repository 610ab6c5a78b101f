//! The operations by which a client keeps a copy of a list.

use super::operations::{Operation, READ};
use super::shape::Body;
use crate::protocol::ErrorCode::{
    ClockWrong, InvalidField, NotGranted, SnapshotGone, SnapshotNeeded, SnapshotPending,
};
use crate::protocol::paths;

/// The index of the newest snapshot.
pub(super) const SNAPSHOT: Operation = Operation {
    path: paths::SNAPSHOT,
    id: "snapshot",
    tag: "look-up",
    title_id: "Indeks salinan daftar (snapshot)",
    title_en: "The index of the newest snapshot",
    about: "For a `screen` grant; tested locally. A snapshot is a base: follow it with a delta.",
    answer: "Sections, counts and the digests of chunks under a signed head",
    gives: &[Body::Bytes("A snapshot's index: docs/PROTOCOL.md")],
    headed: true,
    refuses: &[NotGranted, SnapshotPending, ClockWrong],
    ..READ
};

/// Bytes of a snapshot's keys.
pub(super) const SNAPSHOT_KEYS: Operation = Operation {
    path: paths::SNAPSHOT_KEYS,
    id: "snapshotKeys",
    tag: "look-up",
    title_id: "Sebagian kunci dari salinan daftar",
    title_en: "Some of a snapshot's keys",
    about: "For a `screen` grant. The index vouches for each chunk of 1 MiB; at most 1 MiB is sent \
            at once, `Content-Range` says which.",
    answer: "The bytes that `Content-Range` names",
    gives: &[Body::Bytes(
        "Filter keys, u64 little-endian, ascending in each section",
    )],
    ranged: true,
    refuses: &[NotGranted, InvalidField, SnapshotGone],
    ..READ
};

/// What changed since a sequence.
pub(super) const DELTA: Operation = Operation {
    path: paths::DELTA,
    id: "delta",
    tag: "look-up",
    title_id: "Perubahan sejak suatu urutan",
    title_en: "What changed in the snapshot since a sequence",
    about: "For a `screen` grant. An empty delta says that nothing changed.",
    answer: "Filter keys by the sections they left and came to, under a signed head",
    gives: &[Body::Bytes("A delta: docs/PROTOCOL.md")],
    headed: true,
    refuses: &[NotGranted, SnapshotNeeded, SnapshotPending, ClockWrong],
    ..READ
};
