//! Everything that computes with a key, a blind or a NIK, and controls that leak on purpose.

use std::hint::black_box;

use saring::group::{
    Batch, Element, Elements, EncodedElement, FixedBase, PublicScalar, Scalar, multiscalar,
};
use saring::hash::{
    Domain, HashKey, SeededStream, expand_message_xmd_on, hmac_sha256_on, keyed_blake3_on,
    keyed_blake3_xof64_on,
};
use saring::machine::InstructionSet;
use saring::oprf::{BlindKey, BlindSeed, Blinded, OprfError, PrivateKey, Proof, hash_to_group_on};

use crate::client_request::make_defined;
use crate::secret::encodings;
use crate::{Judge, uniform};

/// Secrets in one operation: two groups of eight lanes.
pub(crate) const COUNT: usize = 16;

const DOMAIN: Domain = Domain::new(b"saring timing");

/// Operations whose time may not depend on their secrets.
pub(crate) fn constant(set: InstructionSet, judge: &mut impl Judge) {
    hashing(set, judge);
    scalars(judge);
    multiplication(set, judge);
    elements(set, judge);
    protocol(set, judge);
}

/// The same judge must object to these.
pub(crate) fn leaking(set: InstructionSet, judge: &mut impl Judge) {
    let public = elements_of(set);
    let public: Vec<_> = (0..COUNT).map(|index| public.get(index)).collect();
    judge.look("control: a sum in variable time", to_scalars, |blinds| {
        let weights: Vec<_> = blinds.iter().map(public_of).collect();
        multiscalar(&weights, &public)
    });
    judge.look(
        "control: a branch on each bit",
        first,
        |bytes: &Vec<[u8; 32]>| {
            let mut sum = 1_u64;
            for _ in 0..64 {
                for byte in &bytes[0] {
                    for bit in 0..8 {
                        if black_box(byte >> bit) & 1 == 1 {
                            sum = black_box(sum.wrapping_mul(sum | 3));
                        }
                    }
                }
            }
            sum
        },
    );
}

fn hashing(set: InstructionSet, judge: &mut impl Judge) {
    let mut short = [[0; 32]; COUNT];
    let mut long = [[0; 64]; COUNT];
    let keyed = |bytes: &[[u8; 64]]| (hash_key(bytes), forms(bytes));
    judge.look("keyed BLAKE3: key and messages", keyed, |(key, forms)| {
        keyed_blake3_on(set, key, forms, &mut short);
    });
    judge.look(
        "keyed BLAKE3, 64 bytes: key and messages",
        keyed,
        |(key, forms)| {
            keyed_blake3_xof64_on(set, key, forms, &mut long);
        },
    );
    judge.look("HMAC-SHA256: key and messages", keyed, |(key, forms)| {
        hmac_sha256_on(set, key, forms, &mut short);
    });
    judge.look("expansion by SHA-512: messages", forms, |forms| {
        expand_message_xmd_on(set, DOMAIN, forms, &mut long);
    });
}

fn scalars(judge: &mut impl Judge) {
    judge.look(
        "scalars from wide bytes",
        <[_]>::to_vec,
        |wide: &Vec<[u8; 64]>| Scalar::from_wide_each(wide),
    );
    judge.look("product and inverse of scalars", to_scalars, |scalars| {
        scalars[0].product(&scalars[1].inverse())
    });
}

fn multiplication(set: InstructionSet, judge: &mut impl Judge) {
    let public = elements_of(set);
    let other = FixedBase::new(public.get(0));
    drop(other.multiply_each_on(set, &many_scalars()));
    let key = |bytes: &[[u8; 64]]| to_scalars(&bytes[..1]);
    judge.look("many by one scalar", key, |key| {
        public.multiply_all(&key[0])
    });
    judge.look("many by a scalar each", to_scalars, |blinds| {
        public.multiply_each(blinds)
    });
    judge.look("the generator by many", to_scalars, |blinds| {
        FixedBase::generator().multiply_each_on(set, blinds)
    });
    judge.look(
        "another base by many, with its table",
        to_scalars,
        |blinds| other.multiply_each_on(set, blinds),
    );
    judge.look("another base by many, without", to_scalars, |blinds| {
        FixedBase::new(public.get(0)).multiply_each_on(set, blinds)
    });
}

fn elements(set: InstructionSet, judge: &mut impl Judge) {
    let public = elements_of(set);
    judge.look(
        "64 uniform bytes to an element",
        <[_]>::to_vec,
        |wide: &Vec<[u8; 64]>| Elements::from_uniform_bytes_on(set, wide),
    );
    judge.look("hash to group: messages", forms, |forms| {
        hash_to_group_on(set, forms)
    });
    judge.look("masking and encoding", to_scalars, |blinds| {
        let masks = FixedBase::generator().multiply_each_on(set, blinds);
        let sum = public.add(&masks).map(|sum| sum.encode());
        (
            sum,
            public.sub(&masks).map(|difference| difference.encode()),
        )
    });
}

