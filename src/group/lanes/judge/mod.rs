//! What every backend must do. Its tests run all of these functions; nothing here knows an
//! instruction set.

mod combination;
mod field;
mod group;
mod map;
mod multiples;
mod sums;

pub(in crate::group) use combination::combinations;
pub(in crate::group) use field::field;
pub(in crate::group) use group::group;
pub(in crate::group) use map::one_way_map;
pub(in crate::group) use multiples::multiples;
pub(in crate::group) use sums::sums;

/// Deterministic bits for tests (xorshift64*).
pub(in crate::group) struct Bits(u64);

impl Bits {
    pub(in crate::group) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in crate::group) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(in crate::group) fn bytes(&mut self) -> [u8; 32] {
        let words = [(); 4].map(|()| self.next().to_le_bytes());
        std::array::from_fn(|place| words[place / 8][place % 8])
    }
}
