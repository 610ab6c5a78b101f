//! Elements off the wire: a batch reads back as it was written, and an encoding is accepted
//! exactly when RFC 9496's own steps over big integers accept it, on every instruction set.
#![no_main]

use std::sync::LazyLock;

use num_bigint::BigUint;
use saring::group::{Elements, EncodedElement, refusals_on};
use saring::machine::InstructionSet;
use saring::protocol::evaluation::BlindedElements;

/// Encodings a run looks at: the judge is slow on purpose.
const JUDGED: usize = 4;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut encodings: Vec<EncodedElement> = data.as_chunks::<32>().0.to_vec();
    if let Ok(batch) = BlindedElements::from_bytes(data) {
        assert_eq!(batch.to_bytes(), data);
        encodings = batch.0;
    }
    encodings.truncate(JUDGED);
    for &set in InstructionSet::available() {
        judge(set, &encodings);
    }
});

fn judge(set: InstructionSet, encodings: &[EncodedElement]) {
    let refused = refusals_on(set, encodings);
    for (encoding, refusal) in encodings.iter().zip(&refused) {
        assert_eq!(refusal.is_none(), FIELD.accepts(encoding));
    }
    match Elements::decode_on(set, encodings) {
        Ok(elements) => assert_eq!(elements.encode(), encodings),
        Err(error) => assert_eq!(refused[error.index], Some(error.reason)),
    }
    let good: Vec<EncodedElement> = encodings
        .iter()
        .zip(&refused)
        .filter(|(_, refusal)| refusal.is_none())
        .map(|(encoding, _)| *encoding)
        .collect();
    let decoded = Elements::decode_on(set, &good);
    assert_eq!(decoded.map(|elements| elements.encode()), Ok(good));
}

/// The field of RFC 9496, section 4.1.
struct Field {
    p: BigUint,
    d: BigUint,
    sqrt_minus_one: BigUint,
}

static FIELD: LazyLock<Field> = LazyLock::new(|| {
    let p = (BigUint::from(1_u8) << 255) - 19_u8;
    let d = &p - BigUint::from(121_665_u32) * inverse(&BigUint::from(121_666_u32), &p) % &p;
    let sqrt_minus_one = BigUint::from(2_u8).modpow(&((&p - 1_u8) / 4_u8), &p);
    Field {
        p,
        d,
        sqrt_minus_one,
    }
});

fn inverse(value: &BigUint, p: &BigUint) -> BigUint {
    value.modpow(&(p - 2_u8), p)
}

impl Field {
    /// Section 4.3.1, the identity (all zeros) refused as RFC 9497, section 2.1 demands.
    fn accepts(&self, encoding: &EncodedElement) -> bool {
        let p = &self.p;
        let s = BigUint::from_bytes_le(encoding);
        if s >= *p || s.bit(0) || s == BigUint::ZERO {
            return false;
        }
        let ss = &s * &s % p;
        let u1 = (p + 1_u8 - &ss) % p;
        let u2 = (&ss + 1_u8) % p;
        let u2_squared = &u2 * &u2 % p;
        let v = (p + p - &self.d * &u1 % p * &u1 % p - &u2_squared) % p;
        let Some(inverse_root) = self.inverse_square_root(&(&v * &u2_squared % p)) else {
            return false;
        };
        let den_x = &inverse_root * &u2 % p;
        let den_y = &inverse_root * &den_x % p * &v % p;
        let mut x = BigUint::from(2_u8) * &s * &den_x % p;
        if x.bit(0) {
            x = p - x;
        }
        let y = &u1 * &den_y % p;
        let t = &x * &y % p;
        !t.bit(0) && y != BigUint::ZERO
    }

    /// 1/sqrt(w) for a square w, by the roots of w and -w; none for what is no square or zero.
    fn inverse_square_root(&self, w: &BigUint) -> Option<BigUint> {
        let p = &self.p;
        let candidate = w.modpow(&((p + 3_u8) / 8_u8), p);
        let roots = [candidate.clone(), &candidate * &self.sqrt_minus_one % p];
        let root = roots.into_iter().find(|root| root * root % p == *w)?;
        (root != BigUint::ZERO).then(|| inverse(&root, p))
    }
}
