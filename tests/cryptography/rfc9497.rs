//! RFC 9497, Appendix A.1: ristretto255-SHA512, modes 0x00 and 0x01.

use data_encoding::HEXLOWER;
use saring::group::{Batch, Scalar};
use saring::oprf::rfc::{
    blind_evaluate, blind_with, derive_key_pair, evaluate_unblinded, finalize, finalize_verifiable,
};
use saring::oprf::{Mode, PrivateKey, Proof, Step};
use serde_json::Value;

use crate::vectors::{array, batch, bytes, list, proof, public, rfc9497, scalar, text};

/// One vector: a batch of one or two.
struct Case {
    inputs: Vec<Vec<u8>>,
    blinds: Vec<Scalar>,
    blinded: Batch,
    evaluated: Batch,
    outputs: Vec<[u8; 64]>,
}

/// A field of a batch: values separated by commas.
fn parts(value: &Value) -> Vec<Vec<u8>> {
    let decode = |part: &str| HEXLOWER.decode(part.as_bytes()).unwrap();
    text(value).split(',').map(decode).collect()
}

fn fixed<const N: usize>(value: &Value) -> Vec<[u8; N]> {
    parts(value)
        .into_iter()
        .map(|part| part.try_into().unwrap())
        .collect()
}

impl Case {
    fn read(vector: &Value) -> Self {
        let blinds = fixed(&vector["Blind"]);
        let case = Self {
            inputs: parts(&vector["Input"]),
            blinds: blinds
                .iter()
                .map(|b| Scalar::from_canonical_bytes(b).unwrap())
                .collect(),
            blinded: batch(fixed(&vector["BlindedElement"])),
            evaluated: batch(fixed(&vector["EvaluationElement"])),
            outputs: fixed(&vector["Output"]),
        };
        assert_eq!(
            u64::try_from(case.inputs.len()).unwrap(),
            vector["Batch"].as_u64().unwrap()
        );
        case
    }
}

fn suites() -> Vec<(Mode, PrivateKey, Value)> {
    let suites = rfc9497();
    let modes = [Mode::Oprf, Mode::Voprf];
    let read = |(mode, suite): (Mode, &Value)| {
        let key = derive_key_pair(mode, &array(&suite["seed"]), &bytes(&suite["keyInfo"])).unwrap();
        (mode, key, suite.clone())
    };
    modes.into_iter().zip(list(&suites)).map(read).collect()
}

#[test]
fn keys_are_derived_as_the_rfc_derives_them() {
    for (mode, key, suite) in suites() {
        assert_eq!(*key.expose(), array::<32>(&suite["skSm"]), "{mode:?}");
        if mode == Mode::Voprf {
            assert_eq!(key.public(), &public(&suite["pkSm"]));
        }
    }
}

#[test]
fn every_step_of_both_modes_gives_the_rfcs_bytes() {
    let mut seen = 0;
    for (mode, key, suite) in suites() {
        for vector in list(&suite["vectors"]) {
            let case = Case::read(vector);
            let blinded = blind_with(mode, &case.inputs, &case.blinds).unwrap();
            assert!(blinded == case.blinded);
            let evaluated = blind_evaluate(&key, &blinded).unwrap();
            assert!(evaluated == case.evaluated);
            let outputs = finalize(&case.inputs, &case.blinds, &evaluated).unwrap();
            assert_eq!(outputs, case.outputs);
            assert_eq!(
                evaluate_unblinded(mode, &key, &case.inputs).unwrap(),
                case.outputs
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 5);
}

#[test]
fn proofs_are_the_rfcs_bytes_and_verify() {
    let (_, key, suite) = suites().remove(1);
    let mut largest = 0;
    for vector in list(&suite["vectors"]) {
        let case = Case::read(vector);
        let nonce = scalar(&vector["Proof"]["r"]);
        let outputs = case.evaluated.encodings();
        let made = Proof::generate_with_nonce(&key, &case.blinded, outputs, nonce).unwrap();
        assert_eq!(made, proof(&vector["Proof"]["proof"]));
        let reply = Step {
            outputs: case.evaluated,
            proof: made,
        };
        let answer = (&case.blinded, &reply);
        let outputs = finalize_verifiable(&case.inputs, &case.blinds, answer, key.public());
        assert_eq!(outputs.unwrap(), case.outputs);
        largest = largest.max(case.inputs.len());
    }
    assert_eq!(largest, 2, "the batch of two is among them");
}
