//! Saring's own known answers, made by an independent implementation: everything of them that
//! concerns hashing, the group and the oblivious function.

use saring::group::{Batch, FixedBase, Scalar};
use saring::hash::SeededStream;
use saring::hash::{HashKey, hmac_sha256, keyed_blake3};
use saring::oprf::update::{next_key, update_chunk, verify_chunk};
use saring::oprf::{
    BlindKey, BlindSeed, Blinded, Chain, ChainPublics, Mode, Proof, PublicsParts, Share, ShareStep,
    Step, combine_and_apply_factor, deal, evaluate, evaluate_embedded, evaluate_share,
    hash_to_group, rfc,
};
use serde_json::Value;

use crate::vectors::{array, arrays, batch, key, list, proof, public, saring_v1, scalar, text};

fn rng() -> SeededStream {
    SeededStream::new(b"saring v1 vectors")
}

/// One field of every case, in order.
fn column<const N: usize>(cases: &Value, path: &str) -> Vec<[u8; N]> {
    list(cases)
        .iter()
        .map(|case| array(case.pointer(path).unwrap()))
        .collect()
}

fn shares(vectors: &Value) -> Vec<Share> {
    let read = |(index, share): (u8, &Value)| Share::new(index, key(share)).unwrap();
    (1..).zip(list(&vectors["shares"])).map(read).collect()
}

fn publics(vectors: &Value) -> ChainPublics {
    ChainPublics::new(PublicsParts {
        threshold: u8::try_from(vectors["threshold"]["t"].as_u64().unwrap()).unwrap(),
        custodians: list(&vectors["custodian_public_keys"])
            .iter()
            .map(public)
            .collect(),
        group: public(&vectors["custodian_group_public_key"]),
        factor: public(&vectors["registry_factor_public"]),
        key: public(&vectors["public_key"]),
        proof: proof(&vectors["proofs"]["record"]["proof"]),
    })
    .unwrap()
}

#[test]
fn inputs_hash_to_the_group() {
    let vectors = saring_v1();
    let inputs = column::<30>(&vectors["cases"], "/input");
    let niks = list(&vectors["cases"])
        .iter()
        .map(|case| text(&case["nik"]));
    for (input, nik) in inputs.iter().zip(niks) {
        assert_eq!(input.as_slice(), format!("saring/v1/nik/{nik}").as_bytes());
    }
    let hashed = hash_to_group(&inputs).unwrap().encode();
    assert_eq!(hashed, column::<32>(&vectors["cases"], "/hashed_to_group"));
}

#[test]
fn keys_and_public_keys_hold_together() {
    let vectors = saring_v1();
    let group = key(&vectors["custodian_group_key"]);
    let factor = key(&vectors["registry_factor"]);
    let full = factor.product(&group);
    assert_eq!(*full.expose(), array(&vectors["full_key"]));
    assert_eq!(full.public(), &public(&vectors["public_key"]));
    assert_eq!(
        group.public(),
        &public(&vectors["custodian_group_public_key"])
    );
    assert_eq!(factor.public(), &public(&vectors["registry_factor_public"]));
    for (share, expected) in shares(&vectors)
        .iter()
        .zip(list(&vectors["custodian_public_keys"]))
    {
        assert_eq!(share.key().public(), &public(expected));
    }
    assert_eq!(
        (publics(&vectors).threshold(), publics(&vectors).count()),
        (2, 3)
    );
}

#[test]
fn both_kinds_of_blind_give_the_element() {
    let vectors = saring_v1();
    let cases = &vectors["cases"];
    let inputs = column::<30>(cases, "/input");
    let full = key(&vectors["full_key"]);
    let elements = column::<32>(cases, "/element");

    let blinds: Vec<Scalar> = blinds_of(cases, "/multiplicative/blind");
    let blinded = rfc::blind_with(Mode::Voprf, &inputs, &blinds).unwrap();
    assert_eq!(
        blinded.encodings(),
        column::<32>(cases, "/multiplicative/blinded")
    );
    let evaluated = rfc::blind_evaluate(&full, &blinded).unwrap();
    assert_eq!(
        evaluated.encodings(),
        column::<32>(cases, "/multiplicative/evaluated")
    );
    let inverses: Vec<Scalar> = blinds.iter().map(Scalar::inverse).collect();
    let opened = evaluated.elements().multiply_each(&inverses);
    assert_eq!(opened.encode(), elements);

    let blinded = batch(column(cases, "/additive/blinded"));
    let hashed = hash_to_group(&inputs).unwrap();
    let masks = FixedBase::generator().multiply_each(&blinds_of(cases, "/additive/blind"));
    let sent = hashed.add(&masks).unwrap();
    assert_eq!(sent.encode(), blinded.encodings());
    let evaluated = rfc::blind_evaluate(&full, &blinded).unwrap();
    assert_eq!(
        evaluated.encodings(),
        column::<32>(cases, "/additive/evaluated")
    );
}

