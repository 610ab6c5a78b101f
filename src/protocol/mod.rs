//! What is said on the wire and kept on disk: ids, orders, records, heads, rows, limits, error codes.
//!
//! Pure: bytes in, values out. Integers are little-endian, strings carry a u16 length, times are
//! i64 milliseconds since 1970-01-01T00:00:00Z. Every signed form starts with its own context
//! string, so that no signature of one kind reads as another.

pub mod answer;
pub mod bucket;
pub mod bytes;
pub mod chain;
pub mod codes;
pub mod delta;
pub mod derive;
pub mod digest;
pub mod error;
pub mod evaluation;
pub mod evaluator;
pub mod head;
pub mod ids;
pub mod limits;
pub mod listing;
pub mod order;
pub mod organisation;
pub mod padding;
pub mod paths;
pub mod policy;
pub mod read;
pub mod receipt;
pub mod record;
pub mod row;
mod schema;
pub mod section;
pub mod sign;
pub mod snapshot;
pub mod submission;
pub mod summary;
pub mod time;
pub mod trust;
#[cfg(test)]
mod vector_tests;
pub mod version;
pub mod watch;

pub use answer::{Answer, AnswerClass};
pub use bucket::{BucketError, BucketFault, BucketShape};
pub use bytes::{DecodeError, Reader, Writer};
pub use delta::{Delta, DeltaGroup};
pub use derive::{Derivation, SealKey};
pub use digest::ContentDigest;
pub use error::ErrorCode;
pub use head::{Evidence, EvidenceFault, Head, HeadSubject, SignedHead};
pub use ids::{
    Digest32, EntryId, Epoch, Fingerprint, JobId, ListId, ListKind, Locator, OfficerId, OrderId,
    OrgId,
};
pub use padding::PaddingKey;
pub use row::{Row, RowError};
pub use section::{KeyMove, Placement, Section};
pub use sign::{PublicKey, Signature, SignatureError, SigningKey};
pub use snapshot::{SectionCount, SnapshotIndex};
pub use summary::{Reasons, Summary};
pub use time::{Clock, Date, Timestamp};
pub use watch::{Asked, HeadFault, HeadWatch};
