//! AVX2: four field elements at a time, radix 2^25.5, ten vectors of four 64-bit limbs.
//!
//! The instructions multiply the low 32 bits of each 64-bit lane. So a factor must have limbs below
//! 2^32 even 19 times: limbs of 26 and 25 bits in turn, and little more.
//!
//! This file is the door between safe code and the instructions: [`arithmetic`] holds functions
//! that are safe where the instruction set is enabled, and `run!` here calls them.

#![allow(
    unsafe_code,
    reason = "calls into functions compiled for the instruction set, whose presence Avx2 proves"
)]

mod arithmetic;
mod rows;
#[cfg(test)]
mod tests;

use std::hint::black_box;
use std::mem::transmute;
use std::ops::{Add, BitAnd, BitOr, Not, Sub};

use zeroize::Zeroize;

use super::lanes::{Field, Limbs, Row, Table, Words, field_operators};
use arithmetic::{Lanes, Numbers, Vectors};

/// The proof that this machine has AVX2.
#[derive(Clone, Copy)]
pub(in crate::group) struct Avx2(());

impl Avx2 {
    /// The proof, where it holds.
    pub(in crate::group) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

/// Four field elements. Even limbs are below 2^26, odd ones below 2^25 + 2^18.
#[derive(Clone, Copy, Zeroize)]
pub(in crate::group) struct Four(Vectors);

/// Four sums of products. A limb is below 2^59 for each unit of weight, an odd one below 2^58.3.
#[derive(Clone, Copy)]
pub(in crate::group) struct FourLoose(Vectors);

/// A yes or no for each of four lanes.
#[derive(Clone, Copy)]
pub(in crate::group) struct FourMask(Lanes);

/// Calls a function of [`arithmetic`].
macro_rules! run {
    ($($call:tt)+) => {
        // SAFETY: these functions need AVX2. Whoever gets here holds an `Avx2`, or a value that was
        // made with one, and only `Avx2::detect` makes it.
        unsafe { arithmetic::$($call)+ }
    };
}

/// A place on the stack of a vector's own alignment.
#[repr(align(32))]
struct Aligned([u8; 32]);

/// A function compiled for the instruction set, which `work` is inlined into. Its own aligned place
/// makes the compiler align the whole frame: vectors put aside there would otherwise lie across
/// cache lines, which costs more than the arithmetic.
#[inline(never)]
#[target_feature(enable = "avx2")]
fn compiled<R>(work: impl FnOnce() -> R) -> R {
    let mut place = Aligned([0; 32]);
    black_box(&mut place.0);
    work()
}

field_operators!(Four);

impl Add for FourLoose {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(run!(sum(self.0, other.0)))
    }
}

impl Sub for FourLoose {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(run!(difference(self.0, other.0)))
    }
}

impl BitAnd for FourMask {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(run!(both(self.0, other.0)))
    }
}

impl BitOr for FourMask {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(run!(either(self.0, other.0)))
    }
}

impl Not for FourMask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(run!(neither(self.0)))
    }
}

/// Half of the words, as AVX2 holds them.
type HalfWords = [[u64; 4]; 5];

impl Field for Four {
    const LANES: usize = 4;
    type Set = Avx2;
    type Loose = FourLoose;
    type Mask = FourMask;
    type Index = Numbers;

    #[inline(always)]
    fn set(self) -> Avx2 {
        Avx2(())
    }

    #[inline(always)]
    fn vectorize<R>(_: Avx2, work: impl FnOnce() -> R) -> R {
        // SAFETY: the function needs the instructions whose presence `Avx2` proves.
        unsafe { compiled(work) }
    }

    #[inline(always)]
    fn splat(_: Avx2, limbs: &Limbs) -> Self {
        Self(run!(splat(limbs)))
    }

    #[inline(always)]
    fn from_words(_: Avx2, words: &Words) -> Self {
        let own: HalfWords = words.map(|[a, b, c, d, ..]| [a, b, c, d]);
        // SAFETY: both are 160 bytes, and any bytes are vectors.
        let limbs = unsafe { transmute::<HalfWords, [Lanes; 5]>(own) };
        Self(run!(carry(arithmetic::halves(limbs))))
    }

    #[inline(always)]
    fn to_words(self) -> Words {
        let limbs = run!(joined(arithmetic::canonical(self.0)));
        // SAFETY: both are 160 bytes, and any bytes are words.
        let own = unsafe { transmute::<[Lanes; 5], HalfWords>(limbs) };
        own.map(|[a, b, c, d]| [a, b, c, d, 0, 0, 0, 0])
    }

    #[inline(always)]
    fn from_rows(set: Avx2, rows: &[Row], at: [usize; 8]) -> [Self; 4] {
        let [a, b, c, d] = rows::gather(set, rows, at);
        [Self(a), Self(b), Self(c), Self(d)]
    }

    #[inline(always)]
    fn to_rows(fields: [Self; 4], rows: &mut [Row], at: [usize; 8]) {
        let [a, b, c, d] = fields;
        rows::scatter(a.set(), [a.0, b.0, c.0, d.0], rows, at);
    }

    #[inline(always)]
    fn splat_row(set: Avx2, row: &Row) -> [Self; 4] {
        let [a, b, c, d] = rows::splat(set, row);
        [Self(a), Self(b), Self(c), Self(d)]
    }

    #[inline(always)]
    fn product(self, other: Self) -> FourLoose {
        FourLoose(run!(product(self.0, other.0)))
    }

    #[inline(always)]
    fn squared(self) -> FourLoose {
        FourLoose(run!(square(self.0)))
    }

    #[inline(always)]
    fn scaled(self, factor: u32) -> FourLoose {
        FourLoose(run!(scale(self.0, factor)))
    }

    #[inline(always)]
    fn loose(self) -> FourLoose {
        FourLoose(self.0)
    }

    #[inline(always)]
    fn carry(sum: FourLoose) -> Self {
        Self(run!(carry(sum.0)))
    }

    #[inline(always)]
    fn select(mask: FourMask, yes: Self, no: Self) -> Self {
        Self(run!(select(mask.0, yes.0, no.0)))
    }

    #[inline(always)]
    fn is_zero(self) -> FourMask {
        FourMask(run!(is_zero(self.0)))
    }

    #[inline(always)]
    fn is_negative(self) -> FourMask {
        FourMask(run!(is_negative(self.0)))
    }

    #[inline(always)]
    fn mask(_: Avx2, bits: u8) -> FourMask {
        FourMask(run!(lanes(black_box(bits))))
    }

    #[inline(always)]
    fn bits(mask: FourMask) -> u8 {
        run!(bits(mask.0))
    }

    #[inline(always)]
    fn index(_: Avx2, numbers: [u64; 8]) -> Numbers {
        run!(numbers(black_box(numbers)))
    }

    #[inline(always)]
    fn is_index(index: Numbers, number: u8) -> FourMask {
        FourMask(run!(is_number(index, number)))
    }

    #[inline(always)]
    fn look_up(index: Numbers, table: &Table) -> Self {
        Self(run!(look_up(index, table)))
    }
}
