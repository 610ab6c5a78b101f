//! What every [`Field`] must do, judged by big integers.

use num_bigint::BigUint;

use super::super::{Field, Row, Table, Words, below_prime, load, store};
use super::Bits;

const LOW_51: u64 = (1 << 51) - 1;

pub(super) fn prime() -> BigUint {
    (BigUint::from(1_u8) << 255_u32) - 19_u8
}

fn value(limbs: [u64; 5]) -> BigUint {
    let places = limbs.iter().enumerate();
    places.fold(BigUint::ZERO, |sum, (place, limb)| {
        sum + (BigUint::from(*limb) << (51 * place))
    }) % prime()
}

fn lane(words: &Words, lane: usize) -> [u64; 5] {
    std::array::from_fn(|limb| words[limb][lane])
}

fn values<F: Field>(field: F) -> Vec<BigUint> {
    let words = field.to_words();
    let lanes = (0..F::LANES).map(|at| lane(&words, at));
    lanes
        .inspect(|limbs| {
            assert!(limbs.iter().all(|limb| *limb <= LOW_51), "canonical limbs");
            assert_ne!(
                value(*limbs) == BigUint::ZERO,
                limbs.iter().any(|limb| *limb != 0),
                "below p"
            );
        })
        .map(value)
        .collect()
}

/// 0, 1, p - 1, p, p + 1, the greatest limbs, single high limbs; then random limbs of 52 bits.
fn edges() -> Vec<[u64; 5]> {
    let top = [LOW_51; 4];
    let near_prime = |first: u64| [first, top[0], top[1], top[2], top[3]];
    let mut edges = vec![
        [0; 5],
        [1, 0, 0, 0, 0],
        [2, 0, 0, 0, 0],
        [19, 0, 0, 0, 0],
        near_prime(LOW_51 - 19),
        near_prime(LOW_51 - 18),
        near_prime(LOW_51 - 17),
        near_prime(LOW_51),
        [LOW_51 + 1; 5],
        [2 * LOW_51 + 1; 5],
    ];
    edges.extend((0..5).map(|place| {
        let mut limbs = [0; 5];
        limbs[place] = 2 * LOW_51 + 1;
        limbs
    }));
    let mut bits = Bits::new(1);
    edges.extend((0..24).map(|_| [(); 5].map(|()| bits.next() >> 12)));
    edges
}

/// Groups of lanes that hold all of `inputs` and, in lane i, begin at the i-th.
fn groups<F: Field>(set: F::Set, inputs: &[[u64; 5]]) -> Vec<(F, Vec<BigUint>)> {
    let group = |start: usize| {
        let mut words: Words = [[0; 8]; 5];
        let mut numbers = Vec::new();
        for lane in 0..F::LANES {
            let limbs = inputs[(start + 5 * lane) % inputs.len()];
            for (word, limb) in words.iter_mut().zip(limbs) {
                word[lane] = limb;
            }
            numbers.push(value(limbs));
        }
        (F::from_words(set, &words), numbers)
    };
    (0..inputs.len()).map(group).collect()
}

fn map<const N: usize>(
    inputs: [&[BigUint]; N],
    work: impl Fn([&BigUint; N]) -> BigUint,
) -> Vec<BigUint> {
    (0..inputs[0].len())
        .map(|lane| work(inputs.map(|input| &input[lane])) % prime())
        .collect()
}

/// Runs everything below.
pub(in crate::group) fn field<F: Field>(set: F::Set) {
    let groups = groups::<F>(set, &edges());
    F::vectorize(
        set,
        #[inline(always)]
        || {
            pairs(&groups);
            predicates(&groups);
            widest_sums(&groups);
            masks::<F>(set, &groups);
        },
    );
    bytes::<F>(set);
    tables::<F>(set);
    rows::<F>(set, &groups);
}

