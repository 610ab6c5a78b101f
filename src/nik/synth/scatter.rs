//! A keyed permutation of a rectangle of places, and coins, from one seed.
//!
//! Not a cipher: it only has to look random, be the same on every machine and never repeat. Each
//! round moves one coordinate by a mix of the other, which is undone by moving it back, so any
//! number of rounds is a permutation (an unbalanced Feistel network with modular addition).

/// Rounds, half on each coordinate; fewer leave visible diagonals.
const ROUNDS: usize = 6;

/// The permutation of `rows` x `columns` places.
#[derive(Clone)]
pub(super) struct Scatter {
    rows: u32,
    columns: u32,
    keys: [u64; ROUNDS],
    coin_key: u64,
}

impl Scatter {
    pub(super) fn new(seed: u64, rows: u32, columns: u32) -> Self {
        let mut derived = [0; 8 * (ROUNDS + 1)];
        let mut hasher = blake3::Hasher::new_derive_key("saring 2026 v1 synthetic nik");
        hasher.update(&seed.to_le_bytes());
        hasher.finalize_xof().fill(&mut derived);
        let (words, _) = derived.as_chunks::<8>();
        let word = |i: usize| u64::from_le_bytes(words[i]);
        Self {
            rows,
            columns,
            keys: std::array::from_fn(word),
            coin_key: word(ROUNDS),
        }
    }

    /// How many places there are.
    pub(super) fn len(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// The (row, column) of the `index`th step, below [`Scatter::len`]; no two share one.
    pub(super) fn place(&self, index: u64) -> (u32, u32) {
        let columns = u64::from(self.columns);
        let (mut row, mut column) = ((index / columns) as u32, (index % columns) as u32);
        for keys in self.keys.as_chunks::<2>().0 {
            row = shifted(row, mix(keys[0], column.into()), self.rows);
            column = shifted(column, mix(keys[1], row.into()), self.columns);
        }
        (row, column)
    }

    /// An even coin with 65,536 sides for the `index`th step.
    pub(super) fn coin(&self, index: u64) -> u16 {
        (mix(self.coin_key, index) >> 48) as u16
    }
}

/// `(value + shift) mod size`, with `value < size` and the shift first reduced.
fn shifted(value: u32, shift: u64, size: u32) -> u32 {
    // Multiply-shift reduction: the top half of the mix, scaled to 0..size.
    let shift = ((shift >> 32) * u64::from(size)) >> 32;
    let sum = u64::from(value) + shift;
    let size = u64::from(size);
    (if sum >= size { sum - size } else { sum }) as u32
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014) over a keyed word.
fn mix(key: u64, word: u64) -> u64 {
    let mut z = key ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_place_is_visited_once() {
        for (rows, columns) in [(1, 1), (1, 97), (64, 64), (313, 129)] {
            let scatter = Scatter::new(7, rows, columns);
            let places: HashSet<_> = (0..scatter.len()).map(|i| scatter.place(i)).collect();
            assert_eq!(places.len() as u64, scatter.len());
            assert!(
                places
                    .iter()
                    .all(|(row, column)| *row < rows && *column < columns)
            );
        }
    }
}
