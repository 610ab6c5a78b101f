//! Saring's own known answers: the format of `saring-v1.json`, section by section.

use super::answers::{Fault, Node, Tally, batch, column, paired};
use super::{Problem, Section};
use crate::group::{Batch, Elements, FixedBase, Scalar};
use crate::hash::{HashKey, hmac_sha256_on, keyed_blake3_on};
use crate::oprf::{
    BlindKey, BlindSeed, Blinded, CONTEXT_STRING, Chain, ChainPublics, PrivateKey, Proof,
    PublicsParts, ShareStep, Step, hash_to_group_on, lagrange, update,
};
use crate::protocol::derive::{Derivation, SealKey, material};
use crate::protocol::padding::PaddingKey;
use crate::protocol::row::{open_bytes, seal_bytes};
use crate::protocol::{Epoch, ListId};

pub(super) const SECTIONS: &[Section] = &[
    keys,
    elements,
    derivations,
    threshold,
    proofs,
    chain,
    rotation,
    rotated_places,
    blinding,
    rows,
    padding,
    keyed_hashes,
    upgrades,
];

fn keys(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let group = root.get("custodian_group_key")?.key()?;
    let factor = root.get("registry_factor")?.key()?;
    let full = factor.product(&group);
    tally.same(&root.get("full_key")?, full.expose().as_slice())?;
    tally.same(
        &root.get("custodian_group_public_key")?,
        group.public().encoding(),
    )?;
    tally.same(
        &root.get("registry_factor_public")?,
        factor.public().encoding(),
    )?;
    tally.same(&root.get("public_key")?, full.public().encoding())?;
    let publics = root.items("custodian_public_keys")?;
    for (public, share) in paired(&publics, &root.items("shares")?)? {
        tally.same(public, share.key()?.public().encoding())?;
    }
    tally.same(&root.get("context_string")?, CONTEXT_STRING)
}

fn elements(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let cases = root.items("cases")?;
    let full = root.get("full_key")?.scalar()?;
    for case in &cases {
        let input = case.get("input")?;
        let nik = case.get("nik")?.text()?;
        tally.holds(
            &input,
            input.bytes()? == format!("saring/v1/nik/{nik}").as_bytes(),
        );
    }
    let inputs = column::<30>(&cases, "input")?;
    let hashed = hash_to_group_on(root.set(), &inputs).map_err(root.refused())?;
    tally.each(&cases, "hashed_to_group", &hashed.encode())?;
    tally.each(&cases, "element", hashed.multiply_all(&full).encodings())?;

    let blinds = scalars(&cases, "multiplicative/blind")?;
    let blinded = Batch::encode(hashed.multiply_each(&blinds));
    tally.each(&cases, "multiplicative/blinded", blinded.encodings())?;
    let evaluated = blinded.elements().multiply_all(&full);
    tally.each(&cases, "multiplicative/evaluated", evaluated.encodings())?;

    let masks = scalars(&cases, "additive/blind")?;
    let masks = FixedBase::generator().multiply_each_on(root.set(), &masks);
    let blinded = Batch::encode(hashed.add(&masks).map_err(root.refused())?);
    tally.each(&cases, "additive/blinded", blinded.encodings())?;
    let evaluated = blinded.elements().multiply_all(&full);
    tally.each(&cases, "additive/evaluated", evaluated.encodings())
}

fn derivations(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    for case in root.items("cases")? {
        let element = case.get("element")?.array()?;
        for derived in case.items("derived")? {
            check_place(element, &derived, tally)?;
        }
    }
    Ok(())
}

/// Where a person stands on a list, and the key that opens the row there.
fn check_place(element: [u8; 32], expected: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let (list, epoch) = list_and_epoch(expected)?;
    let derivation = Derivation::new(&list, epoch);
    let locator = derivation.locators(&[element])[0];
    tally.same(&expected.get("locator")?, &locator.0)?;
    tally.same(&expected.get("tag")?, &locator.tag())?;
    for (path, bits) in [("bucket_bits_12", 12), ("bucket_bits_15", 15)] {
        let bucket = expected.get(path)?;
        tally.holds(&bucket, bucket.number::<u32>()? == locator.bucket(bits));
    }
    // A decimal string: not every JSON reader keeps 64 bits of a number.
    let filter_key = expected.get("filter_key_u64")?;
    tally.holds(
        &filter_key,
        filter_key.text()? == locator.filter_key().to_string(),
    );
    tally.same(
        &expected.get("seal_key")?,
        derivation.seal_keys(&[element])[0].expose(),
    )
}