#[inline(always)]
fn pairs<F: Field>(groups: &[(F, Vec<BigUint>)]) {
    for (a, x) in groups {
        assert_eq!(values(*a), *x);
        assert_eq!(values(-*a), map([x], |[x]| prime() - x));
        assert_eq!(values(a.square()), map([x], |[x]| x * x));
        assert_eq!(values(F::carry(a.loose())), *x);
        for factor in [0, 1, 121_666, (1 << 20) - 1] {
            let scaled = F::carry(a.scaled(factor));
            assert_eq!(values(scaled), map([x], |[x]| x * factor));
        }
        for (b, y) in groups {
            assert_eq!(values(*a + *b), map([x, y], |[x, y]| x + y));
            assert_eq!(values(*a - *b), map([x, y], |[x, y]| x + prime() - y));
            assert_eq!(values(*a * *b), map([x, y], |[x, y]| x * y));
        }
    }
}

#[inline(always)]
fn predicates<F: Field>(groups: &[(F, Vec<BigUint>)]) {
    let bits = |numbers: &[BigUint], is: fn(&BigUint) -> bool| {
        let lanes = numbers.iter().enumerate();
        lanes.fold(0, |bits, (lane, number)| {
            bits | u8::from(is(number)) << lane
        })
    };
    for (a, x) in groups {
        let odd: fn(&BigUint) -> bool = |x| x.bit(0);
        assert_eq!(F::bits(a.is_zero()), bits(x, |x| *x == BigUint::ZERO));
        assert_eq!(F::bits(a.is_negative()), bits(x, odd));
        let abs = |[x]: [&BigUint; 1]| if x.bit(0) { prime() - x } else { x.clone() };
        assert_eq!(values(a.abs()), map([x], abs));
        for (b, y) in groups.iter().take(12) {
            // The same numbers by other limbs.
            let zero = map([x, y], |[x, y]| x + prime() - y);
            assert_eq!(
                F::bits((*a - *b).is_zero()),
                bits(&zero, |x| *x == BigUint::ZERO)
            );
        }
    }
}

/// The greatest weights that [`Field`] allows, of the widest factors there are.
#[inline(always)]
fn widest_sums<F: Field>(groups: &[(F, Vec<BigUint>)]) {
    for (a, x) in groups {
        for (b, y) in groups {
            let four = |factor: F, other: F| {
                let product = factor.product(other);
                product + product + product + product
            };
            let eight = four(*a, *b) + four(*b, *a);
            let widest = F::carry(eight + four(*a, *a) - four(*b, *b));
            let number = map([x, y], |[x, y]| {
                x * y * 8_u8 + x * x * 4_u8 + (prime() - y) * y * 4_u8
            });
            assert_eq!(values(widest), number);
            // Carried from the widest, so as wide as a carried value can be.
            let square = map([&number], |[number]| number * number);
            assert_eq!(values(widest.square()), square);
            assert_eq!(values(widest * widest), square);
            let least = F::carry(F::splat(a.set(), &[0; 5]).loose() - four(widest, widest));
            assert_eq!(values(least), map([&square], |[x]| (prime() - x) * 4_u8));
        }
    }
}

#[inline(always)]
fn masks<F: Field>(set: F::Set, groups: &[(F, Vec<BigUint>)]) {
    let all = u8::MAX >> (8 - F::LANES);
    let [(a, x), (b, y)] = [&groups[20], &groups[21]];
    for bits in 0..=u8::MAX {
        let mask = F::mask(set, bits);
        assert_eq!(F::bits(mask), bits & all);
        assert_eq!(F::bits(!mask), !bits & all);
        let other = F::mask(set, 0b0110_0101);
        assert_eq!(F::bits(mask & other), bits & 0b0110_0101 & all);
        assert_eq!(F::bits(mask | other), (bits | 0b0110_0101) & all);
        let chosen = values(F::select(mask, *a, *b));
        let (left, right) = F::swap(mask, *b, *a);
        assert_eq!(values(left), chosen);
        let right = values(right);
        for lane in 0..F::LANES {
            let yes = bits >> lane & 1 == 1;
            assert_eq!(chosen[lane], if yes { &x[lane] } else { &y[lane] }.clone());
            assert_eq!(right[lane], if yes { &y[lane] } else { &x[lane] }.clone());
        }
    }
}

