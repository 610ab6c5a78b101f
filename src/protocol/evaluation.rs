//! One chunk of an evaluation on the wire: the request's elements, and the reply's chain of steps
//! with the quota and the receipt. A compact binary form for bulk, a JSON form for small calls.

use serde::{Deserialize, Serialize};

use super::bytes::{DecodeError, Reader, Writer};
use super::digest::ContentDigest;
use super::limits::{MAX_CHUNK, MAX_CUSTODIANS};
use super::organisation::Quota;
use super::receipt::SignedReceipt;
use super::sign::Signature;
use crate::group::EncodedElement;

/// The media type of the binary forms.
pub const BINARY: &str = "application/octet-stream";

const REQUEST_CONTEXT: &str = "saring/v1/elements";
const REPLY_CONTEXT: &str = "saring/v1/evaluated";

/// The request: 1 to [`MAX_CHUNK`] blinded elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindedElements(pub Vec<EncodedElement>);

impl BlindedElements {
    /// Context, count (u32), then 32 bytes an element. An order's content digest is over these
    /// bytes, also when the request travels as JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(REQUEST_CONTEXT);
        w.u32(self.0.len() as u32).raw(self.0.as_flattened());
        w.finish()
    }

    /// Reads what [`BlindedElements::to_bytes`] makes. Elements are not decoded.
    ///
    /// # Errors
    /// Every [`DecodeError`]; [`DecodeError::TooLong`] for more than [`MAX_CHUNK`] elements,
    /// [`DecodeError::Field`] for none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, REQUEST_CONTEXT)?;
        let count = count(&mut r)?;
        let elements = encodings(&mut r, count)?;
        r.finish()?;
        Ok(Self(elements))
    }

    /// What an order for these elements carries as its content.
    #[must_use]
    pub fn content(&self) -> ContentDigest {
        ContentDigest::of(&self.to_bytes())
    }
}

/// Who made a step of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum StepMaker {
    /// A custodian, by its index from 1, over (G, pk_i).
    Custodian {
        /// The index, from 1.
        index: u16,
    },
    /// The registry with its factor, over (G, mG).
    Registry,
    /// The registry with the custodian inside its process, over (G, pk): only where the record
    /// says 1 of 1.
    Embedded,
}

/// One step: elements multiplied by one secret scalar, and the proof for the whole chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireStep {
    /// Who made it.
    pub by: StepMaker,
    /// As many as the request, in its order.
    pub elements: Vec<EncodedElement>,
    /// The RFC's batch proof: c and s, 32 bytes each.
    pub proof: [u8; 64],
}

/// The reply to one chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// The chain: t custodians, then the registry; or one embedded step.
    pub steps: Vec<WireStep>,
    /// The organisation's quota after this charge.
    pub quota: Quota,
    /// The registry's receipt.
    pub receipt: SignedReceipt,
}

impl Evaluated {
    /// Context; quota (used u64, allowed u64, reset i64); receipt (u16 length, bytes); number of
    /// steps (u8) and elements (u32); then a step: maker (u8: 1 custodian, 2 registry, 3 embedded),
    /// index (u16, zero but for custodians), proof (64), elements (32 each).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(REPLY_CONTEXT);
        w.u64(self.quota.used)
            .u64(self.quota.allowed)
            .time(self.quota.reset);
        let receipt = self.receipt.to_bytes();
        w.u16(receipt.len() as u16).raw(&receipt);
        let count = self.steps.first().map_or(0, |step| step.elements.len());
        w.u8(self.steps.len() as u8).u32(count as u32);
        for step in &self.steps {
            let (maker, index) = match step.by {
                StepMaker::Custodian { index } => (1, index),
                StepMaker::Registry => (2, 0),
                StepMaker::Embedded => (3, 0),
            };
            w.u8(maker)
                .u16(index)
                .raw(&step.proof)
                .raw(step.elements.as_flattened());
        }
        w.finish()
    }

    /// Reads what [`Evaluated::to_bytes`] makes. Neither proofs nor signatures are verified.
    ///
    /// # Errors
    /// Every [`DecodeError`]; [`DecodeError::TooLong`] for more steps or elements than can be.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::with_context(bytes, REPLY_CONTEXT)?;
        let quota = Quota {
            used: r.u64()?,
            allowed: r.u64()?,
            reset: r.time()?,
        };
        let length = usize::from(r.u16()?);
        let receipt = SignedReceipt::from_bytes(r.raw(length)?)?;
        let steps = usize::from(r.u8()?);
        match steps {
            0 => return Err(DecodeError::Field("steps")),
            steps if steps > MAX_CUSTODIANS + 1 => return Err(DecodeError::TooLong("steps")),
            _ => {}
        }
        let count = count(&mut r)?;
        let steps = (0..steps)
            .map(|_| step(&mut r, count))
            .collect::<Result<_, _>>()?;
        r.finish()?;
        Ok(Self {
            steps,
            quota,
            receipt,
        })
    }
}

fn step(r: &mut Reader<'_>, count: usize) -> Result<WireStep, DecodeError> {
    let by = match (r.u8()?, r.u16()?) {
        (1, index) => StepMaker::Custodian { index },
        (2, 0) => StepMaker::Registry,
        (3, 0) => StepMaker::Embedded,
        _ => return Err(DecodeError::Field("step")),
    };
    Ok(WireStep {
        by,
        proof: r.array()?,
        elements: encodings(r, count)?,
    })
}