fn blinds_of(cases: &Value, path: &str) -> Vec<Scalar> {
    let scalars = list(cases)
        .iter()
        .map(|case| scalar(case.pointer(path).unwrap()));
    scalars.collect()
}

#[test]
fn derived_blinds_go_through_the_whole_round() {
    let vectors = saring_v1();
    let inputs = column::<30>(&vectors["cases"], "/input");
    let elements = column::<32>(&vectors["cases"], "/element");
    let full = key(&vectors["full_key"]);
    let seed = BlindSeed::new(array(&vectors["blinding"]["seed"]));
    for listing in list(&vectors["blinding"]["lists"]) {
        let epoch = u32::try_from(listing["epoch"].as_u64().unwrap()).unwrap();
        let material = [
            text(&listing["list"]).as_bytes(),
            &[0],
            &epoch.to_le_bytes(),
        ]
        .concat();
        let key = BlindKey::derive(&seed, &material);
        let blinds = key.blinds(&inputs).unwrap();
        let expected = column::<32>(&listing["cases"], "/blind");
        assert!(
            blinds
                .iter()
                .zip(&expected)
                .all(|(blind, bytes)| *blind.expose() == *bytes)
        );
        let blinded = Blinded::new(&key, &inputs).unwrap();
        assert_eq!(
            blinded.sent().encodings(),
            column::<32>(&listing["cases"], "/blinded")
        );
        let step = evaluate(&full, blinded.sent(), &mut rng()).unwrap();
        assert_eq!(
            step.outputs.encodings(),
            column::<32>(&listing["cases"], "/evaluated")
        );
        let base = FixedBase::new(*full.public().element());
        let opened = blinded.unblind(&step.outputs, &base).unwrap();
        assert_eq!(*opened, elements);
    }
}

#[test]
fn every_pair_of_custodians_gives_the_same_element() {
    let vectors = saring_v1();
    let cases = &vectors["cases"];
    let sent = batch(column(cases, "/multiplicative/blinded"));
    let shares = shares(&vectors);
    for (place, share) in shares.iter().enumerate() {
        let step = evaluate_share(share, &sent, &mut rng()).unwrap();
        let expected = column::<32>(cases, &format!("/multiplicative/partials/{place}"));
        assert_eq!(step.step.outputs.encodings(), expected);
        step.verify(&publics(&vectors), &sent).unwrap();
    }
    for pair in [[0, 1], [0, 2], [1, 2], [2, 0]] {
        let steps = pair.map(|i: usize| evaluate_share(&shares[i], &sent, &mut rng()).unwrap());
        let factor = key(&vectors["registry_factor"]);
        let chain = combine_and_apply_factor(&publics(&vectors), &factor, steps.into(), &mut rng())
            .unwrap();
        let evaluated = chain.verify(&publics(&vectors), &sent).unwrap();
        assert_eq!(
            evaluated.encodings(),
            column::<32>(cases, "/multiplicative/evaluated")
        );
    }
}

#[test]
fn proofs_are_made_and_chained_byte_for_byte() {
    let vectors = saring_v1();
    let cases = &vectors["cases"];
    let proofs = &vectors["proofs"];
    let sent = batch(column(cases, "/multiplicative/blinded"));
    let combined = batch(column(cases, "/multiplicative/combined"));
    let evaluated = batch(column(cases, "/multiplicative/evaluated"));
    let factor = key(&vectors["registry_factor"]);
    let made = |name: &str, key: &_, inputs: &Batch, outputs: &Batch| {
        let nonce = scalar(&proofs[name]["nonce"]);
        let made = Proof::generate_with_nonce(key, inputs, outputs.encodings(), nonce).unwrap();
        assert_eq!(made.to_bytes(), array(&proofs[name]["proof"]), "{name}");
        made
    };

    let mut steps = Vec::new();
    for share in shares(&vectors).iter().filter(|share| share.index() != 2) {
        let path = format!("/multiplicative/partials/{}", share.index() - 1);
        let outputs = batch(column(cases, &path));
        let name = format!("custodian_{}", share.index());
        let proof = made(&name, share.key(), &sent, &outputs);
        steps.push(ShareStep {
            index: share.index(),
            step: Step { outputs, proof },
        });
    }
    let proof = made("registry", &factor, &combined, &evaluated);
    let registry = Step {
        outputs: evaluated.clone(),
        proof,
    };
    let chain = Chain::Quorum {
        shares: steps,
        registry,
    };
    assert!(chain.verify(&publics(&vectors), &sent).unwrap() == &evaluated);

    let first = |all: &Batch| batch(vec![all.encodings()[0]]);
    made(
        "registry_single_first_case",
        &factor,
        &first(&combined),
        &first(&evaluated),
    );
    let group = public(&vectors["custodian_group_public_key"]);
    let list_key = public(&vectors["public_key"]);
    let alone = |key: &saring::oprf::PublicKey| batch(vec![*key.encoding()]);
    made("record", &factor, &alone(&group), &alone(&list_key));
    let full = key(&vectors["full_key"]);
    made("embedded_single_step", &full, &sent, &evaluated);
}

