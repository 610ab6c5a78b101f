//! Epoch records: the parameters of a list's key, signed by the registry and countersigned by every
//! custodian. Clients pin them: a first one under the trust root, a later one by its predecessor.

use serde::{Deserialize, Serialize};

use super::bytes::{DecodeError, Reader, Writer};
use super::ids::{Digest32, Epoch, ListId, ListKind};
use super::limits::{MAX_BUCKET_BITS, MAX_CUSTODIANS};
use super::sign::{PublicKey, Signature, SignatureError, SigningKey};
use super::time::Timestamp;
use super::trust::TrustRoot;
use crate::group::EncodedElement;
use crate::oprf::{self, ChainPublics, OprfError, Proof, PublicsParts};

const CONTEXT: &str = "saring/v1/record";

/// How the custodians' key came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum KeyOrigin {
    /// One custodian made its own key: 1 of 1.
    Single = 1,
    /// A dealer split the key and could have kept it: tests only.
    Dealer = 2,
    /// A distributed key generation; nobody ever had the key.
    DistributedGeneration = 3,
}

/// The public keys of an OPRF list's epoch; elements are canonical encodings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EpochKeys {
    /// t: how many custodians an evaluation needs.
    pub threshold: u8,
    /// pk_i = k_i*G, n of them, in order of their index from 1.
    #[serde(with = "hex_list")]
    #[schema(value_type = Vec<Digest32>)]
    pub custodians: Vec<EncodedElement>,
    /// pk_E = k*G.
    #[serde(with = "hex_one")]
    #[schema(value_type = Digest32)]
    pub group: EncodedElement,
    /// mG.
    #[serde(with = "hex_one")]
    #[schema(value_type = Digest32)]
    pub factor: EncodedElement,
    /// pk = K*G = m*k*G.
    #[serde(with = "hex_one")]
    #[schema(value_type = Digest32)]
    pub public: EncodedElement,
    /// How k was made.
    pub origin: KeyOrigin,
    /// The RFC's proof over `(G, mG; [pk_E], [pk])`: c and s.
    pub proof: Signature,
}

impl EpochKeys {
    /// The public values, decoded and found to hold together: no identity, the custodians' keys on
    /// one polynomial through `pk_E`, and the proof that pk = m*pk_E.
    ///
    /// # Errors
    /// [`RecordFault::Element`], [`RecordFault::Polynomial`], [`RecordFault::Proof`].
    pub fn publics(&self) -> Result<ChainPublics, RecordFault> {
        let element = |bytes| oprf::PublicKey::decode(bytes).map_err(|_| RecordFault::Element);
        let parts = PublicsParts {
            threshold: self.threshold,
            custodians: self
                .custodians
                .iter()
                .map(element)
                .collect::<Result<_, _>>()?,
            group: element(&self.group)?,
            factor: element(&self.factor)?,
            key: element(&self.public)?,
            proof: Proof::from_bytes(&self.proof.0).map_err(|_| RecordFault::Proof)?,
        };
        ChainPublics::new(parts).map_err(|error| match error {
            OprfError::RecordProofRefused => RecordFault::Proof,
            OprfError::ThresholdOutOfRange | OprfError::CustodianCount => RecordFault::Form,
            _ => RecordFault::Polynomial,
        })
    }
}

/// The parameters of one list in one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EpochRecord {
    /// The list.
    pub list: ListId,
    /// Its kind.
    pub kind: ListKind,
    /// The epoch.
    pub epoch: Epoch,
    /// Counts the records of one epoch, from 1; only `bucket_bits` and `rows_per_bucket` change.
    pub revision: u32,
    /// The digest of the record before this one; zeros for a list's first.
    pub previous: Digest32,
    /// The keys; none for keyed-hash lists.
    pub keys: Option<EpochKeys>,
    /// For keyed kinds: which hash key the members hold.
    pub hash_key: Option<Digest32>,
    /// p: there are 2^p buckets.
    pub bucket_bits: u8,
    /// R: rows in a bucket.
    pub rows_per_bucket: u32,
    /// The epoch's begin.
    pub not_before: Timestamp,
    /// The epoch's end.
    pub not_after: Timestamp,
}

