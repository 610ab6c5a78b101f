//! Receipts: what the registry says it did, and what the agent adds that only it can know.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::bytes::{DecodeError, Reader, Writer};
use super::ids::Digest32;
use super::ids::{Epoch, ListId, OrderId};
use super::sign::{PublicKey, Signature, SignatureError, SigningKey};
use super::time::Timestamp;

const CONTEXT: &str = "saring/v1/receipt";
const VERDICT_CONTEXT: &str = "saring/v1/verdict";

/// What the registry acknowledges: the order, and where the list stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Receipt {
    /// The digest of the order.
    pub order: Digest32,
    /// The list.
    pub list: ListId,
    /// The list's epoch.
    pub epoch: Epoch,
    /// The digest of the epoch record in force.
    pub record: Digest32,
    /// The list's last change, this order's own included.
    pub sequence: u64,
    /// The registry's time.
    pub time: Timestamp,
}

impl Receipt {
    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_context(CONTEXT);
        w.raw(&self.order.0)
            .string(self.list.as_str())
            .u32(self.epoch.0);
        w.raw(&self.record.0).u64(self.sequence).time(self.time);
        w.finish()
    }

    /// Signs the receipt.
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> SignedReceipt {
        let signature = key.sign(&self.to_bytes());
        SignedReceipt {
            receipt: self,
            signature,
        }
    }
}

/// A receipt with the registry's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignedReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// Ed25519 over [`Receipt::to_bytes`].
    pub signature: Signature,
}

impl SignedReceipt {
    /// The receipt's bytes, then 64 bytes of signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.receipt.to_bytes();
        bytes.extend_from_slice(&self.signature.0);
        bytes
    }

    /// Reads what [`SignedReceipt::to_bytes`] makes. The signature is not verified.
    ///
    /// # Errors
    /// Every [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (receipt, signature) = bytes
            .split_last_chunk::<64>()
            .ok_or(DecodeError::Truncated)?;
        let mut r = Reader::with_context(receipt, CONTEXT)?;
        let receipt = Receipt {
            order: Digest32(r.array()?),
            list: ListId::parse(r.string()?).map_err(|_| DecodeError::Field("list"))?,
            epoch: Epoch(r.u32()?),
            record: Digest32(r.array()?),
            sequence: r.u64()?,
            time: r.time()?,
        };
        r.finish()?;
        Ok(Self {
            receipt,
            signature: Signature(*signature),
        })
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`SignatureError`] if it does not verify under the registry's key.
    pub fn verify(&self, registry: &PublicKey) -> Result<(), SignatureError> {
        registry.verify(&self.receipt.to_bytes(), &self.signature)
    }
}

/// What the agent signs: the registry's receipt and the verdict, which the registry cannot know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictReceipt {
    /// Random; printed on the officer's receipt.
    pub response_id: OrderId,
    /// The registry's receipt.
    pub registry: SignedReceipt,
    /// The verdict.
    pub answer: Answer,
    /// When the agent reached it.
    pub time: Timestamp,
    /// The organisation's Ed25519 signature over all of the above.
    pub signature: Signature,
}

impl VerdictReceipt {
    /// Signs a verdict.
    #[must_use]
    pub fn sign(
        response_id: OrderId,
        registry: SignedReceipt,
        answer: Answer,
        time: Timestamp,
        key: &SigningKey,
    ) -> Self {
        let signature = key.sign(&verdict_bytes(response_id, &registry, answer, time));
        Self {
            response_id,
            registry,
            answer,
            time,
            signature,
        }
    }

    /// Checks both signatures.
    ///
    /// # Errors
    /// [`SignatureError`] if either does not verify.
    pub fn verify(
        &self,
        registry: &PublicKey,
        organisation: &PublicKey,
    ) -> Result<(), SignatureError> {
        self.registry.verify(registry)?;
        let bytes = verdict_bytes(self.response_id, &self.registry, self.answer, self.time);
        organisation.verify(&bytes, &self.signature)
    }
}

fn verdict_bytes(
    response_id: OrderId,
    registry: &SignedReceipt,
    answer: Answer,
    time: Timestamp,
) -> Vec<u8> {
    let mut w = Writer::with_context(VERDICT_CONTEXT);
    w.raw(&response_id.0)
        .string(answer.as_str())
        .time(time)
        .raw(&registry.to_bytes());
    w.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_read_back_and_bind_the_verdict() {
        let registry = SigningKey::from_bytes([1; 32]);
        let agent = SigningKey::from_bytes([2; 32]);
        let receipt = Receipt {
            order: Digest32([3; 32]),
            list: ListId::parse("peminjam-macet").expect("an id"),
            epoch: Epoch(4),
            record: Digest32([5; 32]),
            sequence: 6,
            time: Timestamp(7),
        };
        let signed = receipt.sign(&registry);
        let again = SignedReceipt::from_bytes(&signed.to_bytes()).expect("reads back");
        assert_eq!(again, signed);
        let mut verdict = VerdictReceipt::sign(
            OrderId([8; 16]),
            again,
            Answer::NotListed,
            Timestamp(9),
            &agent,
        );
        assert_eq!(
            verdict.verify(&registry.public_key(), &agent.public_key()),
            Ok(())
        );
        verdict.answer = Answer::Listed;
        assert!(
            verdict
                .verify(&registry.public_key(), &agent.public_key())
                .is_err()
        );
    }
}
