//! The RFCs' known answers: RFC 9497 (modes 0x00 and 0x01) and RFC 9496's bad encodings.

use data_encoding::HEXLOWER;

use super::answers::{Fault, Node, Tally};
use super::{Problem, Section};
use crate::group::{Batch, Scalar, refusals_on};
use crate::oprf::rfc::{blind_evaluate, blind_with_on, derive_key_pair, finalize};
use crate::oprf::{Mode, Proof};

pub(super) const SECTIONS_9497: &[Section] = &[modes];
pub(super) const SECTIONS_9496: &[Section] = &[bad_encodings];

fn modes(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    for suite in root.entries()? {
        let mode = match suite.get("mode")?.number::<u8>()? {
            0 => Mode::Oprf,
            1 => Mode::Voprf,
            _ => return Err(suite.fault(Problem::Malformed)),
        };
        let (seed, info) = (suite.get("seed")?.array()?, suite.get("keyInfo")?.bytes()?);
        let key = derive_key_pair(mode, &seed, &info).map_err(suite.refused())?;
        tally.same(&suite.get("skSm")?, key.expose().as_slice())?;
        for vector in suite.items("vectors")? {
            let inputs: Vec<Vec<u8>> = parts(&vector.get("Input")?)?;
            let blinds: Result<Vec<Scalar>, _> = arrays(&vector.get("Blind")?)?
                .iter()
                .map(Scalar::from_canonical_bytes)
                .collect();
            let blinds = blinds.map_err(vector.refused())?;
            let blinded =
                blind_with_on(root.set(), mode, &inputs, &blinds).map_err(vector.refused())?;
            check_all(&vector.get("BlindedElement")?, blinded.encodings(), tally)?;
            let evaluated = blind_evaluate(&key, &blinded).map_err(vector.refused())?;
            check_all(
                &vector.get("EvaluationElement")?,
                evaluated.encodings(),
                tally,
            )?;
            let outputs = finalize(&inputs, &blinds, &evaluated).map_err(vector.refused())?;
            check_all(&vector.get("Output")?, &outputs, tally)?;
            if mode == Mode::Voprf {
                check_proof(&vector, &key, &blinded, &evaluated, tally)?;
            }
        }
    }
    Ok(())
}

fn check_proof(
    vector: &Node,
    key: &crate::oprf::PrivateKey,
    blinded: &Batch,
    evaluated: &Batch,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let nonce = vector.get("Proof/r")?.scalar()?;
    let made = Proof::generate_with_nonce(key, blinded, evaluated.encodings(), nonce);
    tally.same(
        &vector.get("Proof/proof")?,
        &made.map_err(vector.refused())?.to_bytes(),
    )?;
    let said = vector.get("Proof/proof")?.proof()?;
    tally.holds(
        vector,
        said.verify(key.public(), blinded, evaluated).is_ok(),
    );
    Ok(())
}

fn bad_encodings(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let refused = root.get("refused")?;
    for reason in [
        "not_canonical",
        "negative",
        "not_square",
        "negative_xy",
        "zero_y",
    ] {
        for encoding in refused.items(reason)? {
            match refusals_on(root.set(), &[encoding.array()?])[0] {
                Some(_) => tally.holds(&encoding, true),
                None => tally.fault(encoding.fault(Problem::Refused)),
            }
        }
    }
    Ok(())
}

/// A field of a batch: hex values separated by commas.
fn parts(node: &Node) -> Result<Vec<Vec<u8>>, Fault> {
    let malformed = || node.fault(Problem::Malformed);
    let part = |part: &str| HEXLOWER.decode(part.as_bytes()).map_err(|_| malformed());
    node.text()?.split(',').map(part).collect()
}

fn arrays<const N: usize>(node: &Node) -> Result<Vec<[u8; N]>, Fault> {
    let malformed = |_| node.fault(Problem::Malformed);
    parts(node)?
        .into_iter()
        .map(|part| part.try_into().map_err(malformed))
        .collect()
}

fn check_all<const N: usize>(
    node: &Node,
    computed: &[[u8; N]],
    tally: &mut Tally,
) -> Result<(), Fault> {
    tally.holds(node, arrays::<N>(node)? == computed);
    Ok(())
}
