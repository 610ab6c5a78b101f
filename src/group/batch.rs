//! Elements that keep their encodings beside them.

use std::fmt;

use super::{DecodeError, Element, Elements, EncodedElement};
use crate::machine::InstructionSet;

/// Elements in order, each with its encoding. Proofs hash encodings and compute with elements, so
/// neither is ever made twice. They may be elements N, so its `Debug` shows their number only.
#[derive(Clone, Default)]
pub struct Batch {
    elements: Elements,
    encodings: Vec<EncodedElement>,
}

impl Batch {
    /// Decodes what came over the wire.
    ///
    /// # Errors
    /// [`DecodeError`] for the first encoding that is not canonical, names no element, or is the
    /// identity's.
    pub fn decode(encodings: Vec<EncodedElement>) -> Result<Self, DecodeError> {
        Self::decode_on(InstructionSet::chosen(), encodings)
    }

    /// [`Batch::decode`] on a given instruction set.
    ///
    /// # Errors
    /// Those of [`Batch::decode`].
    ///
    /// # Panics
    /// When this machine does not have `set`.
    pub fn decode_on(
        set: InstructionSet,
        encodings: Vec<EncodedElement>,
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            elements: Elements::decode_on(set, &encodings)?,
            encodings,
        })
    }

    /// Encodes what was computed here.
    #[must_use]
    pub fn encode(elements: Elements) -> Self {
        Self {
            encodings: elements.encode(),
            elements,
        }
    }

    /// How many elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.encodings.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.encodings.is_empty()
    }

    /// The instruction set that computes with the elements.
    #[must_use]
    pub fn instruction_set(&self) -> InstructionSet {
        self.elements.instruction_set()
    }

    /// The elements, in order.
    #[must_use]
    pub fn elements(&self) -> &Elements {
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

    /// `element` with its `encoding`, then this batch.
    #[must_use]
    pub fn prefixed(&self, element: Element, encoding: EncodedElement) -> Self {
        let mut encodings = Vec::with_capacity(self.len() + 1);
        encodings.push(encoding);
        encodings.extend_from_slice(&self.encodings);
        Self {
            elements: self.elements.prefixed(&element),
            encodings,
        }
    }

    /// The batch of `2 * halves[i]`.
    pub(super) fn double(halves: &Elements) -> Self {
        Self {
            encodings: halves.encode_doubled(),
            elements: halves.doubled(),
        }
    }
}

impl PartialEq for Batch {
    /// Encodings are canonical, so they say everything.
    fn eq(&self, other: &Self) -> bool {
        self.encodings == other.encodings
    }
}

impl Eq for Batch {}

impl fmt::Debug for Batch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Batch({} elements)", self.len())
    }
}