impl EpochRecord {
    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.string(self.list.as_str())
            .u8(self.kind.number())
            .u32(self.epoch.0)
            .u32(self.revision);
        w.raw(&self.previous.0);
        match &self.keys {
            None => {
                w.u8(0);
            }
            Some(keys) => {
                w.u8(1).u8(keys.threshold).u8(keys.custodians.len() as u8);
                w.raw(keys.custodians.as_flattened())
                    .raw(&keys.group)
                    .raw(&keys.factor);
                w.raw(&keys.public).u8(keys.origin as u8).raw(&keys.proof.0);
            }
        }
        match &self.hash_key {
            None => w.u8(0),
            Some(digest) => w.u8(1).raw(&digest.0),
        };
        w.u8(self.bucket_bits).u32(self.rows_per_bucket);
        w.time(self.not_before).time(self.not_after);
        w.finish()
    }

    /// Reads what [`EpochRecord::to_bytes`] makes.
    ///
    /// # Errors
    /// Every [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, CONTEXT)?;
        let record = Self {
            list: ListId::parse(r.string()?).map_err(|_| DecodeError::Field("list"))?,
            kind: ListKind::from_number(r.u8()?).ok_or(DecodeError::Field("kind"))?,
            epoch: Epoch(r.u32()?),
            revision: r.u32()?,
            previous: Digest32(r.array()?),
            keys: optional(&mut r, "keys", read_keys)?,
            hash_key: optional(&mut r, "hash_key", |r| r.array().map(Digest32))?,
            bucket_bits: r.u8()?,
            rows_per_bucket: r.u32()?,
            not_before: r.time()?,
            not_after: r.time()?,
        };
        r.finish()?;
        Ok(record)
    }

    /// The digest that orders, heads and the next record name.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        Digest32::of("saring/v1/record-digest", &self.to_bytes())
    }

    /// How many custodians take part of how many, in the words that every surface shows.
    #[must_use]
    pub fn trust(&self) -> String {
        match &self.keys {
            None => "keyed hash: whoever holds the hash key can reverse the list".to_owned(),
            Some(keys) => trust_words(keys.threshold, keys.custodians.len()),
        }
    }

    /// Whether the embedded chain of one step is allowed.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.keys
            .as_ref()
            .is_some_and(|keys| keys.custodians.len() == 1)
    }

    /// Checks everything that needs no other record and no arithmetic on the curve.
    fn check_form(&self) -> Result<(), RecordFault> {
        let fits = self.kind.is_oprf() == self.keys.is_some()
            && (self.kind == ListKind::OprfNik) == self.hash_key.is_none();
        if !fits || self.revision == 0 || self.epoch.0 == 0 {
            return Err(RecordFault::Form);
        }
        if self.bucket_bits > MAX_BUCKET_BITS || self.rows_per_bucket == 0 {
            return Err(RecordFault::Form);
        }
        let Some(keys) = &self.keys else {
            return Ok(());
        };
        let n = keys.custodians.len();
        let t = usize::from(keys.threshold);
        if t == 0 || t > n || n > MAX_CUSTODIANS || (keys.origin == KeyOrigin::Single) != (n == 1) {
            return Err(RecordFault::Form);
        }
        Ok(())
    }
}

/// How many custodians take part of how many, in words.
#[must_use]
pub fn trust_words(threshold: u8, custodians: usize) -> String {
    match (threshold, custodians) {
        (_, 1) => "1 of 1: trusts the operator".to_owned(),
        (1, n) => format!("1 of {n}: trusts each of them alone"),
        (t, n) => format!("{t} of {n}: fewer than {t} of them learn nothing"),
    }
}

fn optional<T>(
    r: &mut Reader<'_>,
    field: &'static str,
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    match r.u8()? {
        0 => Ok(None),
        1 => read(r).map(Some),
        _ => Err(DecodeError::Field(field)),
    }
}

fn read_keys(r: &mut Reader<'_>) -> Result<EpochKeys, DecodeError> {
    let threshold = r.u8()?;
    let n = usize::from(r.u8()?);
    if n > MAX_CUSTODIANS {
        return Err(DecodeError::TooLong("custodians"));
    }
    let custodians = (0..n).map(|_| r.array()).collect::<Result<_, _>>()?;
    let (group, factor, public) = (r.array()?, r.array()?, r.array()?);
    let origin = match r.u8()? {
        1 => KeyOrigin::Single,
        2 => KeyOrigin::Dealer,
        3 => KeyOrigin::DistributedGeneration,
        _ => return Err(DecodeError::Field("origin")),
    };
    let proof = Signature(r.array()?);
    Ok(EpochKeys {
        threshold,
        custodians,
        group,
        factor,
        public,
        origin,
        proof,
    })
}

