//! Many points in the form that one backend computes with. Every operation is one match over the
//! form of its operand.

use curve25519_dalek::RistrettoPoint;
use zeroize::Zeroize;

#[cfg(target_arch = "x86_64")]
use super::avx2::Four;
#[cfg(target_arch = "x86_64")]
use super::ifma::Eight;
#[cfg(target_arch = "x86_64")]
use super::lanes::{Field, Packed};
use super::{Backend, Element, EncodedElement, PublicScalar, Refusal, Scalar, portable};

/// Points in a backend's own form; any point, the identity too.
#[derive(Clone)]
pub(super) enum Form {
    /// One point after another.
    Portable(Vec<RistrettoPoint>),
    /// Four points in a group.
    #[cfg(target_arch = "x86_64")]
    Avx2(Packed<Four>),
    /// Eight points in a group.
    #[cfg(target_arch = "x86_64")]
    Ifma(Packed<Eight>),
}

/// The lanes of a form's groups.
#[cfg(target_arch = "x86_64")]
trait Width: Field {
    /// The groups of a form that has this width.
    fn groups(form: &Form) -> &Packed<Self>;
}

#[cfg(target_arch = "x86_64")]
macro_rules! width {
    ($field:ty, $form:ident) => {
        impl Width for $field {
            fn groups(form: &Form) -> &Packed<Self> {
                match form {
                    Form::$form(packed) => packed,
                    _ => unreachable!("operands of one form"),
                }
            }
        }

        impl From<Packed<$field>> for Form {
            fn from(packed: Packed<$field>) -> Self {
                Self::$form(packed)
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
width!(Four, Avx2);
#[cfg(target_arch = "x86_64")]
width!(Eight, Ifma);

/// One arm for points one after another and one for groups of every width.
macro_rules! form {
    ($form:expr, $points:pat => $portable:expr, $packed:pat => $lanes:expr $(,)?) => {
        match $form {
            Form::Portable($points) => $portable,
            #[cfg(target_arch = "x86_64")]
            Form::Avx2($packed) => $lanes,
            #[cfg(target_arch = "x86_64")]
            Form::Ifma($packed) => $lanes,
        }
    };
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
            Backend::Avx2(set) => Self::Avx2(Packed::decode(set, encodings, refusals)),
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma(set) => Self::Ifma(Packed::decode(set, encodings, refusals)),
        }
    }

    pub(super) fn from_uniform_bytes(backend: Backend, uniform: &[[u8; 64]]) -> Self {
        match backend {
            Backend::Portable => Self::Portable(portable::from_uniform_bytes(uniform)),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2(set) => Self::Avx2(Packed::from_uniform_bytes(set, uniform)),
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
            Backend::Avx2(set) => Self::Avx2(Packed::gather(set, elements)),
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma(set) => Self::Ifma(Packed::gather(set, elements)),
        }
    }

    /// The name of the code that computes with this form.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Portable(_) => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => "avx512ifma",
        }
    }

    pub(super) fn len(&self) -> usize {
        form!(
            self,
            points => points.len(),
            packed => packed.len,
        )
    }

    /// The point at `index`, which must be an element's.
    pub(super) fn get(&self, index: usize) -> RistrettoPoint {
        form!(
            self,
            points => points[index],
            packed => packed.get(index),
        )
    }

    pub(super) fn first_identity(&self) -> Option<usize> {
        form!(
            self,
            points => portable::first_identity(points),
            packed => packed.first_identity(),
        )
    }

    pub(super) fn encode(&self) -> Vec<EncodedElement> {
        form!(
            self,
            points => portable::encode(points),
            packed => packed.encode(),
        )
    }

    pub(super) fn encode_doubled(&self) -> Vec<EncodedElement> {
        form!(
            self,
            points => portable::encode_doubled(points),
            packed => packed.encode_doubled(),
        )
    }

    pub(super) fn doubled(&self) -> Self {
        form!(
            self,
            points => Self::Portable(portable::doubled(points)),
            packed => packed.doubled().into(),
        )
    }

    pub(super) fn multiply_all(&self, scalar: &Scalar) -> Self {
        form!(
            self,
            points => Self::Portable(portable::multiply_all(points, scalar)),
            packed => packed.multiply_all(scalar).into(),
        )
    }

    pub(super) fn multiply_each(&self, scalars: &[Scalar]) -> Self {
        form!(
            self,
            points => Self::Portable(portable::multiply_each(points, scalars)),
            packed => packed.multiply_each(scalars).into(),
        )
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        form!(
            self,
            points => Self::Portable(portable::add(points, other.points())),
            packed => packed.add(Width::groups(other)).into(),
        )
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        form!(
            self,
            points => Self::Portable(portable::sub(points, other.points())),
            packed => packed.sub(Width::groups(other)).into(),
        )
    }

    /// Variable time.
    pub(super) fn weighted_sum(&self, coefficients: &[PublicScalar]) -> RistrettoPoint {
        form!(
            self,
            points => portable::weighted_sum(coefficients, points),
            packed => packed.weighted_sum(coefficients),
        )
    }

    /// Whether short coefficients make [`Form::combine`] so cheap that halving them, to encode
    /// doubled, costs more than it saves.
    pub(super) fn combines_short(&self) -> bool {
        form!(
            self,
            _ => false,
            _ => true,
        )
    }

    /// `sum over i of coefficients[i] * columns[i]`, row by row; at least one column, all of one
    /// form and length. Variable time.
    pub(super) fn combine(coefficients: &[PublicScalar], columns: &[&Self]) -> Self {
        form!(
            columns[0],
            _ => {
                let columns: Vec<_> = columns.iter().map(|form| form.points()).collect();
                Self::Portable(portable::combine(coefficients, &columns))
            },
            first => {
                let columns = columns.iter().map(|form| Width::groups(form));
                first.combine(coefficients, &columns.collect::<Vec<_>>()).into()
            },
        )
    }

    fn points(&self) -> &[RistrettoPoint] {
        form!(
            self,
            points => points,
            _ => unreachable!("operands of one form"),
        )
    }

    /// `first`, then these.
    pub(super) fn prefixed(&self, first: &Element) -> Self {
        form!(
            self,
            points => {
                let mut prefixed = Vec::with_capacity(points.len() + 1);
                prefixed.push(*first.point());
                prefixed.extend_from_slice(points);
                Self::Portable(prefixed)
            },
            packed => packed.prefixed(first).into(),
        )
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        form!(
            self,
            points => points.zeroize(),
            _ => {} // wipes itself
        );
    }
}
