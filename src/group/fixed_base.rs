//! Multiples of one public element.

use std::sync::{LazyLock, OnceLock};

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::RistrettoBasepointTable;

use super::form::Form;
#[cfg(target_arch = "x86_64")]
use super::lanes::{Field, Multiples, Packed, Point};
use super::{Backend, Element, Elements, Scalar, portable};
use crate::machine::InstructionSet;

/// Scalars from which a table earns back its making.
const TABLE_PAYS_FROM: usize = 48;

/// One public element, ready to be multiplied by many secret scalars. The table of its multiples
/// is made when it first pays, in the form of the code that asks for it, and kept: hold on to a
/// base as long as there is work for it. Constant time in the scalars.
pub struct FixedBase {
    element: Element,
    portable: OnceLock<Box<RistrettoBasepointTable>>,
    #[cfg(target_arch = "x86_64")]
    lanes: OnceLock<Multiples>,
}

impl FixedBase {
    /// The base `element`, which is public.
    #[must_use]
    pub fn new(element: Element) -> Self {
        Self {
            element,
            portable: OnceLock::new(),
            #[cfg(target_arch = "x86_64")]
            lanes: OnceLock::new(),
        }
    }

    /// The generator G, whose tables all callers share.
    #[must_use]
    pub fn generator() -> &'static Self {
        static GENERATOR: LazyLock<FixedBase> = LazyLock::new(|| FixedBase {
            element: Element::GENERATOR,
            portable: OnceLock::from(Box::new(RISTRETTO_BASEPOINT_TABLE.clone())),
            #[cfg(target_arch = "x86_64")]
            lanes: OnceLock::new(),
        });
        &GENERATOR
    }

    /// The base.
    #[must_use]
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// `scalars[i] * base`, in order.
    #[must_use]
    pub fn multiply_each(&self, scalars: &[Scalar]) -> Elements {
        self.multiply_each_on(InstructionSet::chosen(), scalars)
    }

    /// [`FixedBase::multiply_each`] on a given instruction set.
    ///
    /// # Panics
    /// When this machine does not have `set`.
    #[must_use]
    pub fn multiply_each_on(&self, set: InstructionSet, scalars: &[Scalar]) -> Elements {
        let form = match Backend::on(set) {
            Backend::Portable => Form::Portable(match self.portable_table(scalars.len()) {
                Some(table) => portable::table_multiply_each(table, scalars),
                None => portable::multiply_one(self.element.point(), scalars),
            }),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2(set) => Form::Avx2(self.multiply_lanes(set, scalars)),
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma(set) => Form::Ifma(self.multiply_lanes(set, scalars)),
        };
        Elements::of_products(set, form)
    }

    /// The table, where there is one already or `count` scalars pay for it.
    fn portable_table(&self, count: usize) -> Option<&RistrettoBasepointTable> {
        if count < TABLE_PAYS_FROM {
            return self.portable.get().map(Box::as_ref);
        }
        let make = || Box::new(RistrettoBasepointTable::create(self.element.point()));
        Some(self.portable.get_or_init(make))
    }

    #[cfg(target_arch = "x86_64")]
    fn multiply_lanes<F: Field>(&self, set: F::Set, scalars: &[Scalar]) -> Packed<F> {
        if let Some(multiples) = self.multiples::<F>(set, scalars.len()) {
            return multiples.multiply_each(set, scalars);
        }
        let mut base = Packed::generators(set, scalars.len());
        base.groups.fill(self.everywhere(set));
        base.multiply_each(scalars)
    }

    /// The tables, where there are some already or `count` scalars pay for them.
    #[cfg(target_arch = "x86_64")]
    fn multiples<F: Field>(&self, set: F::Set, count: usize) -> Option<&Multiples> {
        if count < TABLE_PAYS_FROM {
            return self.lanes.get();
        }
        let make = || Multiples::of::<F>(self.everywhere(set));
        Some(self.lanes.get_or_init(make))
    }

    /// The base in every lane.
    #[cfg(target_arch = "x86_64")]
    fn everywhere<F: Field>(&self, set: F::Set) -> Point<F> {
        Packed::gather(set, &[self.element]).groups[0].lane(0)
    }
}