fn bytes<F: Field>(set: F::Set) {
    let mut bits = Bits::new(2);
    let least = prime() - 4_u8;
    let mut encodings: Vec<[u8; 32]> = (0..48).map(|_| bits.bytes()).collect();
    encodings.extend((0..24_u8).map(|above| {
        let mut encoding = [0; 32];
        encoding.copy_from_slice(&(&least + above).to_bytes_le());
        encoding
    }));
    encodings.extend([[0; 32], [0xff; 32]]);
    for count in 0..=F::LANES {
        for encodings in encodings
            .chunks_exact(count.max(1))
            .map(|all| &all[..count])
        {
            let field: F = load(set, encodings);
            let mut stored = vec![[0xa5; 32]; count];
            store(field, &mut stored);
            for (lane, (encoding, stored)) in encodings.iter().zip(&stored).enumerate() {
                let mut masked = *encoding;
                masked[31] &= 0x7f;
                let number = BigUint::from_bytes_le(&masked);
                assert_eq!(BigUint::from_bytes_le(stored), number % prime());
                let below = BigUint::from_bytes_le(encoding) < prime();
                assert_eq!(below_prime(encodings) >> lane & 1 == 1, below);
            }
            let rest = values(field).split_off(count);
            assert!(rest.iter().all(|number| *number == BigUint::ZERO));
        }
    }
}

fn tables<F: Field>(set: F::Set) {
    let mut bits = Bits::new(3);
    let table: Table = [(); 5].map(|()| [(); 16].map(|()| bits.next() & LOW_51));
    let entry = |at: usize| value(std::array::from_fn(|limb| table[limb][at]));
    for first in 0..16 {
        let numbers = std::array::from_fn(|lane| (first + 7 * lane as u64) % 16);
        let index = F::index(set, numbers);
        let found = values(F::look_up(index, &table));
        for lane in 0..F::LANES {
            assert_eq!(found[lane], entry(numbers[lane] as usize));
            let is = F::bits(F::is_index(index, numbers[lane] as u8));
            assert_eq!(is >> lane & 1, 1);
        }
        assert_eq!(F::bits(F::is_index(index, 16)), 0);
        let equal = (0..F::LANES).filter(|lane| numbers[*lane] == first);
        let expected = equal.fold(0, |bits, lane| bits | 1 << lane);
        assert_eq!(F::bits(F::is_index(index, first as u8)), expected);
    }
}

/// What is written to rows comes back from them, into every lane, and nothing else is written.
fn rows<F: Field>(set: F::Set, groups: &[(F, Vec<BigUint>)]) {
    for group in groups.windows(4) {
        let fields = [group[0].0, group[1].0, group[2].0, group[3].0];
        let mut rows = vec![Row([u64::MAX; 20]); 20];
        let at = std::array::from_fn(|lane| 18 - 2 * lane);
        F::to_rows(fields, &mut rows, at);
        let again = F::from_rows(set, &rows, at);
        for (field, (_, numbers)) in again.into_iter().zip(group) {
            assert_eq!(values(field), *numbers);
        }
        for lane in 0..F::LANES {
            let everywhere = F::splat_row(set, &rows[at[lane]]);
            for (field, (_, numbers)) in everywhere.into_iter().zip(group) {
                assert_eq!(values(field), vec![numbers[lane].clone(); F::LANES]);
            }
        }
        let written = |place: &usize| at[..F::LANES].contains(place);
        let rest = (0..20).filter(|place| !written(place));
        assert!(
            rest.into_iter()
                .all(|place| rows[place].0 == [u64::MAX; 20])
        );
    }
}
