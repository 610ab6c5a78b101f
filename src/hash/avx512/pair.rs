//! Thirty-two words of 32 bits in two vectors. BLAKE3's state of sixteen such pairs takes all 32
//! registers of the machine; what one vector's chain of instructions waits for, the other's
//! instructions fill.
#![allow(
    unsafe_code,
    reason = "a backend: instructions beyond the compiler's target"
)]

use std::arch::asm;

use super::Avx512;
use super::words32::U32x16;
use crate::hash::lanes::blake3::Mix;
use crate::hash::lanes::{Lanes, Messages};

/// The first sixteen messages, then the others.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct U32x32(U32x16, U32x16);

/// Operations that do the same to both.
macro_rules! on_both {
    ($($name:ident($($operand:ident),*);)*) => {
        $(
            #[inline(always)]
            fn $name(self, $($operand: Self),*) -> Self {
                Self(self.0.$name($($operand.0),*), self.1.$name($($operand.1),*))
            }
        )*
    };
}

impl Lanes for U32x32 {
    type Word = u32;
    type Proof = Avx512;
    const COUNT: usize = 2 * U32x16::COUNT;

    #[inline(always)]
    fn splat(proof: Avx512, word: u32) -> Self {
        let lanes = U32x16::splat(proof, word);
        Self(lanes, lanes)
    }

    #[inline(always)]
    fn read(proof: Avx512, messages: Messages<'_>, from: usize) -> [Self; 8] {
        let (first, others) = messages.split_at(U32x16::COUNT);
        let first = U32x16::read(proof, first, from);
        let others = U32x16::read(proof, others, from);
        let mut words = [Self(first[0], others[0]); 8];
        for place in 1..8 {
            words[place] = Self(first[place], others[place]);
        }
        words
    }

    #[inline(always)]
    fn write<const N: usize>(words: [Self; 8], rows: &mut [[u8; N]], from: usize) {
        let (mut first, mut others) = ([words[0].0; 8], [words[0].1; 8]);
        for place in 1..8 {
            (first[place], others[place]) = (words[place].0, words[place].1);
        }
        let (first_rows, other_rows) = rows.split_at_mut(U32x16::COUNT);
        U32x16::write(first, first_rows, from);
        U32x16::write(others, other_rows, from);
    }

    #[inline(always)]
    fn rotated_right<const BITS: i32>(self) -> Self {
        Self(
            self.0.rotated_right::<BITS>(),
            self.1.rotated_right::<BITS>(),
        )
    }

    #[inline(always)]
    fn shifted_right<const BITS: u32>(self) -> Self {
        Self(
            self.0.shifted_right::<BITS>(),
            self.1.shifted_right::<BITS>(),
        )
    }

    on_both! {
        plus(other);
        xor(other);
        xor3(second, third);
        choose(yes, no);
        majority(second, third);
        fenced();
        with_bytes_swapped();
    }
}

/// In assembly, because of the same instructions as intrinsics the compiler makes something that
/// keeps moving the state to memory and back.
impl Mix for U32x32 {
    #[inline(always)]
    fn with_word(self, word: &Self) -> Self {
        // SAFETY: lanes exist, so the machine has AVX-512 F.
        unsafe { with_word(self, word) }
    }

    #[inline(always)]
    fn step<const BITS: i32>(x: Self, y: Self, z: Self) -> (Self, Self) {
        // SAFETY: lanes exist, so the machine has AVX-512 F.
        unsafe { step::<BITS>(x, y, z) }
    }
}

/// The word stays in memory: there is no register for it.
#[inline]
#[target_feature(enable = "avx512f")]
fn with_word(mut sum: U32x32, word: &U32x32) -> U32x32 {
    // SAFETY: both loads are of `word`, a reference to two aligned vectors in this order.
    unsafe {
        asm!(
            "vpaddd {first}, {first}, [{word}]",
            "vpaddd {second}, {second}, [{word} + 64]",
            first = inout(zmm_reg) sum.0.0,
            second = inout(zmm_reg) sum.1.0,
            word = in(reg) word,
            options(pure, readonly, nostack, preserves_flags),
        );
    }
    sum
}

#[inline]
#[target_feature(enable = "avx512f")]
fn step<const BITS: i32>(mut x: U32x32, y: U32x32, mut z: U32x32) -> (U32x32, U32x32) {
    // SAFETY: the instructions work on their registers alone.
    unsafe {
        asm!(
            "vpaddd {x0}, {x0}, {y0}",
            "vpaddd {x1}, {x1}, {y1}",
            "vpxord {z0}, {z0}, {x0}",
            "vpxord {z1}, {z1}, {x1}",
            "vprord {z0}, {z0}, {bits}",
            "vprord {z1}, {z1}, {bits}",
            x0 = inout(zmm_reg) x.0.0,
            x1 = inout(zmm_reg) x.1.0,
            y0 = in(zmm_reg) y.0.0,
            y1 = in(zmm_reg) y.1.0,
            z0 = inout(zmm_reg) z.0.0,
            z1 = inout(zmm_reg) z.1.0,
            bits = const BITS,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    (x, z)
}
