//! The `voprf` crate as client of our evaluation, and as server of our client, in both modes.

use rand_core_06::{CryptoRng, Error, RngCore};
use saring::group::{Batch, Scalar};
use saring::hash::SeededStream;
use saring::oprf::rfc::{
    Output, blind, blind_evaluate, blind_evaluate_verifiable, derive_key_pair, evaluate_unblinded,
    finalize, finalize_verifiable,
};
use saring::oprf::{Mode, PrivateKey, Proof, Step};
use voprf::{
    BlindedElement, EvaluationElement, Group, OprfClient, OprfServer, Ristretto255, VoprfClient,
    VoprfServer,
};

/// A seeded stream, for a peer that speaks an older `rand_core`.
struct Older(SeededStream);

impl RngCore for Older {
    fn next_u32(&mut self) -> u32 {
        rand_core::Rng::next_u32(&mut self.0)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::Rng::next_u64(&mut self.0)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        rand_core::Rng::fill_bytes(&mut self.0, bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Older {}

/// Random inputs of 0 to 99 bytes, and a key of ours.
fn round(number: usize) -> (Vec<Vec<u8>>, PrivateKey, SeededStream, Older) {
    let mut stream = SeededStream::new(format!("voprf peer {number}").as_bytes());
    let inputs = (0..=number % 5)
        .map(|i| {
            let mut input = vec![0; (number * 7 + i * 31) % 100];
            rand_core::Rng::fill_bytes(&mut stream, &mut input);
            input
        })
        .collect();
    let key = PrivateKey::generate(&mut stream);
    (
        inputs,
        key,
        stream,
        Older(SeededStream::new(format!("peer {number}").as_bytes())),
    )
}

const ROUNDS: usize = 40;

#[test]
fn keys_are_derived_alike() {
    for number in 0..ROUNDS {
        let seed = [u8::try_from(number).unwrap(); 32];
        let info = vec![0x5a; number];
        let oprf = OprfServer::<Ristretto255>::new_from_seed(&seed, &info).unwrap();
        let ours = derive_key_pair(Mode::Oprf, &seed, &info).unwrap();
        assert_eq!(oprf.serialize().as_slice(), ours.expose().as_slice());
        let voprf = VoprfServer::<Ristretto255>::new_from_seed(&seed, &info).unwrap();
        let ours = derive_key_pair(Mode::Voprf, &seed, &info).unwrap();
        let public = Ristretto255::serialize_elem(voprf.get_public_key());
        assert_eq!(public.as_slice(), ours.public().encoding());
    }
}

#[test]
fn the_peer_as_client_of_our_evaluation() {
    for number in 0..ROUNDS {
        let (inputs, key, mut stream, mut older) = round(number);
        // Mode 0x00.
        for (input, expected) in inputs
            .iter()
            .zip(evaluate_unblinded(Mode::Oprf, &key, &inputs).unwrap())
        {
            let client = OprfClient::<Ristretto255>::blind(input, &mut older).unwrap();
            let sent = read(&[client.message.serialize().as_slice()]);
            let reply = blind_evaluate(&key, &sent).unwrap();
            let reply = EvaluationElement::deserialize(&reply.encodings()[0]).unwrap();
            assert_eq!(
                client.state.finalize(input, &reply).unwrap().as_slice(),
                expected
            );
        }
        // Mode 0x01, the whole batch under one proof.
        let clients: Vec<_> = inputs
            .iter()
            .map(|input| VoprfClient::<Ristretto255>::blind(input, &mut older).unwrap())
            .collect();
        let messages: Vec<_> = clients
            .iter()
            .map(|client| client.message.serialize())
            .collect();
        let sent = read(&messages.iter().map(|m| m.as_slice()).collect::<Vec<_>>());
        let step = blind_evaluate_verifiable(&key, &sent, &mut stream).unwrap();
        let replies: Vec<_> = step
            .outputs
            .encodings()
            .iter()
            .map(|encoding| EvaluationElement::<Ristretto255>::deserialize(encoding).unwrap())
            .collect();
        let proof = voprf::Proof::deserialize(&step.proof.to_bytes()).unwrap();
        let public = Ristretto255::deserialize_elem(key.public().encoding()).unwrap();
        let states: Vec<_> = clients.into_iter().map(|client| client.state).collect();
        let slices: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let outputs: Vec<Output> =
            VoprfClient::batch_finalize(&slices, &states, &replies, &proof, public)
                .unwrap()
                .map(|output| output.unwrap().as_slice().try_into().unwrap())
                .collect();
        assert_eq!(
            outputs,
            evaluate_unblinded(Mode::Voprf, &key, &inputs).unwrap()
        );
    }
}

#[test]
fn the_peer_as_server_of_our_client() {
    for number in 0..ROUNDS {
        let (inputs, key, mut stream, mut older) = round(number);
        // Mode 0x00.
        let server = OprfServer::<Ristretto255>::new_with_key(key.expose().as_slice()).unwrap();
        let (blinds, sent) = blind(Mode::Oprf, &inputs, &mut stream).unwrap();
        let replies: Vec<_> = peer_elements(&sent)
            .iter()
            .map(|element| server.blind_evaluate(element).serialize())
            .collect();
        let evaluated = read(&replies.iter().map(|m| m.as_slice()).collect::<Vec<_>>());
        for (input, output) in inputs
            .iter()
            .zip(finalize(&inputs, &blinds, &evaluated).unwrap())
        {
            assert_eq!(server.evaluate(input).unwrap().as_slice(), output);
        }
        // Mode 0x01.
        let server = VoprfServer::<Ristretto255>::new_with_key(key.expose().as_slice()).unwrap();
        let (blinds, sent) = blind(Mode::Voprf, &inputs, &mut stream).unwrap();
        let reply = server
            .batch_blind_evaluate(&mut older, &peer_elements(&sent))
            .unwrap();
        let replies: Vec<_> = reply
            .messages
            .iter()
            .map(EvaluationElement::serialize)
            .collect();
        let step = Step {
            outputs: read(&replies.iter().map(|m| m.as_slice()).collect::<Vec<_>>()),
            proof: Proof::from_bytes(reply.proof.serialize().as_slice().try_into().unwrap())
                .unwrap(),
        };
        let opened = finalize_verifiable(&inputs, &blinds, (&sent, &step), key.public()).unwrap();
        for (input, output) in inputs.iter().zip(opened) {
            assert_eq!(server.evaluate(input).unwrap().as_slice(), output);
        }
        let another = PrivateKey::from(Scalar::random(&mut stream));
        assert!(finalize_verifiable(&inputs, &blinds, (&sent, &step), another.public()).is_err());
    }
}

fn read(encodings: &[&[u8]]) -> Batch {
    Batch::decode(
        encodings
            .iter()
            .map(|&bytes| bytes.try_into().unwrap())
            .collect(),
    )
    .unwrap()
}

fn peer_elements(sent: &Batch) -> Vec<BlindedElement<Ristretto255>> {
    sent.encodings()
        .iter()
        .map(|bytes| BlindedElement::deserialize(bytes).unwrap())
        .collect()
}