#[test]
fn an_embedded_custodian_answers_in_one_step() {
    let vectors = saring_v1();
    let sent = batch(column(&vectors["cases"], "/multiplicative/blinded"));
    let (group, factor) = (
        key(&vectors["custodian_group_key"]),
        key(&vectors["registry_factor"]),
    );
    let full = factor.product(&group);
    let single = ChainPublics::new(PublicsParts {
        threshold: 1,
        custodians: vec![*group.public()],
        group: *group.public(),
        factor: *factor.public(),
        key: *full.public(),
        proof: proof(&vectors["proofs"]["record"]["proof"]),
    })
    .unwrap();
    let chain = evaluate_embedded(&full, &sent, &mut rng()).unwrap();
    let evaluated = chain.verify(&single, &sent).unwrap();
    let expected = column::<32>(&vectors["cases"], "/multiplicative/evaluated");
    assert_eq!(evaluated.encodings(), expected);
    // A 1 of 1 outside the registry process sends two steps under the same record.
    let share = deal(group, 1, 1, &mut rng()).unwrap().remove(0);
    let step = evaluate_share(&share, &sent, &mut rng()).unwrap();
    let chain = combine_and_apply_factor(&single, &factor, vec![step], &mut rng()).unwrap();
    assert_eq!(chain.verify(&single, &sent).unwrap().encodings(), expected);
}

#[test]
fn rotation_moves_every_element() {
    let vectors = saring_v1();
    let rotation = &vectors["rotation"];
    let delta = key(&rotation["delta"]);
    let old_key = public(&vectors["public_key"]);
    let new_key = public(&rotation["public_key_next"]);
    let old = batch(column(&vectors["cases"], "/element"));
    let new = batch(arrays(&rotation["elements_next"]));
    assert_eq!(delta.public(), &public(&rotation["delta_public"]));
    let factor = delta.product(&key(&vectors["registry_factor"]));
    assert_eq!(*factor.expose(), array(&rotation["registry_factor_next"]));
    assert_eq!(next_key(&delta, &old_key), new_key);

    let expected = new.prefixed(*new_key.element(), *new_key.encoding());
    let step = update_chunk(&delta, &old_key, &old, &mut rng()).unwrap();
    assert!(step.outputs == expected);
    verify_chunk(
        delta.public(),
        (&old_key, &old),
        (&new_key, &new),
        &step.proof,
    )
    .unwrap();

    let known = &rotation["proof_public_key_first"];
    let inputs = old.prefixed(*old_key.element(), *old_key.encoding());
    let nonce = scalar(&known["nonce"]);
    let made = Proof::generate_with_nonce(&delta, &inputs, expected.encodings(), nonce).unwrap();
    assert_eq!(made, proof(&known["proof"]));
    verify_chunk(delta.public(), (&old_key, &old), (&new_key, &new), &made).unwrap();
}

#[test]
fn keyed_hashes_and_their_upgrade() {
    let vectors = saring_v1();
    let hashes = &vectors["keyed_hash"];
    let inputs = column::<30>(&vectors["cases"], "/input");
    let hash_key = HashKey::new(array(&hashes["key"]));
    let mut out = vec![[0; 32]; inputs.len()];
    hmac_sha256(&hash_key, &inputs, &mut out);
    assert_eq!(out, column::<32>(&hashes["cases"], "/hmac_sha256"));
    keyed_blake3(&hash_key, &inputs, &mut out);
    assert_eq!(out, column::<32>(&hashes["cases"], "/blake3_keyed"));
    for upgrade in ["/upgrade_hmac", "/upgrade_blake3"] {
        let field = |name: &str| format!("{upgrade}/{name}");
        let inputs = column::<48>(&hashes["cases"], &field("input"));
        let hashed = hash_to_group(&inputs).unwrap();
        assert_eq!(
            hashed.encode(),
            column::<32>(&hashes["cases"], &field("hashed_to_group"))
        );
        let product = hashed.multiply_all(&scalar(&vectors["full_key"]));
        assert_eq!(
            product.encodings(),
            column::<32>(&hashes["cases"], &field("element"))
        );
    }
}
