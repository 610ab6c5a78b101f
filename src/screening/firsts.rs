//! Which valid rows are the first of their person: one bit a row.

/// A bit for each valid row, by its place in the file from 0.
pub(super) struct Firsts {
    words: Vec<u64>,
    rows: u64,
}

impl Firsts {
    /// All rows are first ones.
    pub(super) fn all(rows: u64) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(64) as usize];
        if let (Some(last), tail @ 1..) = (words.last_mut(), rows % 64) {
            *last = (1 << tail) - 1;
        }
        Self { words, rows }
    }

    /// This row repeats a person.
    pub(super) fn clear(&mut self, place: u32) {
        self.words[place as usize / 64] &= !(1 << (place % 64));
    }

    /// Whether a row is the first of its person; a row that is not there is none.
    pub(super) fn is_first(&self, place: u32) -> bool {
        let word = self.words.get(place as usize / 64);
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// How many people.
    pub(super) fn count(&self) -> u64 {
        self.words
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum()
    }

    /// How many rows.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    /// The places of the first rows, ascending: the people in their order.
    pub(super) fn places(&self) -> impl Iterator<Item = u32> {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    at as u32 * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_at_the_edges_of_words() {
        for rows in [0, 1, 63, 64, 65, 128, 1000] {
            let mut firsts = Firsts::all(rows);
            assert_eq!((firsts.count(), firsts.rows()), (rows, rows));
            let repeated: Vec<u32> = [0, 62, 63, 64, 127, 999]
                .into_iter()
                .filter(|&place| u64::from(place) < rows)
                .collect();
            for &place in &repeated {
                firsts.clear(place);
            }
            let expected: Vec<u32> = (0..rows as u32)
                .filter(|place| !repeated.contains(place))
                .collect();
            assert_eq!(firsts.places().collect::<Vec<_>>(), expected);
            assert_eq!(firsts.count(), expected.len() as u64);
            assert!(
                (0..rows as u32).all(|place| firsts.is_first(place) != repeated.contains(&place))
            );
            assert!(!firsts.is_first(rows as u32));
        }
    }
}
