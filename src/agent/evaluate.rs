//! From NIKs to the elements that stand for them on a list: blinded, evaluated by the registry and
//! its custodians, verified against the pinned record, unblinded. On keyed-hash lists the members'
//! own key takes the place of all that.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::hash::{HashKey, hmac_sha256, keyed_blake3};
use crate::nik::Nik;
use crate::oprf::{BlindKey, BlindSeed, Blinded, ChainPublics, Opened};
use crate::protocol::evaluation::{BlindedElements, Evaluated};
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::Quota;
use crate::protocol::receipt::SignedReceipt;
use crate::protocol::{JobId, ListKind, OrderId, Timestamp};

use super::AgentError;
use super::door::RegistryDoor;
use super::home::Home;
use super::orders::{self, Acting, Matter, random_id};
use super::pinning::Pinned;

/// Bytes of the protocol's input for a NIK.
const NIK_INPUT: usize = 30;
const KEYED_PREFIX: &[u8; 16] = b"saring/v1/keyed/";
/// Bytes of the protocol's input for a keyed hash: prefix and 32 bytes.
const KEYED_INPUT: usize = 48;

/// The inputs of NIKs, in order; as secret as the NIKs and wiped when dropped.
pub(super) type Inputs = Zeroizing<Vec<[u8; NIK_INPUT]>>;

/// The inputs of `niks`.
pub(super) fn inputs<'a>(niks: impl IntoIterator<Item = &'a Nik>) -> Inputs {
    Zeroizing::new(niks.into_iter().map(Nik::input).collect())
}

/// What a job's chunks have in common.
pub(super) struct Job {
    pub(super) id: JobId,
    pub(super) seed: [u8; 32],
}

impl Job {
    /// A fresh job: for a single check, or the start of a long one.
    pub(super) fn fresh() -> Result<Self, AgentError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| AgentError::Randomness)?;
        Ok(Self {
            id: JobId(random_id()?),
            seed,
        })
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.seed);
    }
}

/// The elements of one chunk, and what the registry said of it.
pub(super) struct Elements {
    /// N (or the keyed hash), one for each input.
    pub(super) elements: Opened,
    /// The registry's receipt and the quota after the charge; none where nothing was evaluated.
    pub(super) charged: Option<(SignedReceipt, Quota)>,
}

/// One chunk of a job on a list.
pub(super) struct Chunk<'a> {
    pub(super) pinned: &'a Pinned,
    pub(super) job: &'a Job,
    pub(super) number: u32,
    pub(super) acting: &'a Acting,
}

