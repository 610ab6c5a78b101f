//! Elements that keep their encodings beside them.

use std::fmt;

use curve25519_dalek::RistrettoPoint;

use super::{DecodeError, Element, EncodedElement, decode, encode, encode_doubled};

/// Elements in order, each with its encoding. Proofs hash encodings and compute with elements, so
/// neither is ever made twice. They may be elements N, so its `Debug` shows their number only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    elements: Vec<Element>,
    encodings: Vec<EncodedElement>,
}

impl Batch {
    /// Decodes what came over the wire.
    ///
    /// # Errors
    /// [`DecodeError`] for the first encoding that is not canonical, names no element, or is the
    /// identity's.
    pub fn decode(encodings: Vec<EncodedElement>) -> Result<Self, DecodeError> {
        Ok(Self {
            elements: decode(&encodings)?,
            encodings,
        })
    }

    /// Encodes what was computed here.
    #[must_use]
    pub fn encode(elements: Vec<Element>) -> Self {
        Self {
            encodings: encode(&elements),
            elements,
        }
    }

    /// How many elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The elements, in order.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Their encodings, in order.
    #[must_use]
    pub fn encodings(&self) -> &[EncodedElement] {
        &self.encodings
    }

    /// The encodings alone, to be sent.
    #[must_use]
    pub fn into_encodings(self) -> Vec<EncodedElement> {
        self.encodings
    }

    /// A batch of `first` and then all of `self`.
    #[must_use]
    pub fn prefixed(&self, first: Element, encoding: EncodedElement) -> Self {
        Self {
            elements: std::iter::once(first)
                .chain(self.elements.iter().copied())
                .collect(),
            encodings: std::iter::once(encoding)
                .chain(self.encodings.iter().copied())
                .collect(),
        }
    }

    /// The batch of `2 * halves[i]`.
    pub(super) fn double(halves: &[Element]) -> Self {
        let doubled = |half: &Element| -> RistrettoPoint { half.point() + half.point() };
        Self {
            encodings: encode_doubled(halves),
            elements: halves
                .iter()
                .map(|half| Element::of_product(doubled(half)))
                .collect(),
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Batch({} elements)", self.len())
    }
}