fn threshold(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let cases = root.items("cases")?;
    let sent = batch(&cases, "multiplicative/blinded")?;
    let mut partials = Vec::new();
    for (place, share) in root.items("shares")?.iter().enumerate() {
        let partial = sent.elements().multiply_all(&share.scalar()?);
        let path = format!("multiplicative/partials/{place}");
        tally.each(&cases, &path, partial.encodings())?;
        partials.push(partial);
    }
    let needed: usize = root.get("threshold/t")?.number()?;
    let fault = || {
        root.get("threshold")
            .map_or_else(|fault| fault, |n| n.fault(Problem::Malformed))
    };
    if needed == 0 || needed > partials.len() {
        return Err(fault());
    }
    let last = partials.len() - needed;
    let indices: Result<Vec<u8>, _> = (last + 1..=partials.len()).map(u8::try_from).collect();
    let coefficients = lagrange(&indices.map_err(|_| fault())?, 0).map_err(root.refused())?;
    let columns: Vec<_> = partials[last..].iter().map(Batch::elements).collect();
    let combined = Elements::combine(&coefficients, &columns).map_err(root.refused())?;
    tally.each(&cases, "multiplicative/combined", combined.encodings())
}

/// Makes a proof with its known nonce, compares its bytes and verifies it.
fn check_proof(
    node: &Node,
    key: &PrivateKey,
    inputs: &Batch,
    outputs: &Batch,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let nonce = node.get("nonce")?.scalar()?;
    let made = Proof::generate_with_nonce(key, inputs, outputs.encodings(), nonce);
    tally.same(
        &node.get("proof")?,
        &made.map_err(node.refused())?.to_bytes(),
    )?;
    let said = node.get("proof")?.proof()?;
    tally.holds(node, said.verify(key.public(), inputs, outputs).is_ok());
    Ok(())
}

fn proofs(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let cases = root.items("cases")?;
    let sent = batch(&cases, "multiplicative/blinded")?;
    let combined = batch(&cases, "multiplicative/combined")?;
    let evaluated = batch(&cases, "multiplicative/evaluated")?;
    let proofs = root.get("proofs")?;
    for place in [0, 2] {
        let outputs = batch(&cases, &format!("multiplicative/partials/{place}"))?;
        let key = root.get(&format!("shares/{place}"))?.key()?;
        let node = proofs.get(&format!("custodian_{}", place + 1))?;
        check_proof(&node, &key, &sent, &outputs, tally)?;
    }
    let factor = root.get("registry_factor")?.key()?;
    check_proof(
        &proofs.get("registry")?,
        &factor,
        &combined,
        &evaluated,
        tally,
    )?;
    let (first, first_out) = (
        batch(&cases[..1], "multiplicative/combined")?,
        batch(&cases[..1], "multiplicative/evaluated")?,
    );
    let node = proofs.get("registry_single_first_case")?;
    check_proof(&node, &factor, &first, &first_out, tally)?;
    let (group, key) = (
        alone(root, "custodian_group_public_key")?,
        alone(root, "public_key")?,
    );
    check_proof(&proofs.get("record")?, &factor, &group, &key, tally)?;
    let full = root.get("full_key")?.key()?;
    check_proof(
        &proofs.get("embedded_single_step")?,
        &full,
        &sent,
        &evaluated,
        tally,
    )
}