impl Chunk<'_> {
    /// The elements of 1 to [`MAX_CHUNK`] inputs.
    pub(super) async fn elements(
        &self,
        home: &Home,
        door: &impl RegistryDoor,
        inputs: Inputs,
        now: Timestamp,
    ) -> Result<Elements, AgentError> {
        if inputs.len() > MAX_CHUNK {
            return Err(AgentError::TooMany { limit: MAX_CHUNK });
        }
        let record = &self.pinned.record;
        self.pinned.in_force(now)?;
        if record.kind == ListKind::OprfNik {
            let blinded = self.blind(inputs).await?;
            return self.evaluate(home, door, blinded, now).await;
        }
        let key = home.hash_key(record)?.ok_or(AgentError::NoHashKey)?;
        let hashes = hashes(record.kind, &key, &inputs);
        if !record.kind.is_oprf() {
            return Ok(Elements {
                elements: hashes,
                charged: None,
            });
        }
        let blinded = self.blind(keyed_inputs(&hashes)).await?;
        self.evaluate(home, door, blinded, now).await
    }

    async fn blind<const N: usize>(
        &self,
        inputs: Zeroizing<Vec<[u8; N]>>,
    ) -> Result<Blinded, AgentError> {
        let key = BlindKey::derive(
            &BlindSeed::new(self.job.seed),
            self.pinned.derivation.material(),
        );
        compute(move || Ok(Blinded::new(&key, &inputs)?)).await
    }

    async fn evaluate(
        &self,
        home: &Home,
        door: &impl RegistryDoor,
        blinded: Blinded,
        now: Timestamp,
    ) -> Result<Elements, AgentError> {
        let publics = self.pinned.publics.clone().ok_or(AgentError::NoRecord)?;
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        let reply = self.ask(home, door, &sent, now).await?;
        let charged = Some((reply.receipt.clone(), reply.quota));
        let elements = compute(move || open(&blinded, &reply, &publics)).await?;
        Ok(Elements { elements, charged })
    }

    /// The registry's reply to elements that are blinded already; its receipt fits, its chain is
    /// not verified yet.
    pub(super) async fn ask(
        &self,
        home: &Home,
        door: &impl RegistryDoor,
        sent: &BlindedElements,
        now: Timestamp,
    ) -> Result<Evaluated, AgentError> {
        let order = self.order(home, sent, now)?;
        let reply = door.evaluate(&order, sent).await?;
        self.check_receipt(home, &order, &reply.receipt)?;
        Ok(reply)
    }

    fn order(
        &self,
        home: &Home,
        sent: &BlindedElements,
        now: Timestamp,
    ) -> Result<SignedOrder, AgentError> {
        let matter = Matter {
            kind: OrderKind::Evaluate,
            list: Some(&self.pinned.record.list),
            record: self.pinned.digest,
            job: self.job.id,
            chunk: self.number,
            count: sent.0.len(),
            content: sent.content(),
            id: OrderId(random_id()?),
        };
        Ok(orders::order(home, self.acting, matter, now))
    }

    /// That the registry acknowledges a charge under this chunk's key is all that a receipt of a
    /// repeated chunk can say: it may name the first order.
    fn check_receipt(
        &self,
        home: &Home,
        order: &SignedOrder,
        receipt: &SignedReceipt,
    ) -> Result<(), AgentError> {
        receipt.verify(&home.profile().trust.registry)?;
        let said = &receipt.receipt;
        let record = &self.pinned.record;
        let fits = said.list == record.list && said.epoch == record.epoch;
        if !fits || said.record != self.pinned.digest || said.order != order.order.digest() {
            return Err(AgentError::Receipt);
        }
        Ok(())
    }
}

/// Verifies a reply and opens it.
pub(super) fn open(
    blinded: &Blinded,
    reply: &Evaluated,
    publics: &Arc<ChainPublics>,
) -> Result<Opened, AgentError> {
    Ok(blinded.open(&reply.chain()?, publics)?)
}

/// The inputs of keyed hashes, in order.
pub(super) fn keyed_inputs(hashes: &Opened) -> Zeroizing<Vec<[u8; KEYED_INPUT]>> {
    let mut inputs = Zeroizing::new(vec![[0; KEYED_INPUT]; hashes.len()]);
    for (input, hash) in inputs.iter_mut().zip(hashes.iter()) {
        input[..16].copy_from_slice(KEYED_PREFIX);
        input[16..].copy_from_slice(hash);
    }
    inputs
}

/// The keyed hashes of inputs. A list of kind `oprf/keyed` that was not made from an HMAC list
/// hashes with keyed BLAKE3.
pub(super) fn hashes(kind: ListKind, key: &HashKey, inputs: &Inputs) -> Opened {
    let mut hashes = Zeroizing::new(vec![[0; 32]; inputs.len()]);
    match kind {
        ListKind::HashHmacSha256 => hmac_sha256(key, inputs, &mut hashes),
        ListKind::HashBlake3 | ListKind::OprfKeyed | ListKind::OprfNik => {
            keyed_blake3(key, inputs, &mut hashes);
        }
    }
    hashes
}

/// Runs what takes long off the threads that serve the network.
pub(super) async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AgentError> + Send + 'static,
) -> Result<T, AgentError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| AgentError::Interrupted)?
}
