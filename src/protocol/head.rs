//! Signed heads: what the registry vouches for with every bucket, snapshot index and delta.
//!
//! | bytes | field |
//! |---|---|
//! | 15 | `"saring/v1/head"`, 0x00 |
//! | 2 + n | list: u16 length, text |
//! | 4, 4 | epoch, revision: u32 |
//! | 32 | digest of the epoch record |
//! | 8 | sequence: u64 |
//! | 8 | `as_of`: i64 milliseconds |
//! | 1 + 4 | 1, bucket: u32 |
//! | or 1 | 2, the snapshot's index |
//! | or 1 + 8 + 8 | 3, delta from, to: u64 |
//! | 32 | digest of the body: BLAKE3 of `"saring/v1/body" || 0x00 || body` |
//! | 64 | the registry's Ed25519 signature of all before it |

use serde::{Deserialize, Serialize};

use super::bytes::{DecodeError, Reader, Writer};
use super::ids::{Digest32, Epoch, ListId};
use super::sign::{PublicKey, Signature, SignatureError, SigningKey};
use super::time::Timestamp;

const CONTEXT: &str = "saring/v1/head";
const BODY: &str = "saring/v1/body";

/// What a head's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum HeadSubject {
    /// The bucket of this number.
    Bucket(u32),
    /// The index of the snapshot: a base, on which a delta leads on.
    Snapshot,
    /// All changes after sequence `from` up to and with `to`.
    Delta {
        /// The sequence that the changes start after.
        from: u64,
        /// The sequence that they lead to.
        to: u64,
    },
}

/// What the registry says of a body. For one list, epoch, revision, sequence and subject only one
/// body may ever be signed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The list.
    pub list: ListId,
    /// Its epoch.
    pub epoch: Epoch,
    /// The revision of the epoch's record.
    pub revision: u32,
    /// The digest of that record.
    pub record: Digest32,
    /// The list's last change that the body knows.
    pub sequence: u64,
    /// When the body was the newest; answers made from it are of this time.
    pub as_of: Timestamp,
    /// What the body is.
    pub what: HeadSubject,
    /// The digest of the body.
    pub body: Digest32,
}

impl Head {
    /// The digest that vouches for `body`.
    #[must_use]
    pub fn digest_of(body: &[u8]) -> Digest32 {
        Digest32::of(BODY, body)
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.string(self.list.as_str());
        w.u32(self.epoch.0).u32(self.revision).raw(&self.record.0);
        w.u64(self.sequence).time(self.as_of);
        match self.what {
            HeadSubject::Bucket(number) => w.u8(1).u32(number),
            HeadSubject::Snapshot => w.u8(2),
            HeadSubject::Delta { from, to } => w.u8(3).u64(from).u64(to),
        };
        w.raw(&self.body.0);
        w.finish()
    }

    /// Signs the head.
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> SignedHead {
        let signature = key.sign(&self.to_bytes());
        SignedHead {
            head: self,
            signature,
        }
    }

    /// Whether both are of one list, epoch, revision, sequence and subject, so that both must vouch
    /// for one body. The time may differ: a body is signed again as long as nothing changes.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        self.list == other.list
            && (self.epoch, self.revision) == (other.epoch, other.revision)
            && (self.sequence, self.what) == (other.sequence, other.what)
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            list: ListId::parse(r.string()?).map_err(|_| DecodeError::Field("list"))?,
            epoch: Epoch(r.u32()?),
            revision: r.u32()?,
            record: Digest32(r.array()?),
            sequence: r.u64()?,
            as_of: r.time()?,
            what: match r.u8()? {
                1 => HeadSubject::Bucket(r.u32()?),
                2 => HeadSubject::Snapshot,
                3 => HeadSubject::Delta {
                    from: r.u64()?,
                    to: r.u64()?,
                },
                _ => return Err(DecodeError::Field("what")),
            },
            body: Digest32(r.array()?),
        })
    }
}

/// A head with the registry's signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The head.
    pub head: Head,
    /// Ed25519 over [`Head::to_bytes`].
    pub signature: Signature,
}

impl SignedHead {
    /// Checks that the registry of `key` signed the head. It says nothing of a body.
    ///
    /// # Errors
    /// Every [`SignatureError`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        key.verify(&self.head.to_bytes(), &self.signature)
    }

    /// The head's bytes and the 64 bytes of the signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.to_bytes();
        bytes.extend_from_slice(&self.signature.0);
        bytes
    }

    /// Reads what [`SignedHead::to_bytes`] makes; the signature is not checked.
    ///
    /// # Errors
    /// Every [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, CONTEXT)?;
        let signed = Self {
            head: Head::read(&mut r)?,
            signature: Signature(r.array()?),
        };
        r.finish()?;
        Ok(signed)
    }
}

/// Why two heads accuse nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceFault {
    /// The heads are not of one list, epoch, revision, sequence and subject.
    #[error("the two heads are not about the same thing")]
    DifferentSubjects,
    /// The heads vouch for one body.
    #[error("the two heads vouch for the same body")]
    SameBody,
    /// A signature is not the key's.
    #[error("a head is not signed by this key")]
    Signature(#[from] SignatureError),
}

/// Two heads that a registry may not both have signed. Anybody who knows its public key can check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The head seen first.
    pub first: SignedHead,
    /// The head that contradicts it.
    pub second: SignedHead,
}

