//! A reference decoder of ristretto255 with arbitrary-precision integers, straight from the
//! formulas of RFC 9496, section 4.3.1. It shares no code with the library: the judge of its
//! decoders.

use std::sync::LazyLock;

use num_bigint::BigUint;

/// Why an encoding is refused, in the order in which the RFC checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    NotCanonical,
    Negative,
    NotSquare,
    NegativeXy,
    ZeroY,
    /// Not the RFC's: our own rule.
    Identity,
}

impl Refused {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "not_canonical" => Self::NotCanonical,
            "negative" => Self::Negative,
            "not_square" => Self::NotSquare,
            "negative_xy" => Self::NegativeXy,
            "zero_y" => Self::ZeroY,
            other => panic!("no reason is called {other}"),
        }
    }
}

struct Field {
    p: BigUint,
    d: BigUint,
    sqrt_minus_one: BigUint,
}

static FIELD: LazyLock<Field> = LazyLock::new(|| {
    let p = (BigUint::from(1_u8) << 255) - 19_u8;
    let inverse = BigUint::from(121_666_u32).modpow(&(&p - 2_u8), &p);
    let d = &p - (BigUint::from(121_665_u32) * inverse) % &p;
    let sqrt_minus_one = BigUint::from(2_u8).modpow(&((&p - 1_u8) >> 2), &p);
    Field {
        p,
        d,
        sqrt_minus_one,
    }
});

/// The order of the group, l = 2^252 + 27742317777372353535851937790883648493.
pub(crate) fn order() -> BigUint {
    let low = BigUint::from(27_742_317_777_372_353_535_851_937_790_883_648_493_u128);
    (BigUint::from(1_u8) << 252) + low
}

/// Decides whether 32 bytes are the encoding of an element other than the identity.
pub(crate) fn decode(encoding: &[u8; 32]) -> Result<(), Refused> {
    let Field {
        p,
        d,
        sqrt_minus_one,
    } = &*FIELD;
    let one = BigUint::from(1_u8);
    let zero = BigUint::default();
    let s = BigUint::from_bytes_le(encoding);
    if &s >= p {
        return Err(Refused::NotCanonical);
    }
    if s.bit(0) {
        return Err(Refused::Negative);
    }
    if s == zero {
        return Err(Refused::Identity);
    }
    let ss = (&s * &s) % p;
    let u1 = (&one + p - &ss) % p;
    let u2 = (&one + &ss) % p;
    let u2_squared = (&u2 * &u2) % p;
    let v = (p + p - (d * &u1 % p * &u1) % p - &u2_squared) % p;
    let radicand = (&v * &u2_squared) % p;
    let inverse = radicand.modpow(&(p - 2_u8), p);
    // The square root of 1 / radicand, by the exponent (p + 3) / 8.
    let mut root = inverse.modpow(&((p + 3_u8) >> 3), p);
    if (&root * &root) % p != inverse {
        root = (&root * sqrt_minus_one) % p;
    }
    if (&root * &root) % p != inverse || radicand == zero {
        return Err(Refused::NotSquare);
    }
    let absolute = |value: BigUint| if value.bit(0) { p - value } else { value };
    let root = absolute(root);
    let denominator_x = (&root * &u2) % p;
    let denominator_y = (&root * &denominator_x % p * &v) % p;
    let x = absolute((&s + &s) * &denominator_x % p);
    let y = (&u1 * &denominator_y) % p;
    if ((&x * &y) % p).bit(0) {
        return Err(Refused::NegativeXy);
    }
    if y == zero {
        Err(Refused::ZeroY)
    } else {
        Ok(())
    }
}
