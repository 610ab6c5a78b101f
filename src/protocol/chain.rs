//! The chain of steps between its wire form and the form that is verified.

use super::evaluation::{Evaluated, StepMaker, WireStep};
use crate::oprf::{Chain, OprfError, ShareStep, Step};

/// Why a reply's steps are no chain. Whether the chain holds is [`Chain::verify`]'s to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Neither one embedded step nor custodians' steps with the registry's at the end.
    #[error("the steps are neither one embedded step nor custodians and then the registry")]
    Order,
    /// An element or a proof does not decode.
    #[error("a step does not decode")]
    Step(OprfError),
}

impl Evaluated {
    /// The chain of this reply, decoded, not verified.
    ///
    /// # Errors
    /// [`ChainFault::Order`], [`ChainFault::Step`].
    pub fn chain(&self) -> Result<Chain, ChainFault> {
        let (last, before) = self.steps.split_last().ok_or(ChainFault::Order)?;
        match last.by {
            StepMaker::Embedded if before.is_empty() => Ok(Chain::Embedded(decode(last)?)),
            StepMaker::Registry if !before.is_empty() => Ok(Chain::Quorum {
                shares: before.iter().map(share).collect::<Result<_, _>>()?,
                registry: decode(last)?,
            }),
            _ => Err(ChainFault::Order),
        }
    }
}

fn share(step: &WireStep) -> Result<ShareStep, ChainFault> {
    let StepMaker::Custodian { index } = step.by else {
        return Err(ChainFault::Order);
    };
    let index = u8::try_from(index).map_err(|_| ChainFault::Order)?;
    Ok(ShareStep {
        index,
        step: decode(step)?,
    })
}

fn decode(step: &WireStep) -> Result<Step, ChainFault> {
    Step::decode(step.elements.clone(), &step.proof).map_err(ChainFault::Step)
}

impl WireStep {
    /// The wire form of a step.
    #[must_use]
    pub fn of(by: StepMaker, step: Step) -> Self {
        Self {
            by,
            proof: step.proof.to_bytes(),
            elements: step.outputs.into_encodings(),
        }
    }

    /// The wire form of a chain's steps, in the order of a reply.
    #[must_use]
    pub fn of_chain(chain: Chain) -> Vec<Self> {
        match chain {
            Chain::Embedded(step) => vec![Self::of(StepMaker::Embedded, step)],
            Chain::Quorum { shares, registry } => {
                let share = |share: ShareStep| {
                    Self::of(
                        StepMaker::Custodian {
                            index: u16::from(share.index),
                        },
                        share.step,
                    )
                };
                let last = std::iter::once(Self::of(StepMaker::Registry, registry));
                shares.into_iter().map(share).chain(last).collect()
            }
        }
    }
}
