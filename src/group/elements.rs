//! Many elements.

use std::fmt;

use super::form::Form;
use super::{
    Backend, Batch, DecodeError, Element, EncodedElement, GroupError, PublicScalar, Refusal, Scalar,
};
use crate::machine::InstructionSet;

/// Valid elements of ristretto255, none the identity, in order, in the form that the code for one
/// instruction set computes with. They may be elements P or N, so they are wiped when dropped and
/// `Debug` shows their number only.
///
/// What is computed from elements stays on their instruction set. Two operands of different sets
/// are a bug of the caller: they cannot come from doors without `_on` in their names.
#[derive(Clone)]
pub struct Elements {
    set: InstructionSet,
    form: Form,
}

impl Elements {
    /// Decodes canonical 32-byte encodings (RFC 9496, section 4.3.1), in order.
    ///
    /// # Errors
    /// [`DecodeError`] for the first encoding that is not canonical, names no element, or is the
    /// identity's.
    pub fn decode(encodings: &[EncodedElement]) -> Result<Self, DecodeError> {
        Self::decode_on(InstructionSet::chosen(), encodings)
    }

    /// [`Elements::decode`] on a given instruction set.
    ///
    /// # Errors
    /// Those of [`Elements::decode`].
    ///
    /// # Panics
    /// When this machine does not have `set`.
    pub fn decode_on(
        set: InstructionSet,
        encodings: &[EncodedElement],
    ) -> Result<Self, DecodeError> {
        let mut refusals = vec![None; encodings.len()];
        let form = Form::decode(Backend::on(set), encodings, &mut refusals);
        let mut refused = refusals.into_iter().enumerate();
        match refused.find_map(|(index, reason)| Some((index, reason?))) {
            Some((index, reason)) => Err(DecodeError { index, reason }),
            None => Ok(Self { set, form }),
        }
    }

    /// The one-way map of RFC 9496, section 4.3.4, of 64 uniform bytes each. Constant time.
    ///
    /// # Errors
    /// [`GroupError::Identity`] with the index of bytes that map to the identity.
    pub fn from_uniform_bytes(uniform: &[[u8; 64]]) -> Result<Self, GroupError> {
        Self::from_uniform_bytes_on(InstructionSet::chosen(), uniform)
    }

    /// [`Elements::from_uniform_bytes`] on a given instruction set.
    ///
    /// # Errors
    /// Those of [`Elements::from_uniform_bytes`].
    ///
    /// # Panics
    /// When this machine does not have `set`.
    pub fn from_uniform_bytes_on(
        set: InstructionSet,
        uniform: &[[u8; 64]],
    ) -> Result<Self, GroupError> {
        Self::proper(set, Form::from_uniform_bytes(Backend::on(set), uniform))
    }

    /// Few elements, put together.
    #[must_use]
    pub fn of(elements: &[Element]) -> Self {
        Self::of_on(InstructionSet::chosen(), elements)
    }

    /// [`Elements::of`] on a given instruction set.
    ///
    /// # Panics
    /// When this machine does not have `set`.
    #[must_use]
    pub fn of_on(set: InstructionSet, elements: &[Element]) -> Self {
        let form = Form::gather(Backend::on(set), elements);
        Self { set, form }
    }

    /// The instruction set that computes with them.
    #[must_use]
    pub fn instruction_set(&self) -> InstructionSet {
        self.set
    }

    /// The name of the code that computes with them, for reports: an instruction set for which
    /// there is none of its own uses that of a lower one.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.form.name()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.form.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them, from 0.
    ///
    /// # Panics
    /// When there are not so many.
    #[must_use]
    pub fn get(&self, index: usize) -> Element {
        Element::of_product(self.form.get(index))
    }

    /// The 32-byte encodings, in order (RFC 9496, section 4.3.2).
    #[must_use]
    pub fn encode(&self) -> Vec<EncodedElement> {
        self.form.encode()
    }

    /// The 32-byte encodings of the doubles. Cheaper than [`Elements::encode`], because one
    /// inversion serves many; so products are computed halved and encoded doubled.
    #[must_use]
    pub fn encode_doubled(&self) -> Vec<EncodedElement> {
        self.form.encode_doubled()
    }

    /// `scalar * self[i]`, each with its encoding. Constant time.
    #[must_use]
    pub fn multiply_all(&self, scalar: &Scalar) -> Batch {
        Batch::double(&self.with(self.form.multiply_all(&scalar.halved())))
    }

    /// `scalars[i] * self[i]`. Constant time.
    ///
    /// # Panics
    /// When there is not one scalar for each element.
    #[must_use]
    pub fn multiply_each(&self, scalars: &[Scalar]) -> Self {
        assert_eq!(self.len(), scalars.len(), "one scalar for each element");
        self.with(self.form.multiply_each(scalars))
    }

