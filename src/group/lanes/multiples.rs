//! Multiplication of one public point by a secret scalar in each lane, from a table of its
//! multiples.
//!
//! A scalar k is written in 51 digits, all odd, from -31 to 31, in radix 32: with
//! k' = (k + 2^255 - 1) / 2 mod l, the digits of k' are u, those of k are 2 u - 31. So every lane
//! adds one entry of every table, or its negative, whatever the scalar. An entry is found by a
//! look-up inside registers: addresses do not depend on digits.

use curve25519_dalek::Scalar as Inner;
use rayon::prelude::*;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::super::Scalar;
use super::packed::GROUPS_PER_TASK;
use super::pippenger::doubled;
use super::{Affine, Field, Packed, Point, Row, Table};

/// Bits of a digit.
const DIGIT: usize = 5;
/// Digits of a scalar: 51 times 5 bits are enough for 253.
const DIGITS: usize = 51;
/// Entries of a table: the odd multiples 1, 3, ..., 31.
const ENTRIES: usize = 16;

/// The odd multiples of `32^i * base`, for every i a table: y - x, y + x and 2 D x y. About 100 KB.
pub(in crate::group) struct Multiples {
    tables: Vec<[Table; 3]>,
}

impl Multiples {
    /// Of a base that is the same in every lane.
    pub(in crate::group) fn of<F: Field>(base: Point<F>) -> Self {
        let powers = powers(base);
        let mut points = Vec::with_capacity(ENTRIES * DIGITS.div_ceil(F::LANES));
        for powers in powers.chunks(F::LANES) {
            odd_multiples::<F>(base.x.set(), powers, &mut points);
        }
        let mut tables = vec![[[[0; ENTRIES]; 5]; 3]; DIGITS];
        let groups = Affine::each(&points);
        for (tables, groups) in tables.chunks_mut(F::LANES).zip(groups.chunks(ENTRIES)) {
            for (entry, group) in groups.iter().enumerate() {
                enter(entry, group, tables);
            }
        }
        Self { tables }
    }

    /// `scalars[i] * base`. Constant time.
    pub(in crate::group) fn multiply_each<F: Field>(
        &self,
        set: F::Set,
        scalars: &[Scalar],
    ) -> Packed<F> {
        let mut packed = Packed::generators(set, scalars.len());
        packed
            .groups
            .par_chunks_mut(GROUPS_PER_TASK)
            .zip(scalars.par_chunks(GROUPS_PER_TASK * F::LANES))
            .for_each(|(groups, scalars)| {
                for (group, scalars) in groups.iter_mut().zip(scalars.chunks(F::LANES)) {
                    *group = self.multiply(set, scalars.iter().map(Scalar::inner));
                }
            });
        packed
    }

    /// `scalars[i] * base`, one in each lane; lanes without a scalar are multiplied by 1. Constant
    /// time.
    pub(in crate::group) fn multiply<'a, F: Field>(
        &self,
        set: F::Set,
        scalars: impl Iterator<Item = &'a Inner>,
    ) -> Point<F> {
        let digits = Digits::of(scalars);
        F::vectorize(
            set,
            #[inline(always)]
            || {
                let mut sum = Point::identity(set);
                for (place, tables) in self.tables.iter().enumerate() {
                    let (entry, positive) = digits.at(place);
                    let entry = F::index(set, entry);
                    let negative = F::is_index(F::index(set, positive), 0);
                    let multiple = Affine {
                        y_minus_x: F::look_up(entry, &tables[0]),
                        y_plus_x: F::look_up(entry, &tables[1]),
                        t_scaled: F::look_up(entry, &tables[2]),
                    };
                    sum = sum.plus_affine(&multiple.negate_if(negative)).point();
                }
                sum
            },
        )
    }
}

/// `32^i * base`, a row each.
fn powers<F: Field>(base: Point<F>) -> Vec<Row> {
    let mut rows = vec![Row::EMPTY; DIGITS];
    F::vectorize(
        base.x.set(),
        #[inline(always)]
        || {
            let mut power = base;
            for place in 0..DIGITS {
                power.to_rows(&mut rows, [place; 8]);
                power = doubled::<F, DIGIT>(power);
            }
        },
    );
    rows
}

/// The odd multiples of as many points as there are lanes, or fewer, in order.
fn odd_multiples<F: Field>(set: F::Set, rows: &[Row], multiples: &mut Vec<Point<F>>) {
    let mut at = [0; 8];
    for (lane, at) in at.iter_mut().enumerate().take(rows.len()) {
        *at = lane;
    }
    F::vectorize(
        set,
        #[inline(always)]
        || {
            let mut multiple = Point::from_rows(set, rows, at);
            let twice = multiple.double().point().cached();
            for _ in 0..ENTRIES {
                multiples.push(multiple);
                multiple = multiple.plus(&twice).point();
            }
        },
    );
}

/// Writes one entry of as many tables as there are lanes, or fewer.
fn enter<F: Field>(entry: usize, multiple: &Affine<F>, tables: &mut [[Table; 3]]) {
    let fields = [multiple.y_minus_x, multiple.y_plus_x, multiple.t_scaled];
    for (coordinate, field) in fields.into_iter().enumerate() {
        let words = F::vectorize(
            field.set(),
            #[inline(always)]
            || field.to_words(),
        );
        for (lane, tables) in tables.iter_mut().enumerate() {
            for (limb, words) in tables[coordinate].iter_mut().zip(&words) {
                limb[entry] = words[lane];
            }
        }
    }
}

/// The digits u of a scalar in each lane: its k', word by word.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Digits([[u64; 8]; 5]);

impl Digits {
    /// Of one scalar for each lane; 1 for those without.
    fn of<'a>(scalars: impl Iterator<Item = &'a Inner>) -> Self {
        let shift = Inner::from_bytes_mod_order(SHIFT);
        let mut digits = Self([[0; 8]; 5]);
        let ones = std::iter::repeat(&Inner::ONE);
        for (lane, scalar) in scalars.chain(ones).take(8).enumerate() {
            let mut shifted = (scalar + shift).div_by_2();
            let (words, _) = shifted.as_bytes().as_chunks::<8>();
            for (digits, word) in digits.0.iter_mut().zip(words) {
                digits[lane] = u64::from_le_bytes(*word);
            }
            shifted.zeroize();
        }
        digits
    }

    /// In each lane the entry of the table, and 1 if it is to be added, 0 if to be subtracted.
    #[inline(always)]
    fn at(&self, place: usize) -> ([u64; 8], [u64; 8]) {
        let (word, shift) = (DIGIT * place / 64, DIGIT * place % 64);
        let (mut entry, mut positive) = ([0; 8], [0; 8]);
        for lane in 0..8 {
            let digit = self.0[word][lane] >> shift | self.0[word + 1][lane] << 1 << (63 - shift);
            positive[lane] = digit >> 4 & 1;
            // 2 u - 31 is 2 (u - 16) + 1, or else -(2 (15 - u) + 1).
            entry[lane] = (digit ^ positive[lane].wrapping_sub(1)) & 15;
        }
        (entry, positive)
    }
}

/// 2^255 - 1, little-endian.
const SHIFT: [u8; 32] = {
    let mut shift = [0xff; 32];
    shift[31] = 0x7f;
    shift
};
