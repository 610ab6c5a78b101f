//! Many points in the form that one backend computes with. Every operation is one match over the
//! backend of its operand.

use curve25519_dalek::RistrettoPoint;
use zeroize::Zeroize;

#[cfg(target_arch = "x86_64")]
use super::ifma::Eight;
#[cfg(target_arch = "x86_64")]
use super::lanes::Packed;
use super::{Backend, Element, EncodedElement, PublicScalar, Refusal, Scalar, portable};

/// Points in a backend's own form; any point, the identity too.
#[derive(Clone)]
pub(super) enum Form {
    /// One point after another.
    Portable(Vec<RistrettoPoint>),
    /// Eight points in a group.
    #[cfg(target_arch = "x86_64")]
    Ifma(Packed<Eight>),
}

impl Form {
    /// Decodes, and writes for each encoding why it is refused, if it is; a point whose encoding
    /// is refused has no meaning.
    pub(super) fn decode(
        backend: Backend,
        encodings: &[EncodedElement],
        refusals: &mut [Option<Refusal>],
    ) -> Self {
        match backend {
            Backend::Portable => Self::Portable(portable::decode(encodings, refusals)),
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma(set) => Self::Ifma(Packed::decode(set, encodings, refusals)),
        }
    }

    pub(super) fn from_uniform_bytes(backend: Backend, uniform: &[[u8; 64]]) -> Self {
        match backend {
            Backend::Portable => Self::Portable(portable::from_uniform_bytes(uniform)),
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma(set) => Self::Ifma(Packed::from_uniform_bytes(set, uniform)),
        }
    }

    /// Few elements, one after another: they pass through their encodings where a form has no
    /// shorter way.
    pub(super) fn gather(backend: Backend, elements: &[Element]) -> Self {
        match backend {
            Backend::Portable => {
                Self::Portable(elements.iter().map(|element| *element.point()).collect())
            }
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma(set) => Self::Ifma(Packed::gather(set, elements)),
        }
    }

    /// The name of the code that computes with this form.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Portable(_) => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => "avx512ifma",
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Portable(points) => points.len(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => packed.len,
        }
    }

    /// The point at `index`, which must be an element's.
    pub(super) fn get(&self, index: usize) -> RistrettoPoint {
        match self {
            Self::Portable(points) => points[index],
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => packed.get(index),
        }
    }

    pub(super) fn first_identity(&self) -> Option<usize> {
        match self {
            Self::Portable(points) => portable::first_identity(points),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => packed.first_identity(),
        }
    }

    pub(super) fn encode(&self) -> Vec<EncodedElement> {
        match self {
            Self::Portable(points) => portable::encode(points),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => packed.encode(),
        }
    }

    pub(super) fn encode_doubled(&self) -> Vec<EncodedElement> {
        match self {
            Self::Portable(points) => portable::encode_doubled(points),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => packed.encode_doubled(),
        }
    }

    pub(super) fn doubled(&self) -> Self {
        match self {
            Self::Portable(points) => Self::Portable(portable::doubled(points)),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => Self::Ifma(packed.doubled()),
        }
    }

    pub(super) fn multiply_all(&self, scalar: &Scalar) -> Self {
        match self {
            Self::Portable(points) => Self::Portable(portable::multiply_all(points, scalar)),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => Self::Ifma(packed.multiply_all(scalar)),
        }
    }

    pub(super) fn multiply_each(&self, scalars: &[Scalar]) -> Self {
        match self {
            Self::Portable(points) => Self::Portable(portable::multiply_each(points, scalars)),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => Self::Ifma(packed.multiply_each(scalars)),
        }
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Portable(left), Self::Portable(right)) => {
                Self::Portable(portable::add(left, right))
            }
            #[cfg(target_arch = "x86_64")]
            (Self::Ifma(left), Self::Ifma(right)) => Self::Ifma(left.add(right)),
            #[cfg(target_arch = "x86_64")]
            _ => unreachable!("operands of one form"),
        }
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Portable(left), Self::Portable(right)) => {
                Self::Portable(portable::sub(left, right))
            }
            #[cfg(target_arch = "x86_64")]
            (Self::Ifma(left), Self::Ifma(right)) => Self::Ifma(left.sub(right)),
            #[cfg(target_arch = "x86_64")]
            _ => unreachable!("operands of one form"),
        }
    }

    /// Variable time.
    pub(super) fn weighted_sum(&self, coefficients: &[PublicScalar]) -> RistrettoPoint {
        match self {
            Self::Portable(points) => portable::weighted_sum(coefficients, points),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => packed.weighted_sum(coefficients),
        }
    }

    /// Whether short coefficients make [`Form::combine`] so cheap that halving them, to encode
    /// doubled, costs more than it saves.
    pub(super) fn combines_short(&self) -> bool {
        match self {
            Self::Portable(_) => false,
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => true,
        }
    }

    /// `sum over i of coefficients[i] * columns[i]`, row by row; at least one column, all of one
    /// form and length. Variable time.
    pub(super) fn combine(coefficients: &[PublicScalar], columns: &[&Self]) -> Self {
        match columns[0] {
            Self::Portable(_) => {
                let columns: Vec<_> = columns.iter().map(|form| form.points()).collect();
                Self::Portable(portable::combine(coefficients, &columns))
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => {
                let columns: Vec<_> = columns.iter().map(|form| form.packed()).collect();
                Self::Ifma(Packed::combine(coefficients, &columns))
            }
        }
    }

    fn points(&self) -> &[RistrettoPoint] {
        match self {
            Self::Portable(points) => points,
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => unreachable!("columns of one form"),
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn packed(&self) -> &Packed<Eight> {
        match self {
            Self::Ifma(packed) => packed,
            Self::Portable(_) => unreachable!("columns of one form"),
        }
    }

    /// `first`, then these.
    pub(super) fn prefixed(&self, first: &Element) -> Self {
        match self {
            Self::Portable(points) => {
                let mut prefixed = Vec::with_capacity(points.len() + 1);
                prefixed.push(*first.point());
                prefixed.extend_from_slice(points);
                Self::Portable(prefixed)
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(packed) => Self::Ifma(packed.prefixed(first)),
        }
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        match self {
            Self::Portable(points) => points.zeroize(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => {} // wipes itself
        }
    }
}
