//! Many points in the form that one backend computes with. Every operation is one match over the
//! backend of its operand.

use curve25519_dalek::RistrettoPoint;
use zeroize::Zeroize;

use super::{Backend, Element, EncodedElement, PublicScalar, Refusal, Scalar, portable};

/// Points in a backend's own form; any point, the identity too.
#[derive(Clone)]
pub(super) enum Form {
    /// One point after another.
    Portable(Vec<RistrettoPoint>),
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
        }
    }

    pub(super) fn from_uniform_bytes(backend: Backend, uniform: &[[u8; 64]]) -> Self {
        match backend {
            Backend::Portable => Self::Portable(portable::from_uniform_bytes(uniform)),
        }
    }

    /// Few elements, one after another: they pass through their encodings where a form has no
    /// shorter way.
    pub(super) fn gather(backend: Backend, elements: &[Element]) -> Self {
        match backend {
            Backend::Portable => {
                Self::Portable(elements.iter().map(|element| *element.point()).collect())
            }
        }
    }

    /// The name of the code that computes with this form.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Portable(_) => "portable",
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Portable(points) => points.len(),
        }
    }

    /// The point at `index`, which must be an element's.
    pub(super) fn get(&self, index: usize) -> RistrettoPoint {
        match self {
            Self::Portable(points) => points[index],
        }
    }

    pub(super) fn first_identity(&self) -> Option<usize> {
        match self {
            Self::Portable(points) => portable::first_identity(points),
        }
    }

    pub(super) fn encode(&self) -> Vec<EncodedElement> {
        match self {
            Self::Portable(points) => portable::encode(points),
        }
    }

    pub(super) fn encode_doubled(&self) -> Vec<EncodedElement> {
        match self {
            Self::Portable(points) => portable::encode_doubled(points),
        }
    }

    pub(super) fn doubled(&self) -> Self {
        match self {
            Self::Portable(points) => Self::Portable(portable::doubled(points)),
        }
    }

    pub(super) fn multiply_all(&self, scalar: &Scalar) -> Self {
        match self {
            Self::Portable(points) => Self::Portable(portable::multiply_all(points, scalar)),
        }
    }

    pub(super) fn multiply_each(&self, scalars: &[Scalar]) -> Self {
        match self {
            Self::Portable(points) => Self::Portable(portable::multiply_each(points, scalars)),
        }
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Portable(left), Self::Portable(right)) => {
                Self::Portable(portable::add(left, right))
            }
        }
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Portable(left), Self::Portable(right)) => {
                Self::Portable(portable::sub(left, right))
            }
        }
    }

    /// Variable time.
    pub(super) fn weighted_sum(&self, coefficients: &[PublicScalar]) -> RistrettoPoint {
        match self {
            Self::Portable(points) => portable::weighted_sum(coefficients, points),
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
        }
    }

    fn points(&self) -> &[RistrettoPoint] {
        match self {
            Self::Portable(points) => points,
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
        }
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        match self {
            Self::Portable(points) => points.zeroize(),
        }
    }
}
