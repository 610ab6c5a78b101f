//! Elements packed into lanes.

use zeroize::Zeroize;

use super::{Field, Point};

/// Elements in order, [`Field::LANES`] in a group; the lanes after the last hold some element that
/// nobody reads. Wiped when dropped, because a hash of a person's number tells the number.
#[derive(Clone)]
pub(in crate::group) struct Packed<F: Field> {
    pub(in crate::group) groups: Vec<Point<F>>,
    pub(in crate::group) len: usize,
}

impl<F: Field> Packed<F> {
    /// `len` generators, to be overwritten.
    pub(in crate::group) fn generators(set: F::Set, len: usize) -> Self {
        Self {
            groups: vec![Point::generator(set); len.div_ceil(F::LANES)],
            len,
        }
    }
}

impl<F: Field> Drop for Packed<F> {
    fn drop(&mut self) {
        self.groups.zeroize();
    }
}