/// The known proofs as a chain of custodians 1 and 3, verified under the known record.
fn chain(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let cases = root.items("cases")?;
    let proofs = root.get("proofs")?;
    let custodians: Result<Vec<_>, Fault> = root
        .items("custodian_public_keys")?
        .iter()
        .map(Node::public)
        .collect();
    let publics = ChainPublics::new(PublicsParts {
        threshold: root.get("threshold/t")?.number()?,
        custodians: custodians?,
        group: root.get("custodian_group_public_key")?.public()?,
        factor: root.get("registry_factor_public")?.public()?,
        key: root.get("public_key")?.public()?,
        proof: proofs.get("record/proof")?.proof()?,
    })
    .map_err(root.refused())?;
    let step = |path: &str, name: &str| -> Result<Step, Fault> {
        let proof = proofs.get(&format!("{name}/proof"))?.proof()?;
        Ok(Step {
            outputs: batch(&cases, path)?,
            proof,
        })
    };
    let share = |index: u8| -> Result<ShareStep, Fault> {
        let path = format!("multiplicative/partials/{}", index - 1);
        Ok(ShareStep {
            index,
            step: step(&path, &format!("custodian_{index}"))?,
        })
    };
    let registry = step("multiplicative/evaluated", "registry")?;
    let chain = Chain::Quorum {
        shares: vec![share(1)?, share(3)?],
        registry,
    };
    let sent = batch(&cases, "multiplicative/blinded")?;
    tally.holds(&proofs, chain.verify(&publics, &sent).is_ok());
    Ok(())
}

fn rotation(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let rotation = root.get("rotation")?;
    let delta = rotation.get("delta")?.key()?;
    let old = batch(&root.items("cases")?, "element")?;
    let next = old
        .elements()
        .multiply_all(&rotation.get("delta")?.scalar()?);
    for (expected, computed) in paired(&rotation.items("elements_next")?, next.encodings())? {
        tally.same(expected, computed)?;
    }
    let factor = delta.product(&root.get("registry_factor")?.key()?);
    tally.same(&rotation.get("delta_public")?, delta.public().encoding())?;
    tally.same(
        &rotation.get("registry_factor_next")?,
        factor.expose().as_slice(),
    )?;
    let old_key = root.get("public_key")?.public()?;
    let new_key = update::next_key(&delta, &old_key);
    tally.same(&rotation.get("public_key_next")?, new_key.encoding())?;
    let inputs = old.prefixed(*old_key.element(), *old_key.encoding());
    let outputs = next.prefixed(*new_key.element(), *new_key.encoding());
    let node = rotation.get("proof_public_key_first")?;
    check_proof(&node, &delta, &inputs, &outputs, tally)?;
    let said = node.get("proof")?.proof()?;
    let verified = update::verify_chunk(delta.public(), (&old_key, &old), (&new_key, &next), &said);
    tally.holds(&node, verified.is_ok());
    Ok(())
}

fn rotated_places(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let elements = root.items("rotation/elements_next")?;
    for (element, expected) in paired(&elements, &root.items("rotation/derived_next")?)? {
        check_place(element.array()?, expected, tally)?;
    }
    Ok(())
}

fn blinding(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let inputs = column::<30>(&root.items("cases")?, "input")?;
    let elements = column::<32>(&root.items("cases")?, "element")?;
    let full = root.get("full_key")?.key()?;
    let scalar = root.get("full_key")?.scalar()?;
    let seed = BlindSeed::new(root.get("blinding/seed")?.array()?);
    for known in root.items("blinding/lists")? {
        let (list, epoch) = list_and_epoch(&known)?;
        let key = BlindKey::derive(&seed, &material(&list, epoch));
        let cases = known.items("cases")?;
        let blinds = key
            .blinds_on(root.set(), &inputs)
            .map_err(known.refused())?;
        let blinds: Vec<[u8; 32]> = blinds.iter().map(|blind| *blind.expose()).collect();
        tally.each(&cases, "blind", &blinds)?;
        let blinded = Blinded::new_on(root.set(), &key, &inputs).map_err(known.refused())?;
        tally.each(&cases, "blinded", blinded.sent().encodings())?;
        let evaluated = blinded.sent().elements().multiply_all(&scalar);
        tally.each(&cases, "evaluated", evaluated.encodings())?;
        let opened = blinded
            .unblind(&evaluated, &FixedBase::new(*full.public().element()))
            .map_err(known.refused())?;
        tally.holds(&known, *opened == elements);
    }
    Ok(())
}