fn count(r: &mut Reader<'_>) -> Result<usize, DecodeError> {
    match r.u32()? as usize {
        0 => Err(DecodeError::Field("count")),
        count if count > MAX_CHUNK => Err(DecodeError::TooLong("count")),
        count => Ok(count),
    }
}

fn encodings(r: &mut Reader<'_>, count: usize) -> Result<Vec<EncodedElement>, DecodeError> {
    let (elements, _) = r.raw(count * 32)?.as_chunks::<32>();
    Ok(elements.to_vec())
}

/// The JSON form of [`BlindedElements`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlindedElementsJson {
    /// 64 hexadecimal digits each.
    pub elements: Vec<super::ids::Digest32>,
}

/// The JSON form of [`WireStep`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WireStepJson {
    /// Who made it.
    #[serde(flatten)]
    pub by: StepMaker,
    /// 64 hexadecimal digits each.
    pub elements: Vec<super::ids::Digest32>,
    /// 128 hexadecimal digits: c, then s.
    pub proof: Signature,
}

/// The JSON form of [`Evaluated`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EvaluatedJson {
    /// The chain.
    pub steps: Vec<WireStepJson>,
    /// The organisation's quota after this charge.
    pub quota: Quota,
    /// The registry's receipt.
    pub receipt: SignedReceipt,
}

impl From<BlindedElementsJson> for BlindedElements {
    fn from(json: BlindedElementsJson) -> Self {
        Self(json.elements.into_iter().map(|element| element.0).collect())
    }
}

impl From<Evaluated> for EvaluatedJson {
    fn from(reply: Evaluated) -> Self {
        let step = |step: WireStep| WireStepJson {
            by: step.by,
            elements: step
                .elements
                .into_iter()
                .map(super::ids::Digest32)
                .collect(),
            proof: Signature(step.proof),
        };
        let steps = reply.steps.into_iter().map(step).collect();
        Self {
            steps,
            quota: reply.quota,
            receipt: reply.receipt,
        }
    }
}

impl From<EvaluatedJson> for Evaluated {
    fn from(json: EvaluatedJson) -> Self {
        let step = |step: WireStepJson| WireStep {
            by: step.by,
            elements: step.elements.into_iter().map(|element| element.0).collect(),
            proof: step.proof.0,
        };
        let steps = json.steps.into_iter().map(step).collect();
        Self {
            steps,
            quota: json.quota,
            receipt: json.receipt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ids::Digest32;
    use super::super::ids::{Epoch, ListId};
    use super::super::receipt::Receipt;
    use super::super::sign::SigningKey;
    use super::super::time::Timestamp;
    use super::*;

    fn reply() -> Evaluated {
        let receipt = Receipt {
            order: Digest32([1; 32]),
            list: ListId::parse("peminjam-macet").expect("an id"),
            epoch: Epoch(1),
            record: Digest32([2; 32]),
            sequence: 3,
            time: Timestamp(4),
        };
        let step = |by| WireStep {
            by,
            elements: vec![[5; 32], [6; 32]],
            proof: [7; 64],
        };
        Evaluated {
            steps: vec![
                step(StepMaker::Custodian { index: 2 }),
                step(StepMaker::Registry),
            ],
            quota: Quota {
                used: 2,
                allowed: 100,
                reset: Timestamp(8),
            },
            receipt: receipt.sign(&SigningKey::from_bytes([9; 32])),
        }
    }

    #[test]
    fn both_forms_read_back() {
        let bytes = reply().to_bytes();
        assert_eq!(Evaluated::from_bytes(&bytes), Ok(reply()));
        for length in 0..bytes.len() {
            assert!(
                Evaluated::from_bytes(&bytes[..length]).is_err(),
                "{length} bytes"
            );
        }
        let json = serde_json::to_string(&EvaluatedJson::from(reply())).expect("serialises");
        let again: EvaluatedJson = serde_json::from_str(&json).expect("parses");
        assert_eq!(Evaluated::from(again), reply());
    }

    #[test]
    fn a_chain_has_at_least_one_step() {
        let mut bytes = reply().to_bytes();
        let step = 1 + 2 + 64 + 2 * 32;
        let steps = bytes.len() - 2 * step - 4 - 1;
        assert_eq!(bytes[steps], 2);
        bytes[steps] = 1;
        bytes.truncate(steps + 5 + step);
        assert_eq!(Evaluated::from_bytes(&bytes).map(|r| r.steps.len()), Ok(1));
        bytes[steps] = 0;
        bytes.truncate(steps + 5);
        assert_eq!(
            Evaluated::from_bytes(&bytes),
            Err(DecodeError::Field("steps"))
        );
        let mut none = reply();
        none.steps.clear();
        assert!(Evaluated::from_bytes(&none.to_bytes()).is_err());
    }

    #[test]
    fn requests_have_one_to_the_limit() {
        let request = |count| BlindedElements(vec![[1; 32]; count]).to_bytes();
        assert_eq!(
            BlindedElements::from_bytes(&request(0)),
            Err(DecodeError::Field("count"))
        );
        assert!(BlindedElements::from_bytes(&request(MAX_CHUNK)).is_ok());
        let over = BlindedElements::from_bytes(&request(MAX_CHUNK + 1));
        assert_eq!(over, Err(DecodeError::TooLong("count")));
        let mut trailing = request(1);
        trailing.push(0);
        assert_eq!(
            BlindedElements::from_bytes(&trailing),
            Err(DecodeError::Trailing)
        );
    }
}