/// A record with all its signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignedRecord {
    /// The record.
    pub record: EpochRecord,
    /// The registry's Ed25519 signature over [`EpochRecord::to_bytes`].
    pub registry: Signature,
    /// The custodians' signatures over the same bytes, in order of their index; none for
    /// keyed-hash lists, in which no custodian takes part.
    pub custodians: Vec<Signature>,
}

/// Why a record is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// The parts do not fit together: kind, keys, threshold, bits.
    #[error("the record's parts do not fit together")]
    Form,
    /// The registry's key is not the trust root's.
    #[error("the registry's signature does not verify under the trust root")]
    Registry,
    /// A custodian's signature is missing or does not verify under the trust root.
    #[error("a custodian's signature does not verify under the trust root")]
    Custodian,
    /// An element does not decode or is the identity.
    #[error("a public key is not a valid element")]
    Element,
    /// The custodians' keys do not lie on one polynomial of degree t - 1 through pk_E.
    #[error("the custodians' keys do not fit the group's key")]
    Polynomial,
    /// The proof that pk = m*pk_E does not verify.
    #[error("the proof of the registry's factor does not verify")]
    Proof,
    /// The record does not name the pinned one as its predecessor.
    #[error("the record does not follow the one that was pinned")]
    NotSuccessor,
    /// The record is older than the pinned one.
    #[error("the record is older than the one that was pinned")]
    GoesBack,
    /// Something other than p and R changed within an epoch.
    #[error("a record of the same epoch changes more than the buckets")]
    ChangedWithinEpoch,
}

impl SignedRecord {
    /// Signs a record as the registry; custodians add their signatures.
    #[must_use]
    pub fn by_registry(record: EpochRecord, key: &SigningKey) -> Self {
        let registry = key.sign(&record.to_bytes());
        Self {
            record,
            registry,
            custodians: Vec::new(),
        }
    }

    /// Checks form and signatures under the trust root, and the arithmetic of the keys.
    ///
    /// # Errors
    /// [`RecordFault::Form`], [`RecordFault::Registry`], [`RecordFault::Custodian`],
    /// [`RecordFault::Element`], [`RecordFault::Polynomial`], [`RecordFault::Proof`].
    pub fn verify(&self, root: &TrustRoot) -> Result<(), RecordFault> {
        self.record.check_form()?;
        let bytes = self.record.to_bytes();
        root.registry
            .verify(&bytes, &self.registry)
            .map_err(|_| RecordFault::Registry)?;
        let Some(keys) = &self.record.keys else {
            return if self.custodians.is_empty() {
                Ok(())
            } else {
                Err(RecordFault::Form)
            };
        };
        let n = keys.custodians.len();
        if self.custodians.len() != n || root.custodians.len() != n {
            return Err(RecordFault::Custodian);
        }
        let verify = |(key, signature): (&PublicKey, &Signature)| key.verify(&bytes, signature);
        let all: Result<(), SignatureError> = root
            .custodians
            .iter()
            .zip(&self.custodians)
            .try_for_each(verify);
        all.map_err(|_| RecordFault::Custodian)?;
        keys.publics().map(|_| ())
    }

    /// Checks that this record may take the place of the one that was pinned.
    ///
    /// # Errors
    /// [`RecordFault::GoesBack`], [`RecordFault::NotSuccessor`],
    /// [`RecordFault::ChangedWithinEpoch`].
    pub fn follows(&self, pinned: &EpochRecord) -> Result<(), RecordFault> {
        let next = &self.record;
        if (next.epoch, next.revision) <= (pinned.epoch, pinned.revision) {
            return Err(RecordFault::GoesBack);
        }
        if next.list != pinned.list || next.previous != pinned.digest() {
            return Err(RecordFault::NotSuccessor);
        }
        if next.epoch == pinned.epoch {
            let same = EpochRecord {
                revision: next.revision,
                previous: next.previous,
                bucket_bits: next.bucket_bits,
                rows_per_bucket: next.rows_per_bucket,
                ..pinned.clone()
            };
            return if same == *next {
                Ok(())
            } else {
                Err(RecordFault::ChangedWithinEpoch)
            };
        }
        Ok(())
    }
}

mod hex_one {
    use super::super::ids::Digest32;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(element: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
        Digest32(*element).serialize(s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
        Digest32::deserialize(d).map(|digest| digest.0)
    }
}

mod hex_list {
    use super::super::ids::Digest32;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(list: &[[u8; 32]], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(list.iter().map(|element| Digest32(*element)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<[u8; 32]>, D::Error> {
        let list = Vec::<Digest32>::deserialize(d)?;
        Ok(list.into_iter().map(|digest| digest.0).collect())
    }
}

#[cfg(test)]
mod tests;