    /// `self[i] + other[i]`. Constant time.
    ///
    /// # Errors
    /// [`GroupError::Identity`] with the index of a sum that is the identity.
    ///
    /// # Panics
    /// When the counts or the instruction sets differ.
    pub fn add(&self, other: &Self) -> Result<Self, GroupError> {
        self.assert_beside(other);
        Self::proper(self.set, self.form.add(&other.form))
    }

    /// `self[i] - other[i]`. Constant time.
    ///
    /// # Errors
    /// [`GroupError::Identity`] with the index of a difference that is the identity.
    ///
    /// # Panics
    /// When the counts or the instruction sets differ.
    pub fn sub(&self, other: &Self) -> Result<Self, GroupError> {
        self.assert_beside(other);
        Self::proper(self.set, self.form.sub(&other.form))
    }

    /// `sum(coefficients[i] * self[i])`, or nothing when the sum is the identity. **Variable
    /// time**: for public data only, which the types hold for the coefficients.
    ///
    /// # Panics
    /// When there is not one coefficient for each element.
    #[must_use]
    pub fn weighted_sum(&self, coefficients: &[PublicScalar]) -> Option<Element> {
        assert_eq!(
            self.len(),
            coefficients.len(),
            "one coefficient for each element"
        );
        Element::proper(self.form.weighted_sum(coefficients))
    }

    /// Row by row, `sum over i of coefficients[i] * columns[i][row]`, each with its encoding.
    /// **Variable time**: for public data only.
    ///
    /// # Errors
    /// [`GroupError::Identity`] with the row whose sum is the identity.
    ///
    /// # Panics
    /// When there is not one coefficient for each column, no column, or the counts or the
    /// instruction sets of columns differ.
    pub fn combine(coefficients: &[PublicScalar], columns: &[&Self]) -> Result<Batch, GroupError> {
        assert_eq!(
            coefficients.len(),
            columns.len(),
            "one coefficient for each column"
        );
        for column in columns {
            columns[0].assert_beside(column);
        }
        let forms: Vec<_> = columns.iter().map(|column| &column.form).collect();
        if coefficients.iter().all(PublicScalar::is_short) && forms[0].combines_short() {
            let sums = Self::proper(columns[0].set, Form::combine(coefficients, &forms))?;
            return Ok(Batch::encode(sums));
        }
        let halves: Vec<_> = coefficients.iter().map(PublicScalar::halved).collect();
        let sums = Self::proper(columns[0].set, Form::combine(&halves, &forms))?;
        Ok(Batch::double(&sums))
    }

    /// `first`, then these.
    pub(super) fn prefixed(&self, first: &Element) -> Self {
        self.with(self.form.prefixed(first))
    }

    pub(super) fn doubled(&self) -> Self {
        self.with(self.form.doubled())
    }

    /// The elements of points none of which can be the identity: nonzero multiples of elements.
    pub(super) fn of_products(set: InstructionSet, form: Form) -> Self {
        debug_assert!(
            form.first_identity().is_none(),
            "nonzero multiples in a group of prime order"
        );
        Self { set, form }
    }

    fn with(&self, form: Form) -> Self {
        Self::of_products(self.set, form)
    }

    /// The elements, unless one is the identity.
    fn proper(set: InstructionSet, form: Form) -> Result<Self, GroupError> {
        match form.first_identity() {
            Some(index) => Err(GroupError::Identity { index }),
            None => Ok(Self { set, form }),
        }
    }

    fn assert_beside(&self, other: &Self) {
        assert_eq!(
            self.set, other.set,
            "elements on two instruction sets in one operation"
        );
        assert_eq!(self.len(), other.len(), "operands of one length");
    }
}

impl Default for Elements {
    /// No element.
    fn default() -> Self {
        Self::of(&[])
    }
}

impl fmt::Debug for Elements {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Elements({})", self.len())
    }
}

/// Why each encoding is refused, in order; none for one that [`Elements::decode`] accepts.
#[must_use]
pub fn refusals(encodings: &[EncodedElement]) -> Vec<Option<Refusal>> {
    refusals_on(InstructionSet::chosen(), encodings)
}

/// [`refusals`] on a given instruction set.
///
/// # Panics
/// When this machine does not have `set`.
#[must_use]
pub fn refusals_on(set: InstructionSet, encodings: &[EncodedElement]) -> Vec<Option<Refusal>> {
    let mut refusals = vec![None; encodings.len()];
    drop(Form::decode(Backend::on(set), encodings, &mut refusals));
    refusals
}
