//! Values: one byte of version, then the value in postcard's form.

use postcard::ser_flavors::Flavor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::protocol::listing::Person;
use crate::protocol::{ContentDigest, Digest32, OrderId, OrgId, Timestamp};
use crate::store::{Evidence, Section, StoreError, StoredList};

/// The version of every value's form.
const VERSION: u8 = 1;

/// A value's bytes.
pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(128);
    encode_onto(&mut bytes, value)?;
    Ok(bytes)
}

/// Appends a value's bytes.
pub(super) fn encode_onto<T: Serialize + ?Sized>(
    bytes: &mut Vec<u8>,
    value: &T,
) -> Result<(), StoreError> {
    bytes.push(VERSION);
    // A date outside the years -9999 to 9999 has no form; nothing else fails.
    postcard::serialize_with_flavor(value, Onto(bytes)).map_err(|_| StoreError::Corrupt)
}

/// Where postcard writes: behind what is there.
struct Onto<'a>(&'a mut Vec<u8>);

impl Flavor for Onto<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Reads what [`encode`] makes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    let (version, body) = bytes.split_first().ok_or(StoreError::Corrupt)?;
    if *version != VERSION {
        return Err(StoreError::Corrupt);
    }
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok(value),
        _ => Err(StoreError::Corrupt),
    }
}

/// Appends a row's bytes behind the version.
pub(super) fn row_onto(bytes: &mut Vec<u8>, row: &[u8]) {
    bytes.push(VERSION);
    bytes.extend_from_slice(row);
}

/// Reads what [`row_onto`] makes.
pub(super) fn decode_row<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    match bytes.split_first() {
        Some((&VERSION, row)) => row.try_into().map_err(|_| StoreError::Corrupt),
        _ => Err(StoreError::Corrupt),
    }
}

/// Where the database stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Commits so far; the last sequence number given out.
    pub(super) counter: u64,
    /// Chains every batch to all before it.
    pub(super) root: Digest32,
    /// The latest time a write carried.
    pub(super) last_time: Timestamp,
    /// Entries of the journal that were carried out.
    pub(super) held: u64,
}

/// A list and its last record.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptList {
    pub(super) list: StoredList,
    pub(super) revision: u32,
    pub(super) record: Digest32,
}

/// A person and where the indexes have them.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptPerson {
    pub(super) person: Person,
    pub(super) section: Option<Section>,
    pub(super) due: Option<Timestamp>,
}

/// What an order was answered.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptReply {
    pub(super) content: ContentDigest,
    pub(super) sequence: u64,
    pub(super) reply: Vec<u8>,
}

/// [`Evidence`] as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptEvidence {
    organisation: OrgId,
    order: OrderId,
    content: ContentDigest,
    signed_order: Vec<u8>,
    at: Timestamp,
}

impl From<Evidence> for KeptEvidence {
    fn from(evidence: Evidence) -> Self {
        Self {
            organisation: evidence.organisation,
            order: evidence.order,
            content: evidence.content,
            signed_order: evidence.signed_order,
            at: evidence.at,
        }
    }
}

impl From<KeptEvidence> for Evidence {
    fn from(kept: KeptEvidence) -> Self {
        Self {
            organisation: kept.organisation,
            order: kept.order,
            content: kept.content,
            signed_order: kept.signed_order,
            at: kept.at,
        }
    }
}
