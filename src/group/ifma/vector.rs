//! Single instructions under names: the only calls of them.
//!
//! A function that enables instructions for itself cannot be forced inline, and the compiler leaves
//! large ones out of line. So these small ones are forced inline as they are, and run what they
//! wrap once they are part of a function that enables it.

use std::arch::x86_64::*;
use std::mem::transmute;

use zeroize::Zeroize;

use super::Ifma;

/// Eight 64-bit lanes. Whoever holds one holds the proof that the instructions are there, because
/// it was made with an [`Ifma`].
#[derive(Clone, Copy, Zeroize)]
#[repr(transparent)]
pub(in crate::group) struct Vector(__m512i);

/// Calls an intrinsic of AVX-512 F, DQ or IFMA in a function that takes a [`Vector`] or an [`Ifma`].
macro_rules! instruction {
    ($call:expr) => {
        // SAFETY: the machine has the instruction: an `Ifma` proves it, and a `Vector` was made
        // with one.
        unsafe { $call }
    };
}

impl Vector {
    /// `number` in every lane.
    #[inline(always)]
    pub(super) fn splat(_: Ifma, number: u64) -> Self {
        Self(instruction!(_mm512_set1_epi64(number as i64)))
    }

    /// A number for each lane.
    #[inline(always)]
    pub(super) fn of(_: Ifma, numbers: &[u64; 8]) -> Self {
        // SAFETY: both are 64 bytes, and any bytes are a vector.
        Self(unsafe { transmute::<[u64; 8], __m512i>(*numbers) })
    }

    /// The number of each lane.
    #[inline(always)]
    pub(super) fn numbers(self) -> [u64; 8] {
        // SAFETY: both are 64 bytes, and any bytes are numbers.
        unsafe { transmute::<__m512i, [u64; 8]>(self.0) }
    }

    /// `number` in every lane.
    #[inline(always)]
    pub(super) fn all(self, number: u64) -> Self {
        Self(instruction!(_mm512_set1_epi64(number as i64)))
    }

    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        Self(instruction!(_mm512_add_epi64(self.0, other.0)))
    }

    #[inline(always)]
    pub(super) fn minus(self, other: Self) -> Self {
        Self(instruction!(_mm512_sub_epi64(self.0, other.0)))
    }

    /// The low 64 bits of the product.
    #[inline(always)]
    pub(super) fn times(self, other: Self) -> Self {
        Self(instruction!(_mm512_mullo_epi64(self.0, other.0)))
    }

    /// `self + low52(low52(left) * low52(right))`.
    #[inline(always)]
    pub(super) fn plus_low(self, left: Self, right: Self) -> Self {
        Self(instruction!(_mm512_madd52lo_epu64(self.0, left.0, right.0)))
    }

    /// `self + high52(low52(left) * low52(right))`.
    #[inline(always)]
    pub(super) fn plus_high(self, left: Self, right: Self) -> Self {
        Self(instruction!(_mm512_madd52hi_epu64(self.0, left.0, right.0)))
    }

    #[inline(always)]
    pub(super) fn and(self, other: Self) -> Self {
        Self(instruction!(_mm512_and_si512(self.0, other.0)))
    }

    #[inline(always)]
    pub(super) fn or(self, other: Self) -> Self {
        Self(instruction!(_mm512_or_si512(self.0, other.0)))
    }

    /// Without the lowest `BITS` bits.
    #[inline(always)]
    pub(super) fn above<const BITS: u32>(self) -> Self {
        Self(instruction!(_mm512_srli_epi64::<BITS>(self.0)))
    }

    /// `yes` in the lanes of the mask, `no` in the others.
    #[inline(always)]
    pub(super) fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self(instruction!(_mm512_mask_mov_epi64(no.0, mask, yes.0)))
    }

    /// Sixteen entries, eight in each vector: the one whose place, 0 to 15, the lane holds.
    #[inline(always)]
    pub(super) fn pick(self, first: Self, second: Self) -> Self {
        Self(instruction!(_mm512_permutex2var_epi64(
            first.0, self.0, second.0
        )))
    }

    /// The lanes that hold the same.
    #[inline(always)]
    pub(super) fn equal(self, other: Self) -> u8 {
        instruction!(_mm512_cmpeq_epi64_mask(self.0, other.0))
    }

    /// The lanes in which this is the smaller.
    #[inline(always)]
    pub(super) fn less(self, other: Self) -> u8 {
        instruction!(_mm512_cmplt_epu64_mask(self.0, other.0))
    }
}
