//! Multiples of one public element.

use curve25519_dalek::ristretto::RistrettoBasepointTable;

use super::spread::spread;
use super::{Backend, Element, Scalar, portable};

/// Scalars from which a table earns back its making.
const TABLE_PAYS_FROM: usize = 48;

/// One public element, ready to be multiplied by many secret scalars: from a table of its
/// multiples where there are enough of them. Constant time in the scalars.
pub struct FixedBase(Element);

impl FixedBase {
    /// The base `element`, which is public.
    #[must_use]
    pub fn new(element: Element) -> Self {
        Self(element)
    }

    /// `scalars[i] * base`, in order.
    #[must_use]
    pub fn multiply_each(&self, scalars: &[Scalar]) -> Vec<Element> {
        if scalars.len() < TABLE_PAYS_FROM {
            return spread(scalars, self.0, |piece, out| match Backend::chosen() {
                Backend::Portable => portable::multiply_one(&self.0, piece, out),
            });
        }
        let table = RistrettoBasepointTable::create(self.0.point());
        spread(scalars, self.0, |piece, out| match Backend::chosen() {
            Backend::Portable => portable::table_multiply_each(&table, piece, out),
        })
    }
}
