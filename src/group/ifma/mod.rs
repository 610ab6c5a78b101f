//! AVX-512 IFMA: eight field elements at a time, radix 2^51, five vectors of eight 64-bit limbs.
//!
//! The instructions multiply the low 52 bits of each 64-bit lane and add the low or the high 52
//! bits of the product to another lane. So a factor must have limbs below 2^52: one bit above the
//! radix.
//!
//! This file is the door between safe code and the instructions: [`arithmetic`] holds functions
//! that are safe where the instruction set is enabled, and `run!` here calls them.

#![allow(
    unsafe_code,
    reason = "calls into functions compiled for the instruction set, whose presence Ifma proves"
)]

mod arithmetic;
mod rows;
#[cfg(test)]
mod tests;

use std::hint::black_box;
use std::mem::transmute;
use std::ops::{Add, Sub};

use zeroize::Zeroize;

use super::lanes::{Field, Limbs, Row, Table, Words, field_operators};
use arithmetic::Vectors;

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

/// Calls a function of [`arithmetic`].
macro_rules! run {
    ($($call:tt)+) => {
        // SAFETY: these functions need AVX-512 F, DQ and IFMA. Whoever gets here holds an `Ifma`,
        // or a value that was made with one, and only `Ifma::detect` makes it.
        unsafe { arithmetic::$($call)+ }
    };
}

/// A place on the stack of a vector's own alignment.
#[repr(align(64))]
struct Aligned([u8; 32]);

/// A function compiled for the instruction set, which `work` is inlined into. Its own aligned place
/// makes the compiler align the whole frame: vectors put aside there would otherwise lie across
/// cache lines, which costs more than the arithmetic.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compiled<R>(work: impl FnOnce() -> R) -> R {
    black_box(&mut Aligned([0; 32]));
    work()
}

field_operators!(Eight);

impl Add for EightLoose {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(run!(sum(self.0, other.0)))
    }
}

impl Sub for EightLoose {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(run!(difference(self.0, other.0)))
    }
}

impl Field for Eight {
    const LANES: usize = 8;
    type Set = Ifma;
    type Loose = EightLoose;
    type Mask = u8;
    type Index = arithmetic::Numbers;

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
    fn splat(_: Ifma, limbs: &Limbs) -> Self {
        Self(run!(splat(limbs)))
    }

    #[inline(always)]
    fn from_words(_: Ifma, words: &Words) -> Self {
        // SAFETY: both are 320 bytes, and any bytes are vectors.
        let limbs = unsafe { transmute::<Words, Vectors>(*words) };
        Self(run!(carry(limbs)))
    }

    #[inline(always)]
    fn to_words(self) -> Words {
        let limbs = run!(canonical(self.0));
        // SAFETY: both are 320 bytes, and any bytes are words.
        unsafe { transmute::<Vectors, Words>(limbs) }
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
        EightLoose(run!(product(self.0, other.0)))
    }

    #[inline(always)]
    fn squared(self) -> EightLoose {
        EightLoose(run!(square(self.0)))
    }

    #[inline(always)]
    fn scaled(self, factor: u32) -> EightLoose {
        EightLoose(run!(scale(self.0, factor)))
    }

    #[inline(always)]
    fn loose(self) -> EightLoose {
        EightLoose(self.0)
    }

    #[inline(always)]
    fn carry(sum: EightLoose) -> Self {
        Self(run!(carry(sum.0)))
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self(run!(select(mask, yes.0, no.0)))
    }

    #[inline(always)]
    fn is_zero(self) -> u8 {
        run!(is_zero(self.0))
    }

    #[inline(always)]
    fn is_negative(self) -> u8 {
        run!(is_negative(self.0))
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
    fn index(_: Ifma, numbers: [u64; 8]) -> Self::Index {
        run!(numbers(black_box(numbers)))
    }

    #[inline(always)]
    fn is_index(index: Self::Index, number: u8) -> u8 {
        run!(is_number(index, number))
    }

    #[inline(always)]
    fn look_up(index: Self::Index, table: &Table) -> Self {
        Self(run!(look_up(index, table)))
    }
}
