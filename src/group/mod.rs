//! ristretto255 (RFC 9496) for many elements at a time.
//!
//! Callers hand over whole slices and hold [`Elements`], which stay in the form that the chosen
//! code computes with. Every door works on all cores of the caller's rayon pool, so a caller
//! bounds the number of jobs by running it inside [`rayon::ThreadPool::install`], or by building
//! the global pool once at start. Scalars that are secret have the type [`Scalar`] and meet
//! constant-time code only; those that everybody may know have the type [`PublicScalar`], and only
//! they enter the variable-time doors [`multiscalar`], [`Elements::weighted_sum`] and
//! [`Elements::combine`].
//!
//! Each operation is one match over the backend of its operand (`form`); `portable`
//! (curve25519-dalek) is the judge of every other backend. A door `..._on` makes elements on a
//! given instruction set, for tests, benches and whoever has operands there; the door without is
//! the same on [`crate::machine::InstructionSet::chosen`].

#[cfg(target_arch = "x86_64")]
mod avx2;
mod backend;
mod batch;
mod element;
mod elements;
mod error;
mod fixed_base;
mod form;
#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg_attr(
    not(target_arch = "x86_64"),
    allow(
        dead_code,
        unused_imports,
        reason = "no instruction set of this target brings lanes"
    )
)]
mod lanes;
mod portable;
mod scalar;
mod spread;
#[cfg(test)]
mod tests;
mod told;

pub use batch::Batch;
pub use element::{Element, EncodedElement, multiscalar};
pub use elements::{Elements, refusals, refusals_on};
pub use error::{DecodeError, GroupError, Refusal};
pub use fixed_base::FixedBase;
pub use scalar::{PublicScalar, Scalar};

use backend::Backend;