fn protocol(set: InstructionSet, judge: &mut impl Judge) {
    let blind = |bytes: &[[u8; 64]]| (blind_key(bytes), forms(bytes));
    judge.look("a client's blinding", blind, |(key, forms)| {
        Blinded::new_on(set, key, forms)
    });
    let inputs = Batch::encode(elements_of(set));
    let key = PrivateKey::from(scalar(&[7; 64]));
    let outputs = products(&inputs, &key);
    let nonce = |bytes: &[[u8; 64]]| scalar(&bytes[0]);
    judge.look("a proof: nonce", nonce, |nonce| {
        proof(&key, &inputs, &outputs, nonce)
    });
    let both = |bytes: &[[u8; 64]]| to_scalars(&bytes[..2]);
    judge.look("single products and a response", both, |secrets| {
        let [key, nonce] = [&secrets[0], &secrets[1]];
        let (base, product) = (
            Element::base_multiply(nonce),
            Element::GENERATOR.multiply(key),
        );
        (base, product, nonce.response(&PublicScalar::from(7), key))
    });
}

/// What takes a time that depends on public results of its secrets, so that only their way through
/// memory can be looked at: the weights of a proof's sums depend on the public key.
pub(crate) fn with_public_results(set: InstructionSet, judge: &mut impl Judge) {
    let inputs = Batch::encode(elements_of(set));
    let secrets = |bytes: &[[u8; 64]]| (PrivateKey::from(scalar(&bytes[0])), scalar(&bytes[1]));
    judge.look(
        "evaluation and its proof: key and nonce",
        secrets,
        |(key, nonce)| {
            let outputs = products(&inputs, key);
            // They are sent.
            make_defined(encodings(&outputs));
            proof(key, &inputs, &outputs, nonce)
        },
    );
}

fn products(inputs: &Batch, key: &PrivateKey) -> Vec<EncodedElement> {
    let scalar = copy(&key.expose());
    inputs.elements().multiply_all(&scalar).into_encodings()
}

fn proof(
    key: &PrivateKey,
    inputs: &Batch,
    outputs: &[EncodedElement],
    nonce: &Scalar,
) -> Result<Proof, OprfError> {
    Proof::generate_with_nonce(key, inputs, outputs, copy(&nonce.expose()))
}

fn copy(scalar: &[u8; 32]) -> Scalar {
    Scalar::from_canonical_bytes(scalar).expect("a scalar")
}

/// Public elements to compute with.
fn elements_of(set: InstructionSet) -> Elements {
    let uniform = uniform(&mut SeededStream::new(b"public elements"), COUNT);
    Elements::from_uniform_bytes_on(set, &uniform).expect("no identity among so few")
}

fn scalar(wide: &[u8; 64]) -> Scalar {
    Scalar::from_wide(wide).expect("not zero")
}

fn to_scalars(bytes: &[[u8; 64]]) -> Vec<Scalar> {
    let mut scalars = Vec::with_capacity(bytes.len());
    scalars.extend(bytes.iter().map(scalar));
    scalars
}

/// Enough scalars for a table to be made.
fn many_scalars() -> Vec<Scalar> {
    to_scalars(&uniform(&mut SeededStream::new(b"many"), 512))
}

fn public_of(scalar: &Scalar) -> PublicScalar {
    let mut public = [PublicScalar::ONE];
    let mut wide = [[0; 64]];
    wide[0][..32].copy_from_slice(&scalar.expose()[..]);
    PublicScalar::from_wide_each(&wide, &mut public);
    public[0]
}

/// Messages as long as the NIK form.
fn forms(bytes: &[[u8; 64]]) -> Vec<[u8; 30]> {
    bytes.iter().map(cut).collect()
}

fn first(bytes: &[[u8; 64]]) -> Vec<[u8; 32]> {
    vec![cut(&bytes[0])]
}

fn hash_key(bytes: &[[u8; 64]]) -> HashKey {
    HashKey::new(cut(&bytes[0]))
}

fn blind_key(bytes: &[[u8; 64]]) -> BlindKey {
    BlindKey::derive(&BlindSeed::new(cut(&bytes[0])), b"list\0epoc")
}

fn cut<const N: usize>(bytes: &[u8; 64]) -> [u8; N] {
    let mut cut = [0; N];
    cut.copy_from_slice(&bytes[..N]);
    cut
}
