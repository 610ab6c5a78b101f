//! AVX-512 IFMA: eight field elements at a time, radix 2^51, five vectors of eight 64-bit limbs.
//!
//! The instructions multiply the low 52 bits of each 64-bit lane and add the low or the high 52
//! bits of the product to another lane. So a factor must have limbs below 2^52: one bit above the
//! radix.
//!
//! [`Vector`] names the instructions; [`arithmetic`] computes with it and is safe.

#![allow(unsafe_code, reason = "calls instructions whose presence Ifma proves")]

mod arithmetic;
mod rows;
#[cfg(test)]
mod tests;
mod vector;

use std::hint::black_box;
use std::ops::{Add, Sub};

use zeroize::Zeroize;

use super::lanes::{Field, Limbs, Row, Table, Words, field_operators};
use arithmetic::Vectors;
use vector::Vector;

/// The proof that this machine has AVX-512 F, DQ and IFMA.
#[derive(Clone, Copy)]
pub(in crate::group) struct Ifma(());

impl Ifma {
    /// The proof, where it holds.
    pub(in crate::group) fn detect() -> Option<Self> {
        let present = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512ifma");
        present.then_some(Self(()))
    }
}

/// Eight field elements. Every limb is below 2^51 + 2^18.
#[derive(Clone, Copy, Zeroize)]
pub(in crate::group) struct Eight(Vectors);

/// Eight sums of products. A limb is below 2^59 for each unit of weight.
#[derive(Clone, Copy)]
pub(in crate::group) struct EightLoose(Vectors);

/// A place on the stack of a vector's own alignment.
#[repr(align(64))]
struct Aligned([u8; 32]);

/// A function compiled for the instruction set, which `work` is inlined into. Its own aligned place
/// makes the compiler align the whole frame: vectors put aside there would otherwise lie across
/// cache lines, which costs more than the arithmetic.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compiled<R>(work: impl FnOnce() -> R) -> R {
    let mut place = Aligned([0; 32]);
    black_box(&mut place.0);
    work()
}

field_operators!(Eight);

impl Add for EightLoose {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(arithmetic::sum(self.0, other.0))
    }
}

impl Sub for EightLoose {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(arithmetic::difference(self.0, other.0))
    }
}

impl Field for Eight {
    const LANES: usize = 8;
    type Set = Ifma;
    type Loose = EightLoose;
    type Mask = u8;
    type Index = Vector;

    #[inline(always)]
    fn set(self) -> Ifma {
        Ifma(())
    }

    #[inline(always)]
    fn vectorize<R>(_: Ifma, work: impl FnOnce() -> R) -> R {
        // SAFETY: the function needs the instructions whose presence `Ifma` proves.
        unsafe { compiled(work) }
    }

    #[inline(always)]
    fn splat(set: Ifma, limbs: &Limbs) -> Self {
        let [a, b, c, d, e] = limbs;
        Self([
            Vector::splat(set, *a),
            Vector::splat(set, *b),
            Vector::splat(set, *c),
            Vector::splat(set, *d),
            Vector::splat(set, *e),
        ])
    }

    #[inline(always)]
    fn from_words(set: Ifma, words: &Words) -> Self {
        let [a, b, c, d, e] = words;
        Self(arithmetic::carry([
            Vector::of(set, a),
            Vector::of(set, b),
            Vector::of(set, c),
            Vector::of(set, d),
            Vector::of(set, e),
        ]))
    }

    #[inline(always)]
    fn to_words(self) -> Words {
        let [a, b, c, d, e] = arithmetic::canonical(self.0);
        [
            a.numbers(),
            b.numbers(),
            c.numbers(),
            d.numbers(),
            e.numbers(),
        ]
    }

    #[inline(always)]
    fn from_rows(set: Ifma, rows: &[Row], at: [usize; 8]) -> [Self; 4] {
        let [a, b, c, d] = rows::gather(set, rows, at);
        [Self(a), Self(b), Self(c), Self(d)]
    }

    #[inline(always)]
    fn to_rows(fields: [Self; 4], rows: &mut [Row], at: [usize; 8]) {
        let [a, b, c, d] = fields;
        rows::scatter(a.set(), [a.0, b.0, c.0, d.0], rows, at);
    }

    #[inline(always)]
    fn splat_row(set: Ifma, row: &Row) -> [Self; 4] {
        let (fields, _) = row.0.as_chunks::<5>();
        [
            Self::splat(set, &fields[0]),
            Self::splat(set, &fields[1]),
            Self::splat(set, &fields[2]),
            Self::splat(set, &fields[3]),
        ]
    }

    #[inline(always)]
    fn product(self, other: Self) -> EightLoose {
        EightLoose(arithmetic::product(self.0, other.0))
    }

    #[inline(always)]
    fn squared(self) -> EightLoose {
        EightLoose(arithmetic::square(self.0))
    }

    #[inline(always)]
    fn scaled(self, factor: u32) -> EightLoose {
        EightLoose(arithmetic::scale(self.0, factor))
    }

    #[inline(always)]
    fn loose(self) -> EightLoose {
        EightLoose(self.0)
    }

    #[inline(always)]
    fn carry(sum: EightLoose) -> Self {
        Self(arithmetic::carry(sum.0))
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self(arithmetic::select(mask, yes.0, no.0))
    }

    #[inline(always)]
    fn is_zero(self) -> u8 {
        arithmetic::is_zero(self.0)
    }

    #[inline(always)]
    fn is_negative(self) -> u8 {
        arithmetic::is_negative(self.0)
    }

    #[inline(always)]
    fn mask(_: Ifma, bits: u8) -> u8 {
        black_box(bits)
    }

    #[inline(always)]
    fn bits(mask: u8) -> u8 {
        mask
    }

    #[inline(always)]
    fn index(set: Ifma, numbers: [u64; 8]) -> Vector {
        Vector::of(set, &black_box(numbers))
    }

    #[inline(always)]
    fn is_index(index: Vector, number: u8) -> u8 {
        index.equal(index.all(u64::from(number)))
    }

    #[inline(always)]
    fn look_up(index: Vector, table: &Table) -> Self {
        let mut limbs = [index; 5];
        for (limb, entries) in limbs.iter_mut().zip(table) {
            let (halves, _) = entries.as_chunks::<8>();
            let half = |half: usize| Vector::of(Ifma(()), &halves[half]);
            *limb = index.pick(half(0), half(1));
        }
        Self(limbs)
    }
}
