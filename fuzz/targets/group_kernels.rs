//! Every operation on many elements, on every instruction set of this machine, gives what the
//! portable code gives.
#![no_main]

use saring::group::{
    Batch, Element, Elements, EncodedElement, FixedBase, GroupError, PublicScalar, Refusal, Scalar,
    refusals_on,
};
use saring::machine::InstructionSet;

/// Elements in one operation: two groups of eight lanes and one more.
const MOST: usize = 17;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let uniform = data.as_chunks::<64>().0;
    let uniform = &uniform[..uniform.len().min(MOST)];
    let encodings = data.as_chunks::<32>().0;
    let encodings = &encodings[..encodings.len().min(MOST)];
    let judged = Computed::on(InstructionSet::Portable, uniform, encodings);
    for &set in &InstructionSet::available()[1..] {
        assert_eq!(Computed::on(set, uniform, encodings), judged, "{set:?}");
    }
});

type Encodings = Vec<EncodedElement>;

/// Everything that one instruction set makes of an input.
#[derive(Debug, PartialEq)]
struct Computed {
    refusals: Vec<Option<Refusal>>,
    mapped: Result<Products, GroupError>,
}

#[derive(Debug, PartialEq)]
struct Products {
    encoded: Encodings,
    doubled: Encodings,
    by_one: Encodings,
    by_each: Encodings,
    of_generator: Encodings,
    of_other: Encodings,
    sums: Result<Encodings, GroupError>,
    differences: Result<Encodings, GroupError>,
    weighted: Option<EncodedElement>,
    combined: Result<Encodings, GroupError>,
}

impl Computed {
    fn on(set: InstructionSet, uniform: &[[u8; 64]], encodings: &[EncodedElement]) -> Self {
        let mapped = Elements::from_uniform_bytes_on(set, uniform);
        Self {
            refusals: refusals_on(set, encodings),
            mapped: mapped.map(|elements| Products::of(&elements, uniform)),
        }
    }
}

impl Products {
    fn of(elements: &Elements, uniform: &[[u8; 64]]) -> Self {
        let set = elements.instruction_set();
        let scalars: Vec<Scalar> = uniform.iter().map(scalar).collect();
        let mut weights = vec![PublicScalar::ONE; uniform.len()];
        PublicScalar::from_wide_each(uniform, &mut weights);
        let factor = scalar(uniform.first().unwrap_or(&[3; 64]));
        let multiples = elements.multiply_each(&scalars);
        let base = FixedBase::new(Element::base_multiply(&factor));
        let encoded = |result: Result<Elements, GroupError>| result.map(|sums| sums.encode());
        let pair = [
            PublicScalar::from(3),
            *weights.first().unwrap_or(&PublicScalar::ONE),
        ];
        Self {
            encoded: elements.encode(),
            doubled: elements.encode_doubled(),
            by_one: elements.multiply_all(&factor).into_encodings(),
            by_each: multiples.encode(),
            of_generator: FixedBase::generator()
                .multiply_each_on(set, &scalars)
                .encode(),
            of_other: base.multiply_each_on(set, &scalars).encode(),
            sums: encoded(elements.add(&multiples)),
            differences: encoded(elements.sub(&multiples)),
            weighted: elements.weighted_sum(&weights).map(|sum| sum.encode()),
            combined: Elements::combine(&pair, &[elements, &multiples]).map(Batch::into_encodings),
        }
    }
}

/// The scalar of wide bytes; 1 where they are zero mod l.
fn scalar(wide: &[u8; 64]) -> Scalar {
    let mut one = [0; 64];
    one[0] = 1;
    Scalar::from_wide(wide).unwrap_or_else(|_| Scalar::from_wide(&one).expect("one"))
}