fn rows(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let cases = root.items("cases")?;
    for known in root.items("rows")? {
        let nik = known.get("nik")?.text()?;
        let (list, epoch) = list_and_epoch(&known)?;
        let mut element = None;
        for case in &cases {
            if case.get("nik")?.text()? == nik {
                element = Some(case.get("element")?.array()?);
            }
        }
        let element = element.ok_or_else(|| known.fault(Problem::Missing))?;
        let derivation = Derivation::new(&list, epoch);
        let tag = derivation.locators(&[element])[0].tag();
        let key: &SealKey = &derivation.seal_keys(&[element])[0];
        let summary = known.get("summary")?.array()?;
        let nonce = known.get("nonce")?.array()?;
        let row = seal_bytes(key, derivation.material(), tag, nonce, &summary);
        tally.same(&known.get("row")?, &row)?;
        let opened = open_bytes(key, derivation.material(), &known.get("row")?.array()?);
        tally.holds(&known.get("summary")?, opened == Ok(summary));
    }
    Ok(())
}

fn padding(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let key = PaddingKey::from_bytes(root.get("padding/key")?.array()?);
    for known in root.items("padding/rows")? {
        let (list, epoch) = list_and_epoch(&known)?;
        let bits: u8 = known.get("bucket_bits")?.number()?;
        if bits > 32 {
            return Err(known.fault(Problem::Malformed));
        }
        let (bucket, index) = (
            known.get("bucket")?.number()?,
            known.get("index")?.number()?,
        );
        tally.same(
            &known.get("row")?,
            &key.row(&material(&list, epoch), bits, bucket, index),
        )?;
    }
    Ok(())
}

fn keyed_hashes(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let inputs = column::<30>(&root.items("cases")?, "input")?;
    let cases = root.items("keyed_hash/cases")?;
    let key = HashKey::new(root.get("keyed_hash/key")?.array()?);
    let mut hashes = vec![[0; 32]; inputs.len()];
    hmac_sha256_on(root.set(), &key, &inputs, &mut hashes);
    tally.each(&cases, "hmac_sha256", &hashes)?;
    keyed_blake3_on(root.set(), &key, &inputs, &mut hashes);
    tally.each(&cases, "blake3_keyed", &hashes)?;
    for case in &cases {
        check_place(
            case.get("hmac_sha256")?.array()?,
            &case.get("derived_hmac")?,
            tally,
        )?;
        check_place(
            case.get("blake3_keyed")?.array()?,
            &case.get("derived_blake3")?,
            tally,
        )?;
    }
    Ok(())
}

fn upgrades(root: &Node, tally: &mut Tally) -> Result<(), Fault> {
    let cases = root.items("keyed_hash/cases")?;
    let full = root.get("full_key")?.scalar()?;
    for (upgrade, hash) in [
        ("upgrade_hmac", "hmac_sha256"),
        ("upgrade_blake3", "blake3_keyed"),
    ] {
        let inputs: Vec<[u8; 48]> = column::<32>(&cases, hash)?
            .iter()
            .map(|hash| {
                let mut input = [0; 48];
                input[..16].copy_from_slice(b"saring/v1/keyed/");
                input[16..].copy_from_slice(hash);
                input
            })
            .collect();
        for (case, input) in paired(&cases, &inputs)? {
            tally.same(&case.get(&format!("{upgrade}/input"))?, input)?;
        }
        let hashed = hash_to_group_on(root.set(), &inputs).map_err(root.refused())?;
        tally.each(
            &cases,
            &format!("{upgrade}/hashed_to_group"),
            &hashed.encode(),
        )?;
        let products = hashed.multiply_all(&full);
        tally.each(&cases, &format!("{upgrade}/element"), products.encodings())?;
    }
    Ok(())
}

fn scalars(items: &[Node], path: &str) -> Result<Vec<Scalar>, Fault> {
    items.iter().map(|item| item.get(path)?.scalar()).collect()
}

/// The batch of one public key.
fn alone(root: &Node, path: &str) -> Result<Batch, Fault> {
    let node = root.get(path)?;
    Batch::decode_on(root.set(), vec![node.array()?]).map_err(node.refused())
}

fn list_and_epoch(node: &Node) -> Result<(ListId, Epoch), Fault> {
    let id = node.get("list")?;
    let list = ListId::parse(id.text()?).map_err(id.refused())?;
    Ok((list, Epoch(node.get("epoch")?.number()?)))
}
