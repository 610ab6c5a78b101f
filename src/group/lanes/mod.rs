//! Algorithms on several elements at a time, written once for every instruction set.
//!
//! [`Field`] is what an instruction set brings: arithmetic mod p = 2^255 - 19 on a few field
//! elements side by side, its *lanes*. Everything above it is generic, holds no `unsafe`, and runs
//! the same sequence of operations for every lane, so that one lane never changes another and no
//! secret decides what is done or which address is read.
//!
//! Small generic functions are `#[inline(always)]` and large ones run their body through
//! [`Field::vectorize`], which compiles it for the instruction set. A body that is not inlined into
//! such a call would be compiled for the oldest machine, and be slow, though not wrong. So generic
//! code loops: the closures of `map`, `from_fn` and the like end up out of line.

mod affine;
mod bytes;
mod combination;
mod constants;
mod decode;
mod encode;
mod field;
#[cfg(test)]
pub(in crate::group) mod judge;
mod ladder;
mod multiples;
mod one_way_map;
mod packed;
mod pippenger;
mod point;
mod power;

pub(in crate::group) use affine::Affine;
pub(in crate::group) use bytes::{below_prime, load, store};
pub(in crate::group) use decode::decode;
pub(in crate::group) use encode::{encode, encode_doubled};
pub(in crate::group) use field::{Field, Limbs, Row, Table, Words, field_operators};
pub(in crate::group) use ladder::{Schedule, multiply};
pub(in crate::group) use multiples::Multiples;
pub(in crate::group) use packed::Packed;
#[cfg(test)]
pub(in crate::group) use pippenger::sum_of_multiples;
pub(in crate::group) use point::{Cached, Completed, Point};