impl Evidence {
    /// Checks that the registry of `key` signed two bodies for one list, epoch, revision, sequence
    /// and subject.
    ///
    /// # Errors
    /// Every [`EvidenceFault`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), EvidenceFault> {
        let (first, second) = (&self.first.head, &self.second.head);
        if !first.is_about_the_same(second) {
            return Err(EvidenceFault::DifferentSubjects);
        }
        if first.body == second.body {
            return Err(EvidenceFault::SameBody);
        }
        self.first.verify(key)?;
        Ok(self.second.verify(key)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in super::super) fn key() -> SigningKey {
        SigningKey::from_bytes([5; 32])
    }

    pub(in super::super) fn head(sequence: u64, as_of: i64, body: &[u8]) -> Head {
        Head {
            list: ListId::parse("peminjam-macet").expect("an id"),
            epoch: Epoch(1),
            revision: 2,
            record: Digest32([3; 32]),
            sequence,
            as_of: Timestamp(as_of),
            what: HeadSubject::Bucket(7),
            body: Head::digest_of(body),
        }
    }

    fn any_head() -> impl Strategy<Value = Head> {
        let what = prop_oneof![
            any::<u32>().prop_map(HeadSubject::Bucket),
            Just(HeadSubject::Snapshot),
            any::<(u64, u64)>().prop_map(|(from, to)| HeadSubject::Delta { from, to }),
        ];
        (
            "[a-z0-9-]{3,48}",
            any::<[u8; 32]>(),
            any::<(u32, u32, u64, i64)>(),
            what,
        )
            .prop_map(
                |(list, digest, (epoch, revision, sequence, as_of), what)| Head {
                    list: ListId::parse(&list).expect("an id"),
                    epoch: Epoch(epoch),
                    revision,
                    record: Digest32(digest),
                    sequence,
                    as_of: Timestamp(as_of),
                    what,
                    body: Head::digest_of(&digest),
                },
            )
    }

    #[test]
    fn the_byte_table_is_as_documented() {
        let bytes = head(9, -1, b"").to_bytes();
        let mut expected = b"saring/v1/head\0\x0e\0peminjam-macet\x01\0\0\0\x02\0\0\0".to_vec();
        expected.extend([3; 32]);
        expected.extend(b"\x09\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x01\x07\0\0\0");
        expected.extend(blake3::hash(b"saring/v1/body\0").as_bytes());
        assert_eq!(bytes, expected);
    }

    #[test]
    fn json_reads_as_the_table() {
        let mut signed = head(9, 10, b"").sign(&key());
        let json = serde_json::to_value(&signed).expect("serialises");
        assert_eq!(json["head"]["what"], serde_json::json!({"bucket": 7}));
        assert_eq!(json["head"]["as_of"], 10);
        assert_eq!(
            serde_json::from_value::<SignedHead>(json).expect("parses"),
            signed
        );
        signed.head.what = HeadSubject::Delta { from: 1, to: 2 };
        let json = serde_json::to_value(&signed).expect("serialises");
        assert_eq!(json["head"]["what"]["delta"]["to"], 2);
    }

    #[test]
    fn evidence_stands_only_for_two_bodies_of_one_thing() {
        let first = head(9, 10, b"a").sign(&key());
        let evidence = |second: Head| Evidence {
            first: first.clone(),
            second: second.sign(&key()),
        };
        let public = key().public_key();
        assert_eq!(evidence(head(9, 20, b"b")).verify(&public), Ok(()));
        assert_eq!(
            evidence(head(9, 20, b"a")).verify(&public),
            Err(EvidenceFault::SameBody)
        );
        assert_eq!(
            evidence(head(8, 10, b"b")).verify(&public),
            Err(EvidenceFault::DifferentSubjects)
        );
        let mut forged = evidence(head(9, 20, b"b"));
        forged.second.signature.0[0] ^= 1;
        assert_eq!(
            forged.verify(&public),
            Err(EvidenceFault::Signature(SignatureError::Mismatch))
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(head in any_head()) {
            let signed = head.sign(&key());
            let bytes = signed.to_bytes();
            prop_assert_eq!(SignedHead::from_bytes(&bytes), Ok(signed.clone()));
            prop_assert_eq!(signed.verify(&key().public_key()), Ok(()));
            prop_assert_eq!(
                SignedHead::from_bytes(&bytes[..bytes.len() - 1]),
                Err(DecodeError::Truncated)
            );
            let longer = [&bytes[..], &[0]].concat();
            prop_assert_eq!(SignedHead::from_bytes(&longer), Err(DecodeError::Trailing));
        }

        #[test]
        fn no_changed_bit_verifies(head in any_head(), at: prop::sample::Index, bit in 0u8..8) {
            let mut bytes = head.sign(&key()).to_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(signed) = SignedHead::from_bytes(&bytes) {
                prop_assert!(signed.verify(&key().public_key()).is_err());
            }
        }

        #[test]
        fn any_bytes_decode_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for bytes in [bytes.clone(), [CONTEXT.as_bytes(), &[0], &bytes].concat()] {
                if let Ok(signed) = SignedHead::from_bytes(&bytes) {
                    prop_assert_eq!(signed.to_bytes(), bytes);
                }
            }
        }
    }
}
